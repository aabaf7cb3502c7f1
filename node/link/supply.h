/* supply.h: which course objects a session sees: what it may serve and want of them, and what it may have
 * fetched for its peer. Loop thread only. */
#ifndef QANAT_NODE_LINK_SUPPLY_H
#define QANAT_NODE_LINK_SUPPLY_H

#include "node/link/session.h"

/* Course files for a session with `remote`, when the window lets them pass; else NULL: this node has and
 * wants none for now. */
const struct store_objects *supply_objects(const struct session_context *context, const struct id *remote);

enum { SUPPLY_SPARE_MS = 2000 }; /* so long nothing was ours to fetch: then what is a sibling's is */

/* For store_view.is_elsewhere; `arg` is the session that is about to ask. True when another one or a mirror fetches the
 * object; and, for a node above, when a sibling brings it, is to be asked for it first, or fetches it for both
 * (replication/schedule/share.h), or when a mirror will: the far link is for what is not to be had near, and the nodes
 * above serve what a mirror cannot. Nor is it asked for where it would not come within the quota of the window. */
bool supply_is_elsewhere(void *arg, struct db *db, const struct wanted *wanted);

/* Do contents of `size` bytes come within what is left of the quota of the window, behind all that was asked for and is not here? */
bool supply_fits(const struct session_context *context, const struct id *remote, uint64_t size);

/* For store_view.coming: what sessions with nodes that are no siblings fetch. */
size_t supply_coming(void *arg, size_t max, struct hash *objects_out);

/* Before the loop blocks: when the sessions asked for more, siblings that understand offers hear of it. */
void supply_share(const struct session_context *context);

/* Does any session but `except` (may be NULL) fetch the object? A sibling that keeps us waiting does not count. */
bool supply_is_fetched(const struct session_context *context, const struct session *except, const struct hash *object);

/* A node neither above nor below this one brings objects now. */
bool supply_has_near(const struct session_context *context);

/* May an object that we lack be fetched for a peer that is not below us? Only what was published below us:
 * that can reach it through here alone. */
bool supply_is_offered(const struct session_context *context, const struct hash *object);

#endif
