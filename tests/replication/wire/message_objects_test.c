#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

static void hashes_are_whole_and_at_most_the_maximum(void **state)
{
    Qanat__Wire__Hashes wire = QANAT__WIRE__HASHES__INIT;
    struct message back, message = {.type = MESSAGE_ASK, .hashes.count = ASKS_MAX + 1};
    (void)state;

    wire.ask = 7;
    wire.hashes = bodies_fill(0, 'h', ASKS_MAX * sizeof(struct hash));
    assert_int_equal(bodies_decode(MESSAGE_ASK, &wire.base, &back), S_OK);
    assert_int_equal(back.hashes.count, ASKS_MAX);
    assert_int_equal(back.hashes.ask, 7);
    assert_int_equal(back.hashes.hashes[ASKS_MAX - 1].b[31], 'h');
    wire.hashes = bodies_fill(0, 'h', ASKS_MAX * sizeof(struct hash) + 1);
    assert_int_equal(bodies_decode(MESSAGE_ABSENT, &wire.base, &back), S_INVALID);
    wire.hashes = bodies_fill(0, 'h', (ASKS_MAX + 1) * sizeof(struct hash));
    assert_int_equal(bodies_decode(MESSAGE_ASK, &wire.base, &back), S_TOO_LARGE);
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    wire.hashes.len = 0;
    assert_int_equal(bodies_decode(MESSAGE_ASK, &wire.base, &back), S_OK);
    assert_int_equal(back.hashes.count, 0);
}

static void offers_have_whole_hashes_and_at_most_the_maximum_in_all(void **state)
{
    Qanat__Wire__Offer wire = QANAT__WIRE__OFFER__INIT;
    struct message back, message = {.type = MESSAGE_OFFER, .offer = {.have_count = ASKS_MAX, .dropped_count = 1}};
    (void)state;

    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    message.offer = (struct offer_message){.coming_count = SIZE_MAX, .dropped_count = 2};
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    message.offer = (struct offer_message){0};
    assert_int_equal(bodies_encode(&message), S_OK);
    assert_int_equal(bodies_decode(MESSAGE_OFFER, &wire.base, &back), S_OK);
    assert_int_equal(back.offer.have_count + back.offer.coming_count + back.offer.dropped_count, 0);
    wire.have = bodies_fill(0, 'h', sizeof(struct hash));
    wire.dropped = bodies_fill(1, 'd', (ASKS_MAX - 1) * sizeof(struct hash));
    assert_int_equal(bodies_decode(MESSAGE_OFFER, &wire.base, &back), S_OK);
    assert_int_equal(back.offer.have_count, 1);
    assert_int_equal(back.offer.coming_count, 0);
    assert_int_equal(back.offer.dropped_count, ASKS_MAX - 1);
    assert_int_equal(back.offer.hashes[0].b[0], 'h');
    assert_int_equal(back.offer.hashes[1].b[0], 'd');
    wire.coming = bodies_fill(0, 'c', sizeof(struct hash));
    assert_int_equal(bodies_decode(MESSAGE_OFFER, &wire.base, &back), S_TOO_LARGE);
    wire.coming.len = 0;
    wire.have = bodies_fill(0, 'h', sizeof(struct hash) + 1);
    assert_int_equal(bodies_decode(MESSAGE_OFFER, &wire.base, &back), S_INVALID);
}

/* One piece: of an object of `size`, `length` bytes from `offset`. Both ways must agree on it. */
static enum status one_piece(uint32_t size, uint32_t offset, uint32_t length)
{
    Qanat__Wire__Pieces wire = QANAT__WIRE__PIECES__INIT;
    struct piece piece = {.size = size, .offset = offset};
    struct message back, message = {.type = MESSAGE_PIECES, .pieces = {.pieces = &piece, .count = 1}};

    wire.objects = bodies_fill(0, 'o', sizeof(struct hash));
    wire.data = bodies_fill(1, 'd', length);
    wire.n_sizes = wire.n_offsets = wire.n_lengths = 1;
    wire.sizes = &size;
    wire.offsets = &offset;
    wire.lengths = &length;
    piece.data = protobuf_bytes(wire.data);
    enum status status = bodies_encode(&message);
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), status);
    return status;
}

