/* Decoding: what a request brought becomes texts that can be stored and what they are found by. */
#include "node/lrs/batch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/lrs/digest.h"
#include "node/lrs/index.h"
#include "node/lrs/normal.h"
#include "node/lrs/old.h"
#include "node/lrs/rule.h"
#include "node/lrs/signature.h"
#include "replication/base/check.h"

#define TIME_PLACE "0000-00-00T00:00:00.000Z"

void lrs_batch_open(struct batch *batch, const struct lrs *lrs, const struct lrs_client *client,
                enum lrs_version version)
{
    memset(batch, 0, sizeof *batch);
    batch->lrs = lrs;
    batch->client = client;
    batch->version = version;
    arena_init(&batch->arena, BATCH_MEMORY_MAX);
}

void lrs_batch_close(struct batch *batch)
{
    arena_release(&batch->arena);
    buffer_release(&batch->bodies);
    buffer_release(&batch->terms);
    buffer_release(&batch->notes);
    buffer_release(&batch->scratch);
}

static enum status full(struct batch *batch)
{
    return report_set(batch->report, S_TOO_LARGE, "these statements hold too many values for one request");
}

/* --- attachments --- */

/* Each part behind the first names the SHA-2 of its bytes. */
static enum status parts_check(struct batch *batch)
{
    char hash[DIGEST_HEX_MAX];

    for (size_t i = 1; batch->parts && i < batch->parts->count; i++) {
        const struct multipart_part *part = &batch->parts->parts[i];
        if (!bytes_equal(part->encoding, bytes_text("binary"))) { /* XAPI-00135: nor may it be left out */
            return report_set(batch->report, S_INVALID,
                              "part %zu: its Content-Transfer-Encoding must be binary", i + 1);
        }
        if (!format_is_sha2(part->hash)) {
            return report_set(batch->report, S_INVALID,
                              "part %zu: its X-Experience-API-Hash is no SHA-2 in hexadecimal digits", i + 1);
        }
        digest_sha2(part->body, part->hash.size, hash);
        if (strncasecmp(hash, (const char *)part->hash.data, part->hash.size) != 0) {
            return report_set(batch->report, S_INVALID, "part %zu: its bytes do not have the hash it names",
                              i + 1);
        }
    }
    return S_OK;
}

static const struct multipart_part *part_find(struct batch *batch, struct bytes sha2)
{
    for (size_t i = 1; batch->parts && i < batch->parts->count; i++) {
        struct bytes hash = batch->parts->parts[i].hash;
        if (hash.size == sha2.size &&
            strncasecmp((const char *)hash.data, (const char *)sha2.data, sha2.size) == 0) {
            batch->is_part_used[i] = true;
            return &batch->parts->parts[i];
        }
    }
    return NULL;
}

static enum status attachment_check(struct batch *batch, const struct tree *whole,
                                    const struct tree *attachment)
{
    const struct multipart_part *part = part_find(batch, tree_text(attachment, "sha2"));
    bool is_signature = tree_is_text(tree_find(attachment, "usageType"), SIGNATURE_USAGE);

    if (!part && (is_signature || !tree_find(attachment, "fileUrl"))) {
        return report_set(batch->report, S_INVALID,
                          "attachments: the data of '%.*s' is not in the request, and there is no fileUrl",
                          (int)tree_text(attachment, "sha2").size, tree_text(attachment, "sha2").data);
    }
    if (!is_signature) {
        return S_OK;
    }
    if (!bytes_equal(tree_text(attachment, "contentType"), bytes_text("application/octet-stream"))) {
        return report_set(batch->report, S_INVALID,
                          "attachments: a signature has the contentType application/octet-stream");
    }
    return signature_check(whole, part->body, &batch->arena, batch->report);
}

static enum status attachments_check(struct batch *batch, const struct tree *whole)
{
    const struct tree *attachments = tree_find(whole, "attachments");
    enum status status = S_OK;

    for (const struct tree *one = attachments ? attachments->first : NULL; one && status == S_OK;
         one = one->next) {
        status = attachment_check(batch, whole, one);
    }
    return status;
}

static enum status parts_are_used(struct batch *batch)
{
    for (size_t i = 1; batch->parts && i < batch->parts->count; i++) {
        if (!batch->is_part_used[i]) {
            return report_set(batch->report, S_INVALID,
                              "part %zu: no statement has an attachment with its hash", i + 1);
        }
    }
    return S_OK;
}

/* --- notes --- */

