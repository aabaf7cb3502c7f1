#include "node/store/stream/known.h"

#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/share.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"

enum { FINGERPRINT_SIZE = 6, COUNT_SIZE = 4, KEY_TEXT_MAX = 64 };

static const char key_head[] = "ids\x1f";
static const char counted_letters[] = "?ebp", back_letters[] = "?xyq"; /* by kind */
static const char recovered_name[] = "ids_recovered", number_name[] = "ids_number", left_name[] = "ids_left";

/* Properties that are there or not. */
static bool flag_get(struct db *db, const char *name)
{
    uint8_t is_set;

    return property_get(db, name, &is_set, sizeof is_set);
}

static enum status flag_put(struct db *db, const char *name)
{
    return property_put(db, name, bytes_of("\x01", 1));
}

static void number_write(uint64_t number, size_t size, struct buffer *out)
{
    for (size_t i = 0; i < size; i++) {
        buffer_append_u8(out, (uint8_t)(number >> (8 * i)));
    }
}

static uint64_t number_read(const uint8_t *at, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++) {
        number |= (uint64_t)at[i] << (8 * i);
    }
    return number;
}

uint64_t known_hash(struct db *db, struct bytes text)
{
    struct store *store = db_store(db);

    pthread_mutex_lock(&store->lock);
    struct id federation = store->federation;
    pthread_mutex_unlock(&store->lock);
    struct hash hash = hash_of(bytes_of(federation.b, sizeof federation.b), text);
    return number_read(hash.b, 8);
}

static uint32_t life_of(const struct id *incarnation)
{
    return (uint32_t)number_read(incarnation->b, 4);
}

/* --- noting --------------------------------------------------------------------------------------------- */

/* One publication: what its entries have in common. */
struct publication {
    enum known_kind kind;
    uint32_t life;
    int64_t number;
    int change;
    bool is_due;
};

/* True when it is new. */
static bool row_add(struct db *db, const struct publication *publication, const struct known *item)
{
    struct statement *add = db_statement(db, STATEMENT_known_add);

    statement_bind_int(add, 1, publication->kind);
    statement_bind_int(add, 2, (int64_t)item->fingerprint);
    statement_bind_int(add, 3, publication->life);
    statement_bind_int(add, 4, publication->number);
    statement_bind_int(add, 5, publication->change);
    statement_bind_int(add, 6, item->subject);
    statement_bind_int(add, 7, item->count);
    statement_bind_int(add, 8, publication->is_due);
    return statement_run(add) == S_OK && db_changes(db) > 0;
}

/* Numbers that this database never gave before. */
static enum status number_next(struct db *db, int64_t *number_out)
{
    uint8_t bytes[8] = {0};

    (void)property_get(db, number_name, bytes, sizeof bytes);
    *number_out = (int64_t)number_read(bytes, sizeof bytes) + 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)((uint64_t)*number_out >> (8 * i));
    }
    return property_put(db, number_name, bytes_of(bytes, sizeof bytes));
}

/* --- publishing ----------------------------------------------------------------------------------------- */

static enum status cell_publish(struct db *db, const struct publication *publication, const struct known *items, size_t count)
{
    char letter = (publication->change > 0 ? counted_letters : back_letters)[publication->kind];
    char key[KEY_TEXT_MAX];
    struct buffer content, value;
    enum status status = S_OK;

    int size = snprintf(key, sizeof key, "%s%08x\x1f%c%lld", key_head, publication->life, letter, (long long)publication->number);
    CHECK(size > 0 && (size_t)size < sizeof key);
    buffer_init(&content), buffer_init(&value);
    for (size_t i = 0; i < count; i++) {
        number_write(items[i].fingerprint, FINGERPRINT_SIZE, &content);
        if (publication->kind == KNOWN_BATCH) {
            number_write((uint64_t)items[i].count, COUNT_SIZE, &content);
        }
        (void)row_add(db, publication, &items[i]);
    }
    cell_value_register(&value, 0, buffer_bytes(&content));
    status = own_cell_put(db, TOPIC_RESULTS, bytes_of(key, (size_t)size), buffer_bytes(&value));
    buffer_release(&content), buffer_release(&value);
    return status == S_OK ? db_status(db) : status;
}

enum status known_publish(struct db *db, enum known_kind kind, int change, const struct known *items, size_t count)
{
    struct publication publication = {.kind = kind, .change = change};
    size_t most = kind == KNOWN_BATCH ? 1 : KNOWN_CELL_MAX;
    struct id living;
    enum status status = count > 0 ? own_incarnation(db, &living) : S_OK;

