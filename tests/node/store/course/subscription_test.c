/* Subscriptions come back as they were put, and go by exactly what was said. */
#include "node/store/course/subscription.h"

#include <stdio.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static enum status run(struct db *db, void *arg)
{
    const struct subscription a = {.course = "c", .lang = "ar"},
                              b = {.series = "s", .publisher = "hub", .has_all_versions = true};
    const struct subscription near = {.course = "c"};
    struct subscription list[4];
    int64_t count;

    (void)arg;
    assert_int_equal(subscription_put(db, &a), S_OK);
    assert_int_equal(subscription_put(db, &b), S_OK);
    assert_int_equal(subscription_put(db, &a), S_OK);
    assert_int_equal(subscription_list(db, list, 4), 2);
    assert_string_equal(list[0].series, "s");
    assert_string_equal(list[0].publisher, "hub");
    assert_true(list[0].has_all_versions);
    assert_string_equal(list[1].lang, "ar");
    assert_int_equal(subscription_list(db, list, 1), 1);
    assert_int_equal(subscription_delete(db, &near, &count), S_OK);
    assert_int_equal(count, 0);
    assert_int_equal(subscription_delete(db, &a, &count), S_OK);
    assert_int_equal(count, 1);
    assert_int_equal(subscription_delete_all(db, &count), S_OK);
    assert_int_equal(count, 1);
    return S_OK;
}

static enum status fill(struct db *db, void *arg)
{
    struct subscription one = {.lang = "ar"}, again = {.course = "c7", .lang = "ar", .has_all_versions = true};
    struct subscription *list = test_calloc(SUBSCRIPTIONS_MAX + 1, sizeof *list);
    int64_t count;

    (void)arg;
    for (int i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        snprintf(one.course, sizeof one.course, "c%d", i);
        assert_int_equal(subscription_put(db, &one), S_OK);
    }
    snprintf(one.course, sizeof one.course, "one more");
    assert_int_equal(subscription_put(db, &one), S_TOO_LARGE);
    assert_int_equal(subscription_put(db, &again), S_OK); /* changes one that is there */
    assert_int_equal(subscription_list(db, list, SUBSCRIPTIONS_MAX + 1), SUBSCRIPTIONS_MAX);
    assert_int_equal(subscription_delete(db, &again, &count), S_OK);
    assert_int_equal(subscription_put(db, &one), S_OK);
    test_free(list);
    return S_OK;
}

static void one_more_than_the_limit_is_refused(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, fill, NULL), S_OK);
    desk_close(desk);
}

static void subscriptions_come_and_go_by_what_was_said(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, run, NULL), S_OK);
    desk_close(desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscriptions_come_and_go_by_what_was_said),
        cmocka_unit_test(one_more_than_the_limit_is_refused),
    };
    return KIT_RUN(tests);
}
