#include "node/bundle/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/kit/kit.h"

/* What came out of the frames, put end to end. */
struct taken {
    struct arena arena;
    struct buffer data;
    size_t frames, bytes, objects;
    enum status answer;
};

static enum status take(void *ctx, struct bytes frame)
{
    struct taken *taken = ctx;
    struct message message;

    arena_clear(&taken->arena);
    assert_true(frame.size <= FRAME_SIZE_MAX);
    assert_int_equal(message_decode(frame, &taken->arena, &message), S_OK);
    assert_int_equal(message.type, MESSAGE_PIECES);
    for (size_t i = 0; i < message.pieces.count; i++) {
        const struct piece *piece = &message.pieces.pieces[i];

        assert_int_equal(piece->offset % PARCEL_BLOCK, 0);
        buffer_append(&taken->data, piece->data.data, piece->data.size);
        taken->objects += piece->offset + piece->data.size == piece->size;
    }
    taken->frames++;
    taken->bytes += frame.size;
    return taken->answer;
}

struct fixture {
    struct parcel parcel;
    struct taken taken;
    struct buffer sent;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    CHECK(fixture);
    parcel_init(&fixture->parcel, take, &fixture->taken);
    arena_init(&fixture->taken.arena, MESSAGE_ARENA_SIZE);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    parcel_release(&fixture->parcel);
    arena_release(&fixture->taken.arena);
    buffer_release(&fixture->taken.data);
    buffer_release(&fixture->sent);
    free(fixture);
    return 0;
}

static enum status add(struct fixture *fixture, size_t size, uint64_t seed)
{
    uint8_t *data = malloc(size + 1);
    struct kit_random random;

    CHECK(data);
    kit_random_seed(&random, seed);
    for (size_t i = 0; i < size; i++) {
        data[i] = seed ? (uint8_t)kit_random_u64(&random) : (uint8_t)(i / 100);
    }
    struct bytes bytes = bytes_of(data, size);
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes);
    buffer_append(&fixture->sent, data, size);
    enum status status = parcel_add(&fixture->parcel, &hash, bytes);
    free(data);
    return status;
}

static void objects_of_all_sizes_come_out_in_order(void **state)
{
    static const size_t sizes[] = {0, 1, 1023, 1024, 1025, 30 * 1024, 64 * 1024, MEMBER_WHOLE_MAX, 5, 0, 700};
    struct fixture *fixture = *state;
    uint64_t cost = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(add(fixture, sizes[i], i + 1), S_OK);
        cost += parcel_cost(sizes[i]);
    }
    assert_int_equal(parcel_flush(&fixture->parcel), S_OK);
    assert_int_equal(fixture->taken.objects, sizeof sizes / sizeof *sizes);
    assert_true(bytes_equal(buffer_bytes(&fixture->taken.data), buffer_bytes(&fixture->sent)));
    assert_true(fixture->taken.bytes + 4 * fixture->taken.frames <= cost);
}

static void thousands_of_tiny_objects_that_do_not_compress_keep_to_their_cost(void **state)
{
    struct fixture *fixture = *state;
    uint64_t cost = 0;

    for (uint64_t i = 1; i <= 3000; i++) {
        assert_int_equal(add(fixture, (size_t)(i % 40), i), S_OK);
        cost += parcel_cost(i % 40);
    }
    assert_true(parcel_pending_cost(&fixture->parcel) > 0);
    assert_int_equal(parcel_flush(&fixture->parcel), S_OK);
    assert_int_equal(parcel_pending_cost(&fixture->parcel), 0);
    assert_int_equal(fixture->taken.objects, 3000);
    assert_true(fixture->taken.bytes + 4 * fixture->taken.frames <= cost);
}

static void what_compresses_fills_its_frames(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 8; i++) {
        assert_int_equal(add(fixture, MEMBER_WHOLE_MAX, 0), S_OK);
    }
    assert_int_equal(parcel_flush(&fixture->parcel), S_OK);
    assert_true(fixture->taken.frames < 8 * MEMBER_WHOLE_MAX / (128 * 1024));
    assert_true(bytes_equal(buffer_bytes(&fixture->taken.data), buffer_bytes(&fixture->sent)));
}

static void a_full_stick_ends_the_packing(void **state)
{
    struct fixture *fixture = *state;

    fixture->taken.answer = S_NO_SPACE;
    assert_int_equal(add(fixture, MEMBER_WHOLE_MAX, 3), S_NO_SPACE);
    assert_int_equal(fixture->taken.frames, 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects_of_all_sizes_come_out_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(thousands_of_tiny_objects_that_do_not_compress_keep_to_their_cost,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_compresses_fills_its_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_stick_ends_the_packing, setup, teardown),
    };
    return KIT_RUN(tests);
}
