/* Subscriptions come back as they were put, and go by exactly what was said. */
#include "node/store/course/subscription.h"

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

static void subscriptions_come_and_go_by_what_was_said(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, run, NULL), S_OK);
    desk_close(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscriptions_come_and_go_by_what_was_said),
    };
    return KIT_RUN(tests);
}
