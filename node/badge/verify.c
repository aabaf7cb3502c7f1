#include "node/badge/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "node/badge/card.h"
#include "node/badge/proof.h"
#include "node/learn/vocabulary.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"
#include "replication/trust/roster_keys.h"

enum { ARENA_MAX = 64 * 1024, HOUR_MS = 3600 * 1000 };

const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[] = {
#define X(name, text) text,
        VERDICT_LIST(X)
#undef X
    };
    return texts[verdict];
}

static void decide(struct verification *v, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void decide(struct verification *v, enum verdict verdict, const char *format, ...)
{
    va_list args;

    v->verdict = verdict;
    va_start(args, format);
    vsnprintf(v->sentence, sizeof v->sentence, format, args);
    va_end(args);
    utf8_disarm_line(v->sentence); /* names that are too long were cut, perhaps within a character */
}

/* "12 days", "3 hours", "less than an hour". */
static void age_text(int64_t age_ms, char out[32])
{
    int64_t hours = age_ms / HOUR_MS;

    if (hours >= 48) {
        snprintf(out, 32, "%" PRId64 " days", hours / 24);
    } else if (hours > 0) {
        snprintf(out, 32, hours == 1 ? "%" PRId64 " hour" : "%" PRId64 " hours", hours);
    } else {
        snprintf(out, 32, "less than an hour");
    }
}

/* --- whose, and unaltered ------------------------------------------------------------------------------- */

/* Finds the issuer; false when the verdict is spoken. */
static bool issuer_decide(struct verification *v, const struct roster_node *node,
                          const struct verify_request *request)
{
    if (!node && !*v->credential.issuer_name) {
        decide(v, VERDICT_UNKNOWN_ISSUER,
               v->is_card ? "the issuer that its code stands for is no node of the federation '%s', or a letter of the code is not as it was: nobody here "
                            "vouches for it; scan it again, or ask for the certificate itself"
                          : "it names no issuer, and its key is of no node of the federation '%s': nobody here vouches for it",
               request->federation->name);
        return false;
    }
    if (!node) {
        const char *name = v->credential.issuer_name;
        decide(v, VERDICT_UNKNOWN_ISSUER, "its issuer ('%.*s') is no node of the federation '%s': nobody here vouches for it",
               (int)utf8_whole_size(bytes_of(name, strnlen(name, NODE_NAME_MAX))), name, request->federation->name);
        return false;
    }
    snprintf(v->issuer_name, sizeof v->issuer_name, "%s", node->name);
    snprintf(v->issuer_country, sizeof v->issuer_country, "%s", node->country);
    v->is_own = id_equal(&node->node, request->self);
    return true;
}

static bool document_decide(struct verification *v, const struct roster *roster,
                            const struct verify_request *request, const struct roster_node **issuer_out)
{
    struct report report;

    report_clear(&report);
    if (credential_read(v->document, &v->credential, &report) != S_OK) {
        decide(v, VERDICT_UNREADABLE, "%s", report.text);
        return false;
    }
    v->is_read = true;
    *issuer_out = roster_find_sign(roster, v->credential.issuer);
    if (!issuer_decide(v, *issuer_out, request)) {
        return false;
    }
    if (proof_check(v->document, v->credential.issuer, &report) != S_OK) {
        decide(v, VERDICT_ALTERED, "it was altered after '%s' signed it, or never signed by it: %s",
               v->issuer_name, report.text);
        return false;
    }
    return true;
}

/* Which of the issuer's keys, present and former, signed the card. */
static bool card_key_find(struct verification *v, struct bytes card, const struct roster_node *issuer)
{
    const uint8_t *key = card_check(card, issuer->sign_public) ? issuer->sign_public : NULL;

    for (size_t i = 0; i < issuer->former_count && !key; i++) {
        key = card_check(card, issuer->former[i].sign_public) ? issuer->former[i].sign_public : NULL;
    }
    memcpy(v->credential.issuer, key ? key : issuer->sign_public, SIGN_PUBLIC_SIZE);
    return key != NULL;
}

static bool card_decide(struct verification *v, struct bytes card, const struct roster *roster,
                        const struct verify_request *request, const struct roster_node **issuer_out)
{
    struct id issuer;

    v->is_card = true;
    if (card_read(card, &v->arena, &v->credential, &issuer) != S_OK) {
        decide(v, VERDICT_UNREADABLE, "the code is cut or damaged: scan it again, or type all of it");
        return false;
    }
    v->is_read = true;
    *issuer_out = roster_find(roster, &issuer);
    if (!issuer_decide(v, *issuer_out, request)) {
        return false;
    }
    v->credential.issuer_name = v->issuer_name;
    if (!card_key_find(v, card, *issuer_out)) {
        decide(v, VERDICT_ALTERED, "it was altered after '%s' signed it, or never signed by it",
               v->issuer_name);
        return false;
    }
    return true;
}

/* --- still good ----------------------------------------------------------------------------------------- */

static void freshness_read(struct verification *v, struct db *db, const struct roster_node *issuer,
                           const struct verify_request *request)
{
    revocation_standing(db, &issuer->node, &v->standing);
    v->list_age_ms = v->standing.has_list ? request->now_ms - v->standing.as_of_ms : -1;
    if (v->is_own) {
        v->standing.as_of_ms = request->now_ms;
        v->list_age_ms = 0;
    } else if (v->standing.has_list && v->list_age_ms < 0) {
        v->list_age_ms = 0; /* its clock is ahead of ours */
    }
}

/* Of a machine that was lost nobody knows who has its key: what it signs could bear any date. */
static void issuer_revoked_decide(struct verification *v, const struct roster *roster, const struct roster_node *issuer,
                                  const struct verify_request *request)
{
    const struct roster_node *standing = roster_standing(roster, &issuer->node);

    if (!standing->is_revoked) {
        snprintf(v->successor_name, sizeof v->successor_name, "%s", standing->name);
        decide(v, VERDICT_ISSUER_REVOKED,
               "the machine of its issuer '%s' was replaced, and the key of before is not believed any more: ask '%s' to issue it anew",
               v->issuer_name, v->successor_name);
    } else {
        decide(v, VERDICT_ISSUER_REVOKED,
               "its issuer '%s' was revoked: it is no longer a node of the federation '%s'", v->issuer_name,
               request->federation->name);
    }
}

static void standing_decide(struct verification *v, struct db *db, const struct roster *roster, const struct roster_node *issuer,
                            const struct verify_request *request)
{
    char at[TIMESTAMP_TEXT_SIZE] = "", age[32];

    freshness_read(v, db, issuer, request);
    age_text(v->list_age_ms, age);
    if (issuer->is_revoked) {
        issuer_revoked_decide(v, roster, issuer, request);
    } else if (revocation_find(db, &issuer->node, &v->credential.uuid, &v->revocation)) {
        if (v->revocation.at_ms > 0 && v->revocation.at_ms <= TIMESTAMP_MS_MAX) {
            timestamp_format(v->revocation.at_ms / 1000 * 1000, at);
        }
        decide(v, VERDICT_REVOKED, "'%s' revoked it on %.10s%s%s", v->issuer_name,
               *at ? at : "an unknown day", *v->revocation.reason ? ": " : "", v->revocation.reason);
    } else if (v->credential.expires_ms && v->credential.expires_ms < request->now_ms) {
        timestamp_format(v->credential.expires_ms, at);
        decide(v, VERDICT_EXPIRED, "it ran out on %.10s", at);
    } else if (v->is_own) {
        decide(v, VERDICT_VALID, "issued here by '%s'; not revoked", v->issuer_name);
    } else if (!v->standing.has_list) {
        decide(v, VERDICT_VALID,
               "signed by '%s'; whether it was revoked since is not known: no revocation list of that node "
               "has come here",
               v->issuer_name);
    } else {
        decide(v, VERDICT_VALID, "signed by '%s'; not revoked as of its revocation list, which is %s old",
               v->issuer_name, age);
    }
}

/* Speaks the verdict on what was read. */
static void judge(struct verification *v, struct db *db, const struct roster *roster, struct bytes text,
                  const struct verify_request *request)
{
    const struct roster_node *issuer = NULL;
    struct bytes trimmed = text_trim(text);
    bool is_json = trimmed.size && trimmed.data[0] == '{', is_signed;
    struct bytes card = is_json ? bytes_of(NULL, 0) : card_find(text);
    struct report report;

    report_clear(&report);
    if (card.data) {
        is_signed = card_decide(v, card, roster, request, &issuer);
    } else if (credential_parse(text, &v->document, &report) != S_OK) {
        decide(v, VERDICT_UNREADABLE, "%s", report.text);
        return;
    } else {
        is_signed = document_decide(v, roster, request, &issuer);
    }
    if (is_signed) {
        standing_decide(v, db, roster, issuer, request);
    }
}

enum status verify_text(const struct verify_request *request, struct bytes text,
                        struct verification *verification_out, struct report *report)
{
    struct roster *roster;

    memset(verification_out, 0, sizeof *verification_out);
    verification_out->list_age_ms = -1;
    arena_init(&verification_out->arena, ARENA_MAX);
    struct db *db = store_read_begin(request->store);
    enum status status = roster_load(db, request->federation, &roster, report);
    if (status == S_OK) {
        judge(verification_out, db, roster, text, request);
        roster_free(roster);
    }
    store_read_end(request->store, db);
    return status;
}

void verification_release(struct verification *verification)
{
    json_decref(verification->document);
    arena_release(&verification->arena);
}

/* --- for programs --------------------------------------------------------------------------------------- */

static json_t *time_json(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms <= 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format(ms / 1000 * 1000, text);
    return json_string(text);
}

static json_t *claims_json(const struct credential *credential)
{
    char id[UUID_TEXT_SIZE];

    uuid_format(&credential->uuid, id);
    json_t *claims =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "id", id, "name", credential->person, "course",
                  credential->course, "lang", credential->lang, "title", credential->title, "issued",
                  time_json(credential->issued_ms), "expires", time_json(credential->expires_ms), "score",
                  credential->score == SCORE_NONE ? json_null() : json_real((double)credential->score / 100));
    return claims ? claims : json_null();
}

