/* kit_attempt.h: a course of a few items and a learner, for tests of registrations and launches. */
#ifndef QANAT_TESTS_KIT_KIT_ATTEMPT_H
#define QANAT_TESTS_KIT_KIT_ATTEMPT_H

#include "node/learn/attempt/launch.h"
#include "tests/kit/kit_results.h"

enum { KIT_STATE_SIZE = 128 };

#define KIT_MS (KIT_NOW_S * 1000LL)

struct kit_attempt {
    struct kit_store kit;
    struct attempts attempts;
    int64_t course; /* "soil": lesson, quiz (mastery 80), link */
    int64_t person; /* p0 */
};

/* With people p0, p1. */
void kit_attempt_open(struct kit_attempt *kit);
void kit_attempt_close(struct kit_attempt *kit);

/* Opens an item; the state that it gets is copied into `state_out` (may be NULL). */
int64_t kit_launch(struct kit_attempt *kit, const char *item, int64_t now_ms, char state_out[KIT_STATE_SIZE]);

/* Commits SCORM 1.2 values. */
enum status kit_commit(struct kit_attempt *kit, int64_t launch, int64_t seq, const char *json,
                       struct launch_commit *out);

/* Tells what is due. */
void kit_tell(struct kit_attempt *kit);

/* p0's registration in the course. */
struct registration_row kit_registration(struct kit_attempt *kit);

#endif
