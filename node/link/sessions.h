/* sessions.h: all sessions of the running node, and the rows that say how they stand. Loop thread only. */
#ifndef QANAT_NODE_LINK_SESSIONS_H
#define QANAT_NODE_LINK_SESSIONS_H

#include "node/link/burden.h"
#include "node/link/session.h"

enum { SESSIONS_MAX = 1024 };

struct sessions;

/* Whose turn it is to fetch from afar (supply.c). */
struct sessions_turn {
    uint64_t own_ms; /* when something was ours last, monotonic */
    uint32_t asks;   /* of all sessions together, as siblings were told */
};

/* `context` is borrowed for the life. Never NULL. */
struct sessions *sessions_new(const struct session_context *context);

/* All sessions must have been reaped. */
void sessions_free(struct sessions *sessions);

/* Opens one; NULL when SESSIONS_MAX are there. */
struct session *sessions_open(struct sessions *sessions, const struct id *remote,
                              const struct session_wire *wire);

/* The one with `remote` that is not over, or NULL. */
struct session *sessions_find(const struct sessions *sessions, const struct id *remote);

/* In no order; over ones are skipped. NULL past the end. */
struct session *sessions_at(const struct sessions *sessions, size_t index);
/* Jobs of sessions with `remote` that are over: what it sent before and the store has not taken yet. */
size_t sessions_jobs_left(const struct sessions *sessions, const struct id *remote);

struct sessions_turn *sessions_turn(struct sessions *sessions);

/* What came over any of them. */
struct burden *sessions_burden(struct sessions *sessions);

size_t sessions_count(const struct sessions *sessions);

/* Does a window of either side give the session a rate? */
bool sessions_is_paced(const struct session *session);

/* Tells every session that the store or the roster changed; ends those whose remote is no member any more. */
void sessions_changed(struct sessions *sessions);
void sessions_flush(struct sessions *sessions);

/* Lets go of those that are over. */
void sessions_reap(struct sessions *sessions);

/* Writes the rows that changed enough. */
void sessions_report(struct sessions *sessions);

void sessions_end_all(struct sessions *sessions, enum status why);

/* Nothing is left, and no row is on its way. */
bool sessions_is_idle(const struct sessions *sessions);

/* An attempt to reach `remote` at `endpoint` failed: for its row. */
void sessions_note_failure(struct sessions *sessions, const struct id *remote, const char *endpoint,
                           const char *error);

#endif
