#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "replication/wire/frame.h"
#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

static uint64_t numbers[WANTS_MAX + 1], times[WANTS_MAX + 1];

static enum status decode(enum message_type type, const ProtobufCMessage *base)
{
    struct message back;
    return bodies_decode(type, base, &back);
}

static Qanat__Wire__Want want_of(size_t count)
{
    Qanat__Wire__Want wire = QANAT__WIRE__WANT__INIT;

    memset(numbers, 0, sizeof numbers);
    wire.streams = bodies_fill(0, TOPIC_RESULTS, count * STREAM_ID_SIZE);
    wire.after_seqs = numbers;
    wire.n_after_seqs = count;
    return wire;
}

static void each_field_of_a_want_is_checked(void **state)
{
    (void)state;
    Qanat__Wire__Want wire = want_of(2);
    numbers[1] = SEQ_MAX;
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_OK);
    numbers[1] = SEQ_MAX + 1;
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_INVALID);
    wire = want_of(2);
    wire.streams.len--;
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_INVALID);
    wire = want_of(2);
    wire.n_after_seqs = 1;
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_INVALID);
    wire = want_of(2);
    wire.streams.data[0] = 0;
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_INVALID);
}

static void a_want_at_its_maximum_passes_and_one_more_does_not(void **state)
{
    struct message message = {.type = MESSAGE_WANT, .want.count = WANTS_MAX + 1};
    (void)state;

    Qanat__Wire__Want wire = want_of(WANTS_MAX);
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_OK);
    wire = want_of(WANTS_MAX + 1);
    assert_int_equal(decode(MESSAGE_WANT, &wire.base), S_TOO_LARGE);
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

static Qanat__Wire__Held held_of(size_t count)
{
    Qanat__Wire__Held wire = QANAT__WIRE__HELD__INIT;

    memset(numbers, 0, sizeof numbers);
    wire.streams = bodies_fill(0, TOPIC_RESULTS, count * STREAM_ID_SIZE);
    wire.holders = bodies_fill(1, 'h', count * sizeof(struct id));
    wire.seqs = numbers;
    wire.at_ms = times;
    wire.n_seqs = wire.n_at_ms = count;
    return wire;
}

static void each_field_of_a_receipt_is_checked(void **state)
{
    (void)state;
    Qanat__Wire__Held wire = held_of(2);
    numbers[0] = SEQ_MAX;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_OK);
    numbers[0] = SEQ_MAX + 1;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
    wire = held_of(2);
    wire.n_at_ms = 1;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
    wire = held_of(2);
    wire.n_seqs = 3;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
    wire = held_of(2);
    wire.holders.len--;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
    wire = held_of(2);
    wire.streams.len += STREAM_ID_SIZE;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
    wire = held_of(2);
    wire.streams.data[STREAM_ID_SIZE] = TOPIC_RELAYED_LAST + 1;
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_INVALID);
}

static void receipts_at_their_maximum_pass_and_one_more_does_not(void **state)
{
    struct message message = {.type = MESSAGE_HELD, .held.count = HELD_MAX + 1};
    (void)state;

    Qanat__Wire__Held wire = held_of(HELD_MAX);
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_OK);
    wire = held_of(HELD_MAX + 1);
    assert_int_equal(decode(MESSAGE_HELD, &wire.base), S_TOO_LARGE);
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

static void seqs_out_of_range_are_not_sent(void **state)
{
    struct want want = {.after_seq = SEQ_MAX + 1};
    struct held held = {.seq = SEQ_MAX + 1};
    struct message wants = {.type = MESSAGE_WANT, .want = {.wants = &want, .count = 1}};
    struct message receipts = {.type = MESSAGE_HELD, .held = {.held = &held, .count = 1}};
    (void)state;

    assert_int_equal(bodies_encode(&wants), S_INVALID);
    assert_int_equal(bodies_encode(&receipts), S_INVALID);
}

static void a_batch_body_passes_through_untouched(void **state)
{
    static uint8_t body[BODY_SIZE_MAX + 1];
    struct message back, message = {.type = MESSAGE_BATCH, .batch_body = bytes_of(body, BODY_SIZE_MAX)};
    struct arena arena;
    struct buffer frame;
    (void)state;

    arena_init(&arena, MESSAGE_ARENA_SIZE);
    buffer_init(&frame);
    body[77] = 7;
    assert_int_equal(message_encode(&message, &frame), S_OK);
    assert_int_equal(message_decode(buffer_bytes(&frame), &arena, &back), S_OK);
    assert_true(bytes_equal(back.batch_body, message.batch_body));
    message.batch_body.size++;
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    arena_release(&arena);
    buffer_release(&frame);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_of_a_want_is_checked),
        cmocka_unit_test(a_want_at_its_maximum_passes_and_one_more_does_not),
        cmocka_unit_test(each_field_of_a_receipt_is_checked),
        cmocka_unit_test(receipts_at_their_maximum_pass_and_one_more_does_not),
        cmocka_unit_test(seqs_out_of_range_are_not_sent),
        cmocka_unit_test_teardown(a_batch_body_passes_through_untouched, bodies_end),
    };
    return KIT_RUN(tests);
}
