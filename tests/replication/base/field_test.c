#include "replication/base/field.h"

#include <string.h>

#include "tests/kit/kit.h"

static void fields_come_back_in_order(void **state)
{
    struct buffer out;
    struct field field;
    (void)state;

    buffer_init(&out);
    field_append_number(&out, 1, 300);
    field_append_bytes(&out, 2, bytes_text("abc"));
    field_append_number(&out, FIELD_NUMBER_MAX, UINT64_MAX);
    field_append_number(&out, 3, 0);
    field_append_bytes(&out, 4, bytes_text(""));
    field_append_element(&out, 5, bytes_text(""));
    struct bytes in = buffer_bytes(&out);
    assert_true(field_take(&in, &field));
    assert_int_equal(field.number, 1);
    assert_int_equal(field.type, FIELD_VARINT);
    assert_int_equal(field.value, 300);
    assert_true(field_take(&in, &field));
    assert_int_equal(field.type, FIELD_BYTES);
    assert_true(bytes_equal(field.bytes, bytes_text("abc")));
    assert_true(field_take(&in, &field));
    assert_int_equal(field.number, FIELD_NUMBER_MAX);
    assert_true(field.value == UINT64_MAX);
    assert_true(field_take(&in, &field));
    assert_int_equal(field.number, 5);
    assert_int_equal(field.bytes.size, 0);
    assert_int_equal(in.size, 0);
    assert_false(field_take(&in, &field));
    buffer_release(&out);
}

static void the_bytes_are_those_of_protobuf(void **state)
{
    /* the examples of the protobuf encoding guide: int32 150 as field 1, string "testing" as field 2 */
    static const uint8_t expected[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'};
    struct buffer out;
    (void)state;

    buffer_init(&out);
    field_append_number(&out, 1, 150);
    field_append_bytes(&out, 2, bytes_text("testing"));
    assert_int_equal(out.size, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    buffer_release(&out);
}

static void fixed_widths_are_read_for_newer_versions(void **state)
{
    static const uint8_t raw[] = {0x0d, 1, 2, 0, 0, 0x11, 1, 0, 0, 0, 0, 0, 0, 0x80};
    struct bytes in = bytes_of(raw, sizeof raw);
    struct field field;
    (void)state;

    assert_true(field_take(&in, &field));
    assert_int_equal(field.type, FIELD_FIXED32);
    assert_int_equal(field.value, 0x201);
    assert_true(field_take(&in, &field));
    assert_int_equal(field.type, FIELD_FIXED64);
    assert_true(field.value == 0x8000000000000001ULL);
}

static bool takes(const void *data, size_t size)
{
    struct bytes in = bytes_of(data, size);
    struct field field;
    return field_take(&in, &field);
}

static void malformed_fields_are_refused(void **state)
{
    (void)state;
    assert_false(takes("\x08", 1));                                          /* no value */
    assert_false(takes("\x00\x01", 2));                                      /* number 0 */
    assert_false(takes("\x12\x05\x61", 3));                                  /* longer than what is there */
    assert_false(takes("\x0b\x0c", 2));                                      /* a group */
    assert_false(takes("\x0f\x01", 2));                                      /* no wire type */
    assert_false(takes("\x0d\x01\x02\x03", 4));                              /* short fixed32 */
    assert_false(takes("\x11\x01\x02\x03", 4));                              /* short fixed64 */
    assert_false(takes("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)); /* size of 2^64 - 1 */
    assert_false(takes("\x80\x80\x80\x80\x10\x01", 6));                      /* number above the maximum */
}

static void texts_and_keys_are_copied_only_when_they_fit(void **state)
{
    struct field field = {.type = FIELD_BYTES, .bytes = bytes_text("abc")};
    char text[4];
    (void)state;

    assert_true(field_get_text(&field, text, 4));
    assert_string_equal(text, "abc");
    assert_false(field_get_text(&field, text, 3));
    assert_true(field_get_raw(&field, text, 3));
    assert_false(field_get_raw(&field, text, 2));
    assert_false(field_get_raw(&field, text, 4));
    field.bytes = bytes_of("a\0b", 3);
    assert_false(field_get_text(&field, text, 4));
    field.bytes = bytes_text("\xc0\x80");
    assert_false(field_get_text(&field, text, 4));
    field = (struct field){.type = FIELD_VARINT};
    assert_false(field_get_text(&field, text, 4));
    assert_false(field_get_raw(&field, text, 0));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_back_in_order),
        cmocka_unit_test(the_bytes_are_those_of_protobuf),
        cmocka_unit_test(fixed_widths_are_read_for_newer_versions),
        cmocka_unit_test(malformed_fields_are_refused),
        cmocka_unit_test(texts_and_keys_are_copied_only_when_they_fit),
    };
    return KIT_RUN(tests);
}
