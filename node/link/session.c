#include "node/link/session.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/incident.h"
#include "node/link/assay.h"
#include "node/link/outbox.h"
#include "node/link/pace.h"
#include "node/link/pair.h"
#include "node/link/record.h"
#include "node/link/session_job.h"
#include "node/link/supply.h"
#include "node/link/together.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/software.h"
#include "node/store/stream/intake.h"
#include "replication/base/check.h"
#include "replication/wire/message.h"

enum { CHANNELS = 2, TRIM_AFTER = 4 * 1024 * 1024, UNTOLD_PAUSE_MS = 60 * 1000 };

struct session {
    const struct session_context *context;
    struct session_wire wire;
    struct peer *peer;
    struct peer_options options;
    struct outbox out[CHANNELS];
    struct together together; /* frames of control of this step, for one packet */
    struct pair pair;         /* of bulk */
    struct outbox in; /* bulk that waits for the rate; bounded by the credit, which returns when it was handled */
    struct pace pace;
    uv_timer_t timer;
    bool is_stepping, is_over, is_reported; /* reported: the wire knows that it is over */
    uint32_t after_ms;
    enum status why;
    char error[PEER_ERROR_MAX]; /* what was refused last */
    size_t jobs;
    struct waiting_jobs waiting; /* of them */
    uint64_t heard_wall_ms;
    struct record record;
    uint64_t untold_ms;  /* a receipt could not be stored then (a full disk): the core hears it again; 0: none */
    uint64_t brought_ms; /* an object last, or the beginning */
    uint64_t trimmed_at; /* bytes moved when the memory kept for them (node/cmd/run.c) was given back */
};

static void session_step(struct session *session, const struct peer_event *event);
static void apply_done(void *arg, enum status status);
static void session_take(struct session *session, enum channel channel, struct bytes frame);

/* --- sending --- */

static void session_over(struct session *session, enum status why, uint32_t after_ms)
{
    char name[NODE_NAME_MAX + 1];

    if (!session->is_over) {
        session->is_over = true;
        session->why = why;
        session->after_ms = after_ms;
        uv_timer_stop(&session->timer);
        members_name(session->context->members, &session->options.remote, name);
        log_event(why == S_OK || why == S_UNREACHABLE ? LOG_DEBUG : LOG_WARNING, "session_over", "peer=\"%s\" status=\"%s\" retry_ms=%u waiting=%zu/%zu",
                  name, status_text(why), after_ms, session->out[CHANNEL_CONTROL].count, session->out[CHANNEL_BULK].count);
    }
}

/* With --verbose: one line for each frame, as a dialogue. */
static void session_trace(const struct session *session, const char *direction, enum channel channel, struct bytes frame)
{
    char remote[ID_HEX_SIZE];

    id_hex(&session->options.remote, remote);
    log_event(LOG_DEBUG, "frame", "%s peer=%.8s channel=%d message=%s bytes=%zu", direction, remote, (int)channel,
              frame.size > 1 ? message_name(frame.data[1]) : "?", frame.size);
}

/* Bulk keeps the rate of the windows; control is small and never waits. */
static bool session_may_send(struct session *session, enum channel channel, struct bytes packet)
{
    return channel == CHANNEL_CONTROL || pace_may_send(&session->pace, packet);
}

static enum status session_put(struct session *session, enum channel channel, struct bytes frame)
{
    enum status status = session->wire.send(session->wire.ctx, channel, frame);

    if (status == S_OK) {
        pace_count(&session->pace, frame);
        if (channel == CHANNEL_BULK) {
            pace_sent(&session->pace, frame);
        }
    }
    return status;
}

static void session_send_packet(struct session *session, enum channel channel, struct bytes packet)
{
    struct outbox *out = &session->out[channel];
    enum status status = S_BUSY;

    if (channel == CHANNEL_BULK && pace_is_void(&session->pace, packet)) {
        return;
    }
    if (out->count == 0 && session_may_send(session, channel, packet)) {
        status = session_put(session, channel, packet);
    }
    if (status == S_BUSY) {
        status = outbox_put(out, packet);
    }
    if (status != S_OK) {
        session_over(session, status, 0);
    }
}

