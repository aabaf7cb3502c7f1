#include "node/lrs/document.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "node/lrs/cmi5.h"
#include "node/lrs/digest.h"
#include "node/lrs/tree.h"

enum { MERGE_MEMORY_MAX = 64 * 1024 * 1024 };

void document_account(const struct lrs *lrs, struct bytes person, struct buffer *out)
{
    buffer_append(out, "account ", 8);
    buffer_append(out, lrs->home, strlen(lrs->home));
    buffer_append_u8(out, ' ');
    buffer_append(out, person.data, person.size);
}

enum status document_store(struct db *db, const struct xapi_document_key *key, struct bytes media_type,
                           struct bytes body, int64_t now_ms)
{
    struct xapi_document document = {.updated_ms = now_ms, .media_type = media_type, .body = body};
    char sum[DIGEST_HEX_MAX];

    digest_sha1(body, sum);
    snprintf(document.etag, sizeof document.etag, "%.40s", sum);
    return xapi_document_put(db, key, &document);
}

/* --- preconditions --- */

/* True when a list of entity tags (RFC 9110 section 8.8.3; without quotes, too) holds this one. */
static bool tags_hold(const char *list, const char *etag)
{
    while (*list) {
        list += strspn(list, " \t,");
        if (strncmp(list, "W/", 2) == 0) {
            list += 2;
        }
        bool is_quoted = *list == '"';
        list += is_quoted;
        size_t size = strcspn(list, is_quoted ? "\"" : " \t,");
        if (size == strlen(etag) && strncasecmp(list, etag, size) == 0) {
            return true;
        }
        list += size;
        list += is_quoted && *list == '"';
    }
    return false;
}

static bool is_any(const char *header)
{
    return strcmp(header + strspn(header, " \t"), "*") == 0;
}

/* `document` is NULL when there is none. */
static enum status precondition_check(const struct document_request *request,
                                      const struct xapi_document *document, struct report *report)
{
    const char *match = request->if_match, *none = request->if_none_match;

    if (match && (!document || (!is_any(match) && !tags_hold(match, document->etag)))) {
        return report_set(report, S_STALE,
                          "If-Match: the document is another one by now (or there is none): fetch it, then "
                          "try again with its ETag");
    }
    if (none && document && (is_any(none) || tags_hold(none, document->etag))) {
        return report_set(
            report, S_STALE,
            "If-None-Match: there is such a document: fetch it, then try again with If-Match and its ETag");
    }
    return S_OK;
}

/* --- who may --- */

enum status document_allow(const struct lrs *lrs, const struct lrs_client *client,
                           const struct xapi_document_key *key, bool is_write, struct report *report)
{
    struct buffer own;

    if (!client || !client->is_session) {
        return S_OK;
    }
    if (client->is_over) {
        return report_set(report, S_DENIED, "this session has ended");
    }
    buffer_init(&own);
    document_account(lrs, client->session.person, &own);
    bool is_own = key->kind == XAPI_ACTIVITY_PROFILE || bytes_equal(key->agent, buffer_bytes(&own));
    buffer_release(&own);
    if (!is_own) {
        return report_set(report, S_DENIED, "launched content may only see documents of its own learner");
    }
    if (!is_write) {
        return S_OK;
    }
    if (key->kind == XAPI_ACTIVITY_PROFILE && !bytes_equal(key->activity, client->session.activity) &&
        !bytes_equal(key->activity, client->session.publisher)) {
        return report_set(report, S_DENIED,
                          "launched content may only write the profile of its own activity");
    }
    if (client->session.is_cmi5 && key->kind == XAPI_STATE &&
        bytes_equal(key->name, bytes_text(CMI5_LAUNCH_DATA))) {
        return report_set(report, S_DENIED, "the document LMS.LaunchData belongs to the LMS");
    }
    return S_OK;
}

static void name_count(void *ctx, int64_t row, struct bytes name)
{
    size_t *count = ctx;

    (void)row, (void)name;
    (*count)++;
}

/* Bounds what launched content can fill the disk with. */
static enum status volume_add(struct db *db, const struct document_request *request, bool is_new,
                              struct report *report)
{
    struct lrs_session session;
    struct buffer texts;
    size_t count = 0;

