/* rotation_vain.h: a key that was admitted in vain (replication/trust/roster_keys.h): by a node whose word does not count, as that of a hub before which had
 * not heard of the handover.
 *
 * A machine that was built anew from the roster of such a hub waits for that one alone before it changes its keys, and is admitted by it; the new hub may
 * hold results of it that nobody else has (simulator seed 46001686), and what a CLOSE does not name is lost where the key is admitted anew. So it is
 * admitted anew only when the CLOSE names all that is held there. The CLOSE comes with the node's own roster stream. The node, once it has
 * heard of the new hub, is given back what that holds, as a node of the key of before; then it says another CLOSE, which names that too and counts in the
 * place of the first. */
#ifndef QANAT_NODE_STORE_STREAM_ROTATION_VAIN_H
#define QANAT_NODE_STORE_STREAM_ROTATION_VAIN_H

#include "node/dir.h"
#include "node/store/db.h"
#include "replication/trust/roster.h"

/* May the key that `node` asks for be admitted, as far as its streams go that are held here? S_STALE with who is to do what in `report`. `is_unused`: its
 * people say that it goes on with the key of before, and that they see there that the next one was admitted in vain. Any thread. */
enum status rotation_vain_check(struct db *db, const struct roster *roster, const struct id *node, bool is_unused, struct report *report);

/* After a batch was applied to `stream`: when it is this node's, and this node closed with a key that was admitted in vain, a CLOSE that
 * names what is held of the key of before is said, unless one does. Writer thread. */
enum status rotation_vain_amend(struct db *db, const struct federation *federation, const struct stream_id *stream);

#endif
