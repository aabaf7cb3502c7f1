#include "node/link/session_job.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/result/recall.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/held.h"
#include "node/store/stream/intake.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

static enum status job_apply(const struct session_job *job, struct db *db)
{
    const struct session_context *context = job->context;
    const struct link_content *content = context->content;
    const struct intake intake = {.federation = members_federation(context->members),
                                  .moved = content != NULL ? content->refresh : NULL,
                                  .ctx = content != NULL ? content->ctx : NULL};

    enum status status = intake_apply(&intake, db, &job->stream, job->data);
    return status == S_OK ? recall_moved(db, &job->stream) : status;
}

/* On the writer thread, inside the transaction. */
static enum status job_run(struct db *db, void *arg)
{
    const struct session_job *job = arg;
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

void session_job_start(struct session_job *job, void (*placed)(void *job), store_done *done)
{
    if (job->kind == EFFECT_OBJECT && job->context->assay != NULL) {
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
