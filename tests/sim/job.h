/* job.h: what a node's one writer is to do. Private to tests/sim. */
#ifndef QANAT_TESTS_SIM_JOB_H
#define QANAT_TESTS_SIM_JOB_H

#include "replication/peer/view.h"

/* One write job, waiting for its group commit. */
enum job_kind {
    JOB_STAGE,
    JOB_APPLY,
    JOB_UNSTAGE,
    JOB_OBJECT,
    JOB_DEMAND,
    JOB_HELD,
    JOB_RESULTS,
    JOB_COURSE,
    JOB_STATEMENT,
    JOB_ADOPT,
    JOB_WELCOME,
    JOB_HANDOVER,
    JOB_ASK,
    JOB_GRANT,
    JOB_WAIT,
    JOB_CLOSE
};

struct job {
    enum job_kind kind;
    struct stream_id stream;
    uint64_t after_seq;
    struct hash object;
    struct held held;
    uint8_t *data;
    size_t size;
    bool is_unassayed; /* OBJECT */
    int link, side; /* who waits for it; link -1: nobody */
    uint64_t epoch;
    uint64_t ticket;
    unsigned about; /* COURSE: which; STATEMENT, GRANT: which node; ADOPT: which topic */
    uint64_t draw;  /* RESULTS: what to write; STATEMENT: not 0 for a revocation */
    enum status status;
};

#endif
