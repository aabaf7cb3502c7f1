#include "node/store/stream/share.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/store/engine.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

enum { KEY_TEXT_SIZE = 64, SIV_SIZE = 4, LIFE_SIZE = 4, FINGERPRINT_SIZE = 8 };

static const char key_head[] = "ids\x1f";

/* --- sealing -------------------------------------------------------------------------------------------- */

/* What one share is sealed with. */
struct seal {
    struct hash key;
    uint8_t place[LIFE_SIZE + FINGERPRINT_SIZE];
};

static void place_write(uint64_t number, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(number >> (8 * i));
    }
}

/* With the key of today (0), or one of before (1 and up); false when there is none such. */
static bool seal_init(struct db *db, uint64_t fingerprint, uint32_t life, size_t which, struct seal *seal_out)
{
    struct store *store = db_store(db);

    pthread_mutex_lock(&store->lock);
    const struct identity *identity = store->identity;
    pthread_mutex_unlock(&store->lock);
    if (!identity || which > identity->former_count) {
        return false;
    }
    const uint8_t *seed = which == 0 ? identity->seed : identity->former[which - 1].seed;
    seal_out->key = hash_of(bytes_of(seed, IDENTITY_SEED_SIZE), bytes_text("qanat shares"));
    place_write(life, LIFE_SIZE, seal_out->place);
    place_write(fingerprint, FINGERPRINT_SIZE, seal_out->place + LIFE_SIZE);
    return true;
}

/* Depends on all of the content: the same key stream never covers two contents. */
static void siv_write(const struct seal *seal, struct bytes content, uint8_t out[SIV_SIZE])
{
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, seal->place, sizeof seal->place);
    buffer_append(&text, content.data, content.size);
    struct hash hash = hash_of(bytes_of(seal->key.b, sizeof seal->key.b), buffer_bytes(&text));
    buffer_release(&text);
    memcpy(out, hash.b, SIV_SIZE);
}

static void encipher(const struct seal *seal, const uint8_t siv[SIV_SIZE], struct bytes text, uint8_t *out)
{
    uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};

    CHECK(sizeof nonce >= sizeof seal->place + SIV_SIZE && sizeof seal->key.b == crypto_stream_xchacha20_KEYBYTES);
    memcpy(nonce, seal->place, sizeof seal->place);
    memcpy(nonce + sizeof seal->place, siv, SIV_SIZE);
    crypto_stream_xchacha20_xor(out, text.data, text.size, nonce, seal->key.b);
}

static void seal_close(const struct seal *seal, struct bytes content, struct buffer *out)
{
    uint8_t *at = buffer_reserve(out, SIV_SIZE + content.size);

    siv_write(seal, content, at);
    encipher(seal, at, content, at + SIV_SIZE);
    out->size += SIV_SIZE + content.size;
}

/* False when it was sealed by another key. */
static bool seal_open(const struct seal *seal, struct bytes sealed, struct buffer *out)
{
    uint8_t siv[SIV_SIZE];

    buffer_clear(out);
    if (sealed.size <= SIV_SIZE || sealed.size > SIV_SIZE + SHARE_CONTENT_MAX) {
        return false;
    }
    size_t size = sealed.size - SIV_SIZE;
    encipher(seal, sealed.data, bytes_of(sealed.data + SIV_SIZE, size), buffer_reserve(out, size));
    out->size += size;
    siv_write(seal, buffer_bytes(out), siv);
    return memcmp(siv, sealed.data, SIV_SIZE) == 0;
}

/* --- rows ----------------------------------------------------------------------------------------------- */

enum status share_list(struct db *db, uint64_t fingerprint, share_visit *visit, void *ctx)
{
    struct statement *list = db_statement(db, STATEMENT_share_list);

    statement_bind_int(list, 1, (int64_t)fingerprint);
    while (statement_step(list)) {
        const struct share_row row = {.life = (uint32_t)statement_int(list, 0),
                                      .content = statement_blob(list, 1),
                                      .is_closed = statement_is_null(list, 1),
                                      .is_recovered = statement_int(list, 2) != 0};
        visit(ctx, &row);
    }
    statement_reset(list);
    return db_status(db);
}

enum status share_life(struct db *db, uint32_t *life_out)
{
    struct id living;
    enum status status = own_incarnation(db, &living);

