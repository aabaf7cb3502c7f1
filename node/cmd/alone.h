/* alone.h: what a running node does in its loop, done once by a command where no node runs. */
#ifndef QANAT_NODE_CMD_ALONE_H
#define QANAT_NODE_CMD_ALONE_H

#include "node/app.h"
#include "node/cmd/command.h"

/* One exchange of the node of `options`; how it ended is in `result`. Not S_OK with a report: it could not begin. Ends the process (with the exit code of the
 * result) when a command of others is still at work with the store. */
enum status alone_exchange(const struct app_options *options, const struct sync_request *request, struct sync_result *result, struct report *report);

/* The same of the command's own node. */
enum status alone_sync(struct command_context *context, const struct sync_request *request, struct sync_result *result);

/* Asks nobody, and looks after this node's own streams (node/link/keeper.h), which something came in for. */
enum status alone_tend(struct command_context *context);

#endif
