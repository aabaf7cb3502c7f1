#include "node/store/stream/key.h"

#include <string.h>

#include "node/store/connection.h"
#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

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

static void check_round(struct db *db, struct bytes key)
{
    uint8_t out[CELL_KEY_MAX];
    struct buffer packed, again;
    size_t size;

    buffer_init(&packed);
    buffer_init(&again);
    assert_int_equal(key_pack(db, 3, key, true, &packed), S_OK);
    assert_true(packed.size <= KEY_PACKED_MAX);
    assert_int_equal(key_unpack(db, buffer_bytes(&packed), out, &size), S_OK);
    assert_true(bytes_equal(bytes_of(out, size), key));
    assert_int_equal(key_pack(db, 3, key, false, &again), S_OK);
    assert_true(bytes_equal(buffer_bytes(&packed), buffer_bytes(&again)));
    buffer_release(&packed);
    buffer_release(&again);
}

static enum status random_keys_run(struct db *db, void *arg)
{
    static const uint8_t bytes[] = {KEY_SEPARATOR, 'a', 'f', '0', '-', 0xff, 0, 'z'};
    struct kit_random random;
    uint8_t key[CELL_KEY_MAX];

    (void)arg;
    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < 3000; i++) {
        size_t size = 1 + kit_random_below(&random, i % 50 ? 40 : CELL_KEY_MAX);
        size_t kinds = 1 + kit_random_below(&random, sizeof bytes);
        for (size_t k = 0; k < size; k++) {
            key[k] = bytes[kit_random_below(&random, kinds)];
        }
        check_round(db, bytes_of(key, size));
    }
    return S_OK;
}

static void any_key_comes_back_byte_for_byte(void **state)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, random_keys_run, NULL), S_OK);
}

static enum status written_out_run(struct db *db, void *arg)
{
    static const char *const keys[] = {"0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef"};
    struct buffer packed;

    (void)arg;
    buffer_init(&packed);
    for (size_t i = 0; i < 2; i++) {
        check_round(db, bytes_text(keys[i]));
        assert_int_equal(key_pack(db, 1, bytes_text(keys[i]), false, &packed), S_OK);
        assert_int_equal(packed.size > KEY_WRITTEN_OUT_MIN,
                         i == 1); /* a short one goes through the dictionary */
    }
    buffer_release(&packed);
    return S_OK;
}

static void long_hex_is_written_out_and_takes_no_term(void **state)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, written_out_run, NULL), S_OK);
}

static enum status order_run(struct db *db, void *arg)
{
    static const int64_t streams[] = {1, 2, 127, 128, 129, 16383, 16384, 2097151, 2097152, (1 << 27) - 1};
    struct buffer last, packed;

    (void)arg;
    buffer_init(&last);
    buffer_init(&packed);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        assert_int_equal(key_pack(db, streams[i], bytes_text("k"), true, &packed), S_OK);
        assert_true(bytes_compare(buffer_bytes(&last), buffer_bytes(&packed)) < 0);
        buffer_clear(&last);
        buffer_append(&last, packed.data, packed.size);
    }
    buffer_release(&last);
    buffer_release(&packed);
    return S_OK;
}

static void keys_sort_by_stream(void **state)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, order_run, NULL), S_OK);
}

static enum status unknown_run(struct db *db, void *arg)
{
    struct buffer packed;

    (void)arg;
    buffer_init(&packed);
    assert_int_equal(key_pack(db, 1, bytes_text("never seen"), false, &packed), S_NOT_FOUND);
    buffer_release(&packed);
    return S_OK;
}

static void an_unknown_term_means_that_there_is_no_such_cell(void **state)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, unknown_run, NULL), S_OK);
}

static enum status damaged_run(struct db *db, void *arg)
{
    static const uint8_t rows[][6] = {{0}, {1}, {1, 0x80}, {1, 0}, {1, 0, 5, 'a'}, {1, 99}, {0xe0, 1}};
    static const size_t sizes[] = {0, 1, 2, 2, 4, 2, 2};
    uint8_t out[CELL_KEY_MAX], large[KEY_PACKED_MAX];
    struct buffer text;
    size_t size;

    (void)arg;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(key_unpack(db, bytes_of(rows[i], sizes[i]), out, &size), S_CORRUPT);
    }
    buffer_init(&text);
    for (int i = 0; i < 60; i++) { /* a term of ten bytes, sixty times: too large for a key */
        if (i == 0) {
            assert_int_equal(key_pack(db, 1, bytes_text("0123456789"), true, &text), S_OK);
            memcpy(large, text.data, text.size);
            size = text.size;
        } else {
            large[size++] = text.data[1];
        }
    }
    assert_int_equal(text.size, 2);
    assert_int_equal(key_unpack(db, bytes_of(large, size), out, &size), S_CORRUPT);
    buffer_release(&text);
    db_settle(db);
    return S_OK;
}

static void damaged_bytes_are_refused(void **state)
{
    assert_int_equal(store_write_wait(((struct desk *)*state)->store, damaged_run, NULL), S_OK);
}

KIT_TESTS()
{
#define KEY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        KEY_TEST(any_key_comes_back_byte_for_byte),
        KEY_TEST(long_hex_is_written_out_and_takes_no_term),
        KEY_TEST(keys_sort_by_stream),
        KEY_TEST(an_unknown_term_means_that_there_is_no_such_cell),
        KEY_TEST(damaged_bytes_are_refused),
    };
    return KIT_RUN(tests);
}
