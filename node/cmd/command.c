#include "node/cmd/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/app_command.h"
#include "node/app_turn.h"
#include "node/cmd/audit.h"
#include "node/cmd/document.h"
#include "node/cmd/forward.h"
#include "node/cmd/help.h"
#include "node/cmd/problem.h"
#include "node/cmd/screen.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/owner.h"
#include "node/shortfall.h"
#include "node/store/disk/salvage.h"
#include "node/store/stream/proved.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* The groups of subcommands, in the order of `qanat --help`. */
static const struct command *const groups[] = {
    init_commands,
    invite_commands,
    join_commands,
    peer_commands,
    quarantine_commands,
    authority_commands,
    key_commands,
    promote_commands,
    run_commands,
    sync_commands,
    window_commands,
    mirror_commands,
    bundle_commands,
    status_commands,
    digest_commands,
    course_commands,
    person_commands,
    result_commands,
    cohort_commands,
    credential_commands,
    xapi_commands,
    stats_commands,
    verify_commands,
    doctor_commands,
    seal_commands,
    audit_commands,
    backup_commands,
};

enum { GROUP_COUNT = sizeof groups / sizeof *groups, OVERRIDES_MAX = 64 };
enum { LOCK_WAIT_MS = 5000, LOCK_WAIT_NODE_MS = 600 * 1000, LOCK_RETRY_MS = 100, TURN_WAIT_MS = 60 * 1000 };

const struct command *command_at(size_t index)
{
    for (size_t group = 0; group < GROUP_COUNT; group++) {
        for (const struct command *command = groups[group]; command->name; command++) {
            if (index-- == 0) {
                return command;
            }
        }
    }
    return NULL;
}

int command_exit_code(enum status status)
{
    switch (status) {
    case S_OK:
        return EXIT_DONE;
    case S_USAGE:
        return EXIT_WRONG_USAGE;
    case S_UNREACHABLE:
        return EXIT_UNREACHABLE;
    case S_NO_SPACE:
        return EXIT_NO_SPACE;
    case S_BUSY:
    case S_STALE:
        return EXIT_TRY_AGAIN;
    case S_INVALID:
    case S_TOO_LARGE:
    case S_VERSION:
    case S_NOT_FOUND:
    case S_EXISTS:
    case S_DENIED:
    case S_BAD_SIGNATURE:
    case S_BAD_DIGEST:
    case S_FORKED:
    case S_NO_MEMORY:
    case S_IO:
    case S_CORRUPT:
    case S_PARTIAL:
    case S_INTERNAL:
        break;
    }
    return EXIT_PROBLEM;
}

/* --- finding ------------------------------------------------------------------------------------------------ */

/* The command named by the first one or two words of `argv`; *words_out is how many they are. */
static const struct command *command_find(int argc, char **argv, int *words_out)
{
    const struct command *command;

    for (int words = 2; words >= 1; words--) {
        char name[64];
        if (argc < words) {
            continue;
        }
        int length = words == 2 ? snprintf(name, sizeof name, "%s %s", argv[0], argv[1])
                                : snprintf(name, sizeof name, "%s", argv[0]);
        for (size_t i = 0; length < (int)sizeof name && (command = command_at(i)); i++) {
            if (strcmp(command->name, name) == 0) {
                *words_out = words;
                return command;
            }
        }
    }
    return NULL;
}

/* --- preparing ---------------------------------------------------------------------------------------------- */

/* What command_execute() opened for a command and closes after it. */
struct opened {
    char dir[DIR_PATH_MAX];
    const char *overrides[OVERRIDES_MAX];
    size_t override_count;
    struct config config;
    struct identity identity;
    struct federation federation;
    struct store *store;
    int lock_fd;
    int word_count;             /* the whole command line, for the node that holds the directory */
    char **words;
    int forwarded_code;         /* what that node answered; -1: the command ran here */
};

static enum status dir_resolve(struct command_context *context, struct opened *opened)
{
    const char *dir = command_option(context, "dir");
    char cwd[DIR_PATH_MAX] = "";