static void session_send_together(struct session *session)
{
    struct bytes packet;

    if (together_take(&session->together, &packet)) {
        session_send_packet(session, CHANNEL_CONTROL, packet);
    }
}

static void session_send_bulk(struct session *session, struct bytes frame)
{
    bool may_wait = session_is_able(session, ABILITY_PAIRS) && !pace_has_rate(&session->pace);
    struct bytes packet;

    if (pair_join(&session->pair, frame, &packet)) {
        session_send_packet(session, CHANNEL_BULK, packet);
        return;
    }
    if (pair_take(&session->pair, &packet)) {
        session_send_packet(session, CHANNEL_BULK, packet);
    }
    if (!may_wait || (session->wire.more && *session->wire.more > 0) || !pair_wait(&session->pair, frame)) {
        session_send_packet(session, CHANNEL_BULK, frame);
    }
}

static void session_send(struct session *session, enum channel channel, struct bytes frame)
{
    bool may_wait = session_is_able(session, ABILITY_TOGETHER);

    session_trace(session, "to", channel, frame);
    if (channel == CHANNEL_CONTROL && may_wait && together_add(&session->together, frame)) {
        return; /* until the step is done */
    }
    session_send_together(session);
    if (channel == CHANNEL_CONTROL) {
        session_send_packet(session, channel, frame);
    } else {
        session_send_bulk(session, frame);
    }
}

/* What waited for more of the same step. */
static void session_send_rest(struct session *session)
{
    struct bytes frame;

    session_send_together(session);
    if (pair_take(&session->pair, &frame)) {
        session_send_packet(session, CHANNEL_BULK, frame);
    }
}

void session_flush(struct session *session)
{
    struct bytes frame;

    for (int channel = 0; channel < CHANNELS; channel++) {
        while (!session->is_over && outbox_first(&session->out[channel], &frame) && session_may_send(session, (enum channel)channel, frame)) {
            bool is_void = channel == CHANNEL_BULK && pace_is_void(&session->pace, frame);
            enum status status = is_void ? S_OK : session_put(session, (enum channel)channel, frame);
            if (status == S_BUSY) {
                break;
            }
            if (status != S_OK) {
                session_over(session, status, 0);
                break;
            }
            outbox_drop_first(&session->out[channel]);
        }
    }
    while (!session->is_over && outbox_first(&session->in, &frame) && pace_may_take(&session->pace, frame)) {
        session_take(session, CHANNEL_BULK, frame);
        outbox_drop_first(&session->in);
    }
}

/* --- effects that write --- */

static void job_placed(void *arg)
{
    const struct session_job *job = arg;

    if (!job->session->is_over) {
        session_step(job->session, &(struct peer_event){.kind = EVENT_PLACED, .ticket = job->ticket});
    }
}

static void job_done(void *arg, enum status status)
{
    struct session_job *job = arg;
    struct session *session = job->session;

    assay_end(session->context->assay, &job->assay);
    CHECK(session->jobs > 0);
    session->jobs--;
    bool is_failed = status != S_OK && status != S_STALE;
    log_event(is_failed ? LOG_WARNING : LOG_DEBUG, is_failed ? "effect_failed" : "effect_done", "kind=%d error=\"%s\"", (int)job->kind, status_text(status));
    session->untold_ms = is_failed && job->kind == EFFECT_HELD ? local_time_monotonic() : session->untold_ms;
    if (status == S_OK && job->kind == EFFECT_APPLY && job->stream.topic == TOPIC_ROSTER) {
        /* Before the core greets again: else it compares by the old roster and finds nothing to pull of the new nodes. */
        members_refresh(session->context->members);
    }
    if (status == S_OK && job->kind == EFFECT_OBJECT) {
        session->brought_ms = local_time_monotonic();
    }
    if (!session->is_over && job->ticket != 0) {
        struct peer_event event = {.kind = EVENT_DURABLE, .ticket = job->ticket, .status = status};
        session_step(session, &event);
    }
    session_job_free(job);
}

