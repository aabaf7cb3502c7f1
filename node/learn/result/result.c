#include "node/learn/result/result.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/result/result_fold.h"
#include "node/learn/result/result_reader.h"
#include "replication/base/check.h"

void result_outcome_init(struct result_outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    refusals_init(&outcome->refusals, RESULT_EXAMPLES_MAX);
}

void result_outcome_release(struct result_outcome *outcome)
{
    refusals_release(&outcome->refusals);
}

/* --- what became of a batch
 * --------------------------------------------------------------------------------- */

static void course_warn(struct result_outcome *outcome, struct bytes course)
{
    for (size_t i = 0; i < outcome->course_count; i++) {
        if (bytes_equal(bytes_text(outcome->courses[i].course), course)) {
            outcome->courses[i].events++;
            return;
        }
    }
    if (outcome->course_count == RESULT_COURSES_MAX) {
        outcome->other_events++;
        return;
    }
    struct result_course *entry = &outcome->courses[outcome->course_count++];
    memcpy(entry->course, course.data, course.size);
    entry->course[course.size] = '\0';
    entry->events = 1;
}

static void row_count(struct result_outcome *outcome, const struct result_row *row)
{
    struct bytes shown = row->refusal == REFUSAL_PERSON ? row->person : row->id;

    switch (row->fate) {
    case FATE_DURABLE:
        outcome->durable++;
        if (row->is_new_course) {
            course_warn(outcome, row->course);
        }
        break;
    case FATE_DUPLICATE:
        outcome->duplicate++;
        break;
    case FATE_REFUSED:
        refusals_add(&outcome->refusals, row->refusal, row->line, "%s '%.*s'",
                     row->refusal == REFUSAL_PERSON ? "person" : "event_id", (int)shown.size, shown.data);
        break;
    case FATE_WAITING:
        CHECK(false);
    }
}

static void batch_count(struct result_outcome *outcome, const struct result_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        row_count(outcome, &batch->rows[i]);
    }
}

enum status result_put(struct store *store, struct result_batch *batch, struct result_outcome *outcome)
{
    struct result_fold_job job = {.fold = result_fold_new(), .batch = batch};
    enum status status = store_write_wait(store, result_fold_run, &job);

    if (status == S_OK) {
        batch_count(outcome, batch);
    }
    result_fold_free(job.fold);
    return status;
}

/* --- two batches in turn: one is read while the other is stored
 * --------------------------------------------- */

struct pump {
    struct store *store;
    struct result_fold_job job;
    pthread_t thread;
    bool is_running;
    enum status status;
};

static void *pump_run(void *arg)
{
    struct pump *pump = arg;

    pump->status = store_write_wait(pump->store, result_fold_run, &pump->job);
    return NULL;
}

/* Starts storing a batch; on this thread when no other can be had. */
static void pump_start(struct pump *pump, struct result_batch *batch)
{
    pump->job.batch = batch;
    if (pthread_create(&pump->thread, NULL, pump_run, pump) == 0) {
        pump->is_running = true;
    } else {
        pump_run(pump);
    }
}

/* Waits for what was started last; counts it when it is durable. */
static enum status pump_finish(struct pump *pump, const struct result_import *import,
                               struct result_outcome *outcome)
{
    if (pump->is_running) {
        pthread_join(pump->thread, NULL);
        pump->is_running = false;
    }
    if (pump->status == S_OK && pump->job.batch) {
        batch_count(outcome, pump->job.batch);
        if (import->progress) {
            import->progress(import->ctx, outcome->durable + outcome->duplicate + outcome->refusals.total);
        }
    }
    pump->job.batch = NULL;
    return pump->status;
}

static enum status batches_store(const struct result_import *import, struct result_reader *reader,
                                 struct result_batch batches[2], struct result_outcome *outcome,
                                 struct report *report)
{
    struct pump pump = {
        .store = import->store, .job.fold = result_fold_new(), .job.is_known = import->is_known, .job.is_new = import->is_new};
    enum status status = S_OK, read_status = S_OK;
    bool is_end = false;

    for (int turn = 0; !is_end && status == S_OK; turn = 1 - turn) {
        read_status = result_reader_fill(reader, &batches[turn], &outcome->refusals, &is_end);
        status = pump_finish(&pump, import, outcome);
        if (status == S_OK && batches[turn].count) {
            pump_start(&pump, &batches[turn]);
        }
    }
    if (status == S_OK) {
        status = pump_finish(&pump, import, outcome);
    }
    result_fold_free(pump.job.fold);
    if (status == S_DENIED) {
        return report_set(report, status,
                          "this node's data was lost and a large file of then came back as figures only: say --after-restore if these "
                          "events were counted then, --new if they were not; %llu are durable, the others wait for that",
                          (unsigned long long)outcome->durable);
    }
    if (status != S_OK) {
        return report_set(report, status,
                          "the events could not all be stored (%s): %llu are durable; import the file again",
                          status_text(status), (unsigned long long)outcome->durable);
    }
    if (read_status != S_OK) {
        return report_set(report, read_status, "the file could not be read to its end: import it again");
    }
    return S_OK;
}

enum status result_import(const struct result_import *import, struct result_outcome *outcome,
                          struct report *report)
{
    struct result_reader *reader;
    struct result_batch batches[2];
    struct result_keys keys;

    enum status status = result_reader_open(import->in, import->warn, import->ctx, &reader, report);
    if (status != S_OK) {
        return status;
    }
    result_keys_init(&keys, import->federation);
    result_batch_init(&batches[0], &keys);
    result_batch_init(&batches[1], &keys);
    status = batches_store(import, reader, batches, outcome, report);
    result_batch_release(&batches[0]);
    result_batch_release(&batches[1]);
    result_reader_close(reader);
    sodium_memzero(&keys, sizeof keys);
    return status == S_OK ? refusals_report(outcome->refusals.total, "the reasons stand above", report) : status;
}
