/* cmi.h: what a run-time commits, read for what counts: completion, success, score, progress, time.
 *
 * A commit is a JSON object with "cmi" (the data model of SCORM 1.2 RTE 3.4 or SCORM 2004 RTE 4, nested or with flat names as
 * "cmi.core.lesson_status") or with "result" (what other players say themselves). Content says nonsense at times: what cannot be read is as if it
 * had not been said, what is out of range is cut to it. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_CMI_H
#define QANAT_NODE_LEARN_ATTEMPT_CMI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "replication/base/bytes.h"

enum cmi_answer { CMI_UNKNOWN = 0, CMI_NO = 1, CMI_YES = 2 };

enum { CMI_NONE = -1, CMI_SECONDS_MAX = 24 * 3600 }; /* of one launch */

struct cmi_result {
    enum cmi_answer completion, success;
    int64_t score;    /* hundredths of a point of 100, or CMI_NONE */
    int64_t progress; /* hundredths of a percent, or CMI_NONE */
    int64_t seconds;  /* of this launch so far, or CMI_NONE */
};

void cmi_read(json_t *commit, struct cmi_result *result_out);

/* The score that an item needs, from 0 to 1; negative: none. `percent` is what its row says, and whole: 66.67 and 0.675 stand in the details, as
 * "masteryScore". */
double cmi_mastery(int32_t percent, struct bytes details);

/* Judges by that score: it goes before what the content says of its success. */
void cmi_judge(struct cmi_result *result, double mastery);

/* "0001:02:03.45" (1.2) or "PT1H2M3.45S" (2004, ISO 8601) in whole seconds; false when it is neither. */
bool cmi_duration(const char *text, int64_t *seconds_out);

#endif
