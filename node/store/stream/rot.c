#include "node/store/stream/rot.h"

#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/key.h"

/* One look through the rows of a stream. */
struct search {
    struct db *db;
    int64_t number;
    struct hash key;    /* of the stream's elements */
    struct lthash rest; /* the certified sum less every row that can be read */
    uint64_t rows, unread;
    uint64_t tries_left;
    bool is_single; /* one bit at a time, which is what happens most; then whatever else a byte can become */
    struct rot *rot;
};

void rot_init(struct rot *rot)
{
    rot->dot = 0;
    buffer_init(&rot->key);
    buffer_init(&rot->value);
}

void rot_release(struct rot *rot)
{
    buffer_release(&rot->key);
    buffer_release(&rot->value);
}

/* The cell that packed key and value make at `dot`; false when they make none. */
static bool cell_read(const struct search *search, int64_t dot, struct bytes packed, struct bytes value,
                      uint8_t key[CELL_KEY_MAX], struct cell *out)
{
    size_t size;

    if (key_stream(packed) != search->number || key_unpack(search->db, packed, key, &size) != S_OK) {
        return false;
    }
    *out = (struct cell){(uint64_t)dot & SEQ_MAX, bytes_of(key, size), value};
    return cell_check(out) == S_OK;
}

static struct statement *rows_begin(struct search *search)
{
    struct statement *walk = db_statement(search->db, STATEMENT_cell_walk);

    statement_bind_int(walk, 1, (int64_t)((uint64_t)search->number << CELL_SEQ_BITS));
    statement_bind_int(walk, 2, (int64_t)((uint64_t)search->number << CELL_SEQ_BITS | SEQ_MAX));
    return walk;
}

static void rows_subtract(struct search *search)
{
    struct statement *walk = rows_begin(search);
    uint8_t key[CELL_KEY_MAX];
    struct cell cell;

    while (statement_step(walk)) {
        search->rows++;
        if (cell_read(search, statement_int(walk, 0), statement_blob(walk, 1), statement_blob(walk, 2), key,
                      &cell)) {
            lthash_subtract(&search->rest, &search->key, &cell);
        } else {
            search->unread++;
        }
    }
    statement_reset(walk);
}

/* Is the row as it stands in search->rot the one whose element is `wanted`? */
static bool row_is(const struct search *search, const struct lthash *wanted)
{
    const struct rot *rot = search->rot;
    uint8_t key[CELL_KEY_MAX];
    struct lthash element;
    struct cell cell;

    if (!cell_read(search, rot->dot, buffer_bytes(&rot->key), buffer_bytes(&rot->value), key, &cell)) {
        return false;
    }
    lthash_init(&element);
    lthash_add(&element, &search->key, &cell);
    return memcmp(&element, wanted, sizeof element) == 0;
}

/* Changes each byte of search->rot->`part` until the row's element is `wanted`. */
static enum status part_try(struct search *search, struct buffer *part, const struct lthash *wanted)
{
    for (size_t at = 0; at < part->size; at++) {
        const uint8_t byte = part->data[at];
        for (unsigned flips = 1; flips < 256; flips++) {
            if (((flips & (flips - 1)) == 0) != search->is_single) {
                continue;
            }
            if (search->tries_left == 0) {
                return S_TOO_LARGE;
            }
            search->tries_left--;
            part->data[at] = (uint8_t)(byte ^ flips);
            if (row_is(search, wanted)) {
                return S_OK;
            }
        }
        part->data[at] = byte;
    }
    return S_NOT_FOUND;
}

static enum status row_try(struct search *search, int64_t dot, struct bytes packed, struct bytes value)
{
    struct lthash wanted = search->rest;
    uint8_t key[CELL_KEY_MAX];
    struct cell cell;
    bool is_read = cell_read(search, dot, packed, value, key, &cell);

    if (search->unread && is_read) {
        return S_NOT_FOUND; /* the damaged row is the one that cannot be read */
    }
    if (is_read) {
        lthash_add(&wanted, &search->key, &cell);
    }
    search->rot->dot = dot;
    buffer_clear(&search->rot->key);
    buffer_clear(&search->rot->value);
    buffer_append(&search->rot->key, packed.data, packed.size);
    buffer_append(&search->rot->value, value.data, value.size);
    enum status status = part_try(search, &search->rot->value, &wanted);
    return status == S_NOT_FOUND ? part_try(search, &search->rot->key, &wanted) : status;
}

static enum status rows_try(struct search *search)
{
    struct statement *walk = rows_begin(search);
    enum status status = S_NOT_FOUND;

    while (status == S_NOT_FOUND && statement_step(walk)) {
        status = row_try(search, statement_int(walk, 0), statement_blob(walk, 1), statement_blob(walk, 2));
    }
    statement_reset(walk);
    return status;
}

enum status rot_find(struct db *db, int64_t number, uint64_t tries_max, const struct audit_keys *keys,
                     struct rot *rot_out)
{
    struct search search = {.db = db, .number = number, .tries_left = tries_max, .rot = rot_out};
    struct head_row row;
    struct hash digest;

    if (!head_get(db, number, &row) || !row.certificate.head.seq ||
        head_state(db, &row, &search.rest) != S_OK) {
        return S_CORRUPT;
    }
    digest = lthash_digest(&search.rest);
    if (!hash_equal(&digest, &row.certificate.head.digest)) {
        return S_CORRUPT;
    }
    search.key = lthash_key(&keys->federation, &row.certificate.head.stream);
    rows_subtract(&search);
    if (db_status(db) != S_OK || search.rows != row.certificate.head.count || search.unread > 1) {
        return S_NOT_FOUND;
    }
    search.is_single = true;
    enum status status = rows_try(&search);
    search.is_single = false;
    return status == S_NOT_FOUND ? rows_try(&search) : status;
}

enum status rot_mend(struct db *db, const struct rot *rot)
{
    struct statement *mend = db_statement(db, STATEMENT_cell_mend);

    statement_bind_int(mend, 1, rot->dot);
    statement_bind_blob(mend, 2, buffer_bytes(&rot->key));
    statement_bind_blob(mend, 3, buffer_bytes(&rot->value));
    return statement_run(mend);
}
