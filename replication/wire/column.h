/* column.h: a column of numbers as bytes that compress well: frame of reference, then byte planes.
 *
 *   varint        base: the smallest value, zigzag
 *   1 byte        width: bytes per value above the base, 0 to 8
 *   count bytes   plane 0: the lowest byte of each (value - base)
 *   ...           plane width - 1: the highest
 *
 * A constant column is two or three bytes. Planes of different weight have different statistics, so each may
 * start a compressor's block of its own (struct cuts, frame_encode_columns). A column of no values is no
 * bytes. After "Frame of reference": Goldstein et al. 1998. */
#ifndef QANAT_WIRE_COLUMN_H
#define QANAT_WIRE_COLUMN_H

#include "replication/base/bytes.h"

enum { COLUMN_WIDTH_MAX = 8, CUTS_MAX = 64, CUT_DISTANCE_MIN = 256 };

/* Where the compressor starts new blocks: ascending offsets, at least CUT_DISTANCE_MIN apart. */
struct cuts {
    size_t at[CUTS_MAX];
    size_t count;
};

/* Adds `offset` unless it is too near the last one or the list is full. */
void cuts_add(struct cuts *cuts, size_t offset);

/* Appends `count` values; notes where the planes start. */
void column_put(struct buffer *out, const int64_t *values, size_t count, struct cuts *cuts);

/* A column as received, borrowed. */
struct column {
    uint64_t base;
    size_t width;
    size_t count;
    const uint8_t *planes;
};

/* Takes a column of `count` values off the front of `in`; false when malformed. */
bool column_take(struct bytes *in, size_t count, struct column *out);

/* Value number `index` (below count), modulo 2^64. */
static inline int64_t column_at(const struct column *column, size_t index)
{
    uint64_t above = 0;

    for (size_t plane = 0; plane < column->width; plane++) {
        above |= (uint64_t)column->planes[plane * column->count + index] << (8 * plane);
    }
    return (int64_t)(column->base + above);
}

#endif
