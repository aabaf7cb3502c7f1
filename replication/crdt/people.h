/* people.h: how many different people, mergeable over nodes that never show each other a name.
 *
 * A person is a 64-bit SipHash-2-4 of an identifier under the federation's secret. Up to PEOPLE_LIST_MAX
 * people the sketch is the sorted list of hashes: the count is exact. Above, it is a HyperLogLog (Flajolet et
 * al. 2007) with 4,096 registers of 6 bits, estimated after Ertl ("New cardinality estimation algorithms for
 * HyperLogLog sketches", 2017): standard error 1.6 %. PEOPLE_LIST_MAX is where both are equally large. The
 * form follows from the set alone, and so do the bytes: the same people give the same bytes whatever the
 * order and the grouping. Merging is the union.
 *
 * A struct people owns its memory until people_release(); an empty one owns none. */
#ifndef QANAT_CRDT_PEOPLE_H
#define QANAT_CRDT_PEOPLE_H

#include "replication/crdt/cell.h"

enum {
    PEOPLE_SECRET_SIZE = 16,
    PEOPLE_PRECISION = 12,                    /* bits of a hash that choose the register */
    PEOPLE_REGISTERS = 1 << PEOPLE_PRECISION, /* each 0 to PEOPLE_RANK_MAX */
    PEOPLE_RANK_MAX = 64 - PEOPLE_PRECISION + 1,
    PEOPLE_DENSE_SIZE = PEOPLE_REGISTERS * 6 / 8,                /* 3,072 bytes */
    PEOPLE_LIST_MAX = PEOPLE_DENSE_SIZE / (int)sizeof(uint64_t), /* 384 people */
};

struct people {
    uint64_t *list; /* ascending; NULL when dense or empty */
    size_t count;   /* in the list */
    size_t capacity;
    uint8_t *registers; /* PEOPLE_REGISTERS, or NULL while it is a list */
};

/* The hash of one person. `secret` is the federation's (16 bytes), `person` whatever names a person the same
 * everywhere. */
uint64_t people_hash(const uint8_t secret[PEOPLE_SECRET_SIZE], struct bytes person);

void people_init(struct people *people);
void people_release(struct people *people);

/* Empties it and keeps the list's memory. */
void people_clear(struct people *people);

/* Adds one person; one who is there already changes nothing. Aborts without memory. Returns whether it
 * changed. */
bool people_add(struct people *people, uint64_t hash);

/* Adds everybody of `other`. */
void people_merge(struct people *people, const struct people *other);

/* Adds everybody of a CELL_PEOPLE value. S_INVALID when it is malformed; nothing is added then. */
enum status people_merge_value(struct people *people, struct bytes value);

/* Appends the cell value, at most 2 + PEOPLE_DENSE_SIZE bytes. */
void people_encode(const struct people *people, struct buffer *out);

/* How many different people (finite, at most NODES_MAX * PEOPLE_MAX), and the standard error as a fraction: 0
 * while the count is exact. */
double people_estimate(const struct people *people, double *error_out);

#endif
