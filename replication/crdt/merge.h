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
 * `base` and `from` may be empty; with an empty `to` what `from` counts for is taken out of `base` again, as far as it is summed: people
 * and registers stay, for they count once however often they are said. Errors as above; S_INVALID also when a bucket of a
 * histogram had to fall below 0. */
enum status cell_value_advance(struct bytes base, struct bytes from, struct bytes to, struct buffer *out);

#endif
