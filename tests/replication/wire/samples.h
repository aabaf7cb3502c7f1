/* samples.h: one message of every type, small or at its maxima, for round trips, truncations and the fuzzers'
 * seeds.
 *
 * Memory lives in the arena given; content comes from the seeded source, so the same seed makes the same
 * messages. */
#ifndef QANAT_TESTS_REPLICATION_WIRE_SAMPLES_H
#define QANAT_TESTS_REPLICATION_WIRE_SAMPLES_H

#include "replication/wire/message.h"
#include "tests/kit/kit.h"

enum { SAMPLES_MAX = 32, SAMPLES_ARENA_SIZE = 8 * 1024 * 1024 };

/* Fills `out` with a message of every type; lists are as long as the format allows when `is_large`. Returns
 * how many. */
size_t samples_make(struct kit_random *random, bool is_large, struct arena *arena,
                    struct message out[SAMPLES_MAX]);

struct stream_id samples_stream(struct kit_random *random);
void samples_random(struct kit_random *random, void *out, size_t size);

#endif