    if (status == S_OK) {
        *life_out = (uint32_t)living.b[0] | (uint32_t)living.b[1] << 8 | (uint32_t)living.b[2] << 16 | (uint32_t)living.b[3] << 24;
    }
    return status;
}

static int64_t revision_find(struct db *db, uint64_t fingerprint, uint32_t life)
{
    struct statement *find = db_statement(db, STATEMENT_share_revision);

    statement_bind_int(find, 1, (int64_t)fingerprint);
    statement_bind_int(find, 2, life);
    int64_t revision = statement_step(find) ? statement_int(find, 0) : 0;
    statement_reset(find);
    return revision;
}

/* `content` of no bytes: it cannot be read here. */
static enum status row_write(struct statement *write, const struct share_row *row, uint64_t fingerprint, int64_t revision)
{
    statement_bind_int(write, 1, (int64_t)fingerprint);
    statement_bind_int(write, 2, row->life);
    statement_bind_int(write, 3, revision);
    if (row->is_closed) {
        statement_bind_null(write, 4);
    } else {
        statement_bind_blob(write, 4, row->content);
    }
    return statement_run(write);
}

/* A segment of 32 hex digits is kept in the key and not among the terms that many keys share (key.h). */
static int key_write(uint64_t fingerprint, uint32_t life, char out[KEY_TEXT_SIZE])
{
    return snprintf(out, KEY_TEXT_SIZE, "%s%08x\x1f" "f%031llx", key_head, life, (unsigned long long)fingerprint);
}

static enum status row_publish(struct db *db, const struct share_row *row, uint64_t fingerprint, int64_t revision)
{
    char key[KEY_TEXT_SIZE];
    struct buffer sealed, value;
    struct seal seal;
    enum status status = row_write(db_statement(db, STATEMENT_share_put), row, fingerprint, revision);

    CHECK(row->content.size > 0 && row->content.size <= SHARE_CONTENT_MAX);
    if (status != S_OK || !seal_init(db, fingerprint, row->life, 0, &seal)) {
        return status == S_OK ? S_INTERNAL : status;
    }
    int size = key_write(fingerprint, row->life, key);
    buffer_init(&sealed), buffer_init(&value);
    seal_close(&seal, row->content, &sealed);
    cell_value_register(&value, (hlc)revision, buffer_bytes(&sealed));
    status = own_cell_put(db, TOPIC_RESULTS, bytes_of(key, (size_t)size), buffer_bytes(&value));
    buffer_release(&sealed), buffer_release(&value);
    sodium_memzero(&seal, sizeof seal);
    return status;
}

enum status share_put(struct db *db, uint64_t fingerprint, struct bytes content)
{
    struct share_row row = {.content = content};
    enum status status = share_life(db, &row.life);

    return status == S_OK ? row_publish(db, &row, fingerprint, revision_find(db, fingerprint, row.life) + 1) : status;
}

enum status share_base_put(struct db *db, uint64_t fingerprint, struct bytes content, int64_t revision)
{
    const struct share_row row = {.life = SHARE_LIFE_BASE, .content = content};

    return revision > revision_find(db, fingerprint, row.life) ? row_publish(db, &row, fingerprint, revision) : S_OK;
}

/* --- recovering ----------------------------------------------------------------------------------------- */

/* What the key says; false for any other cell's. */
static bool key_read(struct bytes key, uint64_t *fingerprint_out, uint32_t *life_out)
{
    char text[KEY_TEXT_SIZE], again[KEY_TEXT_SIZE];
    unsigned life;
    unsigned long long fingerprint;

    if (key.size >= sizeof text || key.size <= sizeof key_head - 1 || memcmp(key.data, key_head, sizeof key_head - 1) != 0) {
        return false;
    }
    memcpy(text, key.data, key.size);
    text[key.size] = '\0';
    if (sscanf(text + sizeof key_head - 1, "%8x\x1f" "f%31llx", &life, &fingerprint) != 2) {
        return false;
    }
    *fingerprint_out = fingerprint;
    *life_out = life;
    return key_write(fingerprint, life, again) == (int)key.size && strcmp(text, again) == 0;
}

