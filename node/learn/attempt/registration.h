/* registration.h: what one person's launches of one course add up to.
 *
 * Everything is computed anew from all launches, each of which says absolutely how far it came: so no order of arrival, no replay and no second
 * device makes a difference. Of the launches of one item: completed when one is, passed when one is, the best score, the times added. Of the
 * items: done when all that count are done, the mean of their scores. What was done in one version, or in one language, stays done when another
 * one that has more is opened, or when it is removed. What somebody marked by hand goes before it. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_REGISTRATION_H
#define QANAT_NODE_LEARN_ATTEMPT_REGISTRATION_H

#include "node/learn/attempt/attempts.h"
#include "node/store/people/launch.h"
#include "node/store/people/registration.h"

/* Stored: add at the end. */
enum registration_status { REGISTRATION_ENROLLED, REGISTRATION_STARTED, REGISTRATION_COMPLETED };

/* "enrolled", "started", "completed". */
const char *registration_status_text(int status);

/* One item, with what its launches say together. */
struct item_sum {
    uint32_t number; /* in the table of contents */
    struct course_item item;
    bool is_heading;
    bool has_rule;    /* a unit of cmi5 that says by what it is satisfied (moveOn) */
    bool counts;      /* must be done for the course to be completed */
    int launch_count;
    int completion, success; /* enum cmi_answer */
    int64_t score, progress, seconds, done_ms;
    bool has_done; /* one launch did all of it; not of a unit of cmi5, which is judged by what all its launches said */
    bool is_done;
};

struct item_sums {
    struct item_sum *items; /* in the order of the table of contents */
    size_t count;
    struct arena arena; /* of the texts */
    struct item_sum whole; /* what a sequenced course's rollup says of all of it; `launch_count` 0 without one */
    /* of all launches, also of items that this version does not have */
    int64_t seconds, started_ms;
    bool has_gone; /* a launch of this very version is of an item that it does not have any more */
};

/* Sums up the launches of a registration over the items of a version. Released by the caller, always. `registration` 0: only the items. Any thread. */
enum status item_sums_load(struct db *db, int64_t course, int64_t registration, struct item_sums *sums_out);
void item_sums_release(struct item_sums *sums);

/* The item to go on with when nobody says which: the first that counts and is not done, else the first that opens. NULL: none opens. */
const struct item_sum *item_sums_next(const struct item_sums *sums);

/* In which a person goes on with a course when nobody says in which cohort: the latest, unless they were taken out of its cohort and learn in another. */
bool registration_find_current(struct db *db, int64_t person, struct bytes course, struct registration_row *row_out);

/* --- inside a job --- */

/* Finds the registration of a person in a course and cohort, or enrols the person. */
struct registration_wish {
    int64_t person;
    struct bytes course, cohort;
    int64_t now_ms;
};
enum status registration_open(struct db *db, const struct registration_wish *wish, struct registration_row *row_out);

/* Sums up anew, over the items of version `course` (course.id), and stores: figures follow soon. */
enum status registration_settle(struct db *db, int64_t course, struct registration_row *row);

/* What somebody decides by hand: `status` REGISTRATION_NO_MARK takes it back. S_NOT_FOUND. */
struct registration_mark {
    int64_t registration;
    int status;    /* enum registration_status, or REGISTRATION_NO_MARK */
    int64_t score; /* hundredths of a point, or EVENT_NO_SCORE: as computed */
    struct bytes reason;
    int64_t by; /* person.row */
    int64_t now_ms;
};
enum status registration_mark(struct db *db, const struct registration_mark *mark);

/* A certificate was given at `certified_ms`, or taken back (0). S_NOT_FOUND. */
enum status registration_certify(struct db *db, int64_t registration, int64_t certified_ms);

#endif
