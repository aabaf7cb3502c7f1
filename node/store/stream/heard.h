/* heard.h: has everybody who may hold this node's results been heard of since its living incarnation began?
 *
 * Whoever says that he holds the living stream of results gave back before what he held of the closed ones
 * (replication/peer/push.c). So what comes back until all have said it is of before the living incarnation,
 * whatever this machine's clock said when that began: a machine that was built anew may stand in 1970. What
 * comes later with a later stamp another machine wrote. */
#ifndef QANAT_NODE_STORE_STREAM_HEARD_H
#define QANAT_NODE_STORE_STREAM_HEARD_H

#include "node/dir.h"
#include "node/store/db.h"
#include "replication/trust/roster.h"

/* adopt_missing() (replication/peer/adopt.h) of what the database knows. Any thread. */
const struct roster_node *heard_missing(struct db *db, const struct roster *roster, const struct id *self, const struct id *living);

/* Any thread. */
bool heard_by_all(struct db *db, const struct roster *roster, const struct id *self, const struct id *living);

/* After a batch was applied to `stream`: when it is a closed one of this node and not all were heard, the
 * living incarnation counts as begun after it. Writer thread. */
enum status heard_came_back(struct db *db, const struct federation *federation,
                            const struct stream_id *stream);

#endif
