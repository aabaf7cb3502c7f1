#include "node/cmd/alone.h"

#include <stdlib.h>

#include "node/app_command.h"
#include "node/learn/attempt/due.h"
#include "replication/base/check.h"

enum { TEND_TIMEOUT_MS = 60 * 1000 };

enum status alone_exchange(const struct app_options *options, const struct sync_request *request, struct sync_result *result, struct report *report)
{
    struct app *app;
    enum status status = due_tell_all(options->store, options->federation, report);

    status = status == S_OK ? app_open(options, &app, report) : status;
    if (status != S_OK) {
        return status;
    }
    app_sync_once(app, request, result);
    app_run(app);
    if (app_close(app) != S_OK) {
        app_commands_abandon(command_exit_code(result->status));
    }
    return S_OK;
}

enum status alone_sync(struct command_context *context, const struct sync_request *request, struct sync_result *result)
{
    const struct app_options options = {
        .dir = context->dir,
        .config = context->config,
        .identity = context->identity,
        .federation = context->federation,
        .store = context->store,
    };

    return alone_exchange(&options, request, result, &context->report);
}

enum status alone_tend(struct command_context *context)
{
    const struct sync_request request = {.timeout_ms = TEND_TIMEOUT_MS, .asks_nobody = true};
    struct sync_result *result = calloc(1, sizeof *result);

    CHECK(result);
    enum status status = alone_sync(context, &request, result);
    free(result);
    return status;
}
