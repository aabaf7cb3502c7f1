#include "tests/crash/step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/person/person.h"
#include "node/learn/result/result.h"
#include "node/store/stream/delta.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

enum { PIECE_CELLS = 28 };

const char *node_fail(struct node *node, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(node->problem, sizeof node->problem, format, args);
    va_end(args);
    return node->problem;
}

/* --- opening
 * -------------------------------------------------------------------------------------------------------- */

void node_shut(struct node *node)
{
    if (node->store) {
        blobs_close(node->blobs);
        store_close(node->store);
        node->store = NULL;
        node->blobs = NULL;
    }
}

const char *node_open(struct node *node)
{
    const struct store_options options = {.anchor_dir = node->story->anchors};
    const char *dir = node->story->kit.dir;

    node_shut(node);
    mkdir(node->story->anchors, 0700);
    report_clear(&node->report);
    if (dir_load_identity(dir, &node->identity, &node->report) != S_OK ||
        dir_load_federation(dir, &node->federation, &node->report) != S_OK ||
        store_open(dir, &options, &node->store, &node->report) != S_OK ||
        blobs_open(dir, node->store, &node->blobs, &node->report) != S_OK) {
        return node_fail(node, "it does not open: %.300s", node->report.text);
    }
    store_set_identity(node->store, &node->identity, &node->federation.id);
    return store_write_wait(node->store, blobs_sweep, node->blobs) == S_OK
               ? NULL
               : node_fail(node, "strays cannot be swept");
}

/* --- the steps
 * ------------------------------------------------------------------------------------------------------ */

const char *step_found(struct node *node, bool is_acknowledged)
{
    char path[400];

    snprintf(path, sizeof path, "%s/node.key", node->story->kit.dir);
    if (access(path, F_OK) == 0) {
        return NULL;
    }
    if (is_acknowledged) {
        return node_fail(node, "the key is gone");
    }
    return kit_command(&node->story->kit, "init --name hub --kind hub --country CN --federation Test") == 0
               ? NULL
               : node_fail(node, "init does not work again: %.300s", node->story->kit.err);
}

static FILE *people_text(void)
{
    FILE *text = tmpfile();

    CHECK(text);
    fputs("id,name,gender\n", text);
    for (int i = 0; i < STEP_PEOPLE_COUNT; i++) {
        fprintf(text, "p%d,Person %d,%s\n", i, i, i % 2 ? "male" : "female");
    }
    rewind(text);
    return text;
}

static const char *people_step(struct node *node, bool is_acknowledged)
{
    struct person_import import = {.store = node->store, .in = people_text(), .now_ms = 1791203445000};
    struct person_outcome outcome;

    person_outcome_init(&outcome);
    enum status status = person_import(&import, &outcome, &node->report);
    uint64_t added = outcome.added, all = outcome.added + outcome.unchanged;
    person_outcome_release(&outcome);
    fclose(import.in);
    if (status != S_OK || all != STEP_PEOPLE_COUNT || (is_acknowledged && added)) {
        return node_fail(node, "people: status %d, %llu of %llu are new", (int)status,
                         (unsigned long long)added, (unsigned long long)all);
    }
    return NULL;
}

/* Half are enrolments, the other half completions with a score. */
static FILE *results_text(int number)
{
    FILE *text = tmpfile();

    CHECK(text);
    fputs("event_id,person,course,kind,at,score,minutes\n", text);
    for (int i = 0; i < STEP_EVENTS_COUNT; i++) {
        fprintf(text, "e%d-%d,p%d,c%d,%s,2026-%02d-02T10:00:00Z,%s,%d\n", number, i,
                (number + i) % STEP_PEOPLE_COUNT, i % 3, i % 2 ? "completed" : "enrolled", number % 9 + 1,
                i % 2 ? "80" : "", i);
    }
    rewind(text);
    return text;
}

static const char *results_step(struct node *node, int number, bool is_acknowledged)
{
    struct result_import import = {
        .store = node->store, .federation = &node->federation, .in = results_text(number)};
    struct result_outcome outcome;

    result_outcome_init(&outcome);
    enum status status = result_import(&import, &outcome, &node->report);
    uint64_t durable = outcome.durable, duplicate = outcome.duplicate;
    result_outcome_release(&outcome);
    fclose(import.in);
    if (status != S_OK || durable + duplicate != STEP_EVENTS_COUNT || (durable && duplicate) ||
        (is_acknowledged && durable)) {
        return node_fail(node, "results %d: status %d, %llu new and %llu known", number, (int)status,
                         (unsigned long long)durable, (unsigned long long)duplicate);
    }
    return NULL;
}

struct batch_job {
    struct node *node;
    struct buffer body;
    uint64_t after_seq, upto_seq;
    struct delta *delta; /* NULL: all at once */
    bool is_whole;
};