static void session_store(struct session *session, const struct effect *effect)
{
    struct session_job *job = session_job_new(session, session->context, effect);

    session->jobs++;
    session_job_start(job, &session->waiting, job_placed, effect->kind == EFFECT_APPLY ? apply_done : job_done);
}

/* A batch whose digest did not match leaves nothing staged: dropped in a job of its own, before the core hears of it. */
static void apply_done(void *arg, enum status status)
{
    struct session_job *job = arg;

    if (session_job_goes_on(job, &job->session->waiting, status)) {
        session_poke(job->session, EVENT_TICK);
        return;
    }
    if (intake_is_void(status)) {
        session_store(job->session, &(struct effect){.kind = EFFECT_UNSTAGE, .stream = job->stream});
    }
    job_done(arg, status);
}

/* --- steps --- */

static void session_refused(struct session *session, const struct effect *effect)
{
    char name[NODE_NAME_MAX + 1];

    members_name(session->context->members, &session->options.remote, name);
    snprintf(session->error, sizeof session->error, "%.*s", (int)effect->bytes.size, (const char *)effect->bytes.data);
    record_refused(effect, &session->options.remote);
    log_event(LOG_WARNING, "message_refused", "peer=\"%s\" status=\"%s\" text=\"%s\"", name, status_text(effect->status), session->error);
}

static void session_fork(struct session *session, const struct effect *effect)
{
    char name[NODE_NAME_MAX + 1], node[ID_HEX_SIZE], proof[2 * CERTIFICATE_SIZE + 1] = "";

    members_name(session->context->members, &session->options.remote, name);
    id_hex(&effect->stream.node, node);
    if (effect->status == S_STALE) {
        incident_add(INCIDENT_INCARNATIONS, 1);
        log_event(LOG_WARNING, "amnesia_found", "peer=\"%s\" topic=%s seq=%llu", name, topic_name(effect->stream.topic), (unsigned long long)effect->seq);
        store_write(session->context->store, session_job_renew, NULL, NULL);
        return;
    }
    if (effect->bytes.size <= CERTIFICATE_SIZE) {
        sodium_bin2hex(proof, sizeof proof, effect->bytes.data, effect->bytes.size);
    }
    snprintf(session->error, sizeof session->error, "two histories of node %s", node);
    session_store(session, effect);
    incident_add_of(INCIDENT_FORKS, &effect->stream.node, 1);
    log_event(LOG_ERROR, "fork_seen", "peer=\"%s\" node=%s topic=%s certificate=%s", name, node, topic_name(effect->stream.topic), proof);
}

static void session_advance(struct session *session)
{
    const struct peer_progress *progress = peer_progress(session->peer);

    if (progress->state == PEER_IN_STEP) {
        session->record.success_wall_ms = local_time_now();
        if (progress->bytes_in + progress->bytes_out - session->trimmed_at >= TRIM_AFTER) {
            session->trimmed_at = progress->bytes_in + progress->bytes_out;
            (void)malloc_trim(0);
        }
    }
    session->context->on_progress(session->context->ctx);
}

static void session_execute(struct session *session, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_SEND:
        session_send(session, effect->channel, effect->bytes);
        return;
    case EFFECT_STAGE:
    case EFFECT_APPLY:
    case EFFECT_UNSTAGE:
    case EFFECT_OBJECT:
    case EFFECT_HELD:
        session_store(session, effect);
        return;
    case EFFECT_DEMAND:
        if (effect->is_below || supply_is_offered(session->context, &effect->object)) {
            session_store(session, effect);
        }
        return;
    case EFFECT_FORK:
        session_fork(session, effect);
        return;
    case EFFECT_PROGRESS:
        session_advance(session);
        return;
    case EFFECT_REFUSED:
        session_refused(session, effect);
        return;
    case EFFECT_CLOSE:
        session_over(session, S_OK, effect->after_ms);
        return;
    }
}

void session_poke(struct session *session, enum peer_event_kind kind)
{
    struct peer_event event = {.kind = kind};

    session_step(session, &event);
}

static void on_deadline(uv_timer_t *timer)
{
    session_poke(timer->data, EVENT_TICK);
}

