/* session_job.h: an effect that writes, on its way through the store. Private to session.c, which waits for
 * it. */
#ifndef QANAT_NODE_LINK_SESSION_JOB_H
#define QANAT_NODE_LINK_SESSION_JOB_H

#include "node/link/assay.h"
#include "node/link/session.h"

struct session_job {
    struct session *session;
    const struct session_context *context;
    enum effect_kind kind;
    uint64_t ticket;
    struct stream_id stream;
    struct hash object;
    struct held held;
    uint64_t after_seq, seq;
    struct bytes data; /* in `copy`; of an object where the core keeps it */
    bool is_unassayed;
    struct assay_item assay;
    uint64_t took_ms;         /* of the writer's time, where cells were folded in */
    bool has_waited;          /* for its writer's turn */
    bool is_large, is_whole;  /* cells that are folded in a part at a time (delta.h); all of it is */
    struct delta *delta;      /* of one that was begun */
    struct session_job *next; /* of those that wait */
    uint8_t copy[];
};

/* Cells that wait: of their writer much was folded in just before (burden.h). In the order in which they came. */
struct waiting_jobs {
    struct session_job *first, *last;
};

/* Never NULL. */
struct session_job *session_job_new(struct session *session, const struct session_context *context,
                                    const struct effect *effect);
void session_job_free(struct session_job *job);

/* This node forgot what it wrote: it goes on under a fresh incarnation. */
store_job session_job_renew;

/* Begins it, or has it wait: store_write(), of an object after a look at its hash where the core left that, and after it was written beside
 * the writer; `placed`, when a kill does not lose it any more (assay_tell()). */
void session_job_start(struct session_job *job, struct waiting_jobs *waiting, void (*placed)(void *job), store_done *done);

/* Begins those whose time has come; when the next one's does, UINT64_MAX: none waits. */
uint64_t session_jobs_continue(struct waiting_jobs *waiting, store_done *done);

/* The session is over: none of them is begun; they end with S_STALE. */
void session_jobs_drop(struct waiting_jobs *waiting, store_done *done);

/* Cells were folded in, or not. True: they are many, and more of them are to come; it waits among `waiting` for its next part, and what was done
 * so far is durable. Loop thread. */
bool session_job_goes_on(struct session_job *job, struct waiting_jobs *waiting, enum status status);

#endif
