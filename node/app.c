#include "node/app.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/app_attempt.h"
#include "node/app_figures.h"
#include "node/app_course.h"
#include "node/app_presence.h"
#include "node/app_turn.h"
#include "node/http/http.h"
#include "node/learn/attempt/xapi.h"
#include "node/link/link.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/store/stream/proved.h"
#include "replication/base/check.h"

enum { SIGNALS = 3, TURN_LOOK_MS = 1000 };

struct app {
    struct app_options options;
    struct config config; /* guarded by the lock for other threads */
    pthread_mutex_t lock;
    uv_loop_t loop;
    uv_async_t woken; /* the store has completions, or somebody wants the end */
    uv_signal_t signals[SIGNALS];
    _Atomic bool wants_stop;
    bool is_ended, wants_turn; /* by a signal; for new keys */
    uv_timer_t turn_timer;
    uint64_t turn_generation;  /* of the store at the last look */
    struct app_course course;
    struct app_attempt attempt;
    struct app_figures figures;
    struct link *link;
    struct app_syncs *syncs;
    struct app_commands *commands;
    struct http_context http_context;
    struct http *http;
};

/* --- events --------------------------------------------------------------------------------------------- */

static void wake(void *ctx)
{
    struct app *app = ctx;

    uv_async_send(&app->woken);
}

static void on_woken(uv_async_t *woken)
{
    struct app *app = woken->data;

    store_drain(app->options.store);
    app_course_continue(&app->course);
    if (app->link != NULL) {
        link_poke(app->link);
    }
    if (app->wants_stop) {
        uv_stop(&app->loop);
    }
}

static void on_progress(void *ctx)
{
    struct app *app = ctx;

    app_syncs_poke(app->syncs);
}

void app_stop(struct app *app)
{
    app->wants_stop = true;
    uv_async_send(&app->woken);
}

void app_config_note(const struct config *config)
{
    if (config->twice[0]) {
        log_event(LOG_WARNING, "option_twice", "file=qanat.conf note=\"%s\"", config->twice);
    }
}

/* SIGHUP: what can change without a restart does; the rest is said to need one. */
static void app_reload(struct app *app)
{
    struct report report = {.status = S_OK};
    struct config config;
    char path[DIR_PATH_MAX];

    config_init(&config);
    enum status status = dir_path(app->options.dir, "qanat.conf", path);
    if (status == S_OK) {
        status = config_load(&config, path, &report);
    }
    if (status == S_OK && app->options.override) {
        status = app->options.override(app->options.override_ctx, &config, &report);
    }
    if (status == S_NOT_FOUND) {
        report_set(&report, status, "there is no %s: the options stay as they are", path);
    }
    if (status == S_OK) {
        status = local_time_set_zone(config.time_zone, &report);
    }
    if (status != S_OK) {
        log_event(LOG_ERROR, "config_refused", "error=\"%s\"", report.text);
        return;
    }
    app_config_note(&config);
    if (strcmp(config.listen, app->config.listen) != 0 || strcmp(config.http, app->config.http) != 0 ||
        strcmp(config.content, app->config.content) != 0) {
        log_event(LOG_WARNING, "config_reloaded", "note=\"a changed listen address needs a restart\"");
    } else {
        log_event(LOG_INFO, "config_reloaded", "path=%s", path);
    }
    pthread_mutex_lock(&app->lock);
    app->config = config;
    pthread_mutex_unlock(&app->lock);
    link_reload(app->link);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;

    if (number == SIGHUP) {
        app_reload(app);
    } else {
        app->is_ended = true;
        app_stop(app);
    }
}

/* Are this node's next keys admitted? And do commands still find it? */
static void on_turn(uv_timer_t *timer)
{
    struct app *app = timer->data;
    uint64_t generation = store_generation(app->options.store);

    if (app->commands != NULL) {
        app_commands_look(app->commands);
    }
    if (generation == app->turn_generation || local_time_monotonic() < app->options.turn_rests_until_ms) {
        return;
    }
    struct identity identity = *app->options.identity;
    const struct app_turn turn = {app->options.dir, app->options.store, app->options.federation, &identity};
    if (app_turn_is_due(&turn)) {
        app->wants_turn = true;
        app_stop(app);
    }
    app->turn_generation = generation;
    identity_clear(&identity);
}

