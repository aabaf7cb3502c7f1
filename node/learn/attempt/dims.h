/* dims.h: the dimensions under which facts are counted, by a hash: what a share says of them (share_sum.h).
 *
 * A hash that came back from a peer stands for dimensions that this database may not know any more; they are in the figures that came back with it. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_DIMS_H
#define QANAT_NODE_LEARN_ATTEMPT_DIMS_H

#include "node/store/people/event.h"

struct dims; /* of one job */

struct dims *dims_new(void);
void dims_free(struct dims *dims);

uint32_t dims_hash(struct db *db, const struct event_group *group);

/* The row of the group (event.h), 0 when there is none. Writer thread: what is only in own figures becomes a row. */
int64_t dims_find(struct dims *dims, struct db *db, uint32_t hash);

#endif
