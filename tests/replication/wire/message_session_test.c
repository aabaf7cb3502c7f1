#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

static void a_hello_needs_a_whole_digest(void **state)
{
    Qanat__Wire__Hello wire = QANAT__WIRE__HELLO__INIT;
    struct message back;
    (void)state;

    wire.digest = bodies_fill(0, 'd', VECTOR_DIGEST_SIZE);
    wire.held_check = UINT32_MAX;
    wire.round = 9;
    assert_int_equal(bodies_decode(MESSAGE_HELLO, &wire.base, &back), S_OK);
    assert_int_equal(back.hello.round, 9);
    assert_int_equal(back.hello.held_check, UINT32_MAX);
    assert_int_equal(back.hello.digest.b[15], 'd');
    wire.digest.len = VECTOR_DIGEST_SIZE - 1;
    assert_int_equal(bodies_decode(MESSAGE_HELLO, &wire.base, &back), S_INVALID);
    wire.digest.len = VECTOR_DIGEST_SIZE * 2;
    assert_int_equal(bodies_decode(MESSAGE_HELLO, &wire.base, &back), S_INVALID);
    wire.digest.len = 0;
    assert_int_equal(bodies_decode(MESSAGE_HELLO, &wire.base, &back), S_INVALID);
}

static void a_reason_is_short_readable_text_both_ways(void **state)
{
    Qanat__Wire__Refuse wire = QANAT__WIRE__REFUSE__INIT;
    struct message back, refuse = {.type = MESSAGE_REFUSE};
    (void)state;

    wire.reason = bodies_fill(0, 'r', REASON_MAX);
    assert_int_equal(bodies_decode(MESSAGE_REFUSE, &wire.base, &back), S_OK);
    refuse.refuse.reason = protobuf_bytes(wire.reason);
    assert_int_equal(bodies_encode(&refuse), S_OK);
    wire.reason = bodies_fill(0, 'r', REASON_MAX + 1);
    assert_int_equal(bodies_decode(MESSAGE_REFUSE, &wire.base, &back), S_INVALID);
    refuse.refuse.reason = protobuf_bytes(wire.reason);
    assert_int_equal(bodies_encode(&refuse), S_TOO_LARGE);
    static const int bad[] = {0, 0x1b, '\n', 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wire.reason = bodies_fill(0, bad[i], 3);
        assert_int_equal(bodies_decode(MESSAGE_REFUSE, &wire.base, &back), S_INVALID);
        refuse.refuse.reason = protobuf_bytes(wire.reason);
        assert_int_equal(bodies_encode(&refuse), S_INVALID);
    }
}

static void an_empty_body_is_a_message_of_zeroes_where_that_is_valid(void **state)
{
    Qanat__Wire__Credit wire = QANAT__WIRE__CREDIT__INIT;
    struct message back;
    (void)state;

    assert_int_equal(bodies_decode(MESSAGE_CREDIT, &wire.base, &back), S_OK);
    assert_int_equal(back.credit, 0);
    assert_int_equal(bodies_decode(MESSAGE_RETRY, &wire.base, &back), S_OK);
    assert_int_equal(back.retry.after_ms, 0);
    assert_int_equal(bodies_decode(MESSAGE_HELLO, &wire.base, &back), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_needs_a_whole_digest),
        cmocka_unit_test(a_reason_is_short_readable_text_both_ways),
        cmocka_unit_test_teardown(an_empty_body_is_a_message_of_zeroes_where_that_is_valid, bodies_end),
    };
    return KIT_RUN(tests);
}
