/* cell.h: the unit of replication: key -> absolute value, stamped with the seq of its last change.
 *
 * A key is 1 to CELL_KEY_MAX bytes: segments joined by KEY_SEPARATOR. A value is 1 to CELL_VALUE_MAX bytes:
 * one byte of kind, then the kind's payload. Kinds that this version does not know are stored and relayed
 * byte for byte. */
#ifndef QANAT_CRDT_CELL_H
#define QANAT_CRDT_CELL_H

#include "replication/base/bytes.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"
#include "replication/crdt/hlc.h"

enum { KEY_SEPARATOR = 0x1f };

/* The wire numbers are for ever: add at the end, never reuse. */
enum cell_kind {
    CELL_COUNT = 1,      /* zigzag varint: total of this incarnation */
    CELL_SUM = 2,        /* zigzag varint */
    CELL_SCORES = 3,     /* histogram of scores 0-100, sparse: see histogram.h */
    CELL_DURATIONS = 4,  /* histogram of durations in buckets of 1 %: see histogram.h */
    CELL_PEOPLE = 5,     /* distinct people: see people.h */
    CELL_REGISTER = 6,   /* hlc (8 bytes little-endian), then the bytes */
    CELL_ELEMENT = 7,    /* an element of an observed-remove set: see set.h */
    CELL_SUPPRESSED = 8, /* withheld by disclosure control: no payload */
    CELL_MISSING = 9,    /* known to be missing: no payload */
    CELL_ADOPTED = 10,   /* which closed streams of the same writer are counted in this one: stream/adoption.h */
};
enum { CELL_KIND_FIRST = CELL_COUNT, CELL_KIND_LAST = CELL_ADOPTED };

struct cell {
    uint64_t seq;
    struct bytes key;
    struct bytes value;
};

/* S_OK, or S_INVALID / S_TOO_LARGE when key, value or seq are outside the format. */
enum status cell_check(const struct cell *cell);

/* Joins `count` segments (1 to KEY_SEGMENTS_MAX) into `out`; S_INVALID when a segment holds KEY_SEPARATOR,
 * S_TOO_LARGE over CELL_KEY_MAX. `out` is cleared first. */
enum status cell_key_join(const struct bytes *segments, size_t count, struct buffer *out);

/* Splits `key` into at most `max` borrowed segments; returns how many there are, 0 when there are more than
 * `max`. */
size_t cell_key_split(struct bytes key, struct bytes *segments, size_t max);

/* Appends the value of a count, a sum or a register to `out`. */
void cell_value_number(struct buffer *out, enum cell_kind kind, int64_t number);
void cell_value_register(struct buffer *out, hlc stamp, struct bytes content);

/* The number in a CELL_COUNT or CELL_SUM value; false for any other or malformed value. */
bool cell_value_get_number(struct bytes value, int64_t *number_out);

/* The stamp and content of a CELL_REGISTER value; false for any other or malformed value. */
bool cell_value_get_register(struct bytes value, hlc *stamp_out, struct bytes *content_out);

#endif
