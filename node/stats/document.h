/* document.h: statistics as the one JSON document of the command, of /api/v1/stats and of whoever reads them.
 */
#ifndef QANAT_NODE_STATS_DOCUMENT_H
#define QANAT_NODE_STATS_DOCUMENT_H

#include <jansson.h>

#include "node/stats/stats.h"

#define DOCUMENT_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(12))

/* {"federation","as_of","coverage":{"expected","reporting","late":[{"node","last_heard"}]},"rows":[{"by":{...},"registered","enrolled",...,"minutes",
 * "score":{"n","mean","median"},"people":{"estimate","error"},"suppressed"}]}. Where it was asked since when
 * (heard_since_ms), coverage has "unheard", a list like "late". Withheld figures are null;
 * minutes are whole, or a number with at most two decimals; mean and median are null without scores; error is
 * the relative standard error, 0 when the estimate is exact. The caller releases it. */
json_t *stats_document(const struct stats_result *result, const char *federation);

/* One of its rows. The caller releases it. */
json_t *stats_row_document(const struct stats_row *row, const struct stats_request *request);

/* The same document as text (DOCUMENT_FLAGS), which goes to `write` as it is made, one row in memory at a time: as JSON a row takes 4 KB, and there may be
 * half a million. Ends with what `write` says that is not 0, and says so. */
int stats_document_dump(const struct stats_result *result, const char *federation, json_dump_callback_t write, void *ctx);

#endif
