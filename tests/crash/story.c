#include "tests/crash/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/care/inspect.h"
#include "node/stats/stats.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "tests/crash/recorder.h"
#include "tests/crash/step.h"
#include "tests/kit/kit.h"

/* --- telling
 * ------------------------------------------------------------------------------------------------------- */

static void stream_write(struct story *story, int number, enum story_kind kind)
{
    uint8_t text[STEP_LONG_VALUE];
    struct buffer value;
    char key[64];

    buffer_init(&value);
    memset(text, 'a' + number % 26, sizeof text);
    for (int i = 0; i < (kind == STORY_LONG ? STEP_LONG_CELLS : STEP_CELLS); i++) {
        int which = kind == STORY_LONG ? number * STEP_LONG_CELLS + i
                                       : (number * 7 + i * 3) % 100; /* some again, some new */
        snprintf(key, sizeof key, "k\x1f%d\x1f%d", which % 10, which);
        buffer_clear(&value);
        cell_value_register(&value, (uint64_t)number * 1000 + (uint64_t)i,
                            bytes_of(text, kind == STORY_LONG ? sizeof text : (size_t)(1 + i % 20)));
        stream_writer_put(&story->writer, bytes_text(key), buffer_bytes(&value));
    }
    buffer_release(&value);
    story->writer_seqs[number] = story->writer.head.seq;
}

static void seen_note(struct node *node, struct story_seen *seen)
{
    struct stream_id stream = {.node = node->identity.node, .topic = TOPIC_RESULTS};
    struct certificate certificate;

    if (node->store && own_living(node->store, &stream.incarnation)) {
        struct db *db = store_read_begin(node->store);
        if (stream_find(db, &stream, &certificate)) {
            *seen = (struct story_seen){stream.incarnation, certificate.head.seq};
        }
        store_read_end(node->store, db);
    }
}

static void step_add(struct story *story, enum step_kind kind)
{
    struct story_step *step = &story->steps[story->count];

    CHECK(story->count < STORY_STEPS_MAX);
    step->kind = (int)kind;
    for (uint32_t i = 0; i < story->count; i++) {
        step->number += story->steps[i].kind == (int)kind;
    }
    story->count++;
}

static void steps_make(struct story *story, enum story_kind kind)
{
    static const enum step_kind small[] = {STEP_FOUND, STEP_OPEN,    STEP_PEOPLE, STEP_RESULTS, STEP_STREAM,
                                           STEP_BLOBS, STEP_RESULTS, STEP_STREAM, STEP_OPEN,    STEP_FETCH,
                                           STEP_DROP,  STEP_RESULTS, STEP_STREAM, STEP_BACKUP,  STEP_BLOBS,
                                           STEP_OPEN,  STEP_RESULTS};

    if (kind == STORY_SHORT) {
        for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
            step_add(story, small[i]);
        }
        return;
    }
    step_add(story, STEP_FOUND);
    step_add(story, STEP_OPEN);
    step_add(story, STEP_PEOPLE);
    for (int i = 0; i < 14; i++) { /* half a megabyte of the log each */
        step_add(story, STEP_STREAM);
        if (i % 4 == 1) {
            step_add(story, STEP_RESULTS);
        }
    }
    step_add(story, STEP_OPEN);
    step_add(story, STEP_RESULTS);
}

void story_tell(struct story *story, enum story_kind kind)
{
    struct node node = {.story = story};

    memset(story, 0, sizeof *story);
    kit_scratch_make(story->kit.scratch, sizeof story->kit.scratch);
    snprintf(story->root, sizeof story->root, "%s/disk", story->kit.scratch);
    snprintf(story->kit.dir, sizeof story->kit.dir, "%.280s/hub", story->root);
    snprintf(story->anchors, sizeof story->anchors, "%.280s/anchors", story->root);
    snprintf(story->backup, sizeof story->backup, "%.280s/hub.backup", story->root);
    CHECK(mkdir(story->root, 0700) == 0);
    steps_make(story, kind);
    recorder_begin(story->root);
    for (uint32_t i = 0; i < story->count; i++) {
        if (story->steps[i].kind == STEP_STREAM) {
            stream_write(story, story->steps[i].number, kind);
        }
        const char *problem = step_run(&node, &story->steps[i], false);
        if (problem) {
            fprintf(stderr, "# step %u: %s\n", (unsigned)i, problem);
            abort();
        }
        if (story->steps[i].kind == STEP_OPEN && i == 1) {
            story->federation = node.federation.id;
            stream_writer_init(&story->writer, &story->federation, 5, TOPIC_RESULTS);
        }
        seen_note(&node, &story->seen[i + 1]);
        recorder_mark(i + 1);
    }
    node_shut(&node);
    recorder_end();
}

