/* result.h: imports result events from a file: read, stored, deduplicated, folded; reported when durable.
 *
 * One thread reads and checks while another one stores: batches of BATCH_ROWS_MAX rows, a transaction each,
 * so that memory is bounded and a kill loses nothing that was reported. Importing the same file again is how
 * one goes on after a kill: what is durable is then a duplicate. */
#ifndef QANAT_NODE_LEARN_RESULT_RESULT_H
#define QANAT_NODE_LEARN_RESULT_RESULT_H

#include <stdio.h>

#include "node/learn/result/refusal.h"
#include "node/learn/result/result_row.h"
#include "node/store/store.h"

enum { RESULT_EXAMPLES_MAX = 10, RESULT_COURSES_MAX = 20 };

struct result_import {
    struct store *store;
    const struct federation *federation;
    FILE *in;
    bool is_known; /* counted already, before this node's data went back: stored with their ids, figures stay */
    bool is_new;   /* not counted before, although a large batch was lost */
    void (*warn)(void *ctx, const char *column); /* told each ignored column; may be NULL */
    void (*progress)(void *ctx, uint64_t rows);  /* after each durable batch; may be NULL */
    void *ctx;
};

/* A course that is counted although no package of it is known here. */
struct result_course {
    char course[COURSE_ID_MAX + 1];
    uint64_t events;
};

struct result_outcome {
    uint64_t durable, duplicate;
    struct refusals refusals;
    struct result_course courses[RESULT_COURSES_MAX]; /* the first ones */
    size_t course_count;
    uint64_t other_events; /* of further such courses */
};

void result_outcome_init(struct result_outcome *outcome);
void result_outcome_release(struct result_outcome *outcome);

/* S_OK; S_PARTIAL when rows were refused; on other errors the outcome says what is durable. */
enum status result_import(const struct result_import *import, struct result_outcome *outcome,
                          struct report *report);

/* Stores a single row, already in `batch`; the outcome counts it. */
enum status result_put(struct store *store, struct result_batch *batch, struct result_outcome *outcome);

#endif
