/* run.c: `qanat run`: the node in the foreground, and the threads of commands that are handed to it. */
#include <unistd.h>

#include "node/app.h"
#include "node/cmd/command.h"
#include "node/log.h"

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
static enum status run_once(struct command_context *context, const struct app_options *options, struct config *config, bool *is_again_out)
{
    struct app *app;
    bool is_turned;
    enum status status = app_open(options, &app, &context->report);

    if (status != S_OK) {
        return status;
    }
    app_run(app);
    *is_again_out = app_wants_turn(app);
    app_config(app, config); /* SIGHUP may have changed it */
    if (app_close(app) != S_OK) {
        fflush(NULL);
        _exit(*is_again_out ? EXIT_TRY_AGAIN : EXIT_DONE); /* a command still works on the store: what it was not told to be durable is not */
    }
    return *is_again_out ? command_turn(context, &is_turned) : S_OK;
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
    };

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    if (context->app) {
        return report_set(&context->report, S_BUSY, "a node is running on '%s' already", context->dir);
    }
    log_raise_level(LOG_INFO);
    bool is_again = true;
    while (status == S_OK && is_again) {
        status = run_once(context, &options, &config, &is_again);
    }
    return status;
}

const struct command run_commands[] = {
    {"run", NEEDS_DAEMON, "", "run the node in the foreground",
     "Listens for peers, dials the node above, serves HTTP and takes commands for this directory. Stops "
     "cleanly on SIGTERM\n"
     "and Ctrl-C; SIGHUP reads D/qanat.conf again. Under systemd it says READY=1 (see "
     "conf/qanat.service).\n\n"
     "  qanat run --dir /var/lib/qanat",
     run_run},
    {0},
};