static void session_set_timer(struct session *session, uint64_t deadline_ms)
{
    uint64_t turn_ms = session_jobs_continue(&session->waiting, apply_done), now = local_time_monotonic();

    deadline_ms = turn_ms < deadline_ms ? turn_ms : deadline_ms;
    if (session->is_over || deadline_ms == UINT64_MAX) {
        uv_timer_stop(&session->timer);
        return;
    }
    uv_update_time(session->context->loop);
    uv_timer_start(&session->timer, on_deadline, deadline_ms > now ? deadline_ms - now : 0, 0);
}

static void session_step(struct session *session, const struct peer_event *given)
{
    struct peer_event event = *given;
    struct store_view view;

    CHECK(!session->is_stepping);
    if (session->is_over) {
        return;
    }
    session->is_stepping = true;
    event.now_ms = local_time_monotonic();
    event.wall_ms = local_time_now();
    store_view_begin(&view, session->context->store, members_roster(session->context->members), supply_objects(session->context, &session->options.remote));
    view.is_elsewhere = supply_is_elsewhere;
    view.coming = supply_coming;
    view.elsewhere_arg = session;
    struct effects effects = peer_step(session->peer, &view.view, &event);
    if (store_view_end(&view) != S_OK) {
        session_over(session, S_IO, 0); /* what was read may be wrong: nothing of this step leaves */
    }
    for (size_t i = 0; i < effects.count && !session->is_over; i++) {
        session_execute(session, &effects.items[i]);
    }
    session_send_rest(session);
    session->is_stepping = false;
    pace_set_theirs(&session->pace, peer_progress(session->peer)->remote_rate_kbit);
    session_set_timer(session, effects.deadline_ms);
}

/* --- the life of a session --- */

struct session *session_open(const struct session_context *context, const struct id *remote, const struct session_wire *wire)
{
    struct session *session = calloc(1, sizeof *session);

    CHECK(session != NULL);
    session->context = context;
    session->wire = *wire;
    session->options = (struct peer_options){
        .self = context->self, .remote = *remote, .federation = context->federation,
        .credit_bytes = SESSION_CREDIT, .retry_ms = SESSION_RETRY_MS, .idle_ms = SESSION_SILENCE_MS,
        .software = software_number(), .abilities = ABILITY_TOGETHER | ABILITY_PAIRS | ABILITY_BRAID, .has_assay = context->assay != NULL,
    };
    pace_init(&session->pace, context->gate, remote);
    pace_fit(&session->pace, &session->options);
    randombytes_buf(&session->options.session, sizeof session->options.session);
    session->peer = peer_new(&session->options);
    session->brought_ms = local_time_monotonic();
    record_begin(&session->record, local_time_now());
    for (int channel = 0; channel < CHANNELS; channel++) {
        outbox_init(&session->out[channel]);
    }
    outbox_init(&session->in);
    uv_timer_init(context->loop, &session->timer);
    session->timer.data = session;
    session_poke(session, EVENT_OPEN);
    return session;
}

static void session_take(struct session *session, enum channel channel, struct bytes frame)
{
    struct peer_event event = {.kind = EVENT_FRAME, .channel = channel, .frame = frame};

    if (channel == CHANNEL_BULK) {
        pace_taken(&session->pace, frame);
    }
    session_step(session, &event);
}

static void session_receive_together(struct session *session, struct bytes packet)
{
    struct bytes frames[TOGETHER_FRAMES_MAX];
    size_t count = together_split(packet, frames);

    if (count == 0) {
        incident_add_of(INCIDENT_FRAMES, &session->options.remote, 1);
        session_over(session, S_INVALID, 0);
    }
    for (size_t i = 0; i < count && !session->is_over; i++) {
        session_trace(session, "from", CHANNEL_CONTROL, frames[i]);
        session_take(session, CHANNEL_CONTROL, frames[i]);
    }
}

