/* Batches in: the checks of a session (replication/peer/pull.c), then staged and folded in by the same store
 * functions. */
#include "node/bundle/import.h"
#include "node/incident.h"
#include "node/learn/result/recall.h"
#include "node/log.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/own.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"

enum { TRIES_MAX = 4 };

/* What a job found. */
enum outcome {
    OUTCOME_TAKEN,
    OUTCOME_KNOWN,   /* nothing new in it */
    OUTCOME_GAP,     /* starts above what is held here */
    OUTCOME_FORK,    /* another state under the same seq, both signed */
    OUTCOME_AMNESIA, /* our own living stream, further than we know */
    OUTCOME_ENDED,   /* its writer was put out of the federation while it came */
};

struct batch_job {
    struct import *import;
    struct batch *batch;
    struct bytes body;
    struct buffer rebased;
    enum outcome outcome;
    struct delta *delta; /* of one that comes a part at a time (delta.h) */
    bool is_whole;
};

/* True when `stream` is the one in which this node writes now. */
static bool is_living(const struct import *import, struct db *db, const struct stream_id *stream)
{
    struct id living;

    return id_equal(&stream->node, &import->node->identity->node) && own_incarnation(db, &living) == S_OK &&
           id_equal(&stream->incarnation, &living);
}

static uint64_t batch_end(const struct batch *batch)
{
    if (batch->has_certificate) {
        return batch->certificate.head.seq;
    }
    return batch->count > 0 ? batch->cells[batch->count - 1].seq : 0;
}

/* A delta above a lower seq is one above `position` too, without the cells up to there. */
static enum status batch_rebase(struct batch *batch, uint64_t position, struct buffer *body_out)
{
    size_t skip = 0;

    while (skip < batch->count && batch->cells[skip].seq <= position) {
        skip++;
    }
    batch->cells += skip;
    batch->count -= skip;
    batch->after_seq = position;
    return batch_encode(batch, body_out);
}

static enum status batch_fold(struct batch_job *job, struct db *db)
{
    const struct stream_id *stream = &job->batch->stream;

    if (delta_is_large(db, stream, job->body)) {
        job->delta = delta_new(job->import->node->store, &job->import->intake.federation->id, stream, job->body);
        return S_OK;
    }
    enum status status = intake_apply(&job->import->intake, db, stream, job->body);
    return status == S_OK ? recall_moved(db, stream) : status;
}

/* Many cells come a part at a time: a node that runs goes on taking results meanwhile. */
static enum status part_run(struct db *db, void *arg)
{
    struct batch_job *job = arg;
    const struct stream_id *stream = &job->batch->stream;
    enum status status = intake_part(&job->import->intake, db, stream, job->delta, &job->is_whole);

    return status == S_OK && job->is_whole ? recall_moved(db, stream) : status;
}

static enum status batch_put(struct batch_job *job, struct db *db)
{
    const struct batch *batch = job->batch;

    return batch->has_certificate ? batch_fold(job, db) : stream_stage(db, &batch->stream, batch->after_seq, batch_end(batch), job->body);
}

static enum outcome batch_judge(const struct batch_job *job, struct db *db, uint64_t *position_out)
{
    const struct batch *batch = job->batch;
    struct certificate held = {.head = {.seq = 0}};
    bool is_held = stream_find(db, &batch->stream, &held);
    uint64_t staged = stream_staged_seq(db, &batch->stream);

    *position_out = staged > held.head.seq ? staged : held.head.seq;
    if (batch->has_certificate && batch->certificate.head.seq <= held.head.seq) {
        return is_held && certificate_is_fork(&held, &batch->certificate) ? OUTCOME_FORK : OUTCOME_KNOWN;
    }
    if (adoption_covers(batch_end(batch), adopted_seq(db, &batch->stream))) {
        return OUTCOME_KNOWN; /* it is counted in a later stream of its writer */
    }
    if (!batch->has_certificate && batch_end(batch) <= *position_out) {
        return OUTCOME_KNOWN;
    }
    if (batch->after_seq > *position_out) {
        return OUTCOME_GAP;
    }
    return batch->has_certificate && is_living(job->import, db, &batch->stream) ? OUTCOME_AMNESIA
                                                                                : OUTCOME_TAKEN;
}

/* What was staged beyond what the file certifies: its writer went back to a backup, perhaps, and the rest may never be certified. It gives way to
 * what is. */
