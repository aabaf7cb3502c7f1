/* input.h: files that a person names to be read.
 *
 * A named pipe to which nobody writes would hold the thread that opens it for ever, in a running node too: it is waited for a little and then
 * refused. A pipe with a writer, and what the caller has open (/dev/stdin, /dev/fd/3), are read like files; a disk or another endless device
 * is not. */
#ifndef QANAT_NODE_INPUT_H
#define QANAT_NODE_INPUT_H

#include <stdio.h>

#include "replication/base/status.h"

enum { INPUT_WAIT_MS = 5000 }; /* for a writer of a named pipe */

/* Opens `path` for reading; -1 with a report (S_NOT_FOUND, S_DENIED, S_INVALID, S_IO) that names it. */
int input_open(const char *path, struct report *report);

/* Judges what was opened with O_NONBLOCK, and lets reading wait from here on. S_INVALID with a report. */
enum status input_check(int fd, const char *path, struct report *report);

/* The same as a stream; NULL with a report. */
FILE *input_stream(const char *path, struct report *report);

#endif