/* --- looking at an image
 * -------------------------------------------------------------------------------------------- */

/* Everything that can be checked without knowing the story. */
static const char *node_inspect(struct node *node)
{
    struct findings findings;
    struct inspection inspection;
    const char *problem = NULL;

    findings_init(&findings);
    inspect_begin(&inspection, node->story->kit.dir, node->store, &findings);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    inspect_blobs(&inspection);
    inspect_end(&inspection);
    if (findings.faults) {
        size_t index = 0;
        json_t *row = json_array_get(findings.rows, 0);
        while (strcmp(json_string_value(json_object_get(row, "level")), "fault") != 0) {
            row = json_array_get(findings.rows, ++index);
        }
        problem = node_fail(node, "verify: %s, %s: %s", json_string_value(json_object_get(row, "code")),
                            json_string_value(json_object_get(row, "subject")),
                            json_string_value(json_object_get(row, "cause")));
    }
    findings_release(&findings);
    return problem;
}

/* A stream that peers have seen must not stand behind what they saw, while it is still written on. */
static const char *seen_check(struct node *node, const struct story_seen *seen)
{
    struct stream_id stream = {
        .node = node->identity.node, .topic = TOPIC_RESULTS, .incarnation = seen->incarnation};
    struct certificate certificate;
    struct db *db = store_read_begin(node->store);
    uint64_t seq = stream_find(db, &stream, &certificate) ? certificate.head.seq : 0;

    store_read_end(node->store, db);
    return seq >= seen->seq ? NULL
                            : node_fail(node, "own results stand at %llu, a peer saw %llu",
                                        (unsigned long long)seq, (unsigned long long)seen->seq);
}

static const char *figures_check(struct node *node)
{
    struct story *story = node->story;
    struct roster *roster = roster_new(&node->federation.id, node->federation.authority_public);
    struct stats_request request = {.late_after_h = 24, .self = &node->identity.node};
    struct stats_result result;
    int64_t events = 0;

    for (uint32_t i = 0; i < story->count; i++) {
        events += story->steps[i].kind == STEP_RESULTS ? STEP_EVENTS_COUNT / 2 : 0;
    }
    enum status status = stats_query(node->store, roster, &request, &result, NULL);
    int64_t enrolled = status == S_OK && result.count ? result.rows[0].number[METRIC_ENROLLED] : -1;
    int64_t completed = enrolled >= 0 ? result.rows[0].number[METRIC_COMPLETED] : -1;
    int64_t registered = enrolled >= 0 ? result.rows[0].number[METRIC_REGISTERED] : -1;
    stats_release(&result);
    roster_free(roster);
    if (enrolled == events && completed == events && registered == STEP_PEOPLE_COUNT) {
        return NULL;
    }
    return node_fail(node, "figures: %lld enrolled and %lld completed of %lld, %lld registered of %d",
                     (long long)enrolled, (long long)completed, (long long)events, (long long)registered,
                     (int)STEP_PEOPLE_COUNT);
}

static const char *image_check(struct node *node, uint32_t acknowledged)
{
    struct story *story = node->story;
    const char *problem = step_found(node, acknowledged > 0);

    problem = problem ? problem : node_open(node);
    problem = problem ? problem : node_inspect(node);
    problem = problem || !acknowledged ? problem : seen_check(node, &story->seen[acknowledged]);
    for (uint32_t i = 2; i < story->count && !problem; i++) {
        problem = step_run(node, &story->steps[i], i < acknowledged);
    }
    problem = problem ? problem : figures_check(node);
    return problem;
}

const char *story_check(struct story *story, uint32_t acknowledged, bool is_thorough)
{
    static char problem[STORY_PROBLEM_MAX];
    struct node node = {.story = story, .is_hasty = !is_thorough};
    const char *found = image_check(&node, acknowledged);

    if (!found && is_thorough) {
        found = node_inspect(&node);
    }

    node_shut(&node);
    if (found) {
        snprintf(problem, sizeof problem, "%s", found);
    }
    return found ? problem : NULL;
}

void story_free(struct story *story)
{
    kit_command_close(&story->kit);
    stream_writer_release(&story->writer);
}
