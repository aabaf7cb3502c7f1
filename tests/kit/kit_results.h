/* kit_results.h: people, results and figures of a test store in one line each. */
#ifndef QANAT_TESTS_KIT_KIT_RESULTS_H
#define QANAT_TESTS_KIT_KIT_RESULTS_H

#include "node/learn/person/person.h"
#include "node/learn/result/result.h"
#include "node/stats/stats.h"
#include "tests/kit/kit_store.h"

enum { KIT_NOW_S = 1791203445 }; /* 2026-10-05T12:30:45Z */

/* Imports CSV text; the outcome is released by the caller. */
enum status kit_people(struct kit_store *kit, const char *csv, bool is_dry_run,
                       struct person_outcome *outcome);
enum status kit_results(struct kit_store *kit, const char *text, struct result_outcome *outcome);

/* People p0 .. p<count - 1>, alternately female and male. */
void kit_people_make(struct kit_store *kit, int count);

/* Asks for figures `by` dimensions; the result is released by the caller. */
void kit_stats(struct kit_store *kit, const char *by, struct stats_result *result);

/* One figure of the total. */
int64_t kit_total(struct kit_store *kit, enum metric metric);

/* The digest of the node's results streams: equal when their cells are. */
struct hash kit_results_digest(struct kit_store *kit);

#endif