static void name_note(struct batch *batch, const struct tree *agent)
{
    struct batch_note note = {.name = tree_text(agent, "name")};

    if (note.name.size && (note.key = index_agent(batch->lrs, INDEX_NAME, agent)) != 0) {
        buffer_append(&batch->notes, &note, sizeof note);
    }
}

static void activity_note(struct batch *batch, const struct tree *activity)
{
    struct batch_note note = {.definition = tree_find(activity, "definition")};

    if (note.definition && note.definition->count > 0) {
        buffer_clear(&batch->scratch);
        tree_print(note.definition, &batch->scratch);
        note.hash = (int64_t)index_term(batch->lrs, INDEX_NAME, buffer_bytes(&batch->scratch));
        note.key = index_term(batch->lrs, INDEX_NAME, tree_text(activity, "id"));
        buffer_append(&batch->notes, &note, sizeof note);
    }
}

static void whole_note(struct batch *batch, const struct tree *whole)
{
    const struct tree *object = tree_find(whole, "object"),
                      *kinds = tree_find(tree_find(whole, "context"), "contextActivities");

    name_note(batch, tree_find(whole, "actor"));
    if (rule_is_activity(object)) {
        activity_note(batch, object);
    } else {
        name_note(batch, object);
    }
    for (const struct tree *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        for (const struct tree *activity = kind->first; activity; activity = activity->next) {
            activity_note(batch, activity);
        }
    }
}

static void item_note(struct batch *batch, struct batch_item *item)
{
    const struct tree *object = tree_find(item->tree, "object");

    item->note_at = batch->notes.size / sizeof(struct batch_note);
    whole_note(batch, item->tree);
    if (tree_is_text(tree_find(object, "objectType"), "SubStatement")) {
        whole_note(batch, object);
    }
    item->note_count = batch->notes.size / sizeof(struct batch_note) - item->note_at;
}

/* --- one statement --- */

static bool text_put(struct batch *batch, struct tree *statement, const char *name, struct bytes text)
{
    struct tree *value = tree_string(&batch->arena, text);

    if (value) {
        tree_put(statement, name, value);
    }
    return value != NULL;
}

/* The id it brings, the one that was asked for, or a new one. */
static enum status item_identify(struct batch *batch, struct batch_item *item, const uint8_t *id)
{
    struct bytes own = tree_text(item->tree, "id");
    item->is_whole = (own.data || id) && tree_find(item->tree, "timestamp");
    char text[LRS_UUID_TEXT_SIZE];

    if (own.data) {
        CHECK(lrs_uuid_parse(own, item->id));
        if (id && memcmp(id, item->id, sizeof item->id) != 0) {
            return report_set(batch->report, S_INVALID,
                              "the id of the statement is not the parameter statementId");
        }
        return S_OK;
    }
    if (id) {
        memcpy(item->id, id, sizeof item->id);
    } else {
        lrs_uuid_make(item->id);
    }
    lrs_uuid_text(item->id, text);
    struct bytes copy = arena_copy(&batch->arena, bytes_text(text));
    return copy.data && text_put(batch, item->tree, "id", copy) ? S_OK : full(batch);
}

/* What the store says of a statement: authority, version, and places for the times, which stand last. */
static enum status item_complete(struct batch *batch, struct batch_item *item, const struct tree *authority)
{
    struct tree *statement = item->tree, *own = tree_share(&batch->arena, authority);
    const char *version = batch->version == LRS_2_0 ? "2.0.0" : "1.0.0";
    bool has_timestamp = tree_find(statement, "timestamp") != NULL;

    if (!own) {
        return full(batch);
    }
    tree_put(statement, "authority", own);
    tree_remove(statement, "stored");
    if ((!tree_find(statement, "version") && !text_put(batch, statement, "version", bytes_text(version))) ||
        (!has_timestamp && !text_put(batch, statement, "timestamp", bytes_text(TIME_PLACE))) ||
        !text_put(batch, statement, "stored", bytes_text(TIME_PLACE))) {
        return full(batch);
    }
    item->body_at = batch->bodies.size;
    tree_print(statement, &batch->bodies);
    item->body_size = batch->bodies.size - item->body_at;
    item->stored_at = batch->bodies.size - strlen(TIME_PLACE "\"}");
    item->timestamp_at = has_timestamp ? SIZE_MAX : item->stored_at - strlen(TIME_PLACE "\",\"stored\":\"");
    return S_OK;
}

