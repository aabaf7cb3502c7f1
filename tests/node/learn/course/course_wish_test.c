/* Which versions a subscription means. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/courses.h"

static enum status check(struct db *db, void *arg)
{
    static const struct {
        struct subscription subscription;
        bool is_wished;
    } cases[] = {
        {{.course = "c"}, true},
        {{.course = "d"}, false},
        {{.lang = "en"}, true},
        {{.lang = "ar"}, false},
        {{.series = "s"}, true},
        {{.series = "s", .lang = "ar"}, false},
        {{.course = "c", .series = "t"}, false},
        {{.course = ""}, true},        /* --all */
        {{.publisher = "hub"}, false}, /* no roster here that could name it */
    };
    struct kit_courses *node = arg;
    struct course_row old = {.course = "c",
                             .lang = "en",
                             .version = "1",
                             .series = "s",
                             .publisher = {{9}},
                             .stamp = 1,
                             .state = COURSE_CATALOGUED},
                      new = old;
    int64_t count;

    snprintf(new.version, sizeof new.version, "2");
    new.stamp = 2;
    assert_int_equal(course_row_insert(db, &old), S_OK);
    assert_int_equal(course_row_insert(db, &new), S_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subscription all = cases[i].subscription;

        assert_int_equal(subscription_put(db, &all), S_OK);
        struct course_wishes *wishes = course_wishes_load(&node->courses, db);
        assert_int_equal(course_is_wished(wishes, db, &new), cases[i].is_wished);
        assert_false(course_is_wished(wishes, db, &old)); /* overtaken */
        course_wishes_free(wishes);
        all.has_all_versions = true;
        assert_int_equal(subscription_put(db, &all), S_OK);
        wishes = course_wishes_load(&node->courses, db);
        assert_int_equal(course_is_wished(wishes, db, &old), cases[i].is_wished);
        course_wishes_free(wishes);
        assert_int_equal(subscription_delete_all(db, &count), S_OK);
    }
    struct course_wishes *none = course_wishes_load(&node->courses, db);
    assert_false(course_is_wished(none, db, &new));
    old.is_pinned = new.is_asked = true;
    assert_true(course_is_wished(none, db, &old)); /* a pin is a wish of its own */
    assert_true(course_is_wished(none, db, &new)); /* and so is what a node below asked for */
    old.is_withdrawn = true;
    assert_false(course_is_wished(none, db, &old));
    course_wishes_free(none);
    return S_OK;
}

static void subscriptions_pins_and_demands_say_what_is_wanted(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->campus;

    kit_job(node, check, node);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(subscriptions_pins_and_demands_say_what_is_wanted),
    };
    return KIT_RUN(tests);
}
