/* Theory. A state is a set of cells. Each cell is hashed to a vector of 1,024 numbers of 16 bits; the hash of
 * the set is the sum of the vectors, lane by lane modulo 2^16. Finding two sets with one sum is as hard as a
 * short-vector problem (about 200 bits here; Lewi, Kim, Maykov, Weis: "Securing update propagation with
 * homomorphic hashing", 2019), provided that no element enters twice: a stream's state holds every key once,
 * and a seq is never issued twice.
 *
 *   seed     = BLAKE2b-256(salt || personal = lthash_key, seq (8, LE) || key size (2, LE) || key || value)
 *   element  = expand_seed(seed): 1,024 lanes of ChaCha12 output (expand.h)
 *   state    = sum of the elements of its cells
 *
 * The key goes into BLAKE2b's salt and personalisation (RFC 7693, 2.5; 16 bytes each) because a key block of
 * its own would double the cost of a small cell, and it is no secret: it only keeps streams apart. */
#include "replication/stream/lthash.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/expand.h"

enum { SEED_HEAD_SIZE = 10 };

_Static_assert((int)LTHASH_LANES == (int)EXPAND_LANES, "one element");
_Static_assert(sizeof(struct hash) ==
                   crypto_generichash_blake2b_SALTBYTES + crypto_generichash_blake2b_PERSONALBYTES,
               "the key fills salt and personalisation");

static const char key_domain[] = "qanat lthash16 v1";

struct hash lthash_key(const struct id *federation, const struct stream_id *stream)
{
    uint8_t raw[sizeof federation->b + STREAM_ID_SIZE];

    memcpy(raw, federation->b, sizeof federation->b);
    stream_id_encode(stream, raw + sizeof federation->b);
    return hash_of(bytes_of(key_domain, sizeof key_domain), bytes_of(raw, sizeof raw));
}

void lthash_init(struct lthash *state)
{
    memset(state, 0, sizeof *state);
}

/* The first bytes of what is hashed: seq and the key's size, so that key and value cannot trade bytes. */
static void seed_head(const struct cell *cell, uint8_t out[SEED_HEAD_SIZE])
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(cell->seq >> (8 * i));
    }
    out[8] = (uint8_t)cell->key.size;
    out[9] = (uint8_t)(cell->key.size >> 8);
}

static void element_of(const struct hash *key, const struct cell *cell, uint16_t lanes_out[LTHASH_LANES])
{
    crypto_generichash_blake2b_state blake;
    uint8_t head[SEED_HEAD_SIZE], seed[EXPAND_SEED_SIZE];

    CHECK(cell->key.size > 0 && cell->key.size <= CELL_KEY_MAX);
    CHECK(cell->seq > 0 && cell->value.size > 0);
    seed_head(cell, head);
    crypto_generichash_blake2b_init_salt_personal(&blake, NULL, 0, sizeof seed, key->b,
                                                  key->b + crypto_generichash_blake2b_SALTBYTES);
    crypto_generichash_blake2b_update(&blake, head, sizeof head);
    crypto_generichash_blake2b_update(&blake, cell->key.data, cell->key.size);
    crypto_generichash_blake2b_update(&blake, cell->value.data, cell->value.size);
    crypto_generichash_blake2b_final(&blake, seed, sizeof seed);
    expand_seed(seed, lanes_out);
}

void lthash_add(struct lthash *state, const struct hash *key, const struct cell *cell)
{
    uint16_t lanes[LTHASH_LANES];

    element_of(key, cell, lanes);
    for (size_t i = 0; i < LTHASH_LANES; i++) {
        state->lane[i] = (uint16_t)(state->lane[i] + lanes[i]);
    }
}

void lthash_subtract(struct lthash *state, const struct hash *key, const struct cell *cell)
{
    uint16_t lanes[LTHASH_LANES];

    element_of(key, cell, lanes);
    for (size_t i = 0; i < LTHASH_LANES; i++) {
        state->lane[i] = (uint16_t)(state->lane[i] - lanes[i]);
    }
}

struct hash lthash_digest(const struct lthash *state)
{
    uint8_t raw[LTHASH_SIZE];

    lthash_encode(state, raw);
    return hash_of(bytes_of(NULL, 0), bytes_of(raw, sizeof raw));
}

void lthash_encode(const struct lthash *state, uint8_t out[LTHASH_SIZE])
{
    for (size_t i = 0; i < LTHASH_LANES; i++) {
        out[2 * i] = (uint8_t)state->lane[i];
        out[2 * i + 1] = (uint8_t)(state->lane[i] >> 8);
    }
}

void lthash_decode(struct lthash *state, const uint8_t in[LTHASH_SIZE])
{
    for (size_t i = 0; i < LTHASH_LANES; i++) {
        state->lane[i] = (uint16_t)(in[2 * i] | in[2 * i + 1] << 8);
    }
}
