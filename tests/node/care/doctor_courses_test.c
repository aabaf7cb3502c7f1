/* Courses that are wanted and do not come are told, each with its reason; of many their number. */
#include <stdio.h>

#include "node/care/doctor.h"
#include "node/store/course/course.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

struct wanted {
    enum course_state state;
    unsigned count;
};

static enum status courses_add(struct db *db, void *arg)
{
    const struct wanted *wanted = arg;
    struct course_row row = {.format = PACKAGE_PLAIN, .state = wanted->state, .lang = "en", .version = "1"};

    for (unsigned i = 0; i < wanted->count; i++) {
        snprintf(row.course, sizeof row.course, "c%u-%u", wanted->state, i);
        snprintf(row.problem, sizeof row.problem, "no room for %u", i);
        assert_int_equal(course_row_insert(db, &row), S_OK);
    }
    return S_OK;
}

static void looked(struct kit_store *kit, size_t waiting, size_t refused)
{
    struct findings findings;
    struct inspection inspection = {.dir = kit->dir, .findings = &findings, .store = kit->store};
    const struct doctor doctor = {.inspection = &inspection};

    findings_init(&findings);
    doctor_courses(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_COURSE_WAITING), waiting);
    assert_int_equal(findings_count(&findings, FINDING_COURSE_REFUSED), refused);
    findings_release(&findings);
}

static void wanted(struct kit_store *kit, enum course_state state, unsigned count)
{
    struct wanted wanted = {state, count};

    assert_int_equal(store_write_wait(kit->store, courses_add, &wanted), S_OK);
}

static void what_waits_for_room_or_was_refused_is_told(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    wanted(&kit, COURSE_INSTALLED, 1);
    wanted(&kit, COURSE_FETCHING, 1);
    looked(&kit, 0, 0);
    wanted(&kit, COURSE_REFUSED, 1);
    wanted(&kit, COURSE_WAITING, DOCTOR_COURSES_MAX);
    looked(&kit, DOCTOR_COURSES_MAX, 1);
    kit_store_close(&kit);
}

static void of_many_their_number_is_told(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    wanted(&kit, COURSE_WAITING, DOCTOR_COURSES_MAX + 2);
    looked(&kit, DOCTOR_COURSES_MAX + 1, 0);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_for_room_or_was_refused_is_told),
        cmocka_unit_test(of_many_their_number_is_told),
    };
    return KIT_RUN(tests);
}
