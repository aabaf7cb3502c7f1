#include "node/link/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/link/supply.h"
#include "node/log.h"
#include "replication/base/check.h"

struct sessions {
    const struct session_context *context;
    struct session *items[SESSIONS_MAX];
    size_t count;
    size_t rows; /* on their way to the store */
    struct sessions_turn turn;
    struct burden burden;
};

/* A row on its way: read, changed and written by one job. */
struct row_job {
    struct sessions *sessions;
    struct peer_status now; /* what to write; totals are to be added to */
    bool is_failure;        /* only the attempt and its error are news */
};

struct sessions *sessions_new(const struct session_context *context)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);

    CHECK(sessions != NULL);
    sessions->context = context;
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions != NULL) {
        CHECK(sessions_is_idle(sessions));
        free(sessions);
    }
}

struct session *sessions_open(struct sessions *sessions, const struct id *remote,
                              const struct session_wire *wire)
{
    if (sessions->count == SESSIONS_MAX) {
        return NULL;
    }
    struct session *session = session_open(sessions->context, remote, wire);
    sessions->items[sessions->count++] = session;
    return session;
}

struct session *sessions_find(const struct sessions *sessions, const struct id *remote)
{
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *session = sessions->items[i];
        if (!session_is_over(session) && id_equal(session_remote(session), remote)) {
            return session;
        }
    }
    return NULL;
}

struct session *sessions_at(const struct sessions *sessions, size_t index)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (!session_is_over(sessions->items[i]) && index-- == 0) {
            return sessions->items[i];
        }
    }
    return NULL;
}

size_t sessions_jobs_left(const struct sessions *sessions, const struct id *remote)
{
    size_t jobs = 0;

    for (size_t i = 0; i < sessions->count; i++) {
        if (session_is_over(sessions->items[i]) && id_equal(session_remote(sessions->items[i]), remote)) {
            jobs += session_jobs(sessions->items[i]);
        }
    }
    return jobs;
}

struct burden *sessions_burden(struct sessions *sessions)
{
    return &sessions->burden;
}

struct sessions_turn *sessions_turn(struct sessions *sessions)
{
    return &sessions->turn;
}

size_t sessions_count(const struct sessions *sessions)
{
    return sessions->count;
}

bool sessions_is_paced(const struct session *session)
{
    return session_progress(session)->remote_rate_kbit > 0 || gate_rate(session_context_of(session)->gate, session_remote(session)) > 0;
}

void sessions_changed(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *session = sessions->items[i];
        if (!members_has(sessions->context->members, session_remote(session))) {
            session_end(session, S_DENIED);
        }
        session_changed(session);
    }
}

void sessions_flush(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        session_flush(sessions->items[i]);
    }
    supply_share(sessions->context);
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static enum status row_write(struct db *db, void *arg)
{
    const struct row_job *job = arg;
    struct peer_status row;

    if (!peer_status_find(db, &job->now.node, &row)) {
        memset(&row, 0, sizeof row);
        row.node = job->now.node;
    }
    snprintf(row.error, sizeof row.error, "%s", job->now.error);
    if (job->now.endpoint[0] != '\0') {
        memcpy(row.endpoint, job->now.endpoint, sizeof row.endpoint);
    }
    row.state = job->now.state;
    row.last_attempt_ms =
        job->now.last_attempt_ms > row.last_attempt_ms ? job->now.last_attempt_ms : row.last_attempt_ms;
    if (!job->is_failure) {
        row.last_success_ms = job->now.last_success_ms > 0 ? job->now.last_success_ms : row.last_success_ms;
        row.we_lack_cells = job->now.we_lack_cells;
        row.we_lack_bytes = job->now.we_lack_bytes;
        row.they_lack_cells = job->now.they_lack_cells;
        row.they_lack_bytes = job->now.they_lack_bytes;
    }
    row.sessions += job->now.sessions;
    row.bytes_in += job->now.bytes_in;
    row.bytes_out += job->now.bytes_out;
    row.refused += job->now.refused;
    row.rate_bits = job->now.rate_bits;
    row.software = job->now.software > 0 ? job->now.software : row.software;
    return peer_status_put(db, &row);
}

static void row_done(void *arg, enum status status)
{
    struct row_job *job = arg;

    if (status != S_OK) {
        log_event(LOG_WARNING, "peer_row_lost", "error=\"%s\"", status_text(status));
    }
    job->sessions->rows--;
    free(job);
}

static struct row_job *row_new(struct sessions *sessions)
{
    struct row_job *job = calloc(1, sizeof *job);

    CHECK(job != NULL);
    job->sessions = sessions;
    return job;
}

static void row_start(struct row_job *job)
{
    job->sessions->rows++;
    store_write(job->sessions->context->store, row_write, job, row_done);
}

static void session_write_row(struct sessions *sessions, struct session *session)
{
    struct row_job *job = row_new(sessions);

    if (session_report(session, &job->now)) {
        row_start(job);
    } else {
        free(job);
    }
}

void sessions_report(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (!session_is_over(sessions->items[i])) {
            session_write_row(sessions, sessions->items[i]);
        }
    }
}

void sessions_note_failure(struct sessions *sessions, const struct id *remote, const char *endpoint,
                           const char *error)
{
    struct row_job *job = row_new(sessions);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    job->is_failure = true;
    job->now.node = *remote;
    job->now.state = (int)PEER_CLOSED;
    job->now.last_attempt_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    snprintf(job->now.endpoint, sizeof job->now.endpoint, "%s", endpoint);
    snprintf(job->now.error, sizeof job->now.error, "%s", error);
    row_start(job);
}

/* --- the end -------------------------------------------------------------------------------------------- */

void sessions_reap(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count;) {
        struct session *session = sessions->items[i];
        if (session_is_over(session)) {
            session_write_row(sessions, session);
        }
        if (session_reap(session)) {
            session_free(session);
            sessions->items[i] = sessions->items[--sessions->count];
        } else {
            i++;
        }
    }
}

void sessions_end_all(struct sessions *sessions, enum status why)
{
    for (size_t i = 0; i < sessions->count; i++) {
        session_end(sessions->items[i], why);
    }
}

bool sessions_is_idle(const struct sessions *sessions)
{
    return sessions->count == 0 && sessions->rows == 0;
}
