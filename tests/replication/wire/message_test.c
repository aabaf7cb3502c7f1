#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#include "replication/wire/frame.h"
#include "tests/replication/wire/samples.h"

static struct arena made, arena;
static struct buffer out, again;

static int begin(void **state)
{
    (void)state;
    arena_init(&made, SAMPLES_ARENA_SIZE);
    arena_init(&arena, MESSAGE_ARENA_SIZE);
    buffer_init(&out);
    buffer_init(&again);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&made);
    arena_release(&arena);
    buffer_release(&out);
    buffer_release(&again);
    return 0;
}

static void encode(const struct message *message)
{
    buffer_clear(&out);
    assert_int_equal(message_encode(message, &out), S_OK);
    assert_true(out.size <= FRAME_SIZE_MAX);
}

/* Encoding is a function of the fields: equal frames mean that every field came back. */
static void every_message_comes_back_small_and_at_its_maxima(void **state)
{
    struct message messages[SAMPLES_MAX], back;
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int is_large = 0; is_large <= 1; is_large++) {
        size_t count = samples_make(&random, is_large, &made, messages);
        for (size_t i = 0; i < count; i++) {
            encode(&messages[i]);
            arena_clear(&arena);
            assert_int_equal(message_decode(buffer_bytes(&out), &arena, &back), S_OK);
            assert_int_equal(back.type, messages[i].type);
            buffer_clear(&again);
            assert_int_equal(message_encode(&back, &again), S_OK);
            assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&out)));
        }
    }
}

static void a_hello_is_never_larger_than_100_bytes(void **state)
{
    struct message hello = {.type = MESSAGE_HELLO};
    (void)state;

    memset(&hello.hello, 0xff, sizeof hello.hello);
    hello.hello.is_reply = true;
    encode(&hello);
    assert_true(out.size <= HELLO_FRAME_MAX);
}

static void every_prefix_of_every_frame_is_refused(void **state)
{
    struct message messages[SAMPLES_MAX], back;
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 5);
    size_t count = samples_make(&random, false, &made, messages);
    for (size_t i = 0; i < count; i++) {
        encode(&messages[i]);
        for (size_t size = 0; size < out.size; size++) {
            arena_clear(&arena);
            assert_int_not_equal(message_decode(bytes_of(out.data, size), &arena, &back), S_OK);
        }
    }
}

/* Cuts inside the body, behind a head that declares the shorter size: refused, or a message that stands on
 * its own. */
static void every_prefix_of_every_body_is_refused_or_whole(void **state)
{
    struct message messages[SAMPLES_MAX], back;
    struct kit_random random;
    struct frame frame;
    (void)state;

    kit_random_seed(&random, 6);
    size_t count = samples_make(&random, false, &made, messages);
    for (size_t i = 0; i < count; i++) {
        encode(&messages[i]);
        assert_int_equal(frame_decode(buffer_bytes(&out), &made, &frame), S_OK);
        for (size_t size = 0; size < frame.body.size; size++) {
            struct buffer cut;
            buffer_init(&cut);
            assert_int_equal(frame_encode(frame.type, bytes_of(frame.body.data, size), &cut), S_OK);
            arena_clear(&arena);
            if (message_decode(buffer_bytes(&cut), &arena, &back) == S_OK) {
                buffer_clear(&again);
                assert_int_equal(message_encode(&back, &again), S_OK);
            }
            buffer_release(&cut);
        }
    }
}

