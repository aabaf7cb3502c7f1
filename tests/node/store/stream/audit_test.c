#include "node/store/stream/audit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/disk/migrate.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

enum { CELLS = 12, WRITER = 5 };

static struct stream_writer writer;

static enum status fill_run(struct db *db, void *arg)
{
    struct desk *desk = arg;
    struct buffer body;

    for (int i = 0; i < CELLS; i++) {
        char key[24];
        snprintf(key, sizeof key, "r\x1f" "course %d\x1f" "fr", i);
        stream_writer_put_number(&writer, key, 1000 + i);
    }
    struct certificate certificate = stream_writer_certify(&writer);
    buffer_init(&body);
    stream_writer_body(&writer, 0, writer.head.seq, &certificate, &body);
    enum status status = stream_apply_body(db, &desk->federation, &writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    return status;
}

static int setup(void **state)
{
    struct desk *desk = desk_open();

    stream_writer_init(&writer, &desk->federation, WRITER, TOPIC_RESULTS);
    assert_int_equal(store_write_wait(desk->store, fill_run, desk), S_OK);
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    stream_writer_release(&writer);
    desk_close(*state);
    return 0;
}

/* Damages the database as no code of ours would. */
static enum status damage_run(struct db *db, void *arg)
{
    return db_execute(db, arg);
}

static void damage(struct desk *desk, const char *sql)
{
    char text[512];

    snprintf(text, sizeof text, "%s", sql);
    assert_int_equal(store_write_wait(desk->store, damage_run, text), S_OK);
}

/* All faults of all streams together. */
static unsigned faults_of(struct desk *desk, struct audit_stream *last_out)
{
    const struct audit_keys keys = {.federation = desk->federation, .self = &desk->identity};
    unsigned faults = 0;
    int64_t number = AUDIT_END;

    do {
        struct audit_stream stream;
        struct db *db = store_read_begin(desk->store);
        number = audit_next(db, number);
        if (number != AUDIT_END) {
            audit_stream(db, number, &keys, &stream);
            faults |= stream.faults;
            if (last_out) {
                *last_out = stream;
            }
        }
        store_read_end(desk->store, db);
    } while (number != AUDIT_END);
    return faults;
}

static void what_was_written_is_sound(void **state)
{
    struct audit_stream stream;

    assert_int_equal(faults_of(*state, &stream), 0);
    assert_int_equal(stream.count, CELLS);
    assert_int_equal(stream.last_seq, CELLS);
}

struct flips {
    struct desk *desk;
    const char *column;
    int tried, missed;
};

/* Flips each bit of one column of the first cell, looks, and flips it back. */
static enum status flips_run(struct db *db, void *arg)
{
    struct flips *flips = arg;
    const struct audit_keys keys = {.federation = flips->desk->federation, .self = &flips->desk->identity};
    sqlite3 *handle = db_handle(db);
    int64_t dot = db_query_int(db, "SELECT min(dot) FROM cell"), number = audit_next(db, AUDIT_END);
    uint8_t data[DESK_COLUMN_MAX];
    int size = desk_column_get(handle, flips->column, dot, data);

    for (int bit = 0; bit < 8 * size; bit++) {
        struct audit_stream stream;
        data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1 << bit % 8);
        if (desk_column_put(handle, flips->column, dot, data, size)) {
            audit_stream(db, number, &keys, &stream);
            db_settle(db);
            flips->tried++;
            flips->missed += !(stream.faults & (AUDIT_CELLS | AUDIT_ROWS));
        }
        data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1 << bit % 8);
        desk_column_put(handle, flips->column, dot, data, size);
    }
    return S_OK;
}

static void any_flipped_bit_of_a_cell_is_found(void **state)
{
    static const char *const columns[] = {"value", "key"};

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct flips flips = {.desk = *state, .column = columns[i]};
        assert_int_equal(store_write_wait(flips.desk->store, flips_run, &flips), S_OK);
        assert_true(flips.tried >= 8);
        assert_int_equal(flips.missed, 0);
    }
    assert_int_equal(faults_of(*state, NULL), 0);
}

