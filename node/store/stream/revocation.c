#include "node/store/stream/revocation.h"

#include <stdio.h>
#include <string.h>

#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/field.h"

enum { REVOCATION_LIST = 1, REVOCATION_INDEX = 2, REVOCATION_AT = 3, REVOCATION_REASON = 4 };

static const char word_list[] = "list", word_revoked[] = "revoked";

/* word, US, 32 hex digits: a segment of that length is not put into the dictionary of terms. */
static enum status key_make(const char *word, const struct id *id, struct buffer *out)
{
    char hex[ID_HEX_SIZE];

    id_hex(id, hex);
    const struct bytes segments[] = {bytes_text(word), bytes_text(hex)};
    return cell_key_join(segments, 2, out);
}

static enum status cell_put(struct db *db, const char *word, const struct id *id, hlc stamp,
                            struct bytes content)
{
    struct buffer key, value;

    buffer_init(&key);
    buffer_init(&value);
    enum status status = key_make(word, id, &key);
    if (status == S_OK) {
        cell_value_register(&value, stamp, content);
        status = own_cell_put(db, TOPIC_CREDENTIALS, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

enum status revocation_list_put(struct db *db, const struct id *list, int64_t now_ms)
{
    return cell_put(db, word_list, list, hlc_tick(0, (uint64_t)now_ms), bytes_of("", 0));
}

enum status revocation_put(struct db *db, const struct revocation *revocation)
{
    struct buffer content;

    buffer_init(&content);
    field_append_bytes(&content, REVOCATION_LIST, bytes_of(revocation->list.b, sizeof revocation->list.b));
    field_append_number(&content, REVOCATION_INDEX, revocation->list_index);
    field_append_number(&content, REVOCATION_AT, (uint64_t)revocation->at_ms);
    field_append_bytes(&content, REVOCATION_REASON, bytes_text(revocation->reason));
    enum status status = cell_put(db, word_revoked, &revocation->credential,
                                  hlc_tick(0, (uint64_t)revocation->at_ms), buffer_bytes(&content));
    buffer_release(&content);
    return status;
}

/* Reads the value of a "revoked" cell. One that this version does not understand revokes all the same. */
static void value_read(struct bytes value, struct revocation *out)
{
    struct field field;
    struct bytes content;
    hlc stamp;

    if (!cell_value_get_register(value, &stamp, &content)) {
        return;
    }
    while (field_take(&content, &field)) {
        switch (field.number) {
        case REVOCATION_LIST:
            (void)field_get_raw(&field, out->list.b, sizeof out->list.b);
            break;
        case REVOCATION_INDEX:
            out->list_index =
                field.type == FIELD_VARINT && field.value <= UINT32_MAX ? (uint32_t)field.value : 0;
            break;
        case REVOCATION_AT:
            out->at_ms = field.type == FIELD_VARINT && field.value <= INT64_MAX ? (int64_t)field.value : 0;
            break;
        case REVOCATION_REASON:
            (void)field_get_text(&field, out->reason, sizeof out->reason);
            break;
        default:
            break;
        }
    }
}

/* The next stream of `node` on `topic` behind `row` (NULL: the first). */
static bool next_of(struct db *db, const struct id *node, enum topic topic, const struct head_row *row,
                    struct head_row *row_out)
{
    uint8_t id[STREAM_ID_SIZE] = {(uint8_t)topic};

    memcpy(id + 1, node->b, sizeof node->b);
    if (row) {
        stream_id_encode(&row->certificate.head.stream, id);
    }
    return head_after(db, bytes_of(id, row ? sizeof id : 1 + sizeof node->b), row_out) &&
           row_out->certificate.head.stream.topic == topic &&
           id_equal(&row_out->certificate.head.stream.node, node);
}

bool revocation_find(struct db *db, const struct id *issuer, const struct id *credential,
                     struct revocation *revocation_out)
{
    struct head_row row, *after = NULL;
    struct buffer key;
    bool is_found = false;

    buffer_init(&key);
    memset(revocation_out, 0, sizeof *revocation_out);
    revocation_out->credential = *credential;
    if (key_make(word_revoked, credential, &key) == S_OK) {
        while (!is_found && next_of(db, issuer, TOPIC_CREDENTIALS, after, &row)) {
            struct cell_rows rows;
            struct cell cell;
            cell_rows_init(&rows, db, row.number, false);
            is_found = cell_row_find(&rows, buffer_bytes(&key), &cell) == S_OK;
            if (is_found) {
                value_read(cell.value, revocation_out);
            }
            cell_rows_release(&rows);
            after = &row;
        }
    }
    buffer_release(&key);
    return is_found;
}

void revocation_standing(struct db *db, const struct id *issuer, struct revocation_standing *standing_out)
{
    memset(standing_out, 0, sizeof *standing_out);
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct head_row row, *after = NULL;
        while (next_of(db, issuer, (enum topic)topic, after, &row)) {
            int64_t at_ms = (int64_t)hlc_wall_ms(row.certificate.head.stamp);
            standing_out->heard_ms = at_ms > standing_out->heard_ms ? at_ms : standing_out->heard_ms;
            if (topic == TOPIC_CREDENTIALS) {
                standing_out->has_list = true;
                standing_out->as_of_ms = at_ms > standing_out->as_of_ms ? at_ms : standing_out->as_of_ms;
            }
            after = &row;
        }
    }
}

struct each {
    revocation_visit *visit;
    void *ctx;
};

static enum status each_cell(void *ctx, const struct cell *cell)
{
    struct each *each = ctx;
    struct revocation revocation;
    struct bytes segments[2];
    char hex[ID_HEX_SIZE];

    memset(&revocation, 0, sizeof revocation);
    if (cell_key_split(cell->key, segments, 2) != 2 || !bytes_equal(segments[0], bytes_text(word_revoked)) ||
        segments[1].size != sizeof hex - 1) {
        return S_OK;
    }
    memcpy(hex, segments[1].data, segments[1].size);
    hex[sizeof hex - 1] = '\0';
    if (!hex_decode(hex, revocation.credential.b, sizeof revocation.credential.b)) {
        return S_OK;
    }
    value_read(cell->value, &revocation);
    return each->visit(each->ctx, &revocation);
}

enum status revocation_each(struct db *db, const struct id *issuer, revocation_visit *visit, void *ctx)
{
    struct each each = {visit, ctx};
    struct head_row row, *after = NULL;
    enum status status = S_OK;

    while (status == S_OK && next_of(db, issuer, TOPIC_CREDENTIALS, after, &row)) {
        status = cell_rows_walk(db, row.number, each_cell, &each);
        after = &row;
    }
    return status == S_OK ? db_status(db) : status;
}
