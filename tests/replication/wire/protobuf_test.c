#include "replication/wire/protobuf.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "schema/wire/messages.pb-c.h"

enum { ARENA_SIZE = 64 * 1024 };

static struct arena arena;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_SIZE);
    buffer_init(&out);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    buffer_release(&out);
    return 0;
}

static enum status decode(const ProtobufCMessageDescriptor *type, struct bytes in)
{
    ProtobufCMessage *base;
    arena_clear(&arena);
    return protobuf_decode(type, in, PROTOBUF_FIELDS_FLAT, &arena, &base);
}

static void unknown_fields_count_against_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROTOBUF_FIELDS_FLAT; i++) {
        buffer_append(&out, "\xa0\x06\x01", 3); /* field 100: 1 */
    }
    assert_int_equal(decode(&qanat__wire__credit__descriptor, buffer_bytes(&out)), S_OK);
    buffer_append(&out, "\xa0\x06\x01", 3);
    assert_int_equal(decode(&qanat__wire__credit__descriptor, buffer_bytes(&out)), S_TOO_LARGE);
    assert_int_equal(arena.used, 0);
}

/* One byte of a packed column costs eight: the arena is the bound, and that shows as a limit. */
static void a_column_that_outgrows_the_arena_is_too_large(void **state)
{
    (void)state;
    buffer_append(&out, "\x12", 1); /* Want.after_seqs */
    buffer_append_varint(&out, ARENA_SIZE / 8 + 1);
    for (size_t i = 0; i < ARENA_SIZE / 8 + 1; i++) {
        buffer_append_u8(&out, 1);
    }
    assert_int_equal(decode(&qanat__wire__want__descriptor, buffer_bytes(&out)), S_TOO_LARGE);
    assert_true(arena.used <= ARENA_SIZE);
}

/* 6,000 messages inside each other, each a length-delimited field 4, as they crash a recursive decoder; and
 * open groups. */
static void nested_messages_are_bytes_to_us_and_groups_are_refused(void **state)
{
    enum { DEPTH = 6000 };
    uint8_t nested[3 * DEPTH + 16];
    size_t at = sizeof nested;
    (void)state;

    for (size_t size = 0; at > 8; size = sizeof nested - at) {
        struct buffer head;
        buffer_init(&head);
        buffer_append_u8(&head, 0x22);
        buffer_append_varint(&head, size);
        at -= head.size;
        memcpy(nested + at, head.data, head.size);
        buffer_release(&head);
    }
    struct bytes bomb = bytes_of(nested + at, sizeof nested - at);
    assert_int_equal(decode(&qanat__wire__credit__descriptor, bomb), S_OK); /* one unknown field */
    assert_int_equal(decode(&qanat__wire__vector__descriptor, bomb), S_OK); /* one field of bytes */
    memset(nested, 0x0b, sizeof nested);                                    /* field 1, start of group */
    assert_int_equal(decode(&qanat__wire__credit__descriptor, bytes_of(nested, sizeof nested)), S_INVALID);
    assert_int_equal(arena.used, 0);
}

static void no_message_of_ours_contains_a_message(void **state)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &qanat__wire__hello__descriptor,  &qanat__wire__vector__descriptor, &qanat__wire__buckets__descriptor,
        &qanat__wire__want__descriptor,   &qanat__wire__credit__descriptor, &qanat__wire__held__descriptor,
        &qanat__wire__hashes__descriptor, &qanat__wire__pieces__descriptor, &qanat__wire__retry__descriptor,
        &qanat__wire__refuse__descriptor, &qanat__wire__join__descriptor,   &qanat__wire__welcome__descriptor,
    };
    (void)state;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (unsigned j = 0; j < types[i]->n_fields; j++) {
            const ProtobufCFieldDescriptor *field = &types[i]->fields[j];
            assert_int_not_equal(field->type, PROTOBUF_C_TYPE_MESSAGE);
            assert_int_not_equal(field->type, PROTOBUF_C_TYPE_STRING);
            if (field->label == PROTOBUF_C_LABEL_REPEATED) {
                assert_int_not_equal(field->type, PROTOBUF_C_TYPE_BYTES);
            }
        }
    }
}

static void malformed_fields_are_refused(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {"\x08", 1},               /* a tag and nothing */
        {"\x80", 1},               /* half a tag */
        {"\x00\x01", 2},           /* field 0 */
        {"\x09\1\2\3\4\5\6\7", 8}, /* 64 bits cut */
        {"\x0d\1\2\3", 4},         /* 32 bits cut */
        {"\x22\x05"
         "abcd",
         6},                                                  /* length over the end */
        {"\x22\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* length of 2^64 - 1 */
        {"\x0c", 1},
        {"\x0e", 1},
        {"\x0f", 1},                                              /* end of group, unknown wire types */
        {"\xfa\xff\xff\xff\xff\x01\x00", 7},                      /* a tag over 32 bits */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* a number over 64 bits */
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(decode(&qanat__wire__credit__descriptor, bytes_of(cases[i].data, cases[i].size)),
                         S_INVALID);
    }
    assert_int_equal(decode(&qanat__wire__credit__descriptor, bytes_of("\x08\x05", 2)), S_OK);
}

static void text_is_utf8_without_control_characters_within_its_limits(void **state)
{
    struct bytes text;
    (void)state;

    assert_true(
        protobuf_text(protobuf_data(bytes_text("\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7")), 1, 10, &text));
    assert_int_equal(text.size, 10);
    assert_false(protobuf_text(protobuf_data(bytes_text("abc")), 4, 10, &text));
    assert_false(protobuf_text(protobuf_data(bytes_text("abc")), 0, 2, &text));
    assert_false(protobuf_text(protobuf_data(bytes_text("a\tb")), 0, 10, &text));
    assert_false(protobuf_text(protobuf_data(bytes_of("a\0b", 3)), 0, 10, &text));
    assert_true(protobuf_text(protobuf_data(bytes_of(NULL, 0)), 0, 10, &text));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unknown_fields_count_against_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(a_column_that_outgrows_the_arena_is_too_large, begin, end),
        cmocka_unit_test_setup_teardown(nested_messages_are_bytes_to_us_and_groups_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(no_message_of_ours_contains_a_message, begin, end),
        cmocka_unit_test_setup_teardown(malformed_fields_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(text_is_utf8_without_control_characters_within_its_limits, begin,
                                        end),
    };
    return KIT_RUN(tests);
}
