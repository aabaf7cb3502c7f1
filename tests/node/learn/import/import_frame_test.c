/* Frames over a pipe: whole, cut, too large, unknown. */
#include "node/learn/import/import_frame.h"

#include <unistd.h>

#include "tests/kit/kit.h"

/* Feeds `data` to a reader and closes the pipe. */
static enum status read_one(const void *data, size_t size, enum import_frame *type_out,
                            struct buffer *payload_out)
{
    struct import_reader reader;
    struct bytes payload = bytes_of(NULL, 0);
    enum status status;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], data, size), size);
    close(ends[1]);
    import_reader_init(&reader, ends[0]);
    status = import_frame_read(&reader, type_out, &payload);
    if (status == S_OK) {
        buffer_append(payload_out, payload.data, payload.size);
    }
    import_reader_release(&reader);
    close(ends[0]);
    return status;
}

static void a_frame_comes_out_as_it_went_in(void **state)
{
    struct import_reader reader;
    enum import_frame type;
    struct bytes payload;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(import_frame_write(ends[1], IMPORT_FRAME_ENTRY, bytes_text("a/b")));
    assert_true(import_frame_write(ends[1], IMPORT_FRAME_DONE, bytes_of(NULL, 0)));
    close(ends[1]);
    import_reader_init(&reader, ends[0]);
    assert_int_equal(import_frame_read(&reader, &type, &payload), S_OK);
    assert_int_equal(type, IMPORT_FRAME_ENTRY);
    assert_true(bytes_equal(payload, bytes_text("a/b")));
    assert_int_equal(import_frame_read(&reader, &type, &payload), S_OK);
    assert_int_equal(type, IMPORT_FRAME_DONE);
    assert_int_equal(import_frame_read(&reader, &type, &payload), S_NOT_FOUND);
    import_reader_release(&reader);
    close(ends[0]);
}

static void a_cut_an_unknown_and_an_oversized_frame_are_refused(void **state)
{
    enum import_frame type;
    struct buffer payload;

    (void)state;
    buffer_init(&payload);
    assert_int_equal(read_one("\x01\x03", 2, &type, &payload), S_INVALID);
    assert_int_equal(read_one("\x01\x03\0\0\0ab", 7, &type, &payload), S_INVALID);
    assert_int_equal(read_one("\x00\x00\0\0\0", 5, &type, &payload), S_INVALID);
    assert_int_equal(read_one("\x7f\x00\0\0\0", 5, &type, &payload), S_INVALID);
    assert_int_equal(read_one("\x01\x01\0\0\1", 5, &type, &payload), S_INVALID); /* IMPORT_FRAME_MAX + 1 */
    assert_int_equal(read_one("\x01\x01\0\0\0x", 6, &type, &payload), S_OK);
    buffer_release(&payload);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_out_as_it_went_in),
        cmocka_unit_test(a_cut_an_unknown_and_an_oversized_frame_are_refused),
    };
    return KIT_RUN(tests);
}
