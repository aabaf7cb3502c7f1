#include <stdio.h>

#include "node/learn/account/throttle.h"
#include "tests/kit/kit.h"

static unsigned try_at(struct throttle *throttle, const char *person, const char *address, int64_t now_ms)
{
    return throttle_try(throttle, bytes_text(person), bytes_text(address), now_ms);
}

static void the_first_tries_are_free_and_each_further_one_waits_longer(void **state)
{
    struct throttle *throttle = throttle_new();
    int64_t now_ms = 1000;
    unsigned last = 1;
    (void)state;

    for (int i = 0; i < THROTTLE_FREE; i++) {
        assert_int_equal(try_at(throttle, "p1", "a", now_ms), 0);
    }
    for (int i = 0; i < 12; i++) {
        unsigned wait_s = try_at(throttle, "p1", "a", now_ms);
        assert_true(wait_s > last || wait_s == THROTTLE_WAIT_MAX_S);
        assert_int_equal(try_at(throttle, "p1", "b", now_ms + wait_s * 1000 - 1), 1);
        now_ms += wait_s * 1000;
        assert_int_equal(try_at(throttle, "p1", "a", now_ms), 0);
        last = wait_s;
    }
    assert_int_equal(last, THROTTLE_WAIT_MAX_S);
    throttle_free(throttle);
}

static void the_right_password_forgives(void **state)
{
    struct throttle *throttle = throttle_new();
    (void)state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(try_at(throttle, "p1", "a", 1000), 0);
        throttle_forgive(throttle, bytes_text("p1"), bytes_text("a"));
    }
    throttle_free(throttle);
}

static void an_address_that_tries_many_people_waits(void **state)
{
    struct throttle *throttle = throttle_new();
    char person[16];
    unsigned wait_s = 0;
    int tries = 0;
    (void)state;

    for (tries = 0; tries < 1000 && wait_s == 0; tries++) {
        snprintf(person, sizeof person, "p%d", tries);
        wait_s = try_at(throttle, person, "a", 1000);
    }
    assert_true(wait_s > 0 && wait_s <= THROTTLE_WAIT_OF_ADDRESS_MAX_S);
    assert_true(tries <= THROTTLE_FREE_OF_ADDRESS + 1);
    assert_int_equal(try_at(throttle, "somebody else", "b", 1000), 0);
    throttle_free(throttle);
}

/* Two thousand people, each of whom mistypes once, all through a day behind one address: nobody waits for the others. */
static void what_a_school_mistypes_does_not_add_up(void **state)
{
    struct throttle *throttle = throttle_new();
    int64_t now_ms = 1000;
    char person[16];
    (void)state;

    for (int i = 0; i < 2000; i++, now_ms += THROTTLE_DRAIN_OF_ADDRESS_MS) {
        snprintf(person, sizeof person, "p%d", i);
        assert_int_equal(try_at(throttle, person, "a", now_ms), 0);
        assert_int_equal(try_at(throttle, person, "a", now_ms), 0);
        throttle_forgive(throttle, bytes_text(person), bytes_text("a"));
    }
    throttle_free(throttle);
}

static void an_hour_without_a_try_is_forgotten(void **state)
{
    struct throttle *throttle = throttle_new();
    (void)state;

    for (int i = 0; i < THROTTLE_FREE; i++) {
        try_at(throttle, "p1", "a", 1000);
    }
    assert_true(try_at(throttle, "p1", "a", 1000) > 0);
    assert_int_equal(try_at(throttle, "p1", "a", 1001 + THROTTLE_FORGET_MS), 0);
    assert_int_equal(try_at(throttle, "p1", "a", 1001 + THROTTLE_FORGET_MS), 0);
    throttle_free(throttle);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_tries_are_free_and_each_further_one_waits_longer),
        cmocka_unit_test(the_right_password_forgives),
        cmocka_unit_test(an_address_that_tries_many_people_waits),
        cmocka_unit_test(what_a_school_mistypes_does_not_add_up),
        cmocka_unit_test(an_hour_without_a_try_is_forgotten),
    };
    return KIT_RUN(tests);
}
