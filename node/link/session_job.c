#include "node/link/session_job.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/result/recall.h"
#include "node/link/sessions.h"
#include "node/local_time.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/held.h"
#include "node/store/stream/intake.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

/* Cells by the million come a part at a time, so that others who write need not wait for all of them. */
static enum status job_apply_part(struct session_job *job, const struct intake *intake, struct db *db)
{
    if (!job->is_large && delta_is_large(db, &job->stream, job->data)) {
        job->is_large = true;
        return S_PARTIAL; /* it waits for its turn */
    }
    if (!job->is_large) {
        job->is_whole = true;
        return intake_apply(intake, db, &job->stream, job->data);
    }
    if (job->delta == NULL) {
        job->delta = delta_new(job->context->store, &intake->federation->id, &job->stream, job->data);
    }
    return intake_part(intake, db, &job->stream, job->delta, &job->is_whole);
}

static enum status job_apply(struct session_job *job, struct db *db)
{
    const struct session_context *context = job->context;
    const struct link_content *content = context->content;
    const struct intake intake = {.federation = members_federation(context->members),
                                  .moved = content != NULL ? content->refresh : NULL,
                                  .ctx = content != NULL ? content->ctx : NULL,
                                  .is_late = job->has_waited};

    uint64_t began_ms = local_time_monotonic();
    enum status status = job_apply_part(job, &intake, db);
    status = status == S_OK && job->is_whole ? recall_moved(db, &job->stream) : status;
    job->took_ms += local_time_monotonic() - began_ms;
    return status;
}

/* On the writer thread, inside the transaction. */
static enum status job_run(struct db *db, void *arg)
{
    struct session_job *job = arg;
    const struct link_content *content = job->context->content;
    struct bytes bytes = job->data;

    switch (job->kind) {
    case EFFECT_STAGE:
        return stream_stage(db, &job->stream, job->after_seq, job->seq, bytes);
    case EFFECT_APPLY:
        return job_apply(job, db);
    case EFFECT_UNSTAGE:
        return stream_unstage(db, &job->stream);
    case EFFECT_OBJECT:
        if (job->assay.found != S_OK) {
            return job->assay.found;
        }
        return content != NULL ? content->put(content->ctx, db, &job->object, bytes) : S_DENIED;
    case EFFECT_DEMAND:
        return content != NULL ? content->demand(content->ctx, db, &job->object) : S_OK;
    case EFFECT_HELD:
        return held_put(db, &job->held);
    case EFFECT_FORK:
        return alarm_contradict(db, &job->stream, bytes);
    case EFFECT_SEND:
    case EFFECT_PROGRESS:
    case EFFECT_REFUSED:
    case EFFECT_CLOSE:
        break;
    }
    CHECK(false);
    return S_INTERNAL;
}

/* On the thread of the assay. */
static bool job_place(void *arg)
{
    const struct session_job *job = arg;
    const struct link_content *content = job->context->content;

    return content != NULL && content->place != NULL && content->place(content->ctx, &job->object, job->data);
}

struct session_job *session_job_new(struct session *session, const struct session_context *context,
                                    const struct effect *effect)
{
    bool is_kept = effect->kind == EFFECT_OBJECT; /* until it is durable */
    struct session_job *job = calloc(1, sizeof *job + (is_kept ? 0 : effect->bytes.size));

    CHECK(job != NULL);
    job->session = session;
    job->context = context;
    job->kind = effect->kind;
    job->ticket = effect->ticket;
    job->stream = effect->stream;
    job->object = effect->object;
    job->after_seq = effect->after_seq;
    job->seq = effect->seq;
    job->held = (struct held){effect->stream, effect->seq, effect->at_ms, effect->holder};
    job->data = effect->bytes;
    if (!is_kept && effect->bytes.size > 0) {
        memcpy(job->copy, effect->bytes.data, effect->bytes.size);
        job->data.data = job->copy;
    }
    job->is_unassayed = effect->is_unassayed;
    return job;
}

enum status session_job_renew(struct db *db, void *unused)
{
    (void)unused;
    return own_renew(db);
}

void session_job_free(struct session_job *job)
{
    if (job->context->sessions != NULL) {
        burden_leave(sessions_burden(job->context->sessions), job);
    }
    delta_free(job->delta);
    free(job);
}

/* --- whose cells may be folded in ------------------------------------------------------------------------ */

/* When it may begin, or go on. */
static uint64_t job_due_ms(const struct session_job *job, uint64_t now_ms)
{
    bool is_counted = job->kind == EFFECT_APPLY && job->context->sessions != NULL;

    if (!is_counted || job->delta != NULL) {
        return 0;
    }
    struct burden *burden = sessions_burden(job->context->sessions);
    uint64_t due_ms = burden_until_ms(burden, &job->stream.node);
    return due_ms <= now_ms && job->is_large && !burden_enter(burden, job) ? now_ms + BURDEN_LOOK_MS : due_ms;
}

static void waiting_add(struct waiting_jobs *waiting, struct session_job *job)
{
    job->next = NULL;
    job->has_waited = true;
    *(waiting->last != NULL ? &waiting->last->next : &waiting->first) = job;
    waiting->last = job;
}

bool session_job_goes_on(struct session_job *job, struct waiting_jobs *waiting, enum status status)
{
    if (job->is_large && !job->is_whole && (status == S_OK || status == S_PARTIAL)) {
        waiting_add(waiting, job);
        return true;
    }
    if (job->context->sessions != NULL) {
        uint64_t took_ms = job->is_large ? job->took_ms / BURDEN_SHARE : job->took_ms; /* half of the time was others' */
        burden_add(sessions_burden(job->context->sessions), &job->stream.node, took_ms, local_time_monotonic());
    }
    return false;
}

uint64_t session_jobs_continue(struct waiting_jobs *waiting, store_done *done)
{
    struct waiting_jobs left = {NULL, NULL};
    uint64_t next_ms = UINT64_MAX, now_ms = local_time_monotonic();

    for (struct session_job *job = waiting->first, *next; job != NULL; job = next) {
        uint64_t due_ms = job_due_ms(job, now_ms);
        next = job->next;
        if (due_ms <= now_ms) {
            store_write(job->context->store, job_run, job, done);
            continue;
        }
        waiting_add(&left, job);
        next_ms = due_ms < next_ms ? due_ms : next_ms;
    }
    *waiting = left;
    return next_ms;
}

void session_jobs_drop(struct waiting_jobs *waiting, store_done *done)
{
    struct session_job *job = waiting->first;

    *waiting = (struct waiting_jobs){NULL, NULL};
    while (job != NULL) {
        struct session_job *next = job->next;
        done(job, S_STALE);
        job = next;
    }
}

void session_job_start(struct session_job *job, struct waiting_jobs *waiting, void (*placed)(void *job), store_done *done)
{
    uint64_t now_ms = local_time_monotonic();

    if (job_due_ms(job, now_ms) > now_ms) {
        waiting_add(waiting, job);
    } else if (job->kind == EFFECT_OBJECT && job->context->assay != NULL) {
        job->assay = (struct assay_item){.object = job->object,
                                         .is_known = !job->is_unassayed,
                                         .data = job->data,
                                         .place = job_place,
                                         .placed = placed,
                                         .run = job_run,
                                         .done = done,
                                         .arg = job};
        assay_put(job->context->assay, &job->assay);
    } else {
        store_write(job->context->store, job_run, job, done);
    }
}
