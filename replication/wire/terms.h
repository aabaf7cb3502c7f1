/* terms.h: a column of key segments: which of a few texts stands in each row.
 *
 *   1 byte    mode
 *   TERMS_CONSTANT      varint size, bytes: the text of every row
 *   TERMS_PLAIN         one text per row: front-coded, in row order
 *   TERMS_IDS           varint count, that many texts front-coded in byte order, then each row's index: plane
 * of low bytes and, above 256 texts, plane of high bytes TERMS_DELTAS        the same with each index as the
 * difference to the row before (modulo 2^8 or 2^16), the first to 0 Front-coded texts:  column (column.h) of
 * bytes shared with the text before, column of further bytes, then those bytes end to end A column of no rows
 * is no bytes.
 *
 * The writer picks: plain when most rows differ, else indices or differences by their order-0 entropy. */
#ifndef QANAT_WIRE_TERMS_H
#define QANAT_WIRE_TERMS_H

#include "replication/base/arena.h"
#include "replication/base/status.h"
#include "replication/wire/column.h"

enum terms_mode { TERMS_CONSTANT = 0, TERMS_PLAIN = 1, TERMS_IDS = 2, TERMS_DELTAS = 3 };
enum { TERM_ROWS_MAX = 65536, TERM_SIZE_MAX = 512 };

struct term;

/* Working memory for columns of up to `rows` rows. */
struct terms_work {
    struct term *texts; /* distinct ones, in order of first sight */
    uint32_t *ids;      /* of each row: index into texts */
    uint32_t *rank;     /* of each text: its place in byte order */
    uint32_t *slots;    /* hash table: id + 1, or 0 */
    int64_t *numbers;
    size_t slot_count; /* a power of two */
};

void terms_work_init(struct terms_work *work, size_t rows);
void terms_work_release(struct terms_work *work);

/* Appends the column of `rows` texts (borrowed, each up to TERM_SIZE_MAX). */
void terms_put(struct buffer *out, const struct bytes *texts, size_t rows, struct terms_work *work,
               struct cuts *cuts);

/* A column as received, read from its first row on. */
struct terms {
    enum terms_mode mode;
    const struct bytes *texts; /* in the arena */
    size_t text_count;
    const uint8_t *low, *high; /* planes of indices; high may be NULL */
    size_t rows;
    size_t row;  /* the next one */
    uint32_t id; /* of the row before */
};

/* Takes a column of `rows` rows off the front of `in`. `budget` is what its texts may still cost in bytes and
 * is lowered. S_INVALID when malformed, S_TOO_LARGE over the budget or the arena. */
enum status terms_take(struct bytes *in, size_t rows, struct arena *arena, size_t *budget, struct terms *out);

/* The text of the next row; false when its index is out of range or there is none. */
bool terms_next(struct terms *terms, struct bytes *text_out);

#endif
