/* batch_format.h: the body of a BATCH, byte by byte; private to batch*.c.
 *
 *   1 byte       BATCH_VERSION
 *   33 bytes     stream (stream_id_encode)
 *   1 byte       flags: BATCH_HAS_CERTIFICATE or 0
 *   [120 bytes   certificate (certificate_encode)]
 *   varint       after_seq
 *   varint       count: rows, up to BATCH_CELLS_MAX
 *   column       of each row, how far its seq is above the row before, less 1 (the first: above after_seq)
 *   column       segments in the row's key, 1 to KEY_SEGMENTS_MAX; 0: the whole key stands as one text (it
 * has more segments) terms        first segments of all rows (terms.h) terms        second segments of the
 * rows that have one; and so on, up to the most segments that any row has column       class of the row's
 * value: CELL_COUNT or CELL_SUM when it is such a number in its shortest form, else 0 column       the
 * numbers, of the rows with a class column       sizes of the other values, kind byte included bytes the
 * other values, end to end, up to the end of the body
 *
 * column and terms of no rows are no bytes. Columns are in column.h, terms in terms.h.
 *
 * Results in key order cost almost nothing but their numbers: seqs and most segments are constant, the last
 * segments cycle. */
#ifndef QANAT_WIRE_BATCH_FORMAT_H
#define QANAT_WIRE_BATCH_FORMAT_H

#include "replication/wire/batch.h"
#include "replication/wire/column.h"

enum { BATCH_VERSION = 1, BATCH_HAS_CERTIFICATE = 1, CLASS_OTHER = 0 };

/* Segments of `key`; 0 when there are more than KEY_SEGMENTS_MAX. */
static inline size_t batch_segments(struct bytes key)
{
    size_t count = 1;

    for (size_t i = 0; i < key.size; i++) {
        count += key.data[i] == KEY_SEPARATOR;
    }
    return count > KEY_SEGMENTS_MAX ? 0 : count;
}

/* What one row costs a decoder in bytes of memory, at most: the cell, its key and value with alignment, a
 * text per segment. */
static inline size_t batch_row_cost(size_t key_size, size_t value_size, size_t segments)
{
    return sizeof(struct cell) + 24 + key_size + value_size +
           (segments ? segments : 1) * sizeof(struct bytes);
}

/* batch_encode() that also says where the compressor should start new blocks. */
enum status batch_encode_columns(const struct batch *batch, struct buffer *out, struct cuts *cuts);

#endif
