/* run.c: `qanat run`: the node in the foreground, and the threads of commands that are handed to it. */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/app.h"
#include "node/app_command.h"
#include "node/app_turn.h"
#include "node/cmd/command.h"
#include "node/local_time.h"
#include "node/log.h"

/* Contents come and go in pieces of up to 1 MiB, with zstd's tables beside them: what is given back to the system for each and asked for again
 * for the next costs a fault for every page. So much is kept while they come; what was kept is given back afterwards (node/link/session.c). */
enum { MEMORY_KEPT = 24 * 1024 * 1024, MEMORY_APART_FROM = 4 * 1024 * 1024 };

static void memory_keep(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, MEMORY_APART_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
}

/* libuv has four threads for all of a process, and slow requests may take as many (node/http/pool.h): a look at the figures, what the console watches and
 * a file that a browser brings find threads beside them. Before the first work is given to it. */
static void threads_have(void)
{
    (void)setenv("UV_THREADPOOL_SIZE", "8", 0);
}

/* On a thread of its own: the same table, with what the node has open. */
static int run_handed_over(void *ctx, const char *who, int argc, char **argv, FILE *streams[3])
{
    struct app *app = ctx;
    const struct app_options *options = app_options(app);
    struct config config;
    struct command_context context = {
        .dir = options->dir,
        .in = streams[0],
        .out = streams[1],
        .err = streams[2],
        .is_tty = isatty(fileno(streams[1])),
        .config = &config,
        .store = options->store,
        .identity = options->identity,
        .federation = options->federation,
        .app = app,
        .who = who,
    };

    app_config(app, &config);
    return command_execute(&context, argc, argv);
}

/* Until the end, or until the node's keys change: then everything that uses them opens again (node/app_turn.h). */
static enum status run_once(struct command_context *context, const struct app_options *options, struct config *config, bool *is_again_out,
                            struct app_turn_rest *rest)
{
    struct app *app;
    bool is_turned = false;
    enum status status = app_open(options, &app, &context->report);

    if (status != S_OK) {
        return status;
    }
    app_run(app);
    *is_again_out = app_wants_turn(app);
    app_config(app, config); /* SIGHUP may have changed it */
    if (app_close(app) != S_OK) {
        app_commands_abandon(*is_again_out ? EXIT_TRY_AGAIN : EXIT_DONE); /* a command still works on the store: what it was not told to be durable is not */
    }
    if (*is_again_out) {
        status = command_turn(context, &is_turned);
        app_turn_tried(rest, is_turned, local_time_monotonic());
    }
    return status;
}

/* What --set says holds until the node ends. */
static enum status run_override(void *ctx, struct config *config, struct report *report)
{
    struct command_context *context = ctx;
    enum status status = command_overrides(context, config);

    if (status != S_OK) {
        *report = context->report;
        report_clear(&context->report);
    }
    return status;
}

static enum status run_run(struct command_context *context)
{
    struct config config = *context->config;
    struct app_options options = {
        .dir = context->dir,
        .config = &config,
        .identity = context->identity,
        .federation = context->federation,
        .store = context->store,
        .is_daemon = true,
        .run_command = run_handed_over,
        .override = run_override,
        .override_ctx = context,
    };

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    if (context->app) {
        return report_set(&context->report, S_BUSY, "a node is running on '%s' already", context->dir);
    }
    log_raise_level(LOG_INFO);
    app_config_note(&config);
    struct app_turn_rest rest = {0};
    memory_keep();
    threads_have();
    bool is_again = true;
    while (status == S_OK && is_again) {
        options.turn_rests_until_ms = rest.until_ms;
        status = run_once(context, &options, &config, &is_again, &rest);
    }
    return status;
}

const struct command run_commands[] = {
    {"run", NEEDS_DAEMON, "", "run the node in the foreground",
     "Listens for peers, dials the node above, serves HTTP and takes commands for this directory. Stops "
     "cleanly on SIGTERM\n"
     "and Ctrl-C; SIGHUP reads D/qanat.conf again; what --set says goes on to hold. Under systemd it says READY=1 (see "
     "conf/qanat.service).\n\n"
     "  qanat run --dir /var/lib/qanat",
     run_run},
    {0},
};