    if (!dir) {
        dir = getenv("QANAT_DIR");
    }
    if (!dir || !*dir) {
        return report_set(&context->report, S_USAGE, "which node? say --dir D, or set QANAT_DIR");
    }
    if (dir[0] != '/' && !getcwd(cwd, sizeof cwd)) {
        return report_set(&context->report, S_IO, "the working directory cannot be found: %s", strerror(errno));
    }
    int length = snprintf(opened->dir, sizeof opened->dir, "%s%s%s", cwd, *cwd ? "/" : "", dir);
    if (length >= (int)sizeof opened->dir) {
        return report_set(&context->report, S_TOO_LARGE, "the path '%s' is too long", dir);
    }
    context->dir = opened->dir;
    return S_OK;
}

static enum status overrides_apply(struct command_context *context, const struct opened *opened, struct config *config)
{
    for (size_t i = 0; i < opened->override_count; i++) {
        char name[64];
        const char *equals = strchr(opened->overrides[i], '=');
        if (!equals || equals - opened->overrides[i] >= (int)sizeof name) {
            return report_set(&context->report, S_USAGE, "--set '%s': write it as name=value", opened->overrides[i]);
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - opened->overrides[i]), opened->overrides[i]);
        if (config_set(config, name, equals + 1, &context->report) != S_OK) {
            return S_USAGE;
        }
    }
    return S_OK;
}

enum status command_overrides(struct command_context *context, struct config *config)
{
    CHECK(context->opened);
    return overrides_apply(context, context->opened, config);
}

static enum status files_load(struct command_context *context, struct opened *opened)
{
    char path[DIR_PATH_MAX];
    struct report ignored;
    enum status status = dir_path(opened->dir, "qanat.conf", path);

    if (status == S_OK) {
        status = config_load(&opened->config, path, &context->report);
        status = status == S_NOT_FOUND ? S_OK : status;
    }
    if (status == S_OK) {
        status = overrides_apply(context, opened, &opened->config);
    }
    if (status == S_OK && context->app == NULL) { /* inside a running node it is set */
        status = local_time_set_zone(opened->config.time_zone, &context->report);
    }
    if (status == S_OK) {
        report_clear(&ignored);
        status = dir_load_identity(opened->dir, &opened->identity, &ignored);
        if (status == S_NOT_FOUND) {
            return report_set(&context->report, S_NOT_FOUND, "'%s' holds no node: run qanat init or qanat join first",
                              opened->dir);
        }
        report_set(&context->report, ignored.status, "%s", ignored.text);
    }
    if (status != S_OK) {
        return status;
    }
    context->config = &opened->config;
    context->identity = &opened->identity;
    report_clear(&ignored);
    status = dir_load_federation(opened->dir, &opened->federation, &ignored);
    if (status == S_OK) {
        context->federation = &opened->federation;
    } else if (status != S_NOT_FOUND) {
        return report_set(&context->report, status, "%s", ignored.text);
    }
    return S_OK;
}

/* A command that only reads finds a database of an older version: changes it first, unless a node or another command holds it. */
static enum status store_upgrade(struct command_context *context, struct opened *opened)
{
    const struct timespec pause = {.tv_nsec = LOCK_RETRY_MS * 1000000L};
    const struct store_options options = {.read_only = false};
    struct store *store;
    enum status status = S_BUSY;
    int lock_fd;

    for (int waited_ms = 0; status == S_BUSY && store_is_older(opened->dir); waited_ms += LOCK_RETRY_MS) {
        status = dir_lock(opened->dir, &lock_fd, NULL);
        if (status == S_OK) {
            status = store_open(opened->dir, &options, &store, &context->report);
            store_close(store);
            close(lock_fd);
            return status;
        }
        if (waited_ms >= LOCK_WAIT_MS) {
            return S_OK; /* opening it says what to do */
        }
        nanosleep(&pause, NULL);
    }
    return S_OK;
}

static enum status store_prepare(struct command_context *context, struct opened *opened)
{
    bool is_turned;
    struct store_options options = {.read_only = context->command->needs == NEEDS_READ};

