#include "node/app_figures.h"

#include "node/local_time.h"
#include "node/log.h"
#include "node/stats/plausible.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* In the thread pool. */
static void on_work(uv_work_t *work)
{
    struct app_figures *figures = work->data;
    const struct app_options *options = figures->options;
    const struct plausible_bounds bounds = {figures->config.plausible_completions, figures->config.plausible_people};
    const struct stats_request request = {
        .late_after_h = figures->config.late_after_h, .now_ms = (int64_t)local_time_now(), .self = &options->identity->node};
    uint64_t begin_ms = local_time_monotonic();
    struct roster *roster;

    struct db *db = store_read_begin(options->store);
    enum status status = roster_load(db, options->federation, &roster, NULL);
    store_read_end(options->store, db);
    if (status == S_OK) {
        status = plausible_note(options->store, roster, &request, &bounds);
        roster_free(roster);
    }
    if (status != S_OK) {
        log_event(LOG_WARNING, "figures_not_looked_at", "reason=\"%s\"", status_text(status));
    }
    uint64_t now_ms = local_time_monotonic();
    figures->rest_until_ms = now_ms + FIGURES_REST * (now_ms - begin_ms);
}

static void on_looked(uv_work_t *work, int cancelled)
{
    struct app_figures *figures = work->data;
    (void)cancelled;

    figures->is_looking = false;
    figures->looks++;
}

static void on_timer(uv_timer_t *timer)
{
    struct app_figures *figures = timer->data;
    uint64_t generation = store_generation(figures->options->store);

    if (figures->is_looking || (figures->looks > 0 && generation == figures->generation) ||
        local_time_monotonic() < figures->rest_until_ms) {
        return;
    }
    figures->generation = generation;
    figures->config = *figures->options->config;
    figures->is_looking = uv_queue_work(timer->loop, &figures->work, on_work, on_looked) == 0;
}

void app_figures_open(struct app_figures *figures, uv_loop_t *loop, const struct app_options *options)
{
    *figures = (struct app_figures){.options = options};
    uv_timer_init(loop, &figures->timer);
    figures->timer.data = figures->work.data = figures;
    uv_timer_start(&figures->timer, on_timer, 0, FIGURES_INTERVAL_MS);
}

void app_figures_stop(struct app_figures *figures)
{
    if (figures->timer.data) {
        uv_timer_stop(&figures->timer);
    }
}

bool app_figures_is_idle(const struct app_figures *figures)
{
    return !figures->is_looking;
}

void app_figures_close(struct app_figures *figures)
{
    if (figures->timer.data) {
        CHECK(!figures->is_looking);
        uv_close((uv_handle_t *)&figures->timer, NULL);
        figures->timer.data = NULL;
    }
}
