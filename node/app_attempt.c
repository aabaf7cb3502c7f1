#include "node/app_attempt.h"

#include "node/log.h"
#include "replication/base/check.h"

static void on_timer(uv_timer_t *timer);

static enum status tell(struct db *db, void *arg)
{
    struct app_attempt *attempt = arg;
    return due_run(db, &attempt->run);
}

static void on_told(void *arg, enum status status)
{
    struct app_attempt *attempt = arg;

    attempt->is_telling = false;
    if (status != S_OK) {
        log_event(LOG_ERROR, "results_not_told", "reason=\"%s\"", status_text(status));
    } else if (attempt->run.told == DUE_BATCH && uv_is_active((uv_handle_t *)&attempt->timer)) {
        on_timer(&attempt->timer); /* a whole class went home: there is more */
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct app_attempt *attempt = timer->data;

    if (!attempt->is_telling && due_is_any(attempt->attempts.store)) {
        attempt->is_telling = true;
        store_write(attempt->attempts.store, tell, attempt, on_told);
    }
}

void app_attempt_open(struct app_attempt *attempt, uv_loop_t *loop, const struct app_options *options,
                      struct blobs *blobs)
{
    attempt->attempts =
        (struct attempts){.store = options->store, .blobs = blobs, .federation = options->federation};
    attempt->run.attempts = &attempt->attempts;
    uv_timer_init(loop, &attempt->timer);
    attempt->timer.data = attempt;
    uv_timer_start(&attempt->timer, on_timer, DUE_INTERVAL_MS, DUE_INTERVAL_MS);
}

bool app_attempt_is_told(struct app_attempt *attempt)
{
    if (uv_is_active((uv_handle_t *)&attempt->timer)) {
        on_timer(&attempt->timer);
    }
    return !attempt->is_telling;
}

void app_attempt_stop(struct app_attempt *attempt)
{
    if (attempt->timer.data) {
        uv_timer_stop(&attempt->timer);
    }
}

bool app_attempt_is_idle(const struct app_attempt *attempt)
{
    return !attempt->is_telling;
}

void app_attempt_close(struct app_attempt *attempt)
{
    if (!attempt->timer.data) {
        return;
    }
    CHECK(!attempt->is_telling);
    while (due_is_any(attempt->attempts.store)) {
        enum status status = store_write_wait(attempt->attempts.store, tell, attempt);
        if (status != S_OK) {
            log_event(LOG_ERROR, "results_not_told", "reason=\"%s\"", status_text(status));
            break; /* the marks stay: after the next start */
        }
    }
    uv_close((uv_handle_t *)&attempt->timer, NULL);
    attempt->timer.data = NULL;
}
