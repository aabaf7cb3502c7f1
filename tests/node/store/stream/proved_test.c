#include "node/store/stream/proved.h"

#include "tests/kit/kit.h"

static const struct id federation = {{1}}, other = {{2}};

static enum proved find(const char *text)
{
    return proved_find(&federation, bytes_text(text));
}

static void a_judgement_is_that_of_these_bytes_in_this_federation(void **state)
{
    (void)state;
    assert_int_equal(find("a statement"), PROVED_UNKNOWN);
    proved_put(&federation, bytes_text("a statement"), true);
    proved_put(&federation, bytes_text("a lie"), false);
    assert_int_equal(find("a statement"), PROVED_SOUND);
    assert_int_equal(find("a lie"), PROVED_FALSE);
    assert_int_equal(find("a statemenu"), PROVED_UNKNOWN);
    assert_int_equal(find("a statemen"), PROVED_UNKNOWN);
    assert_int_equal(proved_find(&other, bytes_text("a statement")), PROVED_UNKNOWN);
    proved_put(&federation, bytes_text("a lie"), true); /* what is said last */
    assert_int_equal(find("a lie"), PROVED_SOUND);
}

static void numbers_put(uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        proved_put(&federation, bytes_of((const uint8_t *)&i, sizeof i), i % 2);
    }
}

static enum proved number_find(uint32_t i)
{
    return proved_find(&federation, bytes_of((const uint8_t *)&i, sizeof i));
}

static void what_is_asked_for_stays_and_what_is_not_goes(void **state)
{
    (void)state;
    proved_put(&federation, bytes_text("kept"), true);
    numbers_put(0, PROVED_MAX - 100);
    for (uint32_t i = 0; i < PROVED_MAX - 100; i++) {
        assert_int_equal(number_find(i), i % 2 ? PROVED_SOUND : PROVED_FALSE);
    }
    for (int round = 1; round < 4; round++) {
        numbers_put((uint32_t)round * PROVED_MAX, PROVED_MAX - 100);
        assert_int_equal(find("kept"), PROVED_SOUND);
    }
    assert_int_equal(number_find(7), PROVED_UNKNOWN);
    assert_int_equal(number_find(3 * PROVED_MAX + 7), PROVED_SOUND);
    assert_int_equal(number_find(3 * PROVED_MAX + 8), PROVED_FALSE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_judgement_is_that_of_these_bytes_in_this_federation),
        cmocka_unit_test(what_is_asked_for_stays_and_what_is_not_goes),
    };

    return KIT_RUN(tests);
}
