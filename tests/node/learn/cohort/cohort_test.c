#include "node/learn/cohort/cohort.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static struct cohorts cohorts_of(struct kit_store *kit)
{
    return (struct cohorts){
        .store = kit->store, .federation = &kit->federation, .now_ms = KIT_NOW_S * 1000LL};
}

static struct cohort_wish wish_of(const char *name, const char *course)
{
    return (struct cohort_wish){.cohort = name, .course = course, .starts_ms = -1, .ends_ms = -1};
}

static void a_cohort_is_made_changed_and_removed(void **state)
{
    struct kit_store kit;
    struct cohort_row row;
    struct report report = {.status = S_OK};
    (void)state;

    kit_store_open(&kit);
    struct cohorts cohorts = cohorts_of(&kit);
    struct cohort_wish wish = wish_of("autumn", "tdc");
    assert_int_equal(cohort_put(&cohorts, &wish, false, &report), S_NOT_FOUND);
    wish.starts_ms = 1000;
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_EXISTS);
    struct cohort_wish change = wish_of("autumn", NULL);
    change.title = "Осень";
    change.ends_ms = 2000;
    assert_int_equal(cohort_put(&cohorts, &change, false, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(cohort_get(db, "autumn", &row, NULL), S_OK);
    store_read_end(kit.store, db);
    assert_string_equal(row.title, "Осень");
    assert_string_equal(row.course, "tdc");
    assert_int_equal(row.starts_ms, 1000);
    assert_int_equal(row.ends_ms, 2000);
    change.ends_ms = 500;
    report_clear(&report);
    assert_int_equal(cohort_put(&cohorts, &change, false, &report), S_INVALID);
    assert_non_null(strstr(report.text, "before it starts"));
    assert_int_equal(cohort_remove(&cohorts, "autumn", NULL), S_OK);
    assert_int_equal(cohort_remove(&cohorts, "autumn", NULL), S_NOT_FOUND);
    kit_store_close(&kit);
}

static void strange_wishes_are_refused(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    struct cohorts cohorts = cohorts_of(&kit);
    struct cohort_wish wish = wish_of("", "tdc");
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_INVALID);
    wish = wish_of("a\nb", "tdc");
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_INVALID);
    wish = wish_of("autumn", NULL);
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_INVALID);
    char title[COHORT_TITLE_MAX + 2];
    memset(title, 't', sizeof title);
    title[COHORT_TITLE_MAX + 1] = '\0';
    wish = wish_of("longest", "tdc");
    wish.title = title;
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_INVALID);
    title[COHORT_TITLE_MAX] = '\0';
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    wish = wish_of("autumn", "tdc");
    wish.version = "9"; /* nobody knows it */
    assert_int_not_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    kit_store_close(&kit);
}

static void who_may_run_what(void **state)
{
    const struct cohort_row row = {.id = 1, .course = "tdc"};
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    struct db *db = store_read_begin(kit.store);
    assert_true(cohort_may_train(db, 1, ROLE_FACILITATOR, "tdc"));
    assert_false(cohort_may_train(db, 1, ROLE_LEARNER, "tdc"));
    assert_true(cohort_may_run(db, 1, ROLE_MANAGER, &row));
    assert_false(cohort_may_run(db, 1, ROLE_FACILITATOR, &row));
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cohort_is_made_changed_and_removed),
        cmocka_unit_test(strange_wishes_are_refused),
        cmocka_unit_test(who_may_run_what),
    };
    return KIT_RUN(tests);
}
