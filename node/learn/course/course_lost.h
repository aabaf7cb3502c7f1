/* course_lost.h: what a database that was damaged no longer knows of courses; in jobs, before a
 * course_refresh(). */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_LOST_H
#define QANAT_NODE_LEARN_COURSE_COURSE_LOST_H

#include "node/store/db.h"

/* The row of this blob cannot be believed, not even its hash: it goes, and versions that had it list their
 * members anew from the manifest. */
enum status course_blob_forget(struct db *db, int64_t blob);

/* Versions whose list of members is shorter than it was list it anew from their manifest. */
enum status course_members_lost(struct db *db);

#endif
