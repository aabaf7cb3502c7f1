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
    uint8_t copy[];
};

/* Never NULL; free() it. */
struct session_job *session_job_new(struct session *session, const struct session_context *context,
                                    const struct effect *effect);

/* store_write(), of an object after a look at its hash where the core left that, and after it was written beside the writer; `placed`, when a kill does not
 * lose it any more (assay_tell()). */
void session_job_start(struct session_job *job, void (*placed)(void *job), store_done *done);

#endif
