#include "replication/peer/sent.h"
#include "tests/kit/kit.h"

#include <string.h>

static struct sent sent;
static uint8_t picture[SKETCH_FROM + 5000];

static struct hash number(size_t value)
{
    struct hash hash = {{0}};
    memcpy(hash.b, &value, sizeof value);
    return hash;
}

static void draw(uint64_t seed, size_t from, size_t size)
{
    struct kit_random random;

    kit_random_seed(&random, seed);
    for (size_t i = from; i < from + size; i++) {
        picture[i] = (uint8_t)kit_random_below(&random, 256);
    }
}

static int begin(void **state)
{
    (void)state;
    memset(&sent, 0, sizeof sent);
    return 0;
}

static void the_window_holds_the_last_texts_oldest_first(void **state)
{
    struct hash window[4];
    (void)state;

    assert_int_equal(sent_window(&sent, 4, 1000, window), 0);
    for (size_t i = 1; i <= 10; i++) {
        struct hash hash = number(i);
        sent_text_note(&sent, &hash, 100);
    }
    assert_int_equal(sent_window(&sent, 4, 1000, window), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(window[i].b[0], 7 + i);
    }
    assert_int_equal(sent_window(&sent, 4, 250, window), 2);
    assert_int_equal(window[1].b[0], 10);
    assert_int_equal(sent_window(&sent, 0, 1000, window), 0);
}

static void what_is_too_large_for_the_window_is_passed_over(void **state)
{
    struct hash window[4], small = number(1), large = number(2), none = number(3);
    (void)state;

    sent_text_note(&sent, &small, 100);
    sent_text_note(&sent, &large, 5000);
    sent_text_note(&sent, &none, 0);
    assert_int_equal(sent_window(&sent, 4, 1000, window), 1);
    assert_int_equal(window[0].b[0], 1);
    assert_true(sent_was_told(&sent, &none));
}

static void the_ring_forgets_the_oldest(void **state)
{
    struct hash first = number(0), second = number(1), last = number(SENT_TEXTS_MAX);
    (void)state;

    for (size_t i = 0; i <= SENT_TEXTS_MAX; i++) {
        struct hash hash = number(i);
        sent_text_note(&sent, &hash, 1);
    }
    assert_false(sent_was_told(&sent, &first));
    assert_true(sent_was_told(&sent, &second));
    assert_true(sent_was_told(&sent, &last));
}

static void a_near_duplicate_is_found_and_another_picture_is_not(void **state)
{
    struct hash one = number(1), two = number(2), three = number(3), found;
    struct sketch sketch;
    (void)state;

    draw(1, 0, sizeof picture);
    sketch_make(bytes_of(picture, sizeof picture), &sketch);
    assert_false(sent_alike_find(&sent, &one, &sketch, &found));
    sent_alike_note(&sent, &one, &sketch, false);
    assert_false(sent_alike_find(&sent, &one, &sketch, &found)); /* itself is no base */
    assert_false(sent_was_told(&sent, &one));

    draw(2, sizeof picture - 100, 100); /* another end */
    sketch_make(bytes_of(picture, sizeof picture), &sketch);
    assert_true(sent_alike_find(&sent, &two, &sketch, &found));
    assert_int_equal(found.b[0], 1);
    sent_alike_note(&sent, &two, &sketch, true);
    assert_true(sent_was_told(&sent, &two));

    memmove(picture + 500, picture, sizeof picture - 500); /* 500 bytes put in before it */
    draw(3, 0, 500);
    sketch_make(bytes_of(picture, sizeof picture), &sketch);
    assert_true(sent_alike_find(&sent, &three, &sketch, &found));
    assert_int_equal(found.b[0], 2); /* the last of two that are as near */

    draw(4, 0, sizeof picture);
    sketch_make(bytes_of(picture, sizeof picture), &sketch);
    assert_false(sent_alike_find(&sent, &three, &sketch, &found));
}

static void contents_without_features_resemble_nothing(void **state)
{
    struct hash one = number(1), two = number(2), found;
    struct sketch sketch;
    (void)state;

    sketch_make(bytes_of(NULL, 0), &sketch);
    sent_alike_note(&sent, &one, &sketch, false);
    assert_false(sent_alike_find(&sent, &two, &sketch, &found));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_window_holds_the_last_texts_oldest_first, begin),
        cmocka_unit_test_setup(what_is_too_large_for_the_window_is_passed_over, begin),
        cmocka_unit_test_setup(the_ring_forgets_the_oldest, begin),
        cmocka_unit_test_setup(a_near_duplicate_is_found_and_another_picture_is_not, begin),
        cmocka_unit_test_setup(contents_without_features_resemble_nothing, begin),
    };
    return KIT_RUN(tests);
}