static enum status staged_give_way(struct db *db, const struct batch *batch)
{
    struct certificate held = {.head = {.seq = 0}};
    uint64_t seq = batch->has_certificate ? batch->certificate.head.seq : UINT64_MAX;

    (void)stream_find(db, &batch->stream, &held);
    bool is_short = seq > held.head.seq && seq < stream_staged_seq(db, &batch->stream);
    return is_short ? stream_unstage(db, &batch->stream) : S_OK;
}

/* Writer thread. */
static enum status batch_run(struct db *db, void *arg)
{
    struct batch_job *job = arg;
    uint64_t position;
    enum status status = staged_give_way(db, job->batch);

    if (status != S_OK) {
        return status;
    }
    job->outcome = batch_judge(job, db, &position);
    if (job->outcome == OUTCOME_FORK) {
        struct fork fork = {.kind = FORK_SAME_SEQ, .certificates[1] = job->batch->certificate};
        bool is_shown = stream_find(db, &job->batch->stream, &fork.certificates[0]) && fork_is_shown(&fork);
        return is_shown ? alarm_raise(db, &fork) : db_status(db);
    }
    if (job->outcome != OUTCOME_TAKEN) {
        return db_status(db);
    }
    if (job->batch->after_seq < position) {
        buffer_clear(&job->rebased);
        status = batch_rebase(job->batch, position, &job->rebased);
        job->body = buffer_bytes(&job->rebased);
    }
    return status == S_OK ? batch_put(job, db) : status;
}

/* All of it, in as many jobs as it takes. */
static enum status batch_parts(struct batch_job *job)
{
    enum status status = store_write_wait(job->import->node->store, batch_run, job);

    while (status == S_OK && job->delta != NULL && !job->is_whole) {
        status = store_write_wait(job->import->node->store, part_run, job);
    }
    delta_free(job->delta);
    job->delta = NULL;
    return status;
}

static enum status unstage_run(struct db *db, void *stream)
{
    return stream_unstage(db, stream);
}

/* Parts take seconds, in which somebody may have put the writer of this out, or of what stands behind it. */
static enum status batch_judge_anew(struct batch_job *job)
{
    struct import *import = job->import;
    const struct batch *batch = job->batch;

    import->is_roster_stale = true;
    enum status status = import_roster(import);
    if (status == S_OK && batch->has_certificate && !roster_may_take(import->roster, &batch->certificate.head)) {
        job->outcome = OUTCOME_ENDED;
        return store_write_wait(import->node->store, unstage_run, (void *)&batch->stream);
    }
    return status == S_OK ? S_STALE : status;
}

/* A peer may move the stream between two of the jobs: what the file brings is judged anew then. */
static enum status batch_bring(struct batch_job *job)
{
    const struct batch whole = *job->batch;
    const struct bytes body = job->body;
    enum status status = S_STALE;

    for (unsigned tries = 0; status == S_STALE && tries < TRIES_MAX; tries++) {
        *job->batch = whole;
        job->body = body;
        status = batch_parts(job);
        status = status == S_STALE ? batch_judge_anew(job) : status;
    }
    job->import->is_roster_stale = job->import->is_roster_stale || job->is_whole;
    return status;
}

static enum status renew_run(struct db *db, void *unused)
{
    (void)unused;
    return own_renew(db);
}

/* Cells that came ahead of their certificate are taken when that is; a stream whose certificate does not come, or may not be taken, brought none. */
static void taken_count(struct import *import, const struct batch *batch)
{
    if (stream_id_compare(&import->ahead_of, &batch->stream) != 0) {
        import->ahead_of = batch->stream;
        import->cells_ahead = 0;
    }
    import->cells_ahead += batch->count;
    if (batch->has_certificate) {
        import->imported->cells += import->cells_ahead;
        import->imported->streams++;
        import->cells_ahead = 0;
    }
}

