/* course_lost.h: what a database that was damaged no longer knows of courses; in jobs, before a
 * course_refresh(). */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_LOST_H
#define QANAT_NODE_LEARN_COURSE_COURSE_LOST_H

#include "node/store/course/course.h"

/* The row of this blob cannot be believed, not even its hash: it goes, and versions that had it list their
 * members anew from the manifest. */
enum status course_blob_forget(struct db *db, int64_t blob);

/* A version that is served, and whose manifest is not here: it is fetched again, or imported again where it was made. Programs before this one lost the
 * manifest of what was removed and imported once more under the same version. S_OK, and `row` as it is then. */
bool course_manifest_is_lost(struct db *db, const struct course_row *row);
enum status course_manifest_lost(struct db *db, struct course_row *row);

/* Versions whose list of members is shorter than it was list it anew from their manifest. */
enum status course_members_lost(struct db *db);

#endif
