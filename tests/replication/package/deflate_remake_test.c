#include <string.h>

#include "tests/replication/package/deflated.h"

static bool gather(void *ctx, struct bytes data)
{
    buffer_append(ctx, data.data, data.size);
    return true;
}

static enum status remake(const struct deflate_settings *settings, struct bytes blocks, struct bytes content,
                          struct buffer *out)
{
    struct deflate_remake *making = deflate_remake_open(settings, blocks, gather, out);
    enum status status = deflate_remake_put(making, content);

    if (status == S_OK) {
        status = deflate_remake_end(making);
    }
    deflate_remake_close(making);
    return status;
}

/* The proof: every level of zlib with both sizes of its tables, over contents of every kind and of sizes
 * around the limits of its window, comes out bit for bit. */
static void streams_of_zlib_come_out_bit_for_bit(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 100, 5000, 32768, 70000, 300000};
    (void)state;

    for (unsigned i = 0; i < DEFLATED_KINDS * sizeof sizes / sizeof *sizes; i++) {
        struct buffer content = {0};

        deflated_content(&content, (enum deflated_kind)(i % DEFLATED_KINDS), sizes[i / DEFLATED_KINDS], i);
        for (int level = 1; level <= 9; level++) {
            int memory = 8 + level % 2;
            const struct deflate_settings settings = {(uint8_t)level, (uint8_t)(memory + 7)};
            struct buffer stream = {0}, found = {0}, blocks = {0}, again = {0};
            uint64_t used;

            deflated_make(&stream, buffer_bytes(&content), level, memory);
            assert_true(deflated_read(buffer_bytes(&stream), &found, &blocks, &used));
            assert_int_equal(remake(&settings, buffer_bytes(&blocks), buffer_bytes(&content), &again), S_OK);
            assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&stream)));
            buffer_release(&stream), buffer_release(&found), buffer_release(&blocks), buffer_release(&again);
        }
        buffer_release(&content);
    }
}

/* Film: all blocks are stored, wherever they end, and no settings are needed for them. */
static void stored_streams_come_out_without_a_search(void **state)
{
    const struct deflate_settings any = {1, 15};
    struct buffer content = {0}, stream = {0}, found = {0}, blocks = {0}, again = {0};
    uint64_t used;
    (void)state;

    deflated_content(&content, DEFLATED_PROSE, 300000, 5);
    deflated_make(&stream, buffer_bytes(&content), 0, 8);
    assert_true(deflated_read(buffer_bytes(&stream), &found, &blocks, &used));
    assert_true(bytes_equal(buffer_bytes(&found), buffer_bytes(&content)));
    assert_int_equal(remake(&any, buffer_bytes(&blocks), buffer_bytes(&content), &again), S_OK);
    assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&stream)));
    buffer_release(&again);
    assert_int_equal(remake(&any, buffer_bytes(&blocks), bytes_of(content.data, 299999), &again), S_INVALID);
    buffer_append_u8(&content, 'x');
    assert_int_equal(remake(&any, buffer_bytes(&blocks), buffer_bytes(&content), &again), S_INVALID);
    buffer_release(&content), buffer_release(&stream), buffer_release(&found), buffer_release(&blocks);
    buffer_release(&again);
}

/* gzip and zip end blocks elsewhere: any list of blocks that fits the symbols is kept. */
static void blocks_may_end_anywhere(void **state)
{
    const struct deflate_settings settings = {6, 15};
    struct buffer content = {0}, blocks = {0}, stream = {0}, found = {0}, found_blocks = {0}, again = {0};
    uint64_t used;
    (void)state;

    deflated_content(&content, DEFLATED_NOISE, 1500, 1); /* no matches: a symbol is a byte */
    for (uint64_t left = 1500, size = 1; left > 0; left -= size, size = size * 3 < left ? size * 3 : left) {
        buffer_append_varint(&blocks, size << 2 | (size % 2 ? DEFLATE_DYNAMIC : DEFLATE_FIXED));
    }
    enum status status = remake(&settings, buffer_bytes(&blocks), buffer_bytes(&content), &stream);
    assert_int_equal(status, S_OK);
    assert_true(deflated_read(buffer_bytes(&stream), &found, &found_blocks, &used));
    assert_true(bytes_equal(buffer_bytes(&found), buffer_bytes(&content)));
    assert_true(bytes_equal(buffer_bytes(&found_blocks), buffer_bytes(&blocks)));
    assert_int_equal(remake(&settings, buffer_bytes(&found_blocks), buffer_bytes(&content), &again), S_OK);
    assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&stream)));
    buffer_release(&content), buffer_release(&blocks), buffer_release(&stream), buffer_release(&found);
    buffer_release(&found_blocks), buffer_release(&again);
}

static void blocks_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        uint64_t blocks[3];
        size_t count;
    } lists[] = {
        {{0}, 0},                                         /* none */
        {{4 << 2 | DEFLATE_DYNAMIC}, 1},                  /* too few */
        {{6 << 2 | DEFLATE_DYNAMIC}, 1},                  /* too many */
        {{5 << 2 | DEFLATE_DYNAMIC, 1 << 2}, 2},          /* one more than there is content for */
        {{5 << 2 | 3}, 1},                                /* no such kind */
        {{((uint64_t)DEFLATE_BLOCK_MAX + 1) << 2}, 1},    /* too large */
        {{DEFLATE_DYNAMIC, 5 << 2 | DEFLATE_DYNAMIC}, 2}, /* an empty one in front */
    };
    const struct deflate_settings settings = {6, 15};
    (void)state;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct buffer blocks = {0}, out = {0};
        for (size_t k = 0; k < lists[i].count; k++) {
            buffer_append_varint(&blocks, lists[i].blocks[k]);
        }
        assert_int_equal(remake(&settings, buffer_bytes(&blocks), bytes_text("abcde"), &out), S_INVALID);
        buffer_release(&blocks), buffer_release(&out);
    }
}

static bool refuse(void *ctx, struct bytes data)
{
    (void)ctx, (void)data;
    return false;
}

static void a_sink_that_has_enough_ends_it(void **state)
{
    const struct deflate_settings settings = {6, 15};
    struct buffer blocks = {0};
    (void)state;

    buffer_append_varint(&blocks, 5 << 2 | DEFLATE_FIXED);
    struct deflate_remake *making = deflate_remake_open(&settings, buffer_bytes(&blocks), refuse, NULL);
    assert_int_equal(deflate_remake_put(making, bytes_text("abcde")), S_OK);
    assert_int_equal(deflate_remake_end(making), S_PARTIAL);
    deflate_remake_close(making);
    buffer_release(&blocks);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_zlib_come_out_bit_for_bit),
        cmocka_unit_test(stored_streams_come_out_without_a_search),
        cmocka_unit_test(blocks_may_end_anywhere),
        cmocka_unit_test(blocks_that_do_not_fit_are_refused),
        cmocka_unit_test(a_sink_that_has_enough_ends_it),
    };
    return KIT_RUN(tests);
}