static void a_piece_lies_within_its_object(void **state)
{
    (void)state;
    assert_int_equal(one_piece(10, 0, 10), S_OK);
    assert_int_equal(one_piece(10, 9, 1), S_OK);
    assert_int_equal(one_piece(0, 0, 0), S_OK); /* the empty object */
    assert_int_equal(one_piece(10, 0, 0), S_INVALID);
    assert_int_equal(one_piece(10, 10, 0), S_INVALID);
    assert_int_equal(one_piece(10, 0, 11), S_INVALID);
    assert_int_equal(one_piece(10, 10, 1), S_INVALID);
    assert_int_equal(one_piece(10, UINT32_MAX, 11), S_INVALID);
    assert_int_equal(one_piece(MEMBER_WHOLE_MAX, MEMBER_WHOLE_MAX - 1, 1), S_OK);
    assert_int_equal(one_piece(MEMBER_WHOLE_MAX + 1, 0, 1), S_INVALID);
    assert_int_equal(one_piece(UINT32_MAX, UINT32_MAX - 1, 1), S_INVALID);
}

static uint32_t ones[PIECES_MAX + 1];

static Qanat__Wire__Pieces pieces_of(size_t count)
{
    Qanat__Wire__Pieces wire = QANAT__WIRE__PIECES__INIT;

    for (size_t i = 0; i <= PIECES_MAX; i++) {
        ones[i] = 1;
    }
    wire.objects = bodies_fill(0, 'o', count * sizeof(struct hash));
    wire.data = bodies_fill(1, 'd', count);
    wire.n_sizes = wire.n_offsets = wire.n_lengths = count;
    wire.sizes = wire.lengths = ones;
    static uint32_t zeroes[PIECES_MAX + 1];
    wire.offsets = zeroes;
    return wire;
}

static void columns_of_pieces_have_one_length_and_use_up_their_data(void **state)
{
    struct message back;
    (void)state;

    Qanat__Wire__Pieces wire = pieces_of(3);
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_OK);
    wire = pieces_of(3), wire.n_sizes = 2;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
    wire = pieces_of(3), wire.n_offsets = 2;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
    wire = pieces_of(3), wire.n_lengths = 4;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
    wire = pieces_of(3), wire.objects.len--;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
    wire = pieces_of(3), wire.data.len--;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
    wire = pieces_of(3), wire.data.len++;
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_INVALID);
}

static void pieces_at_their_maximum_pass_and_one_more_does_not(void **state)
{
    struct message back, message = {.type = MESSAGE_PIECES, .pieces.count = PIECES_MAX + 1};
    (void)state;

    Qanat__Wire__Pieces wire = pieces_of(PIECES_MAX);
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_OK);
    wire = pieces_of(PIECES_MAX + 1);
    assert_int_equal(bodies_decode(MESSAGE_PIECES, &wire.base, &back), S_TOO_LARGE);
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

static void more_data_than_a_body_holds_is_not_sent(void **state)
{
    static uint8_t data[MEMBER_WHOLE_MAX];
    struct piece pieces[2] = {{.size = MEMBER_WHOLE_MAX, .data = bytes_of(data, sizeof data)}};
    struct message message = {.type = MESSAGE_PIECES, .pieces = {.pieces = pieces, .count = 2}};
    (void)state;

    pieces[1] = pieces[0];
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_whole_and_at_most_the_maximum),
        cmocka_unit_test(offers_have_whole_hashes_and_at_most_the_maximum_in_all),
        cmocka_unit_test(a_piece_lies_within_its_object),
        cmocka_unit_test(columns_of_pieces_have_one_length_and_use_up_their_data),
        cmocka_unit_test(pieces_at_their_maximum_pass_and_one_more_does_not),
        cmocka_unit_test_teardown(more_data_than_a_body_holds_is_not_sent, bodies_end),
    };
    return KIT_RUN(tests);
}
