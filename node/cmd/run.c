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

static enum status run_run(struct command_context *context)
{
    struct app *app;
    struct app_options options = {
        .dir = context->dir,
        .config = context->config,
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
    status = app_open(&options, &app, &context->report);
    if (status != S_OK) {
        return status;
    }
    app_run(app);
    if (app_close(app) != S_OK) {
        fflush(NULL);
        _exit(EXIT_DONE); /* a command still works on the store: what it was not told to be durable is not */
    }
    return S_OK;
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
