/* course_choose.h: of several versions of a course in one language, which one is served.
 *
 * Versions stand side by side; one of those held is current. A pin stays with one version, whatever is published later; a rollback is a pin of the version
 * before. Functions that write run in a job on the writer thread. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_CHOOSE_H
#define QANAT_NODE_LEARN_COURSE_COURSE_CHOOSE_H

#include "node/learn/course/course.h"

/* Held whole: can be served, exported, verified. */
bool course_is_held(const struct course_row *row);

/* Decides anew which version of (course, lang) is current: the pinned one when it is held, else the latest
 * published, else the latest imported. */
enum status course_choose(struct db *db, const char *course, const char *lang);

/* The latest moments that the publisher's own versions of (course, lang) tell, those of `row`: what it imports or publishes next comes behind them, also
 * when its clock was wrong by weeks and is put right. */
struct course_latest {
    uint64_t stamp, imported_ms;
};
struct course_latest course_latest(struct db *db, const struct course_row *row);

/* Finds the version that `ref` means; "" for `lang` or `version`: the current one (of the only language held).
 * S_NOT_FOUND, S_USAGE (which languages there are) in the report. With `must_be_held`, only versions that are
 * here. */
enum status course_resolve(struct db *db, const struct course_ref *ref, bool must_be_held,
                           struct course_row *row_out, struct report *report);

/* Pins a version, whether held or not; unpins all of (course, lang). The caller refreshes. */
enum status course_pin(struct db *db, const struct course_row *row);
enum status course_unpin(struct db *db, const char *course, const char *lang);

/* Goes back to the version before the current one, and pins it. S_NOT_FOUND when none older is held. */
enum status course_rollback(struct db *db, const struct course_row *current, struct course_row *row_out);

#endif
