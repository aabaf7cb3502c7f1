/* demand.h: objects wanted on behalf of peers below, each until some time. */
#ifndef QANAT_NODE_STORE_COURSE_DEMAND_H
#define QANAT_NODE_STORE_COURSE_DEMAND_H

#include "node/store/db.h"

/* Objects wanted for others at once: a version of the most members, once over. A peer that asks for what nobody has fills no disk. */
enum { DEMANDS_MAX = 100 * 1000 };

/* Wants `object` until `until_ms` (wall clock), or longer if it was wanted longer; less than a day longer changes nothing. S_BUSY when
 * DEMANDS_MAX others are wanted already. Writer thread. */
enum status demand_put(struct db *db, const struct hash *object, uint64_t until_ms);

/* The object came. Writer thread. */
enum status demand_drop(struct db *db, const struct hash *object);

/* Forgets all that ended by `now_ms`. Writer thread. */
enum status demand_expire(struct db *db, uint64_t now_ms);

/* The first object above `after` (NULL: the first) still wanted at `now_ms`; false at the end. */
bool demand_next(struct db *db, const struct hash *after, uint64_t now_ms, struct hash *object_out);

#endif
