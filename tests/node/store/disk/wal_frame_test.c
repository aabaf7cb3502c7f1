/* The log is one that SQLite wrote. */
#include "node/store/disk/wal_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "tests/kit/kit.h"

enum { FRAMES_MAX = 64 };

static struct {
    uint8_t header[WAL_HEADER_SIZE];
    uint8_t frames[FRAMES_MAX][WAL_FRAME_SIZE];
    size_t count;
} wal;

static int setup(void **state)
{
    char dir[200], path[256];
    struct db *db;
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/db", dir);
    assert_int_equal(db_open(path, DB_CREATE, 0, &db, NULL), S_OK);
    assert_int_equal(db_execute(db, "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, hex(randomblob(9000)));"
                                    "INSERT INTO t VALUES (2, hex(randomblob(3000))); UPDATE t SET a = a + 1"),
                     S_OK);
    snprintf(path, sizeof path, "%s/db-wal", dir);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(wal.header, 1, sizeof wal.header, file), sizeof wal.header);
    while (wal.count < FRAMES_MAX && fread(wal.frames[wal.count], 1, WAL_FRAME_SIZE, file) == WAL_FRAME_SIZE) {
        wal.count++;
    }
    fclose(file);
    db_close(db);
    kit_scratch_remove(dir);
    assert_true(wal.count > 8);
    return 0;
}

/* The sums before frame `i`. */
static const uint8_t *sums_before(size_t i)
{
    return i ? wal.frames[i - 1] + 16 : wal.header + 24;
}

static void what_sqlite_wrote_is_sound(void **state)
{
    uint8_t frame[WAL_FRAME_SIZE], header[WAL_HEADER_SIZE];
    (void)state;

    memcpy(header, wal.header, sizeof header);
    assert_int_equal(wal_header_look(header, wal.frames[0] + 8), PAGE_SOUND);
    for (size_t i = 0; i < wal.count; i++) {
        memcpy(frame, wal.frames[i], sizeof frame);
        assert_int_equal(wal_frame_look(header, sums_before(i), frame), PAGE_SOUND);
    }
}

static void most_single_bits_of_a_frame_are_put_back_and_none_wrongly(void **state)
{
    uint8_t frame[WAL_FRAME_SIZE];
    size_t mended = 0, tried = 0;
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (size_t bit = 0; bit < 8 * WAL_FRAME_SIZE; bit += bit < 8 * 40 ? 1 : 1 + kit_random_below(&random, 40)) {
        size_t i = kit_random_below(&random, wal.count);
        memcpy(frame, wal.frames[i], sizeof frame);
        frame[bit / 8] = (uint8_t)(frame[bit / 8] ^ 1 << bit % 8);
        uint8_t flipped[WAL_FRAME_SIZE];
        memcpy(flipped, frame, sizeof frame);
        tried++;
        if (wal_frame_look(wal.header, sums_before(i), frame) == PAGE_MENDED) {
            mended++;
            assert_memory_equal(frame, wal.frames[i], sizeof frame);
        } else {
            assert_memory_equal(frame, flipped, sizeof frame);
        }
    }
    printf("# %zu of %zu bits were put back\n", mended, tried);
    assert_true(3 * mended > 2 * tried);
}

static void single_bits_of_the_header_are_put_back_but_for_two_that_look_alike(void **state)
{
    uint8_t header[WAL_HEADER_SIZE];
    size_t mended = 0;
    (void)state;

    for (size_t bit = 0; bit < 8 * WAL_HEADER_SIZE; bit++) {
        memcpy(header, wal.header, sizeof header);
        header[bit / 8] = (uint8_t)(header[bit / 8] ^ 1 << bit % 8);
        if (wal_header_look(header, wal.frames[0] + 8) == PAGE_MENDED) {
            mended++;
            assert_memory_equal(header, wal.header, sizeof header);
        }
    }
    printf("# %zu of 256\n", mended);
    assert_true(mended >= 254);
    memset(header, 7, sizeof header);
    assert_int_equal(wal_header_look(header, wal.frames[0] + 8), PAGE_ROTTEN);
}

static void what_is_torn_is_not_mended_and_an_older_log_is_none_of_this_one(void **state)
{
    uint8_t frame[WAL_FRAME_SIZE], torn[WAL_FRAME_SIZE];
    (void)state;

    memcpy(frame, wal.frames[2], sizeof frame);
    memset(frame + 600, 0xee, sizeof frame - 600);
    memcpy(torn, frame, sizeof frame);
    assert_int_equal(wal_frame_look(wal.header, sums_before(2), frame), PAGE_ROTTEN);
    assert_memory_equal(frame, torn, sizeof frame);
    memcpy(frame, wal.frames[2], sizeof frame);
    memset(frame + 8, 0x5a, 8);
    assert_int_equal(wal_frame_look(wal.header, sums_before(2), frame), PAGE_UNSEALED);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_sqlite_wrote_is_sound),
        cmocka_unit_test(most_single_bits_of_a_frame_are_put_back_and_none_wrongly),
        cmocka_unit_test(single_bits_of_the_header_are_put_back_but_for_two_that_look_alike),
        cmocka_unit_test(what_is_torn_is_not_mended_and_an_older_log_is_none_of_this_one),
    };

    kit_setup();
    return cmocka_run_group_tests(tests, setup, NULL);
}
