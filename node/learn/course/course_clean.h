/* course_clean.h: letting go of what nothing here reaches any more.
 *
 * Reached are: own versions, the current one of each language, pinned ones (a cohort's too), what
 * subscriptions want, and, unless told otherwise, the current ones that nodes below asked for. Everything
 * else of other publishers goes: versions that newer ones replaced, what was left half fetched when a
 * subscription ended, and contents that no version names. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_CLEAN_H
#define QANAT_NODE_LEARN_COURSE_COURSE_CLEAN_H

#include "node/learn/course/course.h"

/* One version that went, and what going freed: bytes that no other version needs. */
struct course_cleaned {
    struct course_row row; /* as it was */
    uint64_t bytes;
};

struct course_clean {
    struct courses *courses;
    bool is_relayed_too;            /* also current versions that only nodes below asked for */
    bool is_dry;                    /* counts exactly, and changes nothing */
    struct buffer *cleaned;         /* of struct course_cleaned; appended */
    uint64_t orphans, orphan_bytes; /* contents that no version names */
    bool is_counted;                /* the counts are right, whatever the job's status says */
};

/* A job; `arg` is a struct course_clean. The files go with the next blobs_sweep(). A dry one ends with
 * S_STALE, so that the transaction is rolled back, and `is_counted`. */
enum status course_clean_run(struct db *db, void *arg);

#endif
