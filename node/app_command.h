/* app_command.h: commands handed to the running node over D/qanat.sock.
 *
 * Wire: one `struct handoff_head` together with four descriptors (SCM_RIGHTS: working directory, stdin,
 * stdout, stderr), then `size` bytes of words, each ended by NUL. The answer is the exit code, a 32-bit
 * number in host order, when the command has ended. Each command runs on a thread of its own with the
 * caller's working directory, or in none where the node's user may not enter that one. Only the node's own user and root may connect. */
#ifndef QANAT_NODE_APP_COMMAND_H
#define QANAT_NODE_APP_COMMAND_H

#include <stdint.h>
#include <stdio.h>
#include <uv.h>

#include "replication/base/status.h"

enum {
    HANDOFF_MAGIC = 0x314e5151, /* "QQN1" */
    HANDOFF_FDS = 4,
    HANDOFF_WORDS_MAX = 128 * 1024,
    HANDOFF_SIZE_MAX = 2 * 1024 * 1024, /* what Linux hands a program, too */
    HANDOFF_RUNNING_MAX = 16,           /* commands at once; more get HANDOFF_BUSY */
    HANDOFF_BUSY = 0x100 | 75,          /* no command's own: nothing ran. Who takes it for an exit code leaves with "try again" */
    HANDOFF_WAIT_S = 30,                /* for the words, once connected */
};

struct handoff_head {
    uint32_t magic;
    uint32_t count; /* words */
    uint32_t size;  /* bytes of all words with their NULs */
};

/* Runs one command on the calling thread; returns its exit code. `argv` ends with NULL. `who` is the person at the console, or NULL. */
typedef int command_runner(void *ctx, const char *who, int argc, char **argv, FILE *streams[3]);

struct app_commands;

/* Listens on `path`, whatever its length. `run` is called on threads of its own. */
enum status app_commands_open(uv_loop_t *loop, const char *dir, command_runner *run, void *ctx,
                              struct app_commands **commands_out, struct report *report);

/* Is D/qanat.sock still ours? Where it was deleted, or another took its place, it is made anew: until then every command finds D in use, and nobody
 * who takes it. On the loop's thread, now and then. */
void app_commands_look(struct app_commands *commands);

/* Takes no more commands; those running go on. */
void app_commands_stop(struct app_commands *commands);

/* Commands under way. */
int app_commands_running(const struct app_commands *commands);

/* After app_commands_stop() and with none running. The memory goes when the loop has run. */
void app_commands_close(struct app_commands *commands);

/* Ends the process with `code` beside commands that still run. Flushes stdout and stderr alone: the stream of a command is locked for as
 * long as its caller says nothing, and fflush(NULL) would wait for that. */
_Noreturn void app_commands_abandon(int code);

/* The address of D/qanat.sock, which may be longer than a socket address holds: opens D (*dir_fd_out, to be
 * closed) and names it through /proc. S_NOT_FOUND when D cannot be opened. */
struct sockaddr_un;
enum status handoff_address(const char *dir, struct sockaddr_un *address_out, int *dir_fd_out);

#endif