    if (!request->client || !request->client->is_session) {
        return S_OK;
    }
    if (request->body.size > DOCUMENT_SESSION_BODY_MAX) {
        return report_set(report, S_TOO_LARGE, "a document of launched content has at most %d bytes",
                          DOCUMENT_SESSION_BODY_MAX);
    }
    xapi_document_list(db, &request->key, -1, name_count, &count);
    if (is_new && count >= DOCUMENT_SESSION_COUNT_MAX) {
        return report_set(report, S_TOO_LARGE, "launched content keeps at most %d documents",
                          DOCUMENT_SESSION_COUNT_MAX);
    }
    buffer_init(&texts);
    enum status status = S_OK;
    if (is_new && lrs_session_find(db, request->client->session.row, &texts, &session)) {
        session.volume += (int64_t)request->body.size;
        status = session.volume > LRS_SESSION_VOLUME_MAX
                     ? report_set(report, S_TOO_LARGE, "this session has stored too much")
                     : lrs_session_keep(db, &session);
    }
    buffer_release(&texts);
    return status;
}

/* --- writing --- */

static bool is_json(struct bytes media_type)
{
    static const char json[] = "application/json";
    size_t size = sizeof json - 1;

    return media_type.size >= size && strncasecmp((const char *)media_type.data, json, size) == 0 &&
           (media_type.size == size || media_type.data[size] == ';' || media_type.data[size] == ' ');
}

/* Top-level members of `patch` replace those of `old`. */
static enum status merge(struct bytes old, struct bytes patch, struct buffer *out, struct report *report)
{
    struct tree *a, *b;
    struct arena arena;

    arena_init(&arena, MERGE_MEMORY_MAX);
    enum status status = tree_parse(old, &arena, &a, NULL);
    status = status == S_OK ? tree_parse(patch, &arena, &b, NULL) : status;
    if (status != S_OK || a->type != TREE_OBJECT || b->type != TREE_OBJECT) {
        arena_release(&arena);
        return report_set(report, S_INVALID, "only JSON objects can be merged");
    }
    for (struct tree *member = b->first, *next; member && status == S_OK; member = next) {
        next = member->next;
        struct bytes name = arena_copy(&arena, member->key);
        if (!name.data) {
            status = S_TOO_LARGE;
        } else {
            tree_put(a, (const char *)name.data, member);
        }
    }
    if (status == S_OK) {
        tree_print(a, out);
    }
    arena_release(&arena);
    return status;
}

/* A POST to a document that is there. */
static enum status merge_store(struct db *db, const struct document_request *request,
                               const struct xapi_document *old, struct report *report)
{
    struct buffer merged;

    if (!is_json(request->media_type) || !is_json(old->media_type)) {
        return report_set(report, S_INVALID, "only documents of application/json can be merged");
    }
    buffer_init(&merged);
    enum status status = merge(old->body, request->body, &merged, report);
    if (status == S_OK && merged.size > DOCUMENT_BODY_MAX) {
        status = report_set(report, S_TOO_LARGE, "the merged document would have more than %d bytes",
                            DOCUMENT_BODY_MAX);
    }
    if (status == S_OK) {
        status = document_store(db, &request->key, old->media_type, buffer_bytes(&merged), request->now_ms);
    }
    buffer_release(&merged);
    return status;
}

static enum status object_check(const struct document_request *request, struct report *report)
{
    struct tree *tree;
    struct arena arena;

    if (!request->is_merge || !is_json(request->media_type)) {
        return S_OK;
    }
    arena_init(&arena, MERGE_MEMORY_MAX);
    enum status status = tree_parse(request->body, &arena, &tree, report);
    if (status == S_OK && tree->type != TREE_OBJECT) {
        status = report_set(report, S_INVALID, "a JSON document that is posted must be an object");
    }
    arena_release(&arena);
    return status;
}

/* "en-US,fr-FR": tags without spaces, none empty. */
static bool is_tag_list(struct bytes text)
{
    bool is_begin = true;

    for (size_t i = 0; i < text.size; i++) {
        bool is_tag = isalnum(text.data[i]) || (text.data[i] == '-' && !is_begin);
        if (!is_tag && (text.data[i] != ',' || is_begin)) {
            return false;
        }
        is_begin = text.data[i] == ',';
    }
    return !is_begin;
}

static bool is_preferences(const struct tree *tree)
{
    const struct tree *audio = tree_find(tree, "audioPreference");

    return tree->type == TREE_OBJECT && is_tag_list(tree_text(tree, "languagePreference")) && (tree_is_text(audio, "on") || tree_is_text(audio, "off"));
}