    if (context->command->needs == NEEDS_DAEMON) {
        options.ballast_mib = opened->config.ballast_mib;
    }

    if (!context->federation) {
        return report_set(&context->report, S_DENIED,
                          "the node in '%s' belongs to no federation yet: get a token from the node above and run qanat join",
                          opened->dir);
    }
    enum status status = options.read_only ? store_upgrade(context, opened) : S_OK;
    if (status == S_OK) {
        status = store_open(opened->dir, &options, &opened->store, &context->report);
    }
    if (status == S_OK) {
        store_set_identity(opened->store, &opened->identity, &opened->federation.id);
        context->store = opened->store;
        proved_recall(opened->store);
    }
    return status == S_OK && !options.read_only ? command_turn(context, &is_turned) : status;
}

enum status command_turn(struct command_context *context, bool *is_turned_out)
{
    struct opened *opened = context->opened;
    const struct app_turn turn = {opened->dir, opened->store, &opened->federation, &opened->identity};

    CHECK(opened && !context->app);
    return app_turn_take(&turn, is_turned_out, &context->report);
}

enum status command_salvage(struct command_context *context, struct salvage *salvage)
{
    struct opened *opened = context->opened;

    CHECK(opened && !context->app);
    if (opened->store) {
        store_close(opened->store);
        opened->store = NULL;
        context->store = NULL;
    }
    enum status status = salvage_run(opened->dir, salvage, &context->report);
    return status == S_OK ? store_prepare(context, opened) : status;
}

/* Hands the command to the node that holds the lock, if one does, or leaves that alone when it is a second node that would start. S_BUSY: worth
 * waiting: another command holds the lock and will end, or the node works on as many as it takes; *wait_ms is then how long. */
static enum status lock_pass(struct command_context *context, struct opened *opened, int *wait_ms, struct report *report)
{
    if (context->command->needs == NEEDS_DAEMON) {
        *wait_ms = command_node_runs(opened->dir) ? 0 : LOCK_WAIT_NODE_MS;
        return S_BUSY;
    }
    enum status status = command_forward(opened->dir, opened->word_count, opened->words, &opened->forwarded_code);
    if (status == S_NOT_FOUND) {
        *wait_ms = LOCK_WAIT_MS;
        return S_BUSY;
    }
    report_clear(report);
    if (status == S_BUSY) {
        *wait_ms = TURN_WAIT_MS;
        return report_set(report, status, "the running node works on %d other commands: say it again when some have ended", HANDOFF_RUNNING_MAX);
    }
    if (status == S_TOO_LARGE) {
        return report_set(report, status, "more words than the running node takes: say it in parts, or name a file that holds them");
    }
    if (status == S_IO) {
        return report_set(report, S_STALE, "the running node ended before the command did: what was reported as stored is stored; say it again");
    }
    return report_set(report, status, "the running node could not take the command: %s", status_text(status));
}

/* Takes the directory's lock. A node that starts while a long import runs waits for its end: nobody has to start it again. */
static enum status dir_acquire(struct command_context *context, struct opened *opened)
{
    const struct timespec pause = {.tv_nsec = LOCK_RETRY_MS * 1000000L};
    struct report report;
    enum status status = S_BUSY;
    int wait_ms = 0;

    for (int waited_ms = 0; status == S_BUSY && waited_ms <= wait_ms; waited_ms += LOCK_RETRY_MS) {
        report_clear(&report);
        status = dir_lock(opened->dir, &opened->lock_fd, &report);
        if (status == S_BUSY) {
            status = lock_pass(context, opened, &wait_ms, &report);
        }
        if (status == S_BUSY) {
            nanosleep(&pause, NULL);
        }
    }
    return report_set(&context->report, status, "%s", report.text);
}

/* --- running ------------------------------------------------------------------------------------------------ */

