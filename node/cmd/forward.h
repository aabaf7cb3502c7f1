/* forward.h: handing a whole command to the node that holds the directory. The other end is app_command.h. */
#ifndef QANAT_NODE_CMD_FORWARD_H
#define QANAT_NODE_CMD_FORWARD_H

#include <stdbool.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

/* True when a node answers on the command socket of `dir`. */
bool command_node_runs(const char *dir);

/* Sends the words (without the program's name), the working directory and the three standard streams to the
 * node running in `dir`, waits for the end and tells the exit code. S_NOT_FOUND: no node runs there;
 * S_TOO_LARGE: too many words; S_BUSY: it works on as many commands as it takes, nothing ran; S_IO: it ended before the command did;
 * S_DENIED: the working directory may not be opened. */
enum status command_forward(const char *dir, int argc, char **argv, int *exit_code_out);

/* Appends one word with its NUL, where a path by which the process `pid` means its own files (/dev/stdin, /dev/fd/63 of a `<(...)`, /proc/self/...,
 * alone or behind --option=) is written so that it means them in another process, too. */
void command_word_write(const char *word, long pid, struct buffer *words);

#endif
