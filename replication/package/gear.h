/* gear.h: one random 64-bit number for each byte value, by which the chunker rolls its hash.
 *
 * Part of the format: another table would cut elsewhere, and nothing held would be found again. The numbers
 * are the ChaCha20 key stream (nonce 0) under BLAKE2b-256 of "qanat gear 1", little-endian; the test draws
 * them anew. */
#ifndef QANAT_PACKAGE_GEAR_H
#define QANAT_PACKAGE_GEAR_H

#include <stdint.h>

enum { GEAR_SIZE = 256 };

extern const uint64_t gear_table[GEAR_SIZE];

#endif
