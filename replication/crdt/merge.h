/* merge.h: two cells of one key, of one writer, made one: what a reader would have folded is folded by the writer.
 *
 * Needed when a node takes what it published in an earlier incarnation into the living one (stream/adoption.h). The
 * merged value counts for exactly what the two counted for side by side: numbers and histograms are added, people
 * united, of registers the later stays. Elements of sets (their dots name their stream), withheld values and kinds of a
 * later version cannot be merged: S_DENIED, and the stream that holds one stays as it is. */
#ifndef QANAT_CRDT_MERGE_H
#define QANAT_CRDT_MERGE_H

#include "replication/crdt/cell.h"

/* Appends the merged value to `out` (cleared first). `old` may be empty: then it is `more` itself. S_DENIED when the
 * kinds cannot be merged, S_INVALID when a value is malformed, S_TOO_LARGE on overflow. */
enum status cell_value_merge(struct bytes old, struct bytes more, struct buffer *out);

/* `base` holds `from` already and shall hold `to` instead, a later state of the same cell: appends base + (to - from).
 * `base` and `from` may be empty. Errors as above; S_INVALID also when a histogram had to shrink. */
enum status cell_value_advance(struct bytes base, struct bytes from, struct bytes to, struct buffer *out);

#endif
