/* lthash.h: LtHash16, a homomorphic hash of a set of cells (Bellare and Micciancio 1997; Lewi et al. 2019).
 *
 * 1,024 lanes of 16 bits, added modulo 2^16. An element is expanded from a BLAKE2b-256 seed over (key, seq,
 * value), keyed by the stream, by ChaCha12 (expand.h). Adding and subtracting commute, so a receiver can
 * check any delta from any base in the time of the delta. */
#ifndef QANAT_STREAM_LTHASH_H
#define QANAT_STREAM_LTHASH_H

#include "replication/crdt/cell.h"
#include "replication/stream/stream.h"

enum { LTHASH_LANES = 1024, LTHASH_SIZE = 2 * LTHASH_LANES };

struct lthash {
    uint16_t lane[LTHASH_LANES];
};

/* The key that ties elements to one stream of one federation. */
struct hash lthash_key(const struct id *federation, const struct stream_id *stream);

void lthash_init(struct lthash *state);
void lthash_add(struct lthash *state, const struct hash *key, const struct cell *cell);
void lthash_subtract(struct lthash *state, const struct hash *key, const struct cell *cell);

/* BLAKE2b-256 of the lanes, little-endian: what certificates name. */
struct hash lthash_digest(const struct lthash *state);

/* LTHASH_SIZE bytes, little-endian lanes. */
void lthash_encode(const struct lthash *state, uint8_t out[LTHASH_SIZE]);
void lthash_decode(struct lthash *state, const uint8_t in[LTHASH_SIZE]);

#endif
