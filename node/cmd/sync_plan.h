/* sync_plan.h: `qanat sync --plan`. */
#ifndef QANAT_NODE_CMD_SYNC_PLAN_H
#define QANAT_NODE_CMD_SYNC_PLAN_H

#include "node/cmd/command.h"

/* Takes --rate and --price; `only`: one peer's name, or NULL. */
enum status sync_plan_run(struct command_context *context, const char *only);

#endif
