/* When a mirror is asked, and when it rests. */
#include "node/link/mirror/site.h"

#include <string.h>

#include "tests/kit/kit.h"

enum { WALL = 1000000 };

static const struct hash one = {{1}}, two = {{2}};
static struct mirror_site site;

static int setup(void **state)
{
    const struct mirror mirror = {.url = "http://m/"};
    const struct mirror_record record = {.bytes = 7, .rests_until_ms = 9999999};
    (void)state;

    mirror_site_init(&site, &mirror, &record);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mirror_site_release(&site);
    return 0;
}

static void what_it_lacks_is_asked_again_after_a_while(void **state)
{
    (void)state;

    mirror_site_judge(&site, &one, S_NOT_FOUND, "", 1000, WALL);
    assert_true(mirror_site_lacks(&site, &one, 1000));
    assert_false(mirror_site_lacks(&site, &two, 1000));
    assert_true(mirror_site_is_up(&site, 1000));
    assert_false(mirror_site_lacks(&site, &one, 1000 + MIRROR_ABSENT_MS));
    mirror_site_judge(&site, &two, S_NOT_FOUND, "", 1000 + MIRROR_ABSENT_MS, WALL);
    assert_true(mirror_site_lacks(&site, &two, 1000 + MIRROR_ABSENT_MS));
    assert_false(mirror_site_lacks(&site, &one, 1000 + MIRROR_ABSENT_MS));
}

static void one_that_lacks_everything_rests(void **state)
{
    (void)state;

    for (int i = 0; i < MIRROR_ABSENT_RUN; i++) {
        assert_true(mirror_site_is_up(&site, 1000));
        mirror_site_judge(&site, &one, S_NOT_FOUND, "", 1000, WALL);
    }
    assert_false(mirror_site_is_up(&site, 1000));
    assert_true(mirror_site_is_up(&site, 1000 + MIRROR_REST_MAX_MS));
}

static void what_is_remembered_as_lacking_is_bounded(void **state)
{
    (void)state;

    for (uint8_t i = 0; i < 4; i++) {
        for (int j = 0; j < MIRROR_ABSENT_MAX / 4 + 1; j++) {
            const struct hash content = {{i, (uint8_t)j, (uint8_t)(j >> 8), 9}};
            mirror_site_judge(&site, &content, S_NOT_FOUND, "", 1000, WALL);
        }
    }
    assert_int_equal(site.absent_count, MIRROR_ABSENT_MAX);
    const struct hash oldest = {{0, 0, 0, 9}}, latest = {{3, MIRROR_ABSENT_MAX / 4, 0, 9}};
    assert_false(mirror_site_lacks(&site, &oldest, 1000));
    assert_true(mirror_site_lacks(&site, &latest, 1000));
}

static void a_failure_rests_it_longer_each_time_and_a_success_forgets(void **state)
{
    (void)state;

    mirror_site_judge(&site, &one, S_UNREACHABLE, "refused", 0, WALL);
    assert_int_equal(site.rests_until_ms, MIRROR_REST_MIN_MS);
    assert_string_equal(site.record.error, "refused");
    assert_int_equal(site.record.rests_until_ms, WALL + MIRROR_REST_MIN_MS);
    mirror_site_judge(&site, &one, S_BUSY, "503", 0, WALL);
    assert_int_equal(site.rests_until_ms, 2 * MIRROR_REST_MIN_MS);
    for (int i = 0; i < 20; i++) {
        mirror_site_judge(&site, &one, S_UNREACHABLE, "refused", 0, WALL);
    }
    assert_int_equal(site.rests_until_ms, MIRROR_REST_MAX_MS);
    mirror_site_judge(&site, &one, S_OK, "", 0, WALL);
    assert_string_equal(site.record.error, "");
    mirror_site_judge(&site, &one, S_UNREACHABLE, "refused", 0, WALL);
    assert_int_equal(site.rests_until_ms, MIRROR_REST_MIN_MS);
}

static void a_liar_rests_for_an_hour(void **state)
{
    (void)state;

    mirror_site_judge(&site, &one, S_BAD_DIGEST, "other bytes", 5, WALL);
    assert_false(mirror_site_is_up(&site, MIRROR_REST_LIE_MS));
    assert_true(mirror_site_is_up(&site, 5 + MIRROR_REST_LIE_MS));
}

static void a_slow_one_shares_and_a_standing_one_rests(void **state)
{
    uint64_t now_ms = 1000;
    (void)state;

    assert_true(mirror_site_is_quick(&site));
    assert_false(mirror_site_measure(&site, true, false, now_ms, WALL));
    mirror_site_moved(&site, 50000); /* in 4 s: 100 kbit/s */
    assert_false(mirror_site_measure(&site, true, false, now_ms += 4000, WALL));
    assert_false(mirror_site_is_quick(&site));
    mirror_site_moved(&site, 1000000);
    assert_false(mirror_site_measure(&site, true, false, now_ms += 4000, WALL));
    assert_true(mirror_site_is_quick(&site));
    for (int i = 0; i < 9; i++) {
        assert_false(mirror_site_measure(&site, true, false, now_ms += 1000, WALL));
    }
    assert_false(mirror_site_is_quick(&site));
    assert_true(mirror_site_measure(&site, true, false, now_ms += 1000, WALL));
    assert_false(mirror_site_is_up(&site, now_ms));
}

static void our_own_rate_is_not_its_fault(void **state)
{
    uint64_t now_ms = 1000;
    (void)state;

    for (int i = 0; i < 60; i++) {
        assert_false(mirror_site_measure(&site, true, i % 5 == 0, now_ms += 1000, WALL));
    }
    assert_true(mirror_site_is_up(&site, now_ms));
}

static void what_came_is_added_up(void **state)
{
    (void)state;

    mirror_site_stored(&site, 100, WALL);
    assert_int_equal(site.record.bytes, 107);
    assert_int_equal(site.record.objects, 1);
    assert_int_equal(site.record.at_ms, WALL);
    assert_int_equal(site.record.rests_until_ms, 0); /* a start is another chance */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_it_lacks_is_asked_again_after_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_lacks_everything_rests, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_remembered_as_lacking_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_rests_it_longer_each_time_and_a_success_forgets, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_liar_rests_for_an_hour, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_one_shares_and_a_standing_one_rests, setup, teardown),
        cmocka_unit_test_setup_teardown(our_own_rate_is_not_its_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(what_came_is_added_up, setup, teardown),
    };
    return KIT_RUN(tests);
}