bool app_wants_turn(const struct app *app)
{
    return app->wants_turn && !app->is_ended;
}

/* --- READY=1 -------------------------------------------------------------------------------------------- */

/* systemd's notification protocol, sd_notify(3); nothing when nobody listens. */
static void notify(const char *text)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, path, strlen(path));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
        close(fd);
    }
}

/* --- opening -------------------------------------------------------------------------------------------- */

static int run_handed_over(void *ctx, const char *who, int argc, char **argv, FILE *streams[3])
{
    struct app *app = ctx;
    int code = app->options.run_command(app, who, argc, argv, streams);

    uv_async_send(&app->woken); /* it may have written something */
    return code;
}

/* While nothing hears SIGHUP it waits: it comes at any moment of a start, or of a change of keys. */
static void hangups_hear(bool is_heard)
{
    sigset_t hangup;

    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(is_heard ? SIG_UNBLOCK : SIG_BLOCK, &hangup, NULL);
}

static void signals_open(struct app *app)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < SIGNALS; i++) {
        uv_signal_init(&app->loop, &app->signals[i]);
        app->signals[i].data = app;
        uv_signal_start(&app->signals[i], on_signal, numbers[i]);
    }
    hangups_hear(true);
}

static enum status daemon_open(struct app *app, struct report *report)
{
    signals_open(app);
    uv_timer_init(&app->loop, &app->turn_timer);
    app->turn_timer.data = app;
    uv_timer_start(&app->turn_timer, on_turn, TURN_LOOK_MS, TURN_LOOK_MS);
    app->http_context = (struct http_context){
        .store = app->options.store,
        .blobs = app->course.blobs,
        .config = &app->config,
        .federation = app->options.federation,
        .identity = app->options.identity,
        .dir = app->options.dir,
        .run_command = run_handed_over,
        .run_ctx = app,
        .attempts = &app->attempt.attempts,
    };
    app_attempt_open(&app->attempt, &app->loop, &app->options, app->course.blobs);
    app_figures_open(&app->figures, &app->loop, &app->options);
    lrs_init(&app->http_context.lrs, app->options.store, app->options.identity);
    app->http_context.lrs.observe = xapi_observe;
    app->http_context.lrs.observe_ctx = &app->attempt.attempts;
    app->attempt.attempts.lrs = &app->http_context.lrs;
    enum status status = http_open(&app->loop, &app->http_context, &app->http, report);
    if (status == S_OK) {
        status =
            app_commands_open(&app->loop, app->options.dir, run_handed_over, app, &app->commands, report);
    }
    return status;
}

enum status app_open(const struct app_options *options, struct app **app_out, struct report *report)
{
    struct app *app = calloc(1, sizeof *app);

    CHECK(app != NULL);
    app->options = *options;
    app->config = *options->config;
    app->options.config = &app->config;
    pthread_mutex_init(&app->lock, NULL);
    CHECK(uv_loop_init(&app->loop) == 0);
    uv_async_init(&app->loop, &app->woken, on_woken);
    app->woken.data = app;
    app->syncs = app_syncs_new(&app->loop, app);
    store_set_wake(options->store, wake, app);

    struct link_options link_options = {
        .loop = &app->loop,
        .store = options->store,
        .federation = options->federation,
        .identity = options->identity,
        .config = &app->config,
        .is_listening = options->is_daemon,
        .content = &app->course.content,
        .on_progress = on_progress,
        .ctx = app,
    };
    enum status status = app_presence_say(options->store, &options->identity->node);
    if (status == S_OK) {
        status = app_course_open(&app->course, &app->options, &app->loop, report);
    }
    if (status == S_OK) {
        status = link_open(&link_options, &app->link, report);
    }
    if (status == S_OK && options->is_daemon) {
        status = daemon_open(app, report);
    }
    if (status != S_OK) {
        app_stop(app);
        app_close(app);
        return status;
    }
    proved_remember(options->store); /* a node mostly ends without having a say in it */
    *app_out = app;
    return S_OK;
}

