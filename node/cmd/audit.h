/* audit.h: noting in the log what a command changed. */
#ifndef QANAT_NODE_CMD_AUDIT_H
#define QANAT_NODE_CMD_AUDIT_H

#include "node/cmd/command.h"

/* Notes that the command with these words (without the program's name) ended with `exit_code`. Neither --dir
 * nor a password stands in the log; a plain `sync` is not noted. A log that cannot be written to is said in
 * the journal only. */
void audit_note(struct command_context *context, int argc, char **argv, int exit_code);

#endif