    CHECK(change == 1 || change == -1);
    for (size_t at = 0; at < count && status == S_OK; at += most) {
        publication.life = life_of(&living);
        status = number_next(db, &publication.number);
        if (status == S_OK) {
            status = cell_publish(db, &publication, items + at, count - at < most ? count - at : most);
        }
    }
    return status;
}

/* --- recovering ----------------------------------------------------------------------------------------- */

/* Reads what the key of an entry says; false for any other key. */
static bool key_read(struct bytes key, struct publication *out)
{
    char text[KEY_TEXT_MAX], letter;
    unsigned life;
    long long number;
    int end = 0;

    if (key.size >= sizeof text || key.size <= sizeof key_head - 1 || memcmp(key.data, key_head, sizeof key_head - 1) != 0) {
        return false;
    }
    memcpy(text, key.data, key.size);
    text[key.size] = '\0';
    if (sscanf(text + sizeof key_head - 1, "%8x\x1f%c%lld%n", &life, &letter, &number, &end) != 3 ||
        text[sizeof key_head - 1 + (size_t)end] != '\0') {
        return false;
    }
    *out = (struct publication){.life = life, .number = number, .is_due = true};
    for (int kind = KNOWN_EVENT; kind <= KNOWN_PERSON; kind++) {
        if (letter == counted_letters[kind] || letter == back_letters[kind]) {
            out->kind = (enum known_kind)kind;
            out->change = letter == counted_letters[kind] ? 1 : -1;
            return true;
        }
    }
    return false;
}

struct recovery {
    struct db *db;
    size_t count, share_count;
};

static enum status cell_recover(void *ctx, const struct cell *cell)
{
    struct recovery *recovery = ctx;
    struct publication publication;
    struct bytes content;
    hlc stamp;
    bool is_new_share;

    if (share_recover(recovery->db, cell, &is_new_share) != S_OK || is_new_share) {
        recovery->share_count += is_new_share;
        return db_status(recovery->db);
    }
    if (!key_read(cell->key, &publication) || !cell_value_get_register(cell->value, &stamp, &content)) {
        return S_OK;
    }
    size_t size = FINGERPRINT_SIZE + (publication.kind == KNOWN_BATCH ? COUNT_SIZE : 0);
    for (size_t at = 0; at + size <= content.size; at += size) {
        struct known item = {.fingerprint = number_read(content.data + at, FINGERPRINT_SIZE)};
        if (publication.kind == KNOWN_BATCH) {
            item.count = (int64_t)number_read(content.data + at + FINGERPRINT_SIZE, COUNT_SIZE);
        }
        recovery->count += row_add(recovery->db, &publication, &item);
    }
    return db_status(recovery->db);
}

enum status known_recover(struct db *db, const struct stream_id *stream)
{
    struct recovery recovery = {.db = db};
    struct head_row row;

    if (!head_find(db, stream, &row)) {
        return db_status(db);
    }
    enum status status = cell_rows_walk(db, row.number, cell_recover, &recovery);
    if (status == S_OK && recovery.count > 0) {
        status = flag_put(db, recovered_name);
    }
    return status;
}

static void follows_name(const struct id *node, char out[KEY_TEXT_MAX])
{
    char hex[ID_HEX_SIZE];

    id_hex(node, hex);
    snprintf(out, KEY_TEXT_MAX, "follows %s", hex);
}

bool known_follows(struct db *db, const struct id *node)
{
    char name[KEY_TEXT_MAX];

    follows_name(node, name);
    return flag_get(db, name);
}

enum status known_follow(struct db *db, const struct id *node)
{
    struct stream_id after = {.node = *node, .topic = TOPIC_RESULTS};
    struct stream_head head;
    char name[KEY_TEXT_MAX];

    follows_name(node, name);
    enum status status = flag_put(db, name);
    while (status == S_OK && stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, node)) {
        after = head.stream;
        status = known_recover(db, &head.stream);
    }
    return status == S_OK ? db_status(db) : status;
}

bool known_due(struct db *db, enum known_kind *kind_out, uint64_t *fingerprint_out)
{
    struct statement *due = db_statement(db, STATEMENT_known_due);
    bool is_found = statement_step(due);

    if (is_found) {
        *kind_out = (enum known_kind)statement_int(due, 0);
        *fingerprint_out = (uint64_t)statement_int(due, 1);
    }
    statement_reset(due);
    return is_found;
}

