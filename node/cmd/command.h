/* command.h: the table of subcommands and what each one is given.
 *
 * A command runs the same way in its own process and inside a running node: the process that holds the directory's lock opens the store; when a node
 * holds it, the words, the working directory and the three standard streams are handed to it over D/qanat.sock, and the node
 * runs the same function on a thread of its own. So a command never touches stdin/stdout/exit directly: it uses this context.
 *
 * Add a subcommand: one file node/cmd/<noun>.c with its functions and its rows, one row in the table of command.c, tests in tests/node/cmd. */
#ifndef QANAT_NODE_CMD_COMMAND_H
#define QANAT_NODE_CMD_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "node/config.h"
#include "node/dir.h"
#include "node/store/store.h"
#include "replication/base/status.h"

struct app; /* the running node, or NULL: node/app.h */

/* Exit codes of CONTRACT. */
enum { EXIT_DONE = 0, EXIT_PROBLEM = 1, EXIT_WRONG_USAGE = 2, EXIT_UNREACHABLE = 69, EXIT_NO_SPACE = 73, EXIT_TRY_AGAIN = 75 };

/* What a command needs before it can run. */
enum command_needs {
    NEEDS_NOTHING,   /* no data directory: help, version */
    NEEDS_NEW_DIR,   /* init, join, restore: makes the directory itself */
    NEEDS_DIR,       /* a data directory in any state, which it opens by itself: verify, doctor */
    NEEDS_READ,      /* reads the store; runs in its own process beside a node */
    NEEDS_WRITE,     /* writes: own process with the lock, or inside the running node */
    NEEDS_REPAIR,    /* as NEEDS_WRITE; a database too damaged to be opened is no store */
    NEEDS_DAEMON,    /* run: holds the lock and the loop itself */
};

struct command_context {
    const char *dir;            /* data directory, absolute */
    int argc;                   /* words after the command's own name(s), options included */
    char **argv;
    FILE *in, *out, *err;       /* stdout is data, stderr is talk */
    const struct command *command; /* the row that runs */
    bool is_json;               /* --json was given (taken out of argv) */
    bool is_tty;                /* `out` is a terminal: tables may use colour and width */
    size_t columns;             /* of the terminal that help goes to; 0: it goes to none */
    bool is_err_tty;            /* `err` is one: progress goes over its line */
    const struct config *config;
    struct store *store;        /* NULL for NEEDS_NOTHING and NEEDS_NEW_DIR */
    const struct identity *identity;
    const struct federation *federation; /* NULL before a node has joined */
    struct opened *opened;      /* command.c's own */
    struct app *app;            /* not NULL when run inside a node */
    const char *who;            /* the person at the console who asks for it; NULL: somebody at the machine */
    struct report report;       /* fill it and return the status: the caller prints it and picks the exit code */
};

struct command {
    const char *name;           /* "course import": one or two words */
    enum command_needs needs;
    const char *arguments;      /* for usage: "FILE|DIR --id ID --lang TAG [--title T]" */
    const char *summary;        /* one line, lower case, no full stop */
    const char *help;           /* paragraphs with an example, shown by --help; teaches */
    enum status (*run)(struct command_context *context);
};

/* Groups of rows, each ended by a row without a name; command.c lists the groups. */
extern const struct command init_commands[];
extern const struct command invite_commands[];
extern const struct command join_commands[];
extern const struct command peer_commands[];
extern const struct command quarantine_commands[];
extern const struct command mirror_commands[];
extern const struct command authority_commands[];
extern const struct command key_commands[];
extern const struct command promote_commands[];
extern const struct command run_commands[];
extern const struct command sync_commands[];
extern const struct command bundle_commands[];
extern const struct command window_commands[];
extern const struct command status_commands[];
extern const struct command digest_commands[];
extern const struct command course_commands[];
extern const struct command verify_commands[];
extern const struct command doctor_commands[];
extern const struct command backup_commands[];
extern const struct command person_commands[];
extern const struct command result_commands[];
extern const struct command stats_commands[];
extern const struct command seal_commands[];
extern const struct command credential_commands[];
extern const struct command cohort_commands[];
extern const struct command audit_commands[];
extern const struct command xapi_commands[];

/* Finds the command in `argv` (without the program's name), prepares what it needs, runs it, prints its report and returns the exit code.
 * `context` comes with in, out and err; inside a running node also with app, dir, config, store and identity, which are then used as they are. When another
 * process holds the directory, the whole command is forwarded to it (forward.h). */
int command_execute(struct command_context *context, int argc, char **argv);

/* Builds the database anew from what can be read of it (node/store/disk/salvage.h) and opens it as context->store. For NEEDS_REPAIR outside a running node. */
struct salvage;
enum status command_salvage(struct command_context *context, struct salvage *salvage);

/* Begins to use the keys that this node asked for, when that is due (node/app_turn.h). For commands that hold the directory; done when they
 * open it. */
enum status command_turn(struct command_context *context, bool *is_turned_out);

/* The n-th command of all groups, or NULL: for help, completion and tests. */
const struct command *command_at(size_t index);

/* Maps a status to an exit code. */
int command_exit_code(enum status status);

/* Options of a command. Matches "--name VALUE" and "--name=VALUE", takes them out of context->argv; NULL when absent. Repeated: call again. */
const char *command_option(struct command_context *context, const char *name);
bool command_flag(struct command_context *context, const char *name);

/* Where options end: the index of the first word "--", else `argc`. */
int command_options_end(int argc, char **argv);

/* Puts what --set says into a configuration that the command read or makes itself (NEEDS_DIR, NEEDS_NEW_DIR); S_USAGE with a report. */
enum status command_overrides(struct command_context *context, struct config *config);

/* The number of --name, from `min` to `max`; *number stays without the option. S_USAGE with the option named for anything else. */
enum status command_number(struct command_context *context, const char *name, long min, long max, long *number);

/* After all options were taken: exactly between `min` and `max` words remain and none starts with "-" (but "-" alone, and what stands behind a word "--",
 * which goes), else S_USAGE in the report. */
enum status command_words(struct command_context *context, int min, int max);

/* After S_USAGE: when a word is left that is no option of this command, the report says that, whatever else was wrong. */
void command_options_judge(struct command_context *context);

/* The roster as it is now, the caller's to free; the report says why there is none. For commands with a store. */
struct roster;
enum status command_roster(struct command_context *context, struct roster **roster_out);

#endif
