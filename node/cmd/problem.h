/* problem.h: what a command could not do, said once on stderr, and its exit code. */
#ifndef QANAT_NODE_CMD_PROBLEM_H
#define QANAT_NODE_CMD_PROBLEM_H

#include "node/cmd/command.h"
#include "node/draft.h"

/* Says the report of `context` and what to do where the kind of problem tells it. Returns the exit code, after problem_flush(). */
int problem_print(struct command_context *context, enum status status);

/* Says in one line on stderr that a list is empty, and of what: nobody has to guess whether a word was mistyped. Where JSON is asked for, that says it. */
void problem_none(struct command_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends on what was printed so far: what is said on stderr from now on stands behind it. The stream forgets why that failed; problem_flush() of this
 * thread tells it. */
void problem_hand_on(FILE *out);

/* Opens the file `path`, of `mode`, to write a command's output to it; NULL after a report. It appears whole, with problem_close(), or not at all, and
 * what stood there stays until then. A device is written to as it is, and so is a named pipe, which is waited for a second until somebody reads from it:
 * one that nobody ever reads would hold the command for ever, and its place in a running node. */
FILE *problem_open(struct command_context *context, const char *path, unsigned mode, struct draft *draft);

/* Closes a file that a command wrote, and syncs it: a stick may be pulled out then. One that is not whole goes. What goes to stdout stays open, and is
 * looked after by problem_flush(). S_OK; S_NO_SPACE, S_IO: *error_out is why. */
enum status problem_close(struct command_context *context, FILE *out, struct draft *draft, int *error_out);

/* Output that is lost is a problem of its own: a full disk behind `>file`. Who stops reading (`| head`) wanted no more. Returns `code`, or another
 * when that was EXIT_DONE. */
int problem_flush(struct command_context *context, int code);

#endif
