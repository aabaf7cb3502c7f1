#include "replication/package/patch.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

/* `count` objects with `bases` each; both ways must agree on it. */
static enum status ask(size_t count, size_t bases)
{
    static struct ask_from asks[ASK_FROM_HASHES_MAX];
    static uint32_t counts[ASK_FROM_HASHES_MAX];
    Qanat__Wire__AskFrom wire = QANAT__WIRE__ASK_FROM__INIT;
    struct message back, message = {.type = MESSAGE_ASK_FROM, .ask_from = {.asks = asks, .count = count}};

    for (size_t i = 0; i < count; i++) {
        asks[i].base_count = bases;
        counts[i] = (uint32_t)bases;
    }
    wire.objects = bodies_fill(0, 'o', count * sizeof(struct hash));
    wire.bases = bodies_fill(1, 'b', count * bases * sizeof(struct hash));
    wire.n_base_counts = count;
    wire.base_counts = counts;
    enum status status = bodies_encode(&message);
    assert_int_equal(bodies_decode(MESSAGE_ASK_FROM, &wire.base, &back), status);
    if (status == S_OK) {
        assert_int_equal(back.ask_from.count, count);
        assert_int_equal(back.ask_from.asks[count - 1].bases[bases - 1].b[31], 'b');
    }
    return status;
}

static void an_object_is_asked_with_one_to_four_bases(void **state)
{
    (void)state;
    assert_int_equal(ask(1, 1), S_OK);
    assert_int_equal(ask(1, BASES_MAX), S_OK);
    assert_int_equal(ask(1, 0), S_INVALID);
    assert_int_equal(ask(1, BASES_MAX + 1), S_INVALID);
    assert_int_equal(ask(ASK_FROM_HASHES_MAX / 2, 1), S_OK);
    assert_int_equal(ask(ASK_FROM_HASHES_MAX / 2 + 1, 1), S_TOO_LARGE);
}

static void counts_and_bases_must_agree(void **state)
{
    uint32_t counts[] = {2, 1};
    Qanat__Wire__AskFrom wire = QANAT__WIRE__ASK_FROM__INIT;
    struct message back;
    (void)state;

    wire.objects = bodies_fill(0, 'o', 2 * sizeof(struct hash));
    wire.bases = bodies_fill(1, 'b', 3 * sizeof(struct hash));
    wire.n_base_counts = 2;
    wire.base_counts = counts;
    assert_int_equal(bodies_decode(MESSAGE_ASK_FROM, &wire.base, &back), S_OK);
    wire.bases.len -= sizeof(struct hash);
    assert_int_equal(bodies_decode(MESSAGE_ASK_FROM, &wire.base, &back), S_INVALID);
    wire.bases.len += 2 * sizeof(struct hash);
    assert_int_equal(bodies_decode(MESSAGE_ASK_FROM, &wire.base, &back), S_INVALID);
    wire.bases.len -= sizeof(struct hash);
    wire.n_base_counts = 1;
    assert_int_equal(bodies_decode(MESSAGE_ASK_FROM, &wire.base, &back), S_INVALID);
}

/* One piece; both ways must agree on it. */
static enum status one_piece(uint32_t size, uint32_t offset, uint32_t length, uint32_t bases)
{
    Qanat__Wire__Patches wire = QANAT__WIRE__PATCHES__INIT;
    struct patched_piece piece = {.size = size, .offset = offset, .length = length, .bases = bases};
    struct message back, message = {.type = MESSAGE_PATCHES, .patches = {.pieces = &piece, .count = 1}};

    wire.objects = bodies_fill(0, 'o', sizeof(struct hash));
    wire.patch = bodies_fill(1, 'p', 20);
    wire.n_sizes = wire.n_offsets = wire.n_lengths = wire.n_bases = 1;
    wire.sizes = &size;
    wire.offsets = &offset;
    wire.lengths = &length;
    wire.bases = &bases;
    message.patches.patch = protobuf_bytes(wire.patch);
    enum status status = bodies_encode(&message);
    assert_int_equal(bodies_decode(MESSAGE_PATCHES, &wire.base, &back), status);
    return status;
}

static void a_patched_piece_lies_within_its_object(void **state)
{
    (void)state;
    assert_int_equal(one_piece(10, 0, 10, 1), S_OK);
    assert_int_equal(one_piece(10, 9, 1, 15), S_OK);
    assert_int_equal(one_piece(10, 9, 1, 16), S_INVALID);
    assert_int_equal(one_piece(10, 0, 0, 1), S_INVALID);
    assert_int_equal(one_piece(10, 0, 11, 1), S_INVALID);
    assert_int_equal(one_piece(10, UINT32_MAX, 11, 1), S_INVALID);
    assert_int_equal(one_piece(MEMBER_WHOLE_MAX, 0, MEMBER_WHOLE_MAX, 0), S_OK);
    assert_int_equal(one_piece(MEMBER_WHOLE_MAX + 1, 0, 1, 1), S_INVALID);
}

static void a_patch_makes_a_megabyte_of_64_pieces_and_no_more(void **state)
{
    static struct patched_piece pieces[PATCHED_MAX + 1];
    struct message message = {.type = MESSAGE_PATCHES, .patches = {.pieces = pieces, .count = PATCHED_MAX}};
    (void)state;

    for (size_t i = 0; i <= PATCHED_MAX; i++) {
        pieces[i].size = MEMBER_WHOLE_MAX;
        pieces[i].length = PATCH_CONTENT_MAX / PATCHED_MAX;
    }
    assert_int_equal(bodies_encode(&message), S_OK);
    pieces[0].length++;
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
    pieces[0].length--;
    message.patches.count++;
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

static void a_sender_names_up_to_its_maximum_of_bases(void **state)
{
    static struct hash chosen[CHOSEN_MAX + 1];
    uint32_t one = 1, zero = 0;
    struct patched_piece piece = {.size = 1, .length = 1};
    struct message back,
        message = {.type = MESSAGE_PATCHES, .patches = {.pieces = &piece, .count = 1, .chosen = chosen}};
    Qanat__Wire__Patches wire = QANAT__WIRE__PATCHES__INIT;
    (void)state;

    wire.objects = bodies_fill(0, 0, sizeof(struct hash));
    wire.n_sizes = wire.n_offsets = wire.n_lengths = wire.n_bases = 1;
    wire.sizes = wire.lengths = &one;
    wire.offsets = wire.bases = &zero;
    for (size_t count = CHOSEN_MAX - 1; count <= CHOSEN_MAX + 1; count++) {
        enum status status = count <= CHOSEN_MAX ? S_OK : S_TOO_LARGE;

        message.patches.chosen_count = count;
        assert_int_equal(bodies_encode(&message), status);
        wire.chosen = bodies_fill(1, 'c', count * sizeof(struct hash));
        assert_int_equal(bodies_decode(MESSAGE_PATCHES, &wire.base, &back), status);
        assert_true(status != S_OK ||
                    (back.patches.chosen_count == count && back.patches.chosen[count - 1].b[31] == 'c'));
    }
    wire.chosen = bodies_fill(1, 'c', sizeof(struct hash) + 1);
    assert_int_equal(bodies_decode(MESSAGE_PATCHES, &wire.base, &back), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_names_up_to_its_maximum_of_bases),
        cmocka_unit_test(an_object_is_asked_with_one_to_four_bases),
        cmocka_unit_test(counts_and_bases_must_agree),
        cmocka_unit_test(a_patched_piece_lies_within_its_object),
        cmocka_unit_test_teardown(a_patch_makes_a_megabyte_of_64_pieces_and_no_more, bodies_end),
    };
    return KIT_RUN(tests);
}
