/* Courses that are wanted and do not come: there is no room, or what came does not hold together. The node is in step all the same. */
#include "node/care/doctor.h"

#include "node/store/course/course.h"

static void state_tell(struct findings *findings, struct db *db, enum course_state state, enum finding_code code)
{
    struct buffer ids;
    struct course_row row;

    buffer_init(&ids);
    if (course_row_list_in_state(db, state, &ids) == S_OK) {
        size_t count = ids.size / sizeof(int64_t), told = 0;
        for (size_t at = 0; told < DOCTOR_COURSES_MAX && course_row_next(db, &ids, &at, &row); told++) {
            findings_add(findings, code, row.course, "%s, version %s: %s", row.lang, row.version, row.problem);
        }
        if (count > told) {
            findings_add(findings, code, "courses", "and %zu more", count - told);
        }
    }
    buffer_release(&ids);
}

void doctor_courses(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;

    if (inspection->store) {
        struct db *db = store_read_begin(inspection->store);
        state_tell(inspection->findings, db, COURSE_WAITING, FINDING_COURSE_WAITING);
        state_tell(inspection->findings, db, COURSE_REFUSED, FINDING_COURSE_REFUSED);
        store_read_end(inspection->store, db);
        findings_note(inspection->findings, "courses");
    }
}
