/* result_fold.h: stores a batch of events and folds them into this node's own figures, in one transaction.
 *
 * An event counts once, whoever sends it how often: its id is claimed in the same transaction that stores it
 * and adds it to the cells. Within a batch the first row with an id wins, as it does between batches. Works
 * in the order of the hashes of the ids, so that the pages of the id index are visited once per batch. */
#ifndef QANAT_NODE_LEARN_RESULT_RESULT_FOLD_H
#define QANAT_NODE_LEARN_RESULT_RESULT_FOLD_H

#include "node/learn/result/result_row.h"
#include "node/store/stream/figure.h"

struct result_fold;

/* What an event of a kind counts as. */
enum metric result_metric(enum event_kind kind);

/* Never NULL. One fold serves one import: it remembers people and editions between batches. */
struct result_fold *result_fold_new(void);
void result_fold_free(struct result_fold *fold);

/* A job's argument: on S_OK every row of `batch` has its fate, which is true once the job is durable. */
struct result_fold_job {
    struct result_fold *fold;
    struct result_batch *batch;
    bool is_known; /* stored and not counted */
    bool is_new;   /* a large batch is taken for new although one was lost (S_DENIED else) */
};

/* store_job. */
enum status result_fold_run(struct db *db, void *arg);

#endif
