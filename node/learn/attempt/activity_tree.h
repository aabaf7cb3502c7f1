/* activity_tree.h: the activities of a sequenced course (SCORM 2004 SN): what the player's engine needs to
 * decide, what it has decided so far, and what its rollup says of the whole course.
 *
 * The tree is a launch of the course itself: its item is "". Its state is the engine's, its completion,
 * success, score and progress are the rollup's, which decides for the course in place of the items' mean. Any
 * launch of an item may bring a newer tree along; that of an older launch, which comes late, changes nothing.
 */
#ifndef QANAT_NODE_LEARN_ATTEMPT_ACTIVITY_TREE_H
#define QANAT_NODE_LEARN_ATTEMPT_ACTIVITY_TREE_H

#include "node/learn/attempt/launch.h"

enum { ACTIVITY_TREE_MAX = 2 * 1024 * 1024 }; /* bytes of the activities as JSON */

/* Does the first item carry an organization's rules? */
bool activity_tree_is_in(const struct item_sums *sums);

/* True for the launch of the course itself. */
bool activity_tree_is_root(const struct launch_row *row);

/* Fills open->activities and open->tree, in the arena. S_NO_MEMORY. */
enum status activity_tree_load(struct db *db, struct launch_open *open, const struct item_sums *sums);

/* A new launch of the course goes on where the last one of the same attempt was. In a job. */
void activity_tree_continue(struct db *db, struct launch_row *row);

/* Takes commit->tree, when it has one, into the launch of the course. `commit->row` is the launch that
 * brought it. In a job. */
enum status activity_tree_commit(struct db *db, struct launch_commit *commit);

#endif
