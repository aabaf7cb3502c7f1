#include <string.h>
#include <zlib.h>

#include "tests/replication/package/deflated.h"

/* zlib reads what was written. */
static void assert_inflates_to(const struct deflate_writer *writer, const char *text)
{
    uint8_t out[4096];
    z_stream stream;

    memset(&stream, 0, sizeof stream);
    assert_int_equal(inflateInit2(&stream, -15), Z_OK);
    stream.next_in = writer->out.data;
    stream.avail_in = (uInt)writer->out.size;
    stream.next_out = out;
    stream.avail_out = sizeof out;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(stream.total_out, strlen(text));
    assert_memory_equal(out, text, strlen(text));
    inflateEnd(&stream);
}

static void blocks_of_all_kinds_make_one_stream(void **state)
{
    const struct deflate_symbol abc[] = {{0, 'a'}, {0, 'b'}, {0, 'c'}, {3, 3}, {258, 1}};
    const struct deflate_symbol end[] = {{0, '!'}};
    struct deflate_writer writer = {.bits = 0};
    char text[600] = "abcabc";
    (void)state;

    memset(text + 6, 'c', 258);
    strcat(text, "stored");
    strcat(text, "abcabc");
    memset(text + strlen(text), 'c', 258);
    strcat(text, "!");
    deflate_write_block(&writer, DEFLATE_DYNAMIC, false, abc, 5, bytes_of(NULL, 0));
    deflate_write_block(&writer, DEFLATE_STORED, false, NULL, 0, bytes_text("stored"));
    deflate_write_block(&writer, DEFLATE_FIXED, false, abc, 5, bytes_of(NULL, 0));
    deflate_write_block(&writer, DEFLATE_DYNAMIC, true, end, 1, bytes_of(NULL, 0));
    assert_inflates_to(&writer, text);
    buffer_release(&writer.out);
}

static void an_empty_stream_is_two_bytes(void **state)
{
    struct deflate_writer writer = {.bits = 0};
    (void)state;

    deflate_write_block(&writer, DEFLATE_FIXED, true, NULL, 0, bytes_of(NULL, 0));
    assert_int_equal(writer.out.size, 2);
    assert_inflates_to(&writer, "");
    buffer_release(&writer.out);
}

/* Frequencies like Fibonacci numbers make the deepest tree: the longest codes are bounded to 15 bits. */
static void codes_over_the_limit_are_shortened(void **state)
{
    static struct deflate_symbol symbols[DEFLATE_BLOCK_MAX];
    struct deflate_writer writer = {.bits = 0};
    struct buffer content = {0}, blocks = {0};
    size_t count = 0, a = 1, b = 1;
    uint64_t used;
    (void)state;

    for (uint16_t byte = 0; byte < 21; byte++) {
        for (size_t i = 0; i < a; i++) {
            symbols[count++].value = byte;
        }
        size_t next = a + b;
        a = b;
        b = next;
    }
    deflate_write_block(&writer, DEFLATE_DYNAMIC, true, symbols, count, bytes_of(NULL, 0));
    assert_true(deflated_read(buffer_bytes(&writer.out), &content, &blocks, &used));
    assert_int_equal(content.size, count);
    buffer_release(&writer.out), buffer_release(&content), buffer_release(&blocks);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_all_kinds_make_one_stream),
        cmocka_unit_test(an_empty_stream_is_two_bytes),
        cmocka_unit_test(codes_over_the_limit_are_shortened),
    };
    return KIT_RUN(tests);
}
