#include "node/badge/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/badge/proof.h"
#include "node/badge/wording.h"
#include "node/json.h"
#include "node/learn/vocabulary.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

/* --- writing -------------------------------------------------------------------------------------------- */

/* A UUID that follows from what it names: the same course in the same language and version, the same one at
 * every node. */
static void name_derive(const char *what, const struct federation *federation,
                        const struct credential *credential, char out[URN_UUID_SIZE])
{
    const char *const texts[] = {what, credential->course, credential->lang, credential->version};
    struct buffer text;
    struct id uuid;

    buffer_init(&text);
    buffer_append(&text, federation->id.b, sizeof federation->id.b);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append(&text, texts[i], strlen(texts[i]) + 1);
    }
    struct hash hash = hash_of(bytes_of("", 0), buffer_bytes(&text));
    memcpy(uuid.b, hash.b, sizeof uuid.b);
    uuid_mark(&uuid, 8);
    urn_uuid_format(&uuid, out);
    buffer_release(&text);
}

void score_format(int64_t score, char out[16])
{
    int length = snprintf(out, 16, "%lld.%02d", (long long)(score / 100), (int)(score % 100));

    if (score < 0 || length >= 16) { /* of a damaged row */
        snprintf(out, 16, "?");
        return;
    }
    while (out[length - 1] == '0') {
        out[--length] = '\0';
    }
    if (out[length - 1] == '.') {
        out[length - 1] = '\0';
    }
}

static json_t *achievement_make(const struct credential *credential, const char *id)
{
    const char *criteria = wording_text(credential->lang, credential->is_attested ? WORDING_ATTESTED : WORDING_CRITERIA);
    char criteria_id[URN_UUID_SIZE + 16];

    snprintf(criteria_id, sizeof criteria_id, "%s#criteria", id);
    json_t *achievement =
        json_pack("{s:s,s:[s],s:s,s:s,s:s,s:s,s:{s:s,s:s}}", "id", id, "type", "Achievement", "name",
                  credential->title, "description", criteria, "achievementType", "CertificateOfCompletion",
                  "humanCode", credential->course, "criteria", "id", criteria_id, "narrative", criteria);
    CHECK(achievement);
    if (*credential->lang) {
        json_object_set_new(achievement, "inLanguage", json_string(credential->lang));
    }
    if (*credential->version) {
        json_object_set_new(achievement, "version", json_string(credential->version));
    }
    return achievement;
}

/* A score is a result, described by the achievement. */
static void score_add(const struct credential *credential, const char *id, const char *achievement_id,
                      json_t *subject, json_t *achievement)
{
    char description_id[URN_UUID_SIZE + 16], result_id[URN_UUID_SIZE + 16], score[16];

    score_format(credential->score, score);
    snprintf(description_id, sizeof description_id, "%s#score", achievement_id);
    snprintf(result_id, sizeof result_id, "%s#result", id);
    json_object_set_new(achievement, "resultDescription",
                        json_pack("[{s:s,s:[s],s:s,s:s,s:s,s:s}]", "id", description_id, "type",
                                  "ResultDescription", "name", wording_text(credential->lang, WORDING_SCORE),
                                  "resultType", "Percent", "valueMin", "0", "valueMax", "100"));
    json_object_set_new(subject, "result",
                        json_pack("[{s:s,s:[s],s:s,s:s}]", "id", result_id, "type", "Result",
                                  "resultDescription", description_id, "value", score));
}