static enum status stream_run(struct db *db, void *arg)
{
    struct batch_job *job = arg;
    struct story *story = job->node->story;

    return stream_apply_body(db, &story->federation, &story->writer.head.stream, buffer_bytes(&job->body));
}

static enum status part_run(struct db *db, void *arg)
{
    struct batch_job *job = arg;

    return delta_part(job->delta, db, &job->is_whole);
}

/* As if it were large: beside the stream, in jobs of its own. */
static enum status stream_run_parts(struct batch_job *job)
{
    const struct story *story = job->node->story;
    enum status status = S_OK;

    job->delta = delta_new(job->node->store, &story->federation, &story->writer.head.stream, buffer_bytes(&job->body));
    while (status == S_OK && !job->is_whole) {
        status = store_write_wait(job->node->store, part_run, job);
    }
    delta_free(job->delta);
    return status;
}

static enum status stage_run(struct db *db, void *arg)
{
    struct batch_job *job = arg;

    return stream_stage(db, &job->node->story->writer.head.stream, job->after_seq, job->upto_seq,
                        buffer_bytes(&job->body));
}

/* How far the stream is stored, and how far something waits for its certificate. */
static uint64_t stream_seq(struct node *node, uint64_t *staged_out)
{
    struct certificate certificate;
    struct db *db = store_read_begin(node->store);
    uint64_t seq = stream_find(db, &node->story->writer.head.stream, &certificate) ? certificate.head.seq : 0;
    uint64_t staged = stream_staged_seq(db, &node->story->writer.head.stream);

    store_read_end(node->store, db);
    *staged_out = staged > seq ? staged : seq;
    return seq;
}

/* What is lacking, in pieces that wait, then the last one with the certificate. */
static enum status stream_send(struct batch_job *job, bool in_parts)
{
    const struct stream_writer *writer = &job->node->story->writer;
    struct certificate certificate = stream_writer_certify(writer);
    enum status status = S_OK;

    while (status == S_OK && job->after_seq + PIECE_CELLS < writer->head.seq) {
        job->upto_seq = job->after_seq + PIECE_CELLS;
        buffer_clear(&job->body);
        stream_writer_body(writer, job->after_seq, job->upto_seq, NULL, &job->body);
        status = store_write_wait(job->node->store, stage_run, job);
        job->after_seq = job->upto_seq;
    }
    buffer_clear(&job->body);
    stream_writer_body(writer, job->after_seq, writer->head.seq, &certificate, &job->body);
    if (status == S_OK) {
        status = in_parts ? stream_run_parts(job) : store_write_wait(job->node->store, stream_run, job);
    }
    return status;
}

/* While the story is told the other node writes on; on an image all that it has comes in one delta. */
static const char *stream_step(struct node *node, int number, bool is_acknowledged)
{
    struct batch_job job = {.node = node};
    struct story *story = node->story;
    uint64_t seq = stream_seq(node, &job.after_seq);

    if (is_acknowledged && seq < story->writer_seqs[number]) {
        return node_fail(node, "the other node's stream stands at %llu, acknowledged was %llu",
                         (unsigned long long)seq, (unsigned long long)story->writer_seqs[number]);
    }
    if (seq >= story->writer.head.seq || !id_equal(&story->federation, &node->federation.id)) {
        return NULL;
    }
    buffer_init(&job.body);
    enum status status = stream_send(&job, number % 2 == 1);
    buffer_release(&job.body);
    return status == S_OK ? NULL
                          : node_fail(node, "the other node's stream is not taken on from %llu: %s",
                                      (unsigned long long)seq, status_text(status));
}

/* --- a step, told or told again
 * ------------------------------------------------------------------------------------- */

const char *step_run(struct node *node, const struct story_step *step, bool is_acknowledged)
{
    switch ((enum step_kind)step->kind) {
    case STEP_FOUND:
        return step_found(node, is_acknowledged);
    case STEP_OPEN:
        return node->store && is_acknowledged ? NULL : node_open(node);
    case STEP_PEOPLE:
        return people_step(node, is_acknowledged);
    case STEP_RESULTS:
        return results_step(node, step->number, is_acknowledged);
    case STEP_STREAM:
        return stream_step(node, step->number, is_acknowledged);
    case STEP_BLOBS:
        return is_acknowledged ? content_check(node, step->number, step->number == 0)
                               : content_store(node, step->number);
    case STEP_FETCH:
        return is_acknowledged ? content_check(node, CONTENT_FETCHED + step->number, 0)
                               : content_fetch(node, step->number);
    case STEP_DROP:
        return store_write_wait(node->store, content_drop_run, node) == S_OK
                   ? NULL
                   : node_fail(node, "nothing can be removed");
    case STEP_BACKUP:
        return content_backup(node, is_acknowledged);
    case STEP_KINDS:
        break;
    }
    return node_fail(node, "no such step");
}
