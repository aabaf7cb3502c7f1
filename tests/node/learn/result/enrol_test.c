#include <string.h>

#include "node/learn/result/enrol.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static enum status enrol_one(struct kit_store *kit, const char *person, const char *cohort, int64_t now_ms,
                             bool *is_new)
{
    struct enrolment enrolment = {.person = bytes_text(person),
                                  .course = bytes_text("dmu"),
                                  .cohort = bytes_text(cohort),
                                  .now_ms = now_ms};
    bool is_known;
    return enrol(kit->store, &kit->federation, &enrolment, is_new, &is_known, NULL);
}

static void a_person_is_enrolled_once_whenever_it_is_said(void **state)
{
    struct kit_store kit;
    bool is_new;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2);
    assert_int_equal(enrol_one(&kit, "p0", "", 1000, &is_new), S_OK);
    assert_true(is_new);
    assert_int_equal(enrol_one(&kit, "p0", "", 99000, &is_new), S_OK);
    assert_false(is_new);
    assert_int_equal(enrol_one(&kit, "p0", "autumn", 99000, &is_new), S_OK);
    assert_true(is_new);
    assert_int_equal(enrol_one(&kit, "p1", "", 99000, &is_new), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_ENROLLED), 3);
    kit_store_close(&kit);
}

static void an_unknown_person_is_a_clear_error(void **state)
{
    struct kit_store kit;
    struct report report;
    struct enrolment enrolment = {
        .person = bytes_text("p9"), .course = bytes_text("dmu"), .cohort = bytes_of("", 0)};
    bool is_new, is_known;
    (void)state;

    kit_store_open(&kit);
    report_clear(&report);
    assert_int_equal(enrol(kit.store, &kit.federation, &enrolment, &is_new, &is_known, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "'p9'"));
    report_clear(&report);
    enrolment.course = bytes_text("a\nb");
    assert_int_equal(enrol(kit.store, &kit.federation, &enrolment, &is_new, &is_known, &report), S_INVALID);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_enrolled_once_whenever_it_is_said),
        cmocka_unit_test(an_unknown_person_is_a_clear_error),
    };
    return KIT_RUN(tests);
}
