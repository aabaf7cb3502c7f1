#include "node/store/stream/rot.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/own.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"
#include "tests/node/store/desk.h"

enum { CELLS = 20 };

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static enum status fill_run(struct db *db, void *arg)
{
    enum status status = S_OK;
    (void)arg;

    for (int i = 0; i < CELLS && status == S_OK; i++) {
        struct buffer value;
        char key[32];
        snprintf(key, sizeof key,
                 "r\x1f"
                 "course %d\x1f"
                 "female",
                 i);
        buffer_init(&value);
        cell_value_number(&value, CELL_COUNT, 100 + 7 * i);
        status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
        buffer_release(&value);
    }
    return status;
}

struct flips {
    struct desk *desk;
    const char *column;
    int tried, mended;
};

/* Flips bits of one column of a row in the middle, and has each put back. */
static enum status flips_run(struct db *db, void *arg)
{
    struct flips *flips = arg;
    const struct audit_keys keys = {.federation = flips->desk->federation, .self = &flips->desk->identity};
    sqlite3 *handle = db_handle(db);
    int64_t dot = db_query_int(db, "SELECT dot FROM cell ORDER BY dot LIMIT 1 OFFSET 11"),
            number = audit_next(db, AUDIT_END);
    uint8_t right[512], data[512];
    int size = desk_column_get(handle, flips->column, dot, right);

    for (int bit = 0; bit < 8 * size; bit += 3) {
        struct audit_stream stream;
        struct rot rot;
        memcpy(data, right, (size_t)size);
        data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1 << bit % 8);
        if (!desk_column_put(handle, flips->column, dot, data, size)) {
            continue; /* another cell has that key */
        }
        rot_init(&rot);
        flips->tried++;
        if (rot_find(db, number, ROT_TRIES_MAX, &keys, &rot) == S_OK && rot_mend(db, &rot) == S_OK) {
            audit_stream(db, number, &keys, &stream);
            flips->mended += stream.faults == 0;
        }
        rot_release(&rot);
        db_settle(db);
        desk_column_put(handle, flips->column, dot, right, size);
    }
    return S_OK;
}

static void any_single_flipped_bit_is_found_and_put_back(void **state)
{
    static const char *const columns[] = {"value", "key"};
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, fill_run, NULL), S_OK);
    for (size_t i = 0; i < 2; i++) {
        struct flips flips = {.desk = desk, .column = columns[i]};
        assert_int_equal(store_write_wait(desk->store, flips_run, &flips), S_OK);
        assert_true(flips.tried > 4);
        assert_int_equal(flips.mended, flips.tried);
    }
}

/* What rot_find() says after some damage, with so many tries. */
static enum status found_after(struct desk *desk, const char *sql, uint64_t tries_max)
{
    const struct audit_keys keys = {.federation = desk->federation, .self = &desk->identity};
    struct rot rot;

    kit_hub_sql(desk->dir, sql);
    rot_init(&rot);
    struct db *db = store_read_begin(desk->store);
    enum status status = rot_find(db, audit_next(db, AUDIT_END), tries_max, &keys, &rot);
    store_read_end(desk->store, db);
    rot_release(&rot);
    return status;
}

static void whatever_a_byte_became_is_put_back(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, fill_run, NULL), S_OK);
    for (unsigned byte = 0; byte < 256; byte += 51) { /* the first of the number, behind the kind */
        char sql[240];
        snprintf(sql, sizeof sql,
                 "UPDATE cell SET value = CAST(substr(value, 1, 1) || x'%02x' || substr(value, 3) AS BLOB) "
                 "WHERE dot = (SELECT dot FROM cell ORDER BY dot LIMIT 1 OFFSET 3)",
                 byte);
        assert_int_equal(found_after(desk, sql, ROT_TRIES_MAX), S_OK);
    }
}

static void what_is_more_than_one_byte_is_not_guessed(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, fill_run, NULL), S_OK);
    assert_int_equal(found_after(desk, "SELECT 1", 100), S_TOO_LARGE);
    assert_int_equal(found_after(desk, "SELECT 1", ROT_TRIES_MAX), S_NOT_FOUND); /* nothing is wrong */
    assert_int_equal(
        found_after(desk, "UPDATE cell SET value = x'01b6b601' WHERE dot = (SELECT max(dot) FROM cell)",
                    ROT_TRIES_MAX),
        S_NOT_FOUND);
    assert_int_equal(
        found_after(desk, "DELETE FROM cell WHERE dot = (SELECT min(dot) FROM cell)", ROT_TRIES_MAX),
        S_NOT_FOUND);
    assert_int_equal(found_after(desk, "UPDATE stream_state SET state = zeroblob(2048)", ROT_TRIES_MAX),
                     S_CORRUPT);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_single_flipped_bit_is_found_and_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(whatever_a_byte_became_is_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_more_than_one_byte_is_not_guessed, setup, teardown),
    };
    return KIT_RUN(tests);
}
