/* finding_print.h: findings as a table or as JSON, from the same rows. */
#ifndef QANAT_NODE_CMD_FINDING_PRINT_H
#define QANAT_NODE_CMD_FINDING_PRINT_H

#include "node/care/finding.h"
#include "node/cmd/command.h"

/* Prints them on stdout; with --json the whole `document`, to which "checked" and "findings" are added (released here). Returns S_OK when
 * none is a fault, else S_PARTIAL with a report: the command has found problems. */
enum status findings_print(struct command_context *context, const struct findings *findings, json_t *document);

#endif
