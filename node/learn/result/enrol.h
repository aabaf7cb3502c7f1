/* enrol.h: one person takes one course: an `enrolled` event made here, not imported.
 *
 * Its id follows from person, course and cohort, so enrolling again changes nothing. In a cohort that was made here the person becomes a member. */
#ifndef QANAT_NODE_LEARN_RESULT_ENROL_H
#define QANAT_NODE_LEARN_RESULT_ENROL_H

#include "node/learn/result/result.h"

enum { ENROL_ID_SIZE = 6 + HASH_HEX_SIZE };

struct enrolment {
    struct bytes person, course, cohort; /* cohort may be empty */
    int64_t now_ms;
};

/* The id of an enrolment's event. */
void enrol_id(const struct federation *federation, const struct enrolment *enrolment, char out[ENROL_ID_SIZE]);

/* S_OK: durable, *is_new_out says whether it was new and *is_known_course_out whether a package of the course
 * is known here. S_NOT_FOUND without such a person, S_INVALID for a text that cannot be a course or a cohort,
 * or for a cohort of another course. */
enum status enrol(struct store *store, const struct federation *federation, const struct enrolment *enrolment,
                  bool *is_new_out, bool *is_known_course_out, struct report *report);

#endif
