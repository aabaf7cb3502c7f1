/* fold.h: from the cells of one key in many streams to one answer.
 *
 * Each stream's cell enters once; then neither the order nor the grouping matters. Values of different kinds
 * under one key are folded side by side, and what is suppressed or known to be missing is carried to the
 * reader as such, never as 0. Kinds that this version does not know and values it cannot read are counted. A
 * sum past int64 is an error, not a wrap.
 *
 * A struct fold owns what it accumulates until fold_release(); a fold of numbers alone owns nothing. */
#ifndef QANAT_CRDT_FOLD_H
#define QANAT_CRDT_FOLD_H

#include "replication/crdt/histogram.h"
#include "replication/crdt/people.h"
#include "replication/crdt/register.h"
#include "replication/crdt/set.h"

struct fold {
    uint64_t wall_ms;
    uint64_t cells[CELL_KIND_LAST + 1]; /* how many cells of each kind were added; [0]: of unknown kinds */
    uint64_t malformed;                 /* cells of a known kind that could not be read; not in `cells` */
    __int128 count, sum;                /* wide enough for 2^64 cells: only the result can be too large */
    struct histogram *scores;           /* NULL or empty without a cell of the kind; so are the others */
    struct histogram *durations;
    struct people *people;
    struct register_fold *registers;
    struct set_fold *elements;
};

/* `wall_ms`: the reader's clock, for registers only (register.h); UINT64_MAX where there is none. */
void fold_init(struct fold *fold, uint64_t wall_ms);
void fold_release(struct fold *fold);

/* Adds the value of the cell of `stream`. S_OK also for an unknown kind; S_INVALID for a malformed value (it
 * is counted, and nothing else changes), S_TOO_LARGE when a histogram overflows. */
enum status fold_add(struct fold *fold, const struct stream_id *stream, struct bytes value);

/* Adds all of `other`, which holds other cells and has the same `wall_ms`. S_TOO_LARGE when a histogram
 * overflows. */
enum status fold_merge(struct fold *fold, const struct fold *other);

/* The total of CELL_COUNT or CELL_SUM. S_NOT_FOUND without any such cell, S_TOO_LARGE when it passes int64.
 */
enum status fold_number(const struct fold *fold, enum cell_kind kind, int64_t *number_out);

/* True when a part of the answer was withheld, or is known to be missing: the other results are then lower
 * bounds. */
bool fold_is_suppressed(const struct fold *fold);
bool fold_is_missing(const struct fold *fold);

#endif