static void flipped_bytes_never_crash_nor_pass_the_arena(void **state)
{
    struct message messages[SAMPLES_MAX], back;
    struct kit_random random;
    struct frame frame;
    struct buffer bent;
    (void)state;

    buffer_init(&bent);
    kit_random_seed(&random, kit_fresh_seed());
    size_t count = samples_make(&random, false, &made, messages);
    for (size_t round = 0; round < 20000; round++) {
        encode(&messages[round % count]);
        arena_clear(&arena);
        assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
        buffer_clear(&again);
        buffer_append(&again, frame.body.data, frame.body.size);
        for (uint64_t flips = 1 + kit_random_below(&random, 4); flips > 0 && again.size > 0; flips--) {
            again.data[kit_random_below(&random, again.size)] = (uint8_t)kit_random_u64(&random);
        }
        buffer_clear(&bent);
        assert_int_equal(frame_encode(frame.type, buffer_bytes(&again), &bent), S_OK);
        arena_clear(&arena);
        (void)message_decode(buffer_bytes(&bent), &arena, &back);
        assert_true(arena.used <= arena.size_max);
    }
    buffer_release(&bent);
}

static void an_unknown_type_is_another_version(void **state)
{
    static const uint8_t types[] = {0, MESSAGE_BUNDLE, MESSAGE_OFFER + 1, 255};
    struct message back;
    (void)state;

    for (size_t i = 0; i < sizeof types; i++) {
        buffer_clear(&out);
        assert_int_equal(frame_encode(types[i], bytes_of("", 0), &out), S_OK);
        assert_int_equal(message_decode(buffer_bytes(&out), &arena, &back), S_VERSION);
        assert_string_equal(message_name(types[i]), "?");
    }
    assert_string_equal(message_name(MESSAGE_HELLO), "hello");
    assert_string_equal(message_name(MESSAGE_WELCOME), "welcome");
    assert_true(message_is_bulk(MESSAGE_BATCH) && message_is_bulk(MESSAGE_PIECES) &&
                message_is_bulk(MESSAGE_PATCHES));
    assert_false(message_is_bulk(MESSAGE_HELLO) || message_is_bulk(MESSAGE_WANT) || message_is_bulk(0));
}

static void a_body_over_its_types_maximum_is_refused_before_protobuf(void **state)
{
    static uint8_t body[600];
    struct message back;
    (void)state;

    memset(body, 0x01, sizeof body); /* would be malformed protobuf */
    assert_int_equal(frame_encode(MESSAGE_HELLO, bytes_of(body, sizeof body), &out), S_OK);
    assert_int_equal(message_decode(buffer_bytes(&out), &arena, &back), S_TOO_LARGE);
}

static void fields_of_a_later_version_are_skipped(void **state)
{
    static const uint8_t later[] = {0xa2, 0x06, 0x03, 'n', 'e',
                                    'w',  0xa8, 0x06, 0x05}; /* fields 100 and 101 */
    struct message credit = {.type = MESSAGE_CREDIT, .credit = 77}, back;
    struct frame frame;
    (void)state;

    encode(&credit);
    assert_int_equal(frame_decode(buffer_bytes(&out), &arena, &frame), S_OK);
    buffer_append(&again, frame.body.data, frame.body.size);
    buffer_append(&again, later, sizeof later);
    struct bytes body = arena_copy(&arena, buffer_bytes(&again));
    buffer_clear(&out);
    assert_int_equal(frame_encode(MESSAGE_CREDIT, body, &out), S_OK);
    assert_int_equal(message_decode(buffer_bytes(&out), &arena, &back), S_OK);
    assert_int_equal(back.credit, 77);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_message_comes_back_small_and_at_its_maxima, begin, end),
        cmocka_unit_test_setup_teardown(a_hello_is_never_larger_than_100_bytes, begin, end),
        cmocka_unit_test_setup_teardown(every_prefix_of_every_frame_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(every_prefix_of_every_body_is_refused_or_whole, begin, end),
        cmocka_unit_test_setup_teardown(flipped_bytes_never_crash_nor_pass_the_arena, begin, end),
        cmocka_unit_test_setup_teardown(an_unknown_type_is_another_version, begin, end),
        cmocka_unit_test_setup_teardown(a_body_over_its_types_maximum_is_refused_before_protobuf, begin, end),
        cmocka_unit_test_setup_teardown(fields_of_a_later_version_are_skipped, begin, end),
    };
    return KIT_RUN(tests);
}