static json_t *subject_make(const struct credential *credential, const struct federation *federation,
                            const char *id)
{
    char subject_id[URN_UUID_SIZE], achievement_id[URN_UUID_SIZE];

    urn_uuid_format(&credential->subject, subject_id);
    name_derive(credential->is_attested ? "attested achievement" : "achievement", federation, credential, achievement_id);
    json_t *achievement = achievement_make(credential, achievement_id);
    json_t *subject = json_pack("{s:s,s:[s],s:[{s:s,s:b,s:s,s:s}]}", "id", subject_id, "type",
                                "AchievementSubject", "identifier", "type", "IdentityObject", "hashed", 0,
                                "identityHash", credential->person, "identityType", "name");
    CHECK(subject);
    if (credential->score != SCORE_NONE) {
        score_add(credential, id, achievement_id, subject, achievement);
    }
    json_object_set_new(subject, "achievement", achievement);
    return subject;
}

static json_t *status_make(const struct credential *credential)
{
    char status_id[CREDENTIAL_LIST_MAX + 32], index[24];

    snprintf(index, sizeof index, "%lld", (long long)credential->list_index);
    snprintf(status_id, sizeof status_id, "%s#%s", credential->list, index);
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", status_id, "type", "BitstringStatusListEntry",
                     "statusPurpose", "revocation", "statusListIndex", index, "statusListCredential",
                     credential->list);
}

static bool texts_hold(const struct credential *credential)
{
    const char *const texts[] = {credential->person, credential->title, credential->course,
                                 credential->issuer_name};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!text_is_name(bytes_text(texts[i]), CREDENTIAL_TEXT_MAX)) {
            return false;
        }
    }
    return strlen(credential->list) < CREDENTIAL_LIST_MAX;
}

enum status credential_document(const struct credential *credential, const struct identity *identity,
                                const struct federation *federation, json_t **document_out)
{
    char id[URN_UUID_SIZE], did[DID_KEY_SIZE], issued[TIMESTAMP_TEXT_SIZE], expires[TIMESTAMP_TEXT_SIZE];
    char federation_id[URN_UUID_SIZE];

    if (!texts_hold(credential)) {
        return S_INVALID;
    }
    urn_uuid_format(&credential->uuid, id);
    urn_uuid_format(&federation->id, federation_id);
    did_key_format(identity->sign_public, did);
    timestamp_format(credential->issued_ms / 1000 * 1000, issued);
    json_t *document = json_pack(
        "{s:[s,s],s:s,s:[s,s],s:s,s:{s:s,s:[s],s:s,s:{s:s,s:[s],s:s}},s:s,s:o,s:o}", "@context",
        "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "id", id, "type", "VerifiableCredential", "OpenBadgeCredential", "name", credential->title, "issuer",
        "id", did, "type", "Profile", "name", credential->issuer_name, "parentOrg", "id", federation_id,
        "type", "Profile", "name", federation->name, "validFrom", issued, "credentialSubject",
        subject_make(credential, federation, id), "credentialStatus", status_make(credential));
    CHECK(document);
    if (credential->expires_ms) {
        timestamp_format(credential->expires_ms / 1000 * 1000, expires);
        json_object_set_new(document, "validUntil", json_string(expires));
    }
    enum status status = proof_sign(document, identity, issued);
    if (status != S_OK) {
        json_decref(document);
        document = NULL;
    }
    *document_out = document;
    return status;
}

/* --- reading -------------------------------------------------------------------------------------------- */

enum status credential_parse(struct bytes text, json_t **document_out, struct report *report)
{
    json_error_t error;

    if (text.size > CREDENTIAL_SIZE_MAX) {
        return report_set(report, S_TOO_LARGE, "this is no credential: it is larger than %d bytes",
                          CREDENTIAL_SIZE_MAX);
    }
    *document_out = json_read(text, JSON_REJECT_DUPLICATES, CREDENTIAL_VALUES_MAX, &error);
    if (!json_is_object(*document_out)) {
        bool is_json = *document_out != NULL;
        json_decref(*document_out);
        *document_out = NULL;
        return is_json ? report_set(report, S_INVALID, "this is JSON, but no credential")
                       : report_set(report, S_INVALID, "this is no credential: line %d: %s", error.line,
                                    error.text);
    }
    return S_OK;
}

/* The text that `path` names in `document`; dots reach inside, a number is a place in an array. NULL: none.
 */
