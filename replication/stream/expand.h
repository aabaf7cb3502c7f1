/* expand.h: from a 32-byte seed to the 1,024 lanes of one LtHash element.
 *
 * ChaCha with 12 rounds (Bernstein 2008), counter 0 to 31, nonce 0: 32 blocks of 16 words. Word w of block b
 * becomes number 32 w + b of the element, low half first, because a vector unit computes one word of many
 * blocks at a time. 12 rounds and not 20: this is the inner loop of every cell on both sides of a sync, the
 * seed is a hash output nobody chooses, and the best known attacks end at 7 rounds (Aumasson, "Too Much
 * Crypto", 2019). */
#ifndef QANAT_STREAM_EXPAND_H
#define QANAT_STREAM_EXPAND_H

#include <stdint.h>

enum { EXPAND_SEED_SIZE = 32, EXPAND_LANES = 1024, EXPAND_ROUNDS = 12 };

/* Fills `lanes_out`. The same on every machine; wider vectors are used where the processor has them. */
void expand_seed(const uint8_t seed[EXPAND_SEED_SIZE], uint16_t lanes_out[EXPAND_LANES]);

/* The same without asking what the processor has. */
void expand_seed_portable(const uint8_t seed[EXPAND_SEED_SIZE], uint16_t lanes_out[EXPAND_LANES]);

#endif