/* Inside a running node: what --set says holds for this command, and not for the node. */
static enum status node_config_override(struct command_context *context, struct opened *opened)
{
    if (opened->override_count == 0) {
        return S_OK;
    }
    opened->config = *context->config;
    context->config = &opened->config;
    return overrides_apply(context, opened, &opened->config);
}

/* Whatever a command made of what it read: when a read failed, there may be more, and it says so. A node and a repair look after theirs themselves. */
static enum status command_run_watched(struct command_context *context)
{
    const enum command_needs needs = context->command->needs;
    struct shortfall watch;

    if (needs == NEEDS_DAEMON || needs == NEEDS_REPAIR) {
        return context->command->run(context);
    }
    shortfall_begin(&watch);
    enum status status = context->command->run(context), missed = shortfall_end(&watch);
    if (status == S_OK && missed != S_OK) {
        report_clear(&context->report);
        return report_set(&context->report, missed, "the database could not be read to the end (%s): what was said may be less than there is",
                          status_text(missed));
    }
    return status;
}

static enum status command_run_prepared(struct command_context *context, struct opened *opened)
{
    enum status status = context->app ? node_config_override(context, opened) : S_OK;

    switch (context->command->needs) {
    case NEEDS_NOTHING:
    case NEEDS_NEW_DIR:
    case NEEDS_DIR:
        status = overrides_apply(context, opened, &opened->config); /* whoever has a use for it asks again */
        break;
    case NEEDS_READ:
        status = context->app ? status : files_load(context, opened);
        if (status == S_OK && !context->app) {
            status = store_prepare(context, opened);
        }
        break;
    case NEEDS_WRITE:
    case NEEDS_REPAIR:
    case NEEDS_DAEMON:
        if (context->app) {
            break;
        }
        status = files_load(context, opened);
        if (status == S_OK) {
            status = dir_acquire(context, opened);
        }
        if (status == S_OK && opened->forwarded_code < 0) {
            status = store_prepare(context, opened);
        }
        if (context->command->needs == NEEDS_REPAIR && (status == S_CORRUPT || status == S_INVALID || status == S_IO)) {
            report_clear(&context->report);
            status = S_OK;
        }
        break;
    }
    if (status == S_OK && opened->forwarded_code < 0) {
        status = command_run_watched(context);
    }
    return status;
}

static void opened_release(struct opened *opened)
{
    if (opened->store && opened->lock_fd >= 0) {
        proved_remember(opened->store);
    }
    if (opened->store) {
        store_close(opened->store);
    }
    if (opened->lock_fd >= 0) {
        close(opened->lock_fd);
    }
    identity_clear(&opened->identity);
}

/* Options that every command takes. */
static void options_take_global(struct command_context *context, struct opened *opened)
{
    const char *value;

    context->is_json = command_flag(context, "json");
    if (command_flag(context, "verbose") && !context->app) { /* the journal of a node is not one command's */
        log_set_level(LOG_DEBUG);
    }
    while (opened->override_count < OVERRIDES_MAX && (value = command_option(context, "set"))) {
        opened->overrides[opened->override_count++] = value;
    }
}

/* Runs the found command over its own copy of the words. */
static int command_run_found(struct command_context *context, struct opened *opened)
{
    struct document document;
    enum status status = S_OK;

    if (command_flag(context, "help") || (context->argc == 1 && strcmp(context->argv[0], "-h") == 0)) {
        help_print_command(context->out, context->command, context->columns);
        return problem_flush(context, EXIT_DONE);
    }
    options_take_global(context, opened);
    if (context->command->needs != NEEDS_NOTHING) {
        if (context->app) {
            command_option(context, "dir");
        } else {
            status = dir_resolve(context, opened);
            owner_act(opened->dir);
        }
    }
    if (status == S_OK) {
        document_begin(&document, context);
        status = command_run_prepared(context, opened);
        if (status == S_USAGE && opened->forwarded_code < 0) {
            command_options_judge(context);
        }
        document_end(&document, context, status == S_OK && opened->forwarded_code < 0);
    }
    int code = problem_print(context, status);
    if (opened->forwarded_code >= 0) {
        code = opened->forwarded_code;
    } else if (context->command->needs == NEEDS_WRITE && context->store) {
        audit_note(context, opened->word_count, opened->words, code);
    }
    opened_release(opened);
    return code;
}