/* What a cmi5 unit makes of its learner's preferences is what others can read (cmi5, section 11). */
static enum status preferences_check(const struct document_request *request, struct report *report)
{
    bool is_looked_at = request->client && request->client->is_session && request->client->session.is_cmi5 && request->key.kind == XAPI_AGENT_PROFILE &&
                        bytes_equal(request->key.name, bytes_text(CMI5_PREFERENCES)) && !request->is_merge;
    struct tree *tree;
    struct arena arena;

    if (!is_looked_at) {
        return S_OK;
    }
    arena_init(&arena, MERGE_MEMORY_MAX);
    bool is_good = is_json(request->media_type) && tree_parse(request->body, &arena, &tree, NULL) == S_OK && is_preferences(tree);
    arena_release(&arena);
    return is_good ? S_OK
                   : report_set(report, S_DENIED,
                                "preferences of a learner are a JSON object with languagePreference, tags with commas between, and audioPreference, on or off");
}

static bool must_have_precondition(const struct document_request *request)
{
    bool has_one = request->if_match || request->if_none_match;

    return !request->is_merge && !has_one && (request->version == LRS_2_0 || request->key.kind != XAPI_STATE);
}

enum status document_put(const struct lrs *lrs, struct db *db, const struct document_request *request,
                         struct report *report)
{
    struct xapi_document old;
    struct buffer texts;

    buffer_init(&texts);
    bool is_there = xapi_document_find(db, &request->key, &texts, &old);
    enum status status = document_allow(lrs, request->client, &request->key, true, report);
    status = status == S_OK ? object_check(request, report) : status;
    status = status == S_OK ? preferences_check(request, report) : status;
    status = status == S_OK ? precondition_check(request, is_there ? &old : NULL, report) : status;
    if (status == S_OK && is_there && must_have_precondition(request)) {
        status = report_set(report, S_EXISTS,
                            "there is such a document: check its current state, then set If-Match to its "
                            "ETag to overwrite it");
    }
    status = status == S_OK ? volume_add(db, request, !is_there, report) : status;
    if (status == S_OK) {
        status = is_there && request->is_merge
                     ? merge_store(db, request, &old, report)
                     : document_store(db, &request->key, request->media_type, request->body, request->now_ms);
    }
    buffer_release(&texts);
    return status;
}

enum status document_delete(const struct lrs *lrs, struct db *db, const struct document_request *request,
                            struct report *report)
{
    struct xapi_document old;
    struct buffer texts;

    buffer_init(&texts);
    bool is_there = xapi_document_find(db, &request->key, &texts, &old);
    enum status status = document_allow(lrs, request->client, &request->key, true, report);
    status = status == S_OK ? precondition_check(request, is_there ? &old : NULL, report) : status;
    if (status == S_OK && is_there) {
        status = xapi_document_delete(db, old.row);
    }
    buffer_release(&texts);
    return status;
}

/* --- lists --- */

struct rows {
    struct buffer rows;
    bool keeps_launch_data;
};

static void row_collect(void *ctx, int64_t row, struct bytes name)
{
    struct rows *rows = ctx;

    if (!rows->keeps_launch_data || !bytes_equal(name, bytes_text(CMI5_LAUNCH_DATA))) {
        buffer_append(&rows->rows, &row, sizeof row);
    }
}

enum status document_delete_all(const struct lrs *lrs, struct db *db, const struct document_request *request,
                                struct report *report)
{
    struct rows rows = {.keeps_launch_data = request->client && request->client->is_session &&
                                             request->client->session.is_cmi5};
    enum status status = document_allow(lrs, request->client, &request->key, true, report);
    int64_t row;

    buffer_init(&rows.rows);
    if (status == S_OK) {
        xapi_document_list(db, &request->key, -1, row_collect, &rows);
    }
    for (size_t at = 0; at < rows.rows.size && status == S_OK; at += sizeof row) {
        memcpy(&row, rows.rows.data + at, sizeof row);
        status = xapi_document_delete(db, row);
    }
    buffer_release(&rows.rows);
    return status;
}

static void name_write(void *ctx, int64_t row, struct bytes name)
{
    struct buffer *out = ctx;

    (void)row;
    if (out->data[out->size - 1] != '[') {
        buffer_append_u8(out, ',');
    }
    tree_print_text(name, out);
}

void document_names(struct db *db, const struct xapi_document_key *key, int64_t since_ms, struct buffer *out)
{
    buffer_append_u8(out, '[');
    xapi_document_list(db, key, since_ms, name_write, out);
    buffer_append_u8(out, ']');
}
