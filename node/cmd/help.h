/* help.h: --help that teaches: the list of commands, and one command with its example. */
#ifndef QANAT_NODE_CMD_HELP_H
#define QANAT_NODE_CMD_HELP_H

#include <stdio.h>

#include "node/cmd/command.h"

/* `width` is that of the terminal: lines are broken between words there, examples are not; 0: as they are. */
void help_print(FILE *out, size_t width);

/* The verbs of one noun ("course"); false, and nothing printed, when no command begins with it. */
bool help_print_noun(FILE *out, const char *noun, size_t width);
void help_print_command(FILE *out, const struct command *command, size_t width);

#endif