static const char *text_at(json_t *document, const char *path)
{
    json_t *at = document;

    while (at && *path) {
        char name[64];
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        at = json_is_array(at) ? json_array_get(at, (size_t)(name[0] - '0')) : json_object_get(at, name);
        path += length + (path[length] == '.');
    }
    return json_string_value(at);
}

struct text_member {
    const char *path;
    bool is_required;
    size_t offset; /* of the text in struct credential */
};

#define MEMBER(path, is_required, member)                                                                    \
    {                                                                                                        \
        path, is_required, offsetof(struct credential, member)                                               \
    }
static const struct text_member text_members[] = {
    MEMBER("credentialSubject.identifier.0.identityHash", true, person),
    MEMBER("credentialSubject.achievement.name", true, title),
    MEMBER("credentialSubject.achievement.humanCode", false, course),
    MEMBER("credentialSubject.achievement.inLanguage", false, lang),
    MEMBER("credentialSubject.achievement.version", false, version),
    MEMBER("issuer.name", false, issuer_name),
    MEMBER("credentialStatus.statusListCredential", false, list),
};
#undef MEMBER

static enum status texts_read(json_t *document, struct credential *credential, struct report *report)
{
    for (size_t i = 0; i < sizeof text_members / sizeof *text_members; i++) {
        const struct text_member *member = &text_members[i];
        const char *text = text_at(document, member->path);
        if (!text && member->is_required) {
            return report_set(report, S_INVALID, "this is no certificate: '%s' is missing", member->path);
        }
        *(const char **)(void *)((char *)credential + member->offset) = text ? text : "";
    }
    return S_OK;
}

static enum status time_read(json_t *document, const char *name, bool is_required, int64_t *ms_out,
                             struct report *report)
{
    const char *text = json_string_value(json_object_get(document, name));

    *ms_out = 0;
    if (!json_object_get(document, name) && !is_required) {
        return S_OK;
    }
    return text && timestamp_parse(bytes_text(text), ms_out)
               ? S_OK
               : report_set(report, S_INVALID, "this is no certificate: '%s' is no time", name);
}

enum status credential_read(json_t *document, struct credential *credential_out, struct report *report)
{
    const char *id = text_at(document, "id"), *issuer = text_at(document, "issuer.id");
    const char *score = text_at(document, "credentialSubject.result.0.value");
    const char *index = text_at(document, "credentialStatus.statusListIndex");
    const char *subject = text_at(document, "credentialSubject.id");
    const char *narrative = text_at(document, "credentialSubject.achievement.criteria.narrative");

    memset(credential_out, 0, sizeof *credential_out);
    if (!id || !uuid_parse(id, &credential_out->uuid)) {
        return report_set(report, S_INVALID, "this is no certificate of a node: its 'id' is no UUID");
    }
    issuer = issuer ? issuer : text_at(document, "issuer");
    if (!issuer || !did_key_parse(issuer, credential_out->issuer)) {
        return report_set(report, S_INVALID, "this is no certificate of a node: its issuer is no did:key");
    }
    enum status status = texts_read(document, credential_out, report);
    if (status == S_OK) {
        status = time_read(document, "validFrom", true, &credential_out->issued_ms, report);
    }
    if (status == S_OK) {
        status = time_read(document, "validUntil", false, &credential_out->expires_ms, report);
    }
    credential_out->score = SCORE_NONE;
    if (score && !decimal_parse(bytes_text(score), 100, &credential_out->score)) {
        credential_out->score = SCORE_NONE;
    }
    credential_out->list_index = index ? strtoll(index, NULL, 10) : 0;
    if (subject) {
        (void)uuid_parse(subject, &credential_out->subject);
    }
    credential_out->is_attested =
        status == S_OK && narrative && strcmp(narrative, wording_text(credential_out->lang, WORDING_ATTESTED)) == 0;
    return status;
}