enum status known_settle(struct db *db, enum known_kind kind, uint64_t fingerprint)
{
    struct statement *settle = db_statement(db, STATEMENT_known_settle);

    statement_bind_int(settle, 1, kind);
    statement_bind_int(settle, 2, (int64_t)fingerprint);
    return statement_run(settle);
}

/* --- becoming another node ------------------------------------------------------------------------------ */

static void elsewhere_name(uint32_t life, char out[KEY_TEXT_MAX])
{
    snprintf(out, KEY_TEXT_MAX, "counted_elsewhere %08x", life);
}

bool known_is_elsewhere(struct db *db, uint32_t life)
{
    char name[KEY_TEXT_MAX];

    elsewhere_name(life, name);
    return flag_get(db, name);
}

bool known_is_left(struct db *db, enum known_kind kind, uint64_t fingerprint)
{
    struct statement *changes = db_statement(db, STATEMENT_known_changes);
    int64_t left = 0, own = 0;

    statement_bind_int(changes, 1, kind);
    statement_bind_int(changes, 2, (int64_t)fingerprint);
    while (statement_step(changes)) {
        int64_t *sum = known_is_elsewhere(db, (uint32_t)statement_int(changes, 0)) ? &left : &own;
        *sum += statement_int(changes, 1);
    }
    statement_reset(changes);
    return left > 0 && own <= 0;
}

/* Calls `visit` for each life of which something is known, and notes that this was done. */
typedef enum status life_visit(struct db *db, uint32_t life);

static enum status lives_each(struct db *db, life_visit *visit)
{
    enum status status = flag_put(db, left_name);
    struct statement *list = db_statement(db, STATEMENT_known_lives);
    struct buffer lives; /* `visit` writes what is listed */

    buffer_init(&lives);
    while (status == S_OK && statement_step(list)) {
        buffer_append_u64(&lives, (uint64_t)statement_int(list, 0));
    }
    statement_reset(list);
    for (size_t at = 0; at < lives.size && status == S_OK; at += sizeof(uint64_t)) {
        status = visit(db, (uint32_t)number_read(lives.data + at, sizeof(uint64_t)));
    }
    buffer_release(&lives);
    return status == S_OK ? db_status(db) : status;
}

static enum status life_leave(struct db *db, uint32_t life)
{
    char name[KEY_TEXT_MAX];

    elsewhere_name(life, name);
    return flag_put(db, name);
}

enum status known_leave(struct db *db)
{
    return lives_each(db, life_leave);
}

bool known_has_left(struct db *db)
{
    return flag_get(db, left_name);
}

static enum status life_void(struct db *db, uint32_t life)
{
    if (known_is_elsewhere(db, life)) {
        return S_OK;
    }
    struct statement *set = db_statement(db, STATEMENT_known_void);
    statement_bind_int(set, 1, life);
    return statement_run(set);
}

enum status known_void(struct db *db)
{
    struct stream_id after = {.topic = TOPIC_RESULTS};
    struct stream_head head;
    enum status status = lives_each(db, life_void);

    while (status == S_OK && stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS) {
        after = head.stream;
        status = known_follows(db, &head.stream.node) ? known_recover(db, &head.stream) : S_OK;
    }
    return status == S_OK ? db_status(db) : status;
}

enum status known_claim(struct db *db, enum known_kind kind, uint64_t fingerprint, int64_t subject)
{
    struct statement *claim = db_statement(db, STATEMENT_known_claim);

    statement_bind_int(claim, 1, kind);
    statement_bind_int(claim, 2, (int64_t)fingerprint);
    statement_bind_int(claim, 3, subject);
    return statement_run(claim);
}

/* --- asking --------------------------------------------------------------------------------------------- */

int known_net(struct db *db, enum known_kind kind, uint64_t fingerprint, int64_t *subject_out, int64_t *count_out)
{
    struct statement *net = db_statement(db, STATEMENT_known_net);
    int sum = 0;

    *subject_out = *count_out = 0;
    statement_bind_int(net, 1, kind);
    statement_bind_int(net, 2, (int64_t)fingerprint);
    if (statement_step(net)) {
        sum = (int)statement_int(net, 0);
        *subject_out = statement_int(net, 1);
        *count_out = statement_int(net, 2);
    }
    statement_reset(net);
    return sum;
}

bool known_has_recovered(struct db *db)
{
    return flag_get(db, recovered_name);
}

bool known_has_lost_batch(struct db *db)
{
    return statement_has_row(db_statement(db, STATEMENT_known_batch_lost));
}
