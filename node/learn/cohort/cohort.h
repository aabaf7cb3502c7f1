/* cohort.h: groups that take one course together: dates, trainers, members, sessions on site, progress,
 * decisions by hand.
 *
 * A member is enrolled by becoming one; what they do online is their registration (learn/attempt), what they
 * attended on site is an `attended` event a session, which goes again when the mark was a mistake. A cohort
 * may train trainers of a course: who finished it may run cohorts of that course, whatever their role. */
#ifndef QANAT_NODE_LEARN_COHORT_COHORT_H
#define QANAT_NODE_LEARN_COHORT_COHORT_H

#include "node/dir.h"
#include "node/learn/result/refusal.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/cohort_row.h"
#include "node/store/store.h"

enum { COHORT_LIST_MAX = 100000, COHORT_REFUSALS_SHOWN = 50 }; /* people in one request */

struct cohorts {
    struct store *store;
    const struct federation *federation;
    int64_t now_ms;
};

/* --- the cohort (cohort.c) --- */

/* What somebody wants of a cohort; NULL and -1: as it is, or not said. */
struct cohort_wish {
    const char *cohort, *title, *course, *lang, *trains;
    const char *version; /* the members stay with it; it must be known here */
    int64_t starts_ms, ends_ms;
};

/* Makes a cohort (must_be_new) or changes one. S_EXISTS, S_NOT_FOUND, S_INVALID for a text that cannot be,
 * for a new one without a course, and for ends before starts. */
enum status cohort_put(const struct cohorts *cohorts, const struct cohort_wish *wish, bool must_be_new,
                       struct report *report);

/* Lets go of it: members and attendance lists; what was counted stays counted. */
enum status cohort_remove(const struct cohorts *cohorts, const char *cohort, struct report *report);

/* S_NOT_FOUND in the report. */
enum status cohort_get(struct db *db, const char *cohort, struct cohort_row *row_out, struct report *report);

/* May this person run cohorts of `course`: facilitators and above; whoever finished a training of trainers
 * for it. */
bool cohort_may_train(struct db *db, int64_t person, enum role role, const char *course);

/* May this person run this cohort: managers and above; its trainers. */
bool cohort_may_run(struct db *db, int64_t person, enum role role, const struct cohort_row *cohort);

/* --- members (member.c) --- */

/* People by their ids. */
struct cohort_people {
    const struct bytes *ids;
    size_t count;
};

struct cohort_outcome {
    uint64_t changed, unchanged;
    struct refusals refusals; /* people who are unknown, or may not */
};
void cohort_outcome_init(struct cohort_outcome *outcome);
void cohort_outcome_release(struct cohort_outcome *outcome);

/* Adds people as members (or trainers), by their ids: enrols each learner. One transaction. */
enum status cohort_add(const struct cohorts *cohorts, const char *cohort, bool as_trainers,
                       const struct cohort_people *people, struct cohort_outcome *outcome,
                       struct report *report);

/* Takes people out; their enrolment and results stay. */
enum status cohort_drop(const struct cohorts *cohorts, const char *cohort, const struct cohort_people *people,
                        struct cohort_outcome *outcome, struct report *report);

/* Decides by hand that somebody completed the course in this cohort, with a reason (1 to 512 bytes) and
 * perhaps a score (hundredths, or -1); `is_undo` takes the decision back. `by`: person.row of who decides, 0:
 * the command line. */
struct cohort_completion {
    const char *cohort;
    struct bytes person, reason;
    int64_t score, by;
    bool is_undo;
};
enum status cohort_complete(const struct cohorts *cohorts, const struct cohort_completion *completion,
                            struct report *report);

/* --- attendance (attendance.c) --- */

/* Says who was (or was not) at a session; the session is made when it is new. With another time or length than before it is corrected: so are
 * the facts of all who were there, and who is named counts as changed. */
struct cohort_attendance {
    const char *cohort;
    struct bytes session; /* 1 to COHORT_SESSION_MAX bytes */
    int64_t at_ms;        /* 0: as it is, or the day the session's name says, or now */
    int64_t minutes;      /* hundredths; -1: as it is, or none */
    bool was_there;
};
enum status cohort_attend(const struct cohorts *cohorts, const struct cohort_attendance *attendance,
                          const struct cohort_people *people, struct cohort_outcome *outcome,
                          struct report *report);

#endif
