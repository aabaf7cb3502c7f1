/* cohort_row.h: rows of cohorts, their members, sessions and who was there. What they mean is decided in
 * node/learn/cohort. */
#ifndef QANAT_NODE_STORE_PEOPLE_COHORT_ROW_H
#define QANAT_NODE_STORE_PEOPLE_COHORT_ROW_H

#include "node/store/course/cohort.h"

enum { COHORT_TITLE_MAX = 256, COHORT_SESSION_MAX = 64 };

struct cohort_row {
    int64_t id;
    char cohort[COHORT_NAME_MAX + 1];
    char title[COHORT_TITLE_MAX + 1];
    char course[COURSE_ID_MAX + 1];
    char lang[LANG_MAX + 1];
    char trains[COURSE_ID_MAX + 1];
    int64_t starts_ms, ends_ms, created_ms; /* 0: not said */
};

bool cohort_row_find(struct db *db, struct bytes cohort, struct cohort_row *row_out);

/* Up to `max` with names above `after`; how many. */
typedef void cohort_row_visit(void *ctx, const struct cohort_row *row);
size_t cohort_row_page(struct db *db, struct bytes after, size_t max, cohort_row_visit *visit, void *ctx);

/* Those a person belongs to; only as a trainer when `as_trainer`. */
size_t cohort_row_of_person(struct db *db, int64_t person, bool as_trainer, cohort_row_visit *visit, void *ctx);

/* --- members --- */

void cohort_member_counts(struct db *db, int64_t cohort, int64_t *learners_out, int64_t *trainers_out);
bool cohort_member_find(struct db *db, int64_t cohort, int64_t person, bool *is_trainer_out);

struct cohort_member {
    int64_t person;
    struct bytes id, name; /* borrowed during the visit */
    int gender;
    bool is_trainer;
    int64_t registration; /* 0: none yet; then the following is empty */
    int status;           /* enum registration_status, or -1 */
    int64_t progress, score, seconds, completed_ms, certified_ms; /* as in registration.h */
    int mark_status;      /* by hand: enum registration_status, or -1 */
    struct bytes mark_reason;
    int64_t attended;     /* sessions */
};

/* Up to `max` of those with rows above `after`; how many. */
typedef void cohort_member_visit(void *ctx, const struct cohort_member *member);
size_t cohort_member_page(struct db *db, const struct cohort_row *cohort, int64_t after, size_t max,
                          cohort_member_visit *visit, void *ctx);

/* Has this person finished a cohort that trains trainers of `course`? */
bool cohort_is_trained(struct db *db, int64_t person, struct bytes course);

/* --- sessions --- */

struct cohort_session {
    int64_t id, at_ms, minutes; /* hundredths */
    struct bytes session;       /* borrowed during the visit */
    int64_t attended;
};

/* Fills id, at_ms and minutes. */
bool cohort_session_find(struct db *db, int64_t cohort, struct bytes session, struct cohort_session *session_out);
typedef void cohort_session_visit(void *ctx, const struct cohort_session *session);
size_t cohort_session_list(struct db *db, int64_t cohort, cohort_session_visit *visit, void *ctx);
typedef void attendance_visit(void *ctx, struct bytes person);
size_t attendance_list(struct db *db, int64_t session, attendance_visit *visit, void *ctx);

/* --- writer thread only --- */

enum status cohort_row_put(struct db *db, struct cohort_row *row); /* inserts when id is 0, and fills it */
enum status cohort_row_delete(struct db *db, int64_t cohort);      /* with members and sessions */
enum status cohort_member_put(struct db *db, int64_t cohort, int64_t person, bool is_trainer, int64_t now_ms);
enum status cohort_member_delete(struct db *db, int64_t cohort, int64_t person);
enum status cohort_session_put(struct db *db, int64_t cohort, const struct cohort_session *session);

/* *is_change_out: it was otherwise before. */
enum status attendance_set(struct db *db, int64_t session, int64_t person, bool was_there, bool *is_change_out);

/* Takes an erased person out of all cohorts. */
enum status cohort_forget(struct db *db, int64_t person);

#endif