static void session_receive_frame(struct session *session, enum channel line, struct bytes frame)
{
    enum channel channel = frame.size > 1 && message_is_bulk(frame.data[1]) ? CHANNEL_BULK : line;

    session_trace(session, "from", channel, frame);
    if (channel == CHANNEL_CONTROL || (session->in.count == 0 && pace_may_take(&session->pace, frame))) {
        session_take(session, channel, frame);
    } else if (outbox_put(&session->in, frame) != S_OK) {
        incident_add_of(INCIDENT_CONNECTIONS, &session->options.remote, 1);
        session_over(session, S_TOO_LARGE, 0); /* it sends without credit */
    }
}

static void session_receive_pair(struct session *session, struct bytes packet)
{
    struct bytes frames[2];
    bool is_right = pair_split(packet, frames);

    if (!is_right) {
        incident_add_of(INCIDENT_FRAMES, &session->options.remote, 1);
        session_over(session, S_INVALID, 0);
    }
    for (size_t i = 0; i < 2 && is_right && !session->is_over; i++) {
        session_receive_frame(session, CHANNEL_BULK, frames[i]);
    }
}

void session_receive(struct session *session, enum channel line, struct bytes frame)
{
    if (session->is_over) {
        return;
    }
    session->heard_wall_ms = local_time_now();
    pace_count(&session->pace, frame);
    if (together_is(frame)) {
        session_receive_together(session, frame);
    } else if (pair_is(frame)) {
        session_receive_pair(session, frame);
    } else {
        session_receive_frame(session, line, frame);
    }
}

static void session_regreet(struct session *session)
{
    session_poke(session, EVENT_CLOSED);
    session_poke(session, EVENT_OPEN);
}

void session_changed(struct session *session)
{
    uint32_t rate_kbit = pace_ours(&session->pace);

    session_poke(session, EVENT_CHANGED);
    bool is_untold = session->untold_ms > 0 && local_time_monotonic() >= session->untold_ms + UNTOLD_PAUSE_MS;
    if ((rate_kbit != session->options.rate_kbit || is_untold) && !session->is_over) { /* another window: the other is told */
        session->untold_ms = 0;
        session->options.rate_kbit = rate_kbit;
        peer_set_rate(session->peer, rate_kbit);
        session_regreet(session);
    }
}

void session_greet(struct session *session)
{
    if (!session->is_over && peer_progress(session->peer)->state == PEER_IN_STEP) {
        session_regreet(session);
    }
}

void session_defer(struct session *session, uint32_t after_ms)
{
    session_over(session, S_BUSY, after_ms);
}

void session_end(struct session *session, enum status why)
{
    session_over(session, why, 0);
}

bool session_reap(struct session *session)
{
    if (!session->is_over || session->is_stepping) {
        return false;
    }
    session_jobs_drop(&session->waiting, job_done);
    if (!session->is_reported) {
        session->is_reported = true;
        session->wire.over(session->wire.ctx, session->after_ms, session->why);
        session->context->on_progress(session->context->ctx);
    }
    return session->jobs == 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void session_free(struct session *session)
{
    CHECK(session->is_over && session->jobs == 0);
    for (int channel = 0; channel < CHANNELS; channel++) {
        outbox_release(&session->out[channel]);
    }
    outbox_release(&session->in);
    pair_release(&session->pair);
    peer_free(session->peer);
    uv_close((uv_handle_t *)&session->timer, on_timer_closed);
}

const struct id *session_remote(const struct session *session)
{
    return &session->options.remote;
}

const struct peer_progress *session_progress(const struct session *session)
{
    return peer_progress(session->peer);
}

const struct peer *session_peer(const struct session *session)
{
    return session->peer;
}

bool session_is_bringing(const struct session *session)
{
    return !session->is_over && local_time_monotonic() - session->brought_ms < SESSION_NEAR_MS;
}

const struct session_context *session_context_of(const struct session *session)
{
    return session->context;
}

bool session_is_over(const struct session *session)
{
    return session->is_over;
}

size_t session_jobs(const struct session *session)
{
    return session->jobs;
}

bool session_report(struct session *session, struct peer_status *row)
{
    if (!record_report(&session->record, peer_progress(session->peer), session->is_over, local_time_monotonic(), row)) {
        return false;
    }
    row->node = session->options.remote;
    snprintf(row->error, sizeof row->error, "%s", session->error);
    return true;
}