/* With whichever of this node's keys it was sealed; false: with none that is left. */
static bool content_open(struct db *db, uint64_t fingerprint, uint32_t life, struct bytes sealed, struct buffer *out)
{
    struct seal seal;
    bool is_open = false;

    for (size_t which = 0; !is_open && seal_init(db, fingerprint, life, which, &seal); which++) {
        is_open = seal_open(&seal, sealed, out);
    }
    sodium_memzero(&seal, sizeof seal);
    return is_open;
}

enum status share_recover(struct db *db, const struct cell *cell, bool *is_new_out)
{
    struct share_row row = {.is_closed = true};
    struct bytes sealed;
    struct buffer content;
    uint64_t fingerprint;
    hlc revision;

    *is_new_out = false;
    if (!key_read(cell->key, &fingerprint, &row.life) || !cell_value_get_register(cell->value, &revision, &sealed) ||
        revision > INT64_MAX || fingerprint > INT64_MAX) {
        return S_OK;
    }
    buffer_init(&content);
    if (content_open(db, fingerprint, row.life, sealed, &content)) {
        row.is_closed = false;
        row.content = buffer_bytes(&content);
    }
    enum status status = row_write(db_statement(db, STATEMENT_share_recover), &row, fingerprint, (int64_t)revision);
    *is_new_out = status == S_OK && db_changes(db) > 0;
    buffer_release(&content);
    return status;
}

enum status share_cells_each(struct db *db, share_cell_visit *visit, void *ctx)
{
    struct store *store = db_store(db);
    struct stream_id after = {.topic = TOPIC_RESULTS};
    struct stream_head head;
    struct head_row row;
    enum status status = S_OK;

    pthread_mutex_lock(&store->lock);
    after.node = store->identity ? store->identity->node : (struct id){{0}};
    pthread_mutex_unlock(&store->lock);
    const struct id self = after.node;
    while (status == S_OK && stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, &self)) {
        after = head.stream;
        status = head_find(db, &head.stream, &row) ? cell_rows_walk(db, row.number, visit, ctx) : db_status(db);
    }
    return status == S_OK ? db_status(db) : status;
}

bool share_due(struct db *db, uint64_t *fingerprint_out)
{
    struct statement *due = db_statement(db, STATEMENT_share_due);
    bool is_found = statement_step(due);

    *fingerprint_out = is_found ? (uint64_t)statement_int(due, 0) : 0;
    statement_reset(due);
    return is_found;
}

enum status share_settle(struct db *db, uint64_t fingerprint)
{
    struct statement *settle = db_statement(db, STATEMENT_share_settle);

    statement_bind_int(settle, 1, (int64_t)fingerprint);
    return statement_run(settle);
}

bool share_after(struct db *db, int64_t fingerprint, uint64_t *next_out)
{
    struct statement *after = db_statement(db, STATEMENT_share_after);

    statement_bind_int(after, 1, fingerprint);
    bool is_found = statement_step(after);
    *next_out = is_found ? (uint64_t)statement_int(after, 0) : 0;
    statement_reset(after);
    return is_found;
}

enum status share_forget(struct db *db, uint64_t fingerprint)
{
    struct statement *forget = db_statement(db, STATEMENT_share_forget);

    statement_bind_int(forget, 1, (int64_t)fingerprint);
    return statement_run(forget);
}

enum status share_forget_life(struct db *db, uint64_t fingerprint, uint32_t life)
{
    struct statement *forget = db_statement(db, STATEMENT_share_forget_life);

    statement_bind_int(forget, 1, (int64_t)fingerprint);
    statement_bind_int(forget, 2, life);
    return statement_run(forget);
}

enum status share_forget_of(struct db *db, int64_t person)
{
    struct statement *list = db_statement(db, STATEMENT_share_of);
    enum status status = S_OK;
    struct buffer found;

    buffer_init(&found);
    statement_bind_int(list, 1, person);
    while (statement_step(list)) {
        buffer_append_u64(&found, (uint64_t)statement_int(list, 0));
    }
    statement_reset(list);
    for (size_t at = 0; at < found.size && status == S_OK; at += FINGERPRINT_SIZE) {
        uint64_t fingerprint = 0;
        for (size_t i = 0; i < FINGERPRINT_SIZE; i++) {
            fingerprint |= (uint64_t)found.data[at + i] << (8 * i);
        }
        status = share_forget(db, fingerprint);
    }
    buffer_release(&found);
    return status == S_OK ? db_status(db) : status;
}
