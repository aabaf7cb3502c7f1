#include <string.h>

#include "tests/replication/package/deflated.h"

static void what_zlib_compressed_is_read(void **state)
{
    (void)state;
    for (int kind = 0; kind < DEFLATED_KINDS; kind++) {
        for (int level = 0; level <= 9; level += 3) {
            struct buffer content = {0}, stream = {0}, found = {0}, blocks = {0};
            uint64_t used;

            deflated_content(&content, (enum deflated_kind)kind, 100000, 1);
            deflated_make(&stream, buffer_bytes(&content), level, 8);
            size_t size = stream.size;
            buffer_append(&stream, "tail", 4); /* what follows is not touched */
            assert_true(deflated_read(buffer_bytes(&stream), &found, &blocks, &used));
            assert_int_equal(used, size);
            assert_true(bytes_equal(buffer_bytes(&found), buffer_bytes(&content)));
            buffer_release(&content), buffer_release(&stream), buffer_release(&found),
                buffer_release(&blocks);
        }
    }
}

static void a_stream_cut_anywhere_is_a_fault(void **state)
{
    struct buffer content = {0}, stream = {0};
    uint64_t used;
    (void)state;

    deflated_content(&content, DEFLATED_MIXED, 3000, 2);
    deflated_make(&stream, buffer_bytes(&content), 6, 8);
    for (size_t size = 0; size < stream.size; size++) {
        struct buffer found = {0}, blocks = {0};
        assert_false(deflated_read(bytes_of(stream.data, size), &found, &blocks, &used));
        buffer_release(&found), buffer_release(&blocks);
    }
    buffer_release(&content), buffer_release(&stream);
}

static void a_flipped_bit_never_leads_outside(void **state)
{
    struct buffer content = {0}, stream = {0};
    uint64_t used;
    (void)state;

    deflated_content(&content, DEFLATED_PROSE, 2000, 3);
    deflated_make(&stream, buffer_bytes(&content), 6, 8);
    for (size_t bit = 0; bit < 8 * stream.size; bit++) {
        struct buffer found = {0}, blocks = {0};
        stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)deflated_read(buffer_bytes(&stream), &found, &blocks, &used);
        assert_true(used <= stream.size);
        stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        buffer_release(&found), buffer_release(&blocks);
    }
    buffer_release(&content), buffer_release(&stream);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_zlib_compressed_is_read),
        cmocka_unit_test(a_stream_cut_anywhere_is_a_fault),
        cmocka_unit_test(a_flipped_bit_never_leads_outside),
    };
    return KIT_RUN(tests);
}
