/* story.h: a node's life in steps, told once while the disk is recorded, and told again on every image to see
 * what survived.
 *
 * A step that was acknowledged before the crash must be there in full; one that was not may be there or not,
 * never by half. Telling the story again must bring the node to exactly the figures of a life without a
 * crash. */
#ifndef QANAT_TESTS_CRASH_STORY_H
#define QANAT_TESTS_CRASH_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/kit/kit_command.h"
#include "tests/kit/stream_writer.h"

enum story_kind {
    STORY_SHORT, /* founding, people, results, another node's stream, contents, a backup, restarts */
    STORY_LONG,  /* megabytes through the log, with checkpoints while results come in */
};

enum { STORY_STEPS_MAX = 64, STORY_PROBLEM_MAX = 400 };

struct story_step {
    int kind;   /* enum step_kind of story.c */
    int number; /* of its kind, from 0 */
};

/* What a peer may have seen of this node's own results after a step. */
struct story_seen {
    struct id incarnation;
    uint64_t seq;
};

struct story {
    struct kit_command kit; /* its scratch holds disk/, which is recorded, and what the story reads */
    char root[300], anchors[320], backup[320];
    struct story_step steps[STORY_STEPS_MAX];
    struct story_seen seen[STORY_STEPS_MAX + 1]; /* by mark: after that many steps */
    uint32_t count;
    struct stream_writer writer; /* the other node */
    uint64_t writer_seqs[STORY_STEPS_MAX];
    struct id federation;
};

/* Tells the story while the disk is recorded; mark n stands after step n. Aborts when that fails. */
void story_tell(struct story *story, enum story_kind kind);

/* Looks at the image in story->root after a crash at mark `acknowledged`: sound, whole, and able to go on;
 * a thorough look checks all of it again afterwards. NULL, or what is wrong. */
const char *story_check(struct story *story, uint32_t acknowledged, bool is_thorough);

void story_free(struct story *story);

#endif