void app_run(struct app *app)
{
    if (app->options.is_daemon) {
        app->http_context.is_ready = true;
        log_event(LOG_INFO, "node_ready", "dir=%s listen=%s", app->options.dir, link_bound(app->link));
        notify("READY=1");
    }
    uv_run(&app->loop, UV_RUN_DEFAULT);
    if (app->options.is_daemon && app_wants_turn(app)) {
        log_event(LOG_INFO, "node_turning", "dir=%s reason=\"its new keys were admitted\"", app->options.dir);
    } else if (app->options.is_daemon) {
        notify("STOPPING=1");
        log_event(LOG_INFO, "node_stopping", "dir=%s", app->options.dir);
    }
}

/* --- closing -------------------------------------------------------------------------------------------- */

/* Runs the loop until nothing is under way any more; false when that took too long. */
static bool app_settle(struct app *app)
{
    uint64_t end = local_time_monotonic() + APP_STOP_MS;

    while ((app->link != NULL && !link_is_idle(app->link)) ||
           (app->http != NULL && !http_is_idle(app->http)) || !app_attempt_is_idle(&app->attempt) || !app_figures_is_idle(&app->figures) ||
           (app->commands != NULL && app_commands_running(app->commands) > 0)) {
        if (local_time_monotonic() > end) {
            return false;
        }
        store_drain(app->options.store);
        uv_run(&app->loop, UV_RUN_NOWAIT);
        usleep(2000);
    }
    return true;
}

enum status app_close(struct app *app)
{
    app->http_context.is_ready = false;
    app_syncs_stop(app->syncs);
    if (app->commands != NULL) {
        app_commands_stop(app->commands);
    }
    if (app->link != NULL) {
        link_stop(app->link);
    }
    if (app->http != NULL) {
        http_stop(app->http);
    }
    app_attempt_stop(&app->attempt);
    app_figures_stop(&app->figures);
    if (!app_settle(app)) {
        log_event(LOG_WARNING, "stop_hurried", "commands=%d",
                  app->commands != NULL ? app_commands_running(app->commands) : 0);
        return S_BUSY;
    }
    store_set_wake(app->options.store, NULL, NULL);
    if (app->http != NULL) {
        http_close(app->http);
    }
    app_attempt_close(&app->attempt);
    app_figures_close(&app->figures);
    app_commands_close(app->commands);
    link_close(app->link);
    app_course_close(&app->course);
    app_syncs_close(app->syncs);
    hangups_hear(false);
    for (int i = 0; i < SIGNALS && app->signals[i].data != NULL; i++) {
        uv_close((uv_handle_t *)&app->signals[i], NULL);
    }
    if (app->turn_timer.data != NULL) {
        uv_close((uv_handle_t *)&app->turn_timer, NULL);
    }
    uv_close((uv_handle_t *)&app->woken, NULL);
    uv_run(&app->loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&app->loop) == 0);
    pthread_mutex_destroy(&app->lock);
    free(app);
    return S_OK;
}

/* --- for others ----------------------------------------------------------------------------------------- */

const struct app_options *app_options(const struct app *app)
{
    return &app->options;
}

void app_config(struct app *app, struct config *config_out)
{
    pthread_mutex_lock(&app->lock);
    *config_out = app->config;
    pthread_mutex_unlock(&app->lock);
}

struct link *app_link(struct app *app)
{
    return app->link;
}

bool app_results_are_told(struct app *app)
{
    return app_attempt_is_told(&app->attempt);
}

bool app_contents_are_settled(struct app *app)
{
    return app_course_is_settled(&app->course);
}

bool app_contents_are_fresh(struct app *app, const struct id *peer)
{
    return app_course_is_fresh(&app->course, peer);
}

uint64_t app_contents_left(struct app *app)
{
    return app_course_left(&app->course);
}

struct app_syncs *app_syncs_of(struct app *app)
{
    return app->syncs;
}
