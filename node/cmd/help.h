/* help.h: --help that teaches: the list of commands, and one command with its example. */
#ifndef QANAT_NODE_CMD_HELP_H
#define QANAT_NODE_CMD_HELP_H

#include <stdio.h>

#include "node/cmd/command.h"

void help_print(FILE *out);
void help_print_command(FILE *out, const struct command *command);

#endif
