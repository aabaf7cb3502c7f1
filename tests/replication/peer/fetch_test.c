#include "replication/peer/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static struct objects_in in;


static int setup(void **state)
{
    (void)state;
    memset(&in, 0, sizeof in);
    in.items = malloc(FETCHES_MAX * sizeof *in.items);
    assert_non_null(in.items);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fetch_release(&in);
    return 0;
}

/* Asked for, named by its number. */
static struct fetch *ask(uint8_t number, uint32_t size)
{
    struct fetch *fetch = &in.items[in.count++];

    memset(fetch, 0, sizeof *fetch);
    fetch->object.b[0] = number;
    fetch->size = size;
    in.asked_bytes += size;
    return fetch;
}

static struct piece piece_of(const struct fetch *fetch, uint32_t size, uint32_t offset, struct bytes data)
{
    return (struct piece){fetch->object, size, offset, data};
}

/* All of it comes in one piece. */
static struct fetch *get(uint8_t number, uint32_t size)
{
    struct fetch *fetch = ask(number, size);
    uint8_t *data = calloc(1, size + 1u);
    struct piece piece = piece_of(fetch, size, 0, bytes_of(data, size));

    assert_true(fetch_may_take(fetch, &piece));
    fetch_open(&in, fetch, &piece);
    fetch_fill(fetch, &piece);
    assert_int_equal(fetch->blocks_left, 0);
    free(data);
    return fetch;
}

static void bytes_are(uint64_t asked, uint64_t storing, uint64_t unplaced)
{
    assert_int_equal(in.asked_bytes, asked);
    assert_int_equal(in.storing_bytes, storing);
    assert_int_equal(in.unplaced_bytes, unplaced);
}

static void bytes_are_counted_where_they_are(void **state)
{
    (void)state;

    fetch_hand_over(&in, get(1, 5000), 11);
    fetch_hand_over(&in, get(2, 300), 12);
    get(3, 70);
    bytes_are(70, 5300, 5300);
    fetch_place(&in, 11);
    bytes_are(70, 5300, 300);
    fetch_place(&in, 11); /* once */
    fetch_place(&in, 99);
    fetch_place(&in, 0); /* which has the one that was asked for and no other */
    bytes_are(70, 5300, 300);
    fetch_remove(&in, &in.items[0]);
    bytes_are(70, 300, 300);
    fetch_remove(&in, fetch_find_in(&in, &(struct hash){{2}})); /* durable, and never told as placed */
    bytes_are(70, 0, 0);
    fetch_remove(&in, &in.items[0]);
    bytes_are(0, 0, 0);
    assert_null(fetch_find_in(&in, &(struct hash){{3}}));
}

static void what_comes_back_is_asked_for_like_before(void **state)
{
    (void)state;

    for (int i = 0; i < 2; i++) { /* placed or not */
        struct fetch *fetch = get(1, 5000);
        fetch_hand_over(&in, fetch, 11);
        if (i == 1) {
            fetch_place(&in, 11);
        }
        fetch_take_back(&in, fetch);
        bytes_are(5000, 0, 0);
        fetch_hand_over(&in, fetch, 12);
        bytes_are(0, 5000, 5000);
        fetch_remove(&in, fetch);
        bytes_are(0, 0, 0);
    }
}

static void the_first_piece_says_the_size(void **state)
{
    struct fetch *fetch = ask(1, 0);
    uint8_t data[BLOCK_SIZE] = {7};
    struct piece piece = piece_of(fetch, BLOCK_SIZE + 1, 0, bytes_of(data, BLOCK_SIZE));
    (void)state;

    assert_true(fetch_may_take(fetch, &piece));
    fetch_open(&in, fetch, &piece);
    bytes_are(BLOCK_SIZE + 1, 0, 0);
    fetch_fill(fetch, &piece);
    fetch_fill(fetch, &piece); /* a double */
    assert_int_equal(fetch->blocks_left, 1);
    piece.size++;
    assert_false(fetch_may_take(fetch, &piece)); /* another size */
    piece = piece_of(fetch, BLOCK_SIZE + 1, BLOCK_SIZE, bytes_of(data, 2));
    assert_false(fetch_may_take(fetch, &piece)); /* beyond its end */
    piece.data.size = 1;
    assert_true(fetch_may_take(fetch, &piece));
    piece.offset = 1;
    assert_false(fetch_may_take(fetch, &piece)); /* not at a block */
    piece = piece_of(fetch, BLOCK_SIZE + 1, 0, bytes_of(data, 1));
    assert_false(fetch_may_take(fetch, &piece)); /* does not end at one */
    piece = piece_of(fetch, BLOCK_SIZE + 1, BLOCK_SIZE, bytes_of(data, 1));
    fetch_fill(fetch, &piece);
    assert_int_equal(fetch->blocks_left, 0);
    assert_int_equal(fetch->data[0], 7);
}

/* A member below asks for objects that there are not, and begins each of them with the largest size when it is asked itself. */
static void objects_of_unknown_size_are_begun_up_to_a_bound(void **state)
{
    uint8_t data[BLOCK_SIZE] = {7};
    size_t begun = 0;
    (void)state;

    for (int i = 0; i < 200; i++) {
        struct fetch *fetch = ask((uint8_t)i, 0);
        struct piece piece = piece_of(fetch, MEMBER_WHOLE_MAX, 0, bytes_of(data, sizeof data));
        if (fetch_has_room(&in, fetch, &piece)) {
            fetch_open(&in, fetch, &piece);
            fetch_fill(fetch, &piece);
            begun++;
        }
    }
    assert_int_equal(begun, UNSIZED_MAX / MEMBER_WHOLE_MAX);
    struct fetch *known = ask(200, MEMBER_WHOLE_MAX), *begun_one = &in.items[0];
    struct piece piece = piece_of(known, MEMBER_WHOLE_MAX, 0, bytes_of(data, sizeof data));
    assert_true(fetch_has_room(&in, known, &piece)); /* was counted when it was asked for */
    piece.object = begun_one->object;
    assert_true(fetch_has_room(&in, begun_one, &piece));
    while (in.count > 1) {
        fetch_remove(&in, &in.items[1]);
    }
    piece = piece_of(ask(1, 0), MEMBER_WHOLE_MAX, 0, bytes_of(data, sizeof data));
    assert_true(fetch_has_room(&in, &in.items[1], &piece)); /* others came, or went */
}

static void what_was_handed_over_stays_when_the_session_ends(void **state)
{
    (void)state;

    fetch_hand_over(&in, get(1, 5000), 11);
    fetch_hand_over(&in, get(2, 300), 12);
    fetch_place(&in, 12);
    get(3, 70);
    fetch_leave_all(&in);
    assert_int_equal(in.count, 0);
    bytes_are(0, 0, 0);
    fetch_place(&in, 11); /* told late */
    bytes_are(0, 0, 0);
    assert_true(fetch_drop_left(&in, 11));
    assert_false(fetch_drop_left(&in, 11));
    assert_int_equal(in.leaving_count, 1); /* the other goes with the session */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_are_counted_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_back_is_asked_for_like_before, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_piece_says_the_size, setup, teardown),
        cmocka_unit_test_setup_teardown(objects_of_unknown_size_are_begun_up_to_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_handed_over_stays_when_the_session_ends, setup, teardown),
    };
    return KIT_RUN(tests);
}