/* Words that name no command: the verbs of a noun are shown, to who asks for help on stdout. */
static int command_missing(struct command_context *context, int argc, char **argv)
{
    bool is_help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);

    if (is_help && help_print_noun(context->out, argv[0], context->columns)) {
        return problem_flush(context, EXIT_DONE);
    }
    const char *verb = argc > 1 && argv[1][0] != '-' ? argv[1] : "";
    report_set(&context->report, S_USAGE, "there is no command '%s%s%s'", argv[0], *verb ? " " : "", verb);
    int code = problem_print(context, S_USAGE);
    help_print_noun(context->err, argv[0], context->is_err_tty ? context->columns : 0);
    return code;
}

/* How many words at the beginning are options that every command takes: `qanat --dir D status` is `qanat status --dir D`. */
static int leading_options(int argc, char **argv)
{
    int count = 0, width = 1;

    for (; width > 0 && count < argc; count += width) {
        const char *word = argv[count];
        bool is_valued = strcmp(word, "--dir") == 0 || strcmp(word, "--set") == 0;
        bool is_whole = strcmp(word, "--json") == 0 || strcmp(word, "--verbose") == 0 || strncmp(word, "--dir=", 6) == 0 ||
                        strncmp(word, "--set=", 6) == 0;
        width = is_valued && count + 1 < argc ? 2 : is_whole ? 1 : 0;
    }
    return count;
}

/* With the command's name in front. */
static int words_execute(struct command_context *context, int argc, char **argv)
{
    struct opened *opened;
    int words = 0, code;

    report_clear(&context->report);
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "help") == 0) {
        help_print(argc == 0 ? context->err : context->out, context->columns);
        return problem_flush(context, argc == 0 ? EXIT_WRONG_USAGE : EXIT_DONE);
    }
    if (strcmp(argv[0], "--version") == 0) {
        fprintf(context->out, "qanat %s\n", PACKAGE_VERSION);
        return problem_flush(context, EXIT_DONE);
    }
    context->command = command_find(argc, argv, &words);
    if (!context->command) {
        return command_missing(context, argc, argv);
    }
    opened = calloc(1, sizeof *opened);
    context->argv = calloc((size_t)argc + 1, sizeof *context->argv);
    CHECK(opened && context->argv);
    opened->lock_fd = opened->forwarded_code = -1;
    context->opened = opened;
    opened->word_count = argc;
    opened->words = argv;
    config_init(&opened->config);
    context->argc = argc - words;
    memcpy(context->argv, argv + words, (size_t)context->argc * sizeof *argv);
    code = command_run_found(context, opened);
    free(context->argv);
    free(opened);
    return code;
}

int command_execute(struct command_context *context, int argc, char **argv)
{
    int leading = leading_options(argc, argv), end = leading + command_options_end(argc - leading, argc > 0 ? argv + leading : argv);
    char **words = calloc((size_t)argc + 1, sizeof *words);

    CHECK(words);
    for (int i = 0; i < argc; i++) { /* what stands before the command goes behind its options */
        int to = i < leading ? end - leading + i : i < end ? i - leading : i;
        words[to] = argv[i];
    }
    FILE *out = context->out, *err = context->err;
    context->is_err_tty = err && isatty(fileno(err));
    context->columns = screen_columns(argc == 0 ? err : out);
    context->out = screen_open(out, "\n\t");
    context->err = screen_open(err, "\n\t\r"); /* progress goes over its line */
    int code = words_execute(context, leading < argc ? argc : 0, words);
    screen_close(context->out, out); /* what was lost of it is told: problem_flush() */
    screen_close(context->err, err);
    context->out = out;
    context->err = err;
    free(words);
    return code;
}

enum status command_roster(struct command_context *context, struct roster **roster_out)
{
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, roster_out, &context->report);

    store_read_end(context->store, db);
    return status;
}
