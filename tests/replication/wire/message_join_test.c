#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "replication/trust/statement.h"
#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

static uint8_t keys[3][SIGNATURE_SIZE];

static Qanat__Wire__Join join_valid(void)
{
    Qanat__Wire__Join wire = QANAT__WIRE__JOIN__INIT;

    wire.name = protobuf_data(bytes_text("N"));
    wire.kind = NODE_REGIONAL;
    wire.sign_public = protobuf_data(bytes_of(keys[0], SIGN_PUBLIC_SIZE));
    wire.curve_public = protobuf_data(bytes_of(keys[1], CURVE_PUBLIC_SIZE));
    wire.signature = protobuf_data(bytes_of(keys[2], SIGNATURE_SIZE));
    return wire;
}

/* Both ways must agree on `wire`. */
static enum status join_both(const Qanat__Wire__Join *wire)
{
    struct message back, message = {.type = MESSAGE_JOIN};

    message.join = (struct join_message){
        .name = protobuf_bytes(wire->name),
        .country = protobuf_bytes(wire->country),
        .endpoint = protobuf_bytes(wire->endpoint),
        .region = protobuf_bytes(wire->region),
        .kind = wire->kind,
        .sign_public = protobuf_bytes(wire->sign_public),
        .curve_public = protobuf_bytes(wire->curve_public),
        .signature = protobuf_bytes(wire->signature),
    };
    enum status status = bodies_encode(&message);
    assert_int_equal(bodies_decode(MESSAGE_JOIN, &wire->base, &back), status);
    return status;
}

static void texts_of_a_join_hold_their_limits(void **state)
{
    (void)state;
    Qanat__Wire__Join wire = join_valid();
    assert_int_equal(join_both(&wire), S_OK);
    wire.name = bodies_fill(0, 'n', NODE_NAME_MAX);
    wire.region = bodies_fill(1, 'r', NODE_NAME_MAX);
    wire.endpoint = bodies_fill(2, 'e', ENDPOINT_MAX - 1);
    wire.country = protobuf_data(bytes_text("KE"));
    assert_int_equal(join_both(&wire), S_OK);
    wire = join_valid(), wire.name.len = 0;
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.name = bodies_fill(0, 'n', NODE_NAME_MAX + 1);
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.name = protobuf_data(bytes_of("a\0b", 3));
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.name = protobuf_data(bytes_text("\xc0\xaf"));
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.name = protobuf_data(bytes_text("red \x1b[31m"));
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.region = bodies_fill(0, 'r', NODE_NAME_MAX + 1);
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.endpoint = bodies_fill(0, 'e', ENDPOINT_MAX);
    assert_int_equal(join_both(&wire), S_INVALID);
}

static void a_country_is_two_capitals_or_nothing(void **state)
{
    static const char *const bad[] = {"K", "ke", "Ke", "KEN", "K1", "[A", "A["};
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Qanat__Wire__Join wire = join_valid();
        wire.country = protobuf_data(bytes_text(bad[i]));
        assert_int_equal(join_both(&wire), S_INVALID);
    }
}

static void kinds_and_keys_of_a_join_are_exact(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind <= NODE_CAMPUS + 1; kind++) {
        Qanat__Wire__Join wire = join_valid();
        wire.kind = kind;
        assert_int_equal(join_both(&wire), kind >= NODE_HUB && kind <= NODE_CAMPUS ? S_OK : S_INVALID);
    }
    Qanat__Wire__Join wire = join_valid();
    wire.sign_public.len--;
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.curve_public.len++;
    assert_int_equal(join_both(&wire), S_INVALID);
    wire = join_valid(), wire.signature.len = 0;
    assert_int_equal(join_both(&wire), S_INVALID);
}

static uint32_t lengths[STATEMENTS_MAX + 1];

/* A welcome with `count` statements of `size` bytes each. */
static Qanat__Wire__Welcome welcome_of(size_t count, uint32_t size)
{
    Qanat__Wire__Welcome wire = QANAT__WIRE__WELCOME__INIT;

    for (size_t i = 0; i < count; i++) {
        lengths[i] = size;
    }
    wire.federation = bodies_fill(0, 'f', sizeof(struct id));
    wire.federation_name = protobuf_data(bytes_text("Federation"));
    wire.authority_public = bodies_fill(1, 'a', SIGN_PUBLIC_SIZE);
    wire.secret = bodies_fill(2, 's', 32);
    wire.lengths = lengths;
    wire.n_lengths = count;
    wire.statements = bodies_fill(3, 'x', count * size);
    return wire;
}

static enum status welcome_taken(const Qanat__Wire__Welcome *wire)
{
    struct message back;
    return bodies_decode(MESSAGE_WELCOME, &wire->base, &back);
}

static void fields_of_a_welcome_are_exact(void **state)
{
    (void)state;
    Qanat__Wire__Welcome wire = welcome_of(2, 100);
    assert_int_equal(welcome_taken(&wire), S_OK);
    wire = welcome_of(0, 0);
    assert_int_equal(welcome_taken(&wire), S_OK);
    wire = welcome_of(2, 100), wire.federation.len--;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(2, 100), wire.federation_name.len = 0;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(2, 100), wire.authority_public.len++;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(2, 100), wire.secret.len = 15;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(2, 100), wire.secret.len = SECRET_SIZE_MAX;
    assert_int_equal(welcome_taken(&wire), S_OK);
    wire.secret.len++;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
}

static void statements_hold_their_limits_and_use_up_their_bytes(void **state)
{
    struct bytes statement =
        bytes_of(bodies_fill(3, 'x', STATEMENT_SIZE_MAX + 1).data, STATEMENT_SIZE_MAX + 1);
    struct message message = {.type = MESSAGE_WELCOME};
    (void)state;

    Qanat__Wire__Welcome wire = welcome_of(1, STATEMENT_SIZE_MAX);
    assert_int_equal(welcome_taken(&wire), S_OK);
    wire = welcome_of(1, STATEMENT_SIZE_MAX + 1);
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(3, 10), lengths[1] = 0;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(3, 10), wire.statements.len--;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(3, 10), wire.statements.len++;
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    wire = welcome_of(STATEMENTS_MAX, 1);
    assert_int_equal(welcome_taken(&wire), S_OK);
    wire = welcome_of(STATEMENTS_MAX + 1, 1);
    assert_int_equal(welcome_taken(&wire), S_TOO_LARGE);
    message.welcome.count = STATEMENTS_MAX + 1;
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    message.welcome.statements = &statement;
    message.welcome.count = 1;
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    statement.size = 0;
    assert_int_equal(bodies_encode(&message), S_INVALID);
}

static void a_refusal_comes_alone(void **state)
{
    struct message message = {.type = MESSAGE_WELCOME};
    (void)state;

    Qanat__Wire__Welcome wire = welcome_of(1, 10);
    wire.refusal = protobuf_data(bytes_text("token used"));
    assert_int_equal(welcome_taken(&wire), S_INVALID);
    message.welcome.refusal = bytes_text("token used");
    assert_int_equal(bodies_encode(&message), S_OK);
    message.welcome.secret = bytes_text("0123456789abcdef");
    assert_int_equal(bodies_encode(&message), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_a_join_hold_their_limits),
        cmocka_unit_test(a_country_is_two_capitals_or_nothing),
        cmocka_unit_test(kinds_and_keys_of_a_join_are_exact),
        cmocka_unit_test(fields_of_a_welcome_are_exact),
        cmocka_unit_test(statements_hold_their_limits_and_use_up_their_bytes),
        cmocka_unit_test_teardown(a_refusal_comes_alone, bodies_end),
    };
    return KIT_RUN(tests);
}