json_t *verification_json(const struct verification *v)
{
    char did[DID_KEY_SIZE] = "";

    if (v->is_read) {
        did_key_format(v->credential.issuer, did);
    }
    const char *issuer = *v->issuer_name ? v->issuer_name : v->is_read ? v->credential.issuer_name : "";
    bool is_checked = *v->issuer_name && v->verdict != VERDICT_ALTERED;
    json_t *document = json_pack(
        "{s:s,s:b,s:s,s:o,s:{s:s,s:s,s:s,s:b,s:o},s:{s:b,s:o,s:o,s:o,s:o,s:o}}", "verdict",
        verdict_text(v->verdict), "valid", v->verdict == VERDICT_VALID, "text", v->sentence, "credential",
        v->is_read ? claims_json(&v->credential) : json_null(), "issuer", "name", issuer, "country",
        v->issuer_country, "id", did, "known", *v->issuer_name != '\0', "replaced_by",
        *v->successor_name ? json_string(v->successor_name) : json_null(), "revocations", "revoked",
        v->verdict == VERDICT_REVOKED, "revoked_at", time_json(v->revocation.at_ms), "reason",
        v->verdict == VERDICT_REVOKED ? json_string(v->revocation.reason) : json_null(), "as_of",
        is_checked ? time_json(v->standing.as_of_ms) : json_null(), "age_hours",
        is_checked && v->list_age_ms >= 0 ? json_integer(v->list_age_ms / HOUR_MS) : json_null(), "heard",
        is_checked ? time_json(v->standing.heard_ms) : json_null());
    CHECK(document);
    return document;
}