static void a_head_that_was_changed_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        unsigned fault;
    } cases[] = {
        {"UPDATE stream SET seq = seq + 1", AUDIT_CELLS},
        {"UPDATE stream SET count = count - 1", AUDIT_CELLS},
        {"UPDATE stream SET digest = zeroblob(32)", AUDIT_CELLS | AUDIT_STATE},
        {"UPDATE stream SET digest = x''", AUDIT_HEAD},
        {"UPDATE stream SET id = zeroblob(33)", AUDIT_HEAD},
        {"UPDATE stream_state SET state = zeroblob(2048)", AUDIT_STATE},
        {"UPDATE stream_state SET state = x''", AUDIT_STATE},
        {"DELETE FROM stream_state", AUDIT_STATE},
        {"DELETE FROM stream", AUDIT_STRAY},
        {"DELETE FROM cell WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_CELLS},
        {"UPDATE cell SET dot = dot + 1 WHERE dot = (SELECT max(dot) FROM cell)", AUDIT_CELLS},
        {"UPDATE term SET text = x'6c' WHERE text = x'6672'", AUDIT_CELLS},
        {"UPDATE cell SET dot = 477 WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_CELLS | AUDIT_STRAY},
        {"UPDATE cell SET dot = -1 WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_CELLS | AUDIT_STRAY},
        {"UPDATE cell SET dot = dot & ~0xfffffffff WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_ROWS},
        {"UPDATE cell SET value = x'' WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_ROWS},
        {"UPDATE cell SET key = x'01' WHERE dot = (SELECT min(dot) FROM cell)", AUDIT_ROWS},
        {"DELETE FROM term WHERE text = x'6672'", AUDIT_ROWS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *fresh = NULL;
        setup(&fresh);
        damage(fresh, cases[i].sql);
        assert_int_equal(faults_of(fresh, NULL), cases[i].fault); /* without a roster a stranger's signature is not checked */
        teardown(&fresh);
    }
}

static enum status own_run(struct db *db, void *arg)
{
    struct buffer value;
    (void)arg;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, 7);
    enum status status = own_cell_put(db, TOPIC_CATALOGUE, bytes_text("own"), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static void a_certificate_not_signed_by_its_writer_is_found(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, own_run, NULL), S_OK);
    assert_int_equal(faults_of(desk, NULL), 0);
    damage(desk, "UPDATE stream SET stamp = stamp + 1");
    assert_int_equal(faults_of(desk, NULL), AUDIT_SIGNATURE);
}

static void a_writer_outside_the_roster_is_told_apart(void **state)
{
    struct desk *desk = *state;
    struct roster *roster = roster_new(&desk->federation, desk->identity.sign_public);
    const struct audit_keys keys = {.federation = desk->federation, .self = &desk->identity, .roster = roster};
    struct audit_stream stream;
    struct db *db = store_read_begin(desk->store);

    audit_stream(db, audit_next(db, AUDIT_END), &keys, &stream);
    store_read_end(desk->store, db);
    roster_free(roster);
    assert_int_equal(stream.faults, AUDIT_WRITER);
}

static enum status drop_run(struct db *db, void *arg)
{
    return audit_drop(db, *(int64_t *)arg);
}

static void a_dropped_stream_is_gone_and_can_come_again(void **state)
{
    struct desk *desk = *state;
    struct audit_stream stream;

    assert_int_equal(store_write_wait(desk->store, own_run, NULL), S_OK);
    damage(desk, "UPDATE cell SET value = x'0102' WHERE dot = (SELECT min(dot) FROM cell)");
    assert_int_equal(faults_of(desk, NULL), AUDIT_CELLS);
    int64_t number = 1;
    assert_int_equal(store_write_wait(desk->store, drop_run, &number), S_OK);
    assert_int_equal(faults_of(desk, &stream), 0);
    assert_int_equal(stream.count, 1); /* the own one stayed */
    stream_writer_release(&writer);
    stream_writer_init(&writer, &desk->federation, WRITER, TOPIC_RESULTS);
    assert_int_equal(store_write_wait(desk->store, fill_run, desk), S_OK);
    assert_int_equal(faults_of(desk, NULL), 0);
}

static enum status mend_run(struct db *db, void *arg)
{
    return audit_mend_state(db, arg);
}

static void a_damaged_sum_is_written_anew_only_from_sound_cells(void **state)
{
    struct desk *desk = *state;
    struct audit_stream stream;

    damage(desk, "UPDATE stream_state SET state = zeroblob(2048)");
    assert_int_equal(faults_of(desk, &stream), AUDIT_STATE);
    assert_int_equal(store_write_wait(desk->store, mend_run, &stream), S_OK);
    assert_int_equal(faults_of(desk, NULL), 0);
    stream.sum.lane[0]++;
    assert_int_equal(store_write_wait(desk->store, mend_run, &stream), S_BAD_DIGEST);
    assert_int_equal(faults_of(desk, NULL), 0);
}

static void text_count(void *ctx, const char *text)
{
    assert_true(*text);
    ++*(int *)ctx;
}

static int pages_said(struct desk *desk)
{
    int count = 0;
    struct db *db = store_read_begin(desk->store);

    assert_int_equal(audit_pages(db, text_count, &count), S_OK);
    store_read_end(desk->store, db);
    return count;
}

static enum status reference_run(struct db *db, void *arg)
{
    (void)arg;
    return db_execute(db, "PRAGMA defer_foreign_keys = ON; INSERT INTO blob_chunk VALUES (99, 0, x'00', 0, 1, 0)");
}

static void a_sound_database_says_nothing_and_names_a_missing_reference(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(pages_said(desk), 0);
    /* The engine itself does not let it in. */
    assert_int_not_equal(store_write_wait(desk->store, reference_run, NULL), S_OK);
    assert_int_equal(pages_said(desk), 0);
}

static void the_size_of_the_file_is_told(void **state)
{
    struct desk *desk = *state;
    struct audit_size size;
    struct db *db = store_read_begin(desk->store);

    audit_size(db, &size);
    store_read_end(desk->store, db);
    assert_int_equal(size.schema, migrate_version());
    assert_true(size.size >= 4096 && size.free_size < size.size);
}

static enum status reindex_run(struct db *db, void *arg)
{
    (void)arg;
    return audit_reindex(db);
}

static void indexes_can_be_built_anew(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(store_write_wait(desk->store, reindex_run, NULL), S_OK);
    assert_int_equal(faults_of(desk, NULL), 0);
    assert_int_equal(pages_said(desk), 0);
}

KIT_TESTS()
{
#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        AUDIT_TEST(what_was_written_is_sound),
        AUDIT_TEST(any_flipped_bit_of_a_cell_is_found),
        cmocka_unit_test(a_head_that_was_changed_is_found),
        AUDIT_TEST(a_certificate_not_signed_by_its_writer_is_found),
        AUDIT_TEST(a_writer_outside_the_roster_is_told_apart),
        AUDIT_TEST(a_dropped_stream_is_gone_and_can_come_again),
        AUDIT_TEST(a_damaged_sum_is_written_anew_only_from_sound_cells),
        AUDIT_TEST(a_sound_database_says_nothing_and_names_a_missing_reference),
        AUDIT_TEST(the_size_of_the_file_is_told),
        AUDIT_TEST(indexes_can_be_built_anew),
    };
    return KIT_RUN(tests);
}