static enum status item_decode(struct batch *batch, struct batch_item *item, const uint8_t *id,
                               const struct tree *authority)
{
    struct rules rules;

    if (batch->is_old && old_statement(item->tree, &batch->arena) != S_OK) {
        return full(batch);
    }
    rules_init(&rules, batch->version, batch->report);
    if (!rule_statement(&rules, item->tree)) {
        return S_INVALID;
    }
    if (normal_apply(item->tree, &batch->arena) != S_OK) {
        return full(batch);
    }
    const struct tree *object = tree_find(item->tree, "object");
    enum status status = attachments_check(batch, item->tree);
    if (status == S_OK && tree_is_text(tree_find(object, "objectType"), "SubStatement")) {
        status = attachments_check(batch, object);
    }
    status = status == S_OK ? item_identify(batch, item, id) : status;
    status = status == S_OK ? item_complete(batch, item, authority) : status;
    if (status != S_OK) {
        return status;
    }
    item->is_reference = index_target(item->tree, item->target, &item->is_voiding);
    item->term_at = batch->terms.size / sizeof(uint64_t);
    index_collect(batch->lrs, item->tree, &batch->terms);
    item->term_count = batch->terms.size / sizeof(uint64_t) - item->term_at;
    item_note(batch, item);
    return S_OK;
}

/* --- all of them --- */

static int id_order(const void *a, const void *b)
{
    return memcmp(a, b, LRS_UUID_SIZE);
}

static enum status ids_are_unique(struct batch *batch)
{
    uint8_t(*ids)[LRS_UUID_SIZE] = arena_alloc(&batch->arena, (batch->count + 1) * LRS_UUID_SIZE);
    char text[LRS_UUID_TEXT_SIZE];

    if (!ids) {
        return full(batch);
    }
    for (size_t i = 0; i < batch->count; i++) {
        memcpy(ids[i], batch->items[i].id, LRS_UUID_SIZE);
    }
    qsort(ids, batch->count, LRS_UUID_SIZE, id_order);
    for (size_t i = 1; i < batch->count; i++) {
        if (memcmp(ids[i - 1], ids[i], LRS_UUID_SIZE) == 0) {
            lrs_uuid_text(ids[i], text);
            return report_set(batch->report, S_INVALID, "two statements of this request have the id %s",
                              text);
        }
    }
    return S_OK;
}

/* Says which of many statements was meant. */
static enum status item_fault(struct batch *batch, size_t number, enum status status,
                              const struct report *inner)
{
    return batch->count > 1 ? report_set(batch->report, status, "statement %zu: %s", number + 1, inner->text)
                            : report_set(batch->report, status, "%s", inner->text);
}

static enum status items_decode(struct batch *batch, struct tree *first, const uint8_t *id)
{
    struct report *outer = batch->report, inner;
    struct tree *authority, *statement = first;
    enum status status;

    if (tree_parse(buffer_bytes(&batch->client->authority), &batch->arena, &authority, NULL) != S_OK) {
        return full(batch);
    }
    for (size_t i = 0; i < batch->count; i++) {
        struct tree *next = statement->next;
        report_clear(&inner);
        batch->report = &inner;
        batch->items[i].tree = statement;
        status = item_decode(batch, &batch->items[i], id, authority);
        batch->report = outer;
        if (status != S_OK) {
            return item_fault(batch, i, status, &inner);
        }
        statement = next;
    }
    return S_OK;
}

enum status lrs_batch_decode(struct batch *batch, struct bytes json, const struct multipart *parts,
                         const uint8_t *id, struct report *report)
{
    struct tree *root;

    batch->parts = parts;
    batch->report = report;
    enum status status = tree_parse(json, &batch->arena, &root, report);
    if (status != S_OK) {
        return status;
    }
    if (root->type != TREE_OBJECT && (root->type != TREE_ARRAY || id)) {
        return report_set(report, S_INVALID,
                          id ? "the body must be one statement"
                             : "the body must be a statement or an array of statements");
    }
    batch->count = root->type == TREE_ARRAY ? root->count : 1;
    if (batch->count > BATCH_STATEMENTS_MAX) {
        return report_set(report, S_TOO_LARGE, "more than %d statements in one request",
                          BATCH_STATEMENTS_MAX);
    }
    batch->items = arena_alloc(&batch->arena, (batch->count + 1) * sizeof *batch->items);
    if (!batch->items) {
        return full(batch);
    }
    memset(batch->items, 0, (batch->count + 1) * sizeof *batch->items);
    status = parts_check(batch);
    status = status == S_OK ? items_decode(batch, root->type == TREE_ARRAY ? root->first : root, id) : status;
    status = status == S_OK ? parts_are_used(batch) : status;
    return status == S_OK ? ids_are_unique(batch) : status;
}
