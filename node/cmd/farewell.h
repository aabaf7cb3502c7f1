/* farewell.h: what a copy of a node still has to say as that node, before it becomes another one (`qanat rekey`).
 *
 * What it recorded under the key that it gives up counts as that node's, and from then on only where it was heard: so it comes in step first. */
#ifndef QANAT_NODE_CMD_FAREWELL_H
#define QANAT_NODE_CMD_FAREWELL_H

#include "node/cmd/command.h"
#include "node/link/join.h"

/* Tells what learners did before a kill or the copy, and comes in step with the node above, as the node that lies in the context's directory (locked by the
 * caller), if that is not known to hold all results of this node; `config` is its configuration. S_OK: it holds them, or `timeout_ms` is 0: nobody was
 * asked. S_BUSY with a report: it does not, and how many cells lack. S_DENIED with the same: this node is no member there any more. */
enum status farewell_say(struct command_context *context, const struct config *config, const struct identity *identity,
                         const struct federation *federation, uint32_t timeout_ms);

/* Once the answer to the token is put: when that says that this node follows the one that it was, all that it recorded counts anew (recall_anew()). Else
 * S_BUSY with a report, if `unheard` says that something was heard by nobody; or what is known stays that one's (known_leave()). In the job of the answer. */
enum status farewell_count(struct db *db, const struct join_answer *answer, const struct id *old, const struct id *self, const struct report *unheard,
                           struct report *report);

#endif