static void outcome_count(struct import *import, const struct batch_job *job)
{
    const struct batch *batch = job->batch;
    struct bundle_imported *imported = import->imported;

    switch (job->outcome) {
    case OUTCOME_TAKEN:
        taken_count(import, batch);
        import->has_news = import->has_news || (batch->has_certificate && id_equal(&batch->stream.node, &import->in.head.from));
        import->is_roster_stale = import->is_roster_stale || batch->stream.topic == TOPIC_ROSTER;
        return;
    case OUTCOME_KNOWN:
        imported->known_streams += batch->has_certificate;
        return;
    case OUTCOME_GAP:
        imported->gaps += batch->has_certificate;
        return;
    case OUTCOME_FORK:
        import_refuse_of(import, &batch->stream.node, "two histories of one node under one sequence");
        return;
    case OUTCOME_AMNESIA:
        import_refuse_of(import, &batch->stream.node, "a state of this node's own living stream that it does not know");
        return;
    case OUTCOME_ENDED:
        imported->skipped_streams += batch->has_certificate;
        return;
    }
}

static enum status batch_take(struct import *import, struct batch *batch, struct bytes body)
{
    struct batch_job job = {.import = import, .batch = batch, .body = body};

    buffer_init(&job.rebased);
    enum status status = batch_bring(&job);

    if (status == S_OK && job.outcome == OUTCOME_AMNESIA) {
        /* We forgot what we wrote: on under a fresh incarnation, and this one is taken back like a closed
         * one. */
        incident_add(INCIDENT_INCARNATIONS, 1);
        log_event(LOG_WARNING, "amnesia_found", "topic=%s seq=%llu", topic_name(batch->stream.topic),
                  (unsigned long long)batch->certificate.head.seq);
        status = store_write_wait(import->node->store, renew_run, NULL);
        if (status == S_OK) {
            status = batch_bring(&job);
        }
    }
    buffer_release(&job.rebased);
    if (status == S_OK) {
        outcome_count(import, &job);
        return S_OK;
    }
    if (import_is_fatal(status)) {
        return status;
    }
    import_refuse(import, "cells that do not add up to their certificate");
    if (intake_is_void(status)) {
        status = store_write_wait(import->node->store, unstage_run, &batch->stream);
    }
    return import_is_fatal(status) ? status : S_OK;
}

/* A stream of the roster may be signed with a key that another stream of the file brings: it is put off. */
static bool certificate_take(struct import *import, const struct batch *batch, uint64_t at)
{
    enum status status = key_news_check(&import->key_news, import->roster, &batch->certificate);

    if (status == S_STALE) {
        import->imported->skipped_streams++; /* signed with a key that its writer gave up: who made the file may not know */
        incident_add_of(INCIDENT_FORMER_KEYS, &batch->stream.node, 1);
    } else if (status != S_OK && batch->stream.topic == TOPIC_ROSTER) {
        buffer_append(&import->postponed, &at, sizeof at);
    } else if (status != S_OK) {
        import_refuse(import, "a certificate that its writer did not sign");
    }
    return status == S_OK;
}

/* Rights and signature. True when it may be taken; otherwise it is counted, or put off. */
static bool batch_check(struct import *import, const struct batch *batch, uint64_t at)
{
    const struct roster_node *writer = roster_find(import->roster, &batch->stream.node);
    const struct id *self = &import->node->identity->node;

    if (!writer && batch->stream.topic == TOPIC_ROSTER) {
        buffer_append(&import->postponed, &at, sizeof at);
        return false;
    }
    if (!roster_may_go_on(import->roster, &batch->stream) ||
        (batch->has_certificate && !roster_may_take(import->roster, &batch->certificate.head)) ||
        !roster_may_hold(import->roster, self, &batch->stream.node, batch->stream.topic)) {
        import->imported->skipped_streams += batch->has_certificate;
        return false;
    }
    if (batch->stream.topic == TOPIC_ROSTER) {
        key_news_note(&import->key_news, &batch->stream, batch->cells, batch->count);
    }
    if (batch->has_certificate && !certificate_take(import, batch, at)) {
        return false;
    }
    if (!batch->has_certificate && batch->count == 0) {
        import_refuse(import, "a batch without cells and certificate");
        return false;
    }
    return true;
}

enum status import_batch(struct import *import, struct bytes body, uint64_t at)
{
    struct batch batch;
    enum status status = import_roster(import);

    if (status != S_OK) {
        return status;
    }
    arena_clear(&import->batch_arena);
    if (batch_decode(body, &import->batch_arena, &batch) != S_OK) {
        import_refuse(import, "a batch that cannot be read");
        return S_OK;
    }
    if (batch.stream.topic != TOPIC_ROSTER && import->postponed.size > 0) {
        import->is_retry_due = true;
        return S_OK;
    }
    return batch_check(import, &batch, at) ? batch_take(import, &batch, body) : S_OK;
}
