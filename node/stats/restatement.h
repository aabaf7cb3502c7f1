/* restatement.h: what changed in published figures after their period was sealed. */
#ifndef QANAT_NODE_STATS_RESTATEMENT_H
#define QANAT_NODE_STATS_RESTATEMENT_H

#include <jansson.h>

/* Compares two documents of stats_document() with the same dimensions:
 * [{"by":{...},"figure","sealed","now"}], rows in the order of `sealed`, then new ones. Figures are the
 * counts, "minutes", "score" (how many), "score.mean", "score.median" (a corrected score changes these alone) and
 * "people" (the estimate). A row that is missing on one side counts as zeros, its mean and median as null. The
 * caller releases the list. */
json_t *restatements_find(json_t *sealed, json_t *now);

/* Those whose figures are left out in `document` and were not in `other`: the entries of coverage.quarantined. The caller releases the list. */
json_t *restatements_aside(json_t *document, json_t *other);

/* Gives each entry of `list` its "cause": "quarantine" when a node of the row's centre was set aside since, "release" when one counts again, else null. Other
 * figures of that centre may have changed beside. */
void restatements_explain(json_t *list, json_t *sealed, json_t *now);

#endif
