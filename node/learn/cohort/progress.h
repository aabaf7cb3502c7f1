/* progress.h: cohorts as documents: one cohort, its sessions, and the table of who is how far. */
#ifndef QANAT_NODE_LEARN_COHORT_PROGRESS_H
#define QANAT_NODE_LEARN_COHORT_PROGRESS_H

#include <jansson.h>
#include <stdio.h>

#include "node/learn/cohort/cohort.h"

enum { PROGRESS_PAGE_MAX = 1000 };

/* {"cohort","title","course","lang","version","trains","starts","ends","learners","trainers"} */
json_t *cohort_json(struct db *db, const struct cohort_row *row);

/* [{"session","at","minutes","attended"}]; with `has_people` also "people": [ids]. */
json_t *cohort_sessions_json(struct db *db, const struct cohort_row *row, bool has_people);

/* [{"person","name","trainer","status","progress","score","minutes","attended","completed","certified","by_hand",
 * "reason"}] of up to `max` members behind *after (0: the first), which moves on. Status: enrolled, started,
 * completed; progress 0 to 1; minutes online. */
json_t *cohort_progress_json(struct db *db, const struct cohort_row *row, size_t max, int64_t *after);

/* The same of all members as CSV, each page a read of its own. What `out` could not take, it knows itself (ferror). */
void cohort_progress_csv(struct store *store, const struct cohort_row *row, FILE *out);

#endif
