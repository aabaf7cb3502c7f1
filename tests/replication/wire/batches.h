/* batches.h: batches of cells for tests, benches and seeds: result cells in key order, and cells as odd as
 * the format allows. */
#ifndef QANAT_TESTS_REPLICATION_WIRE_BATCHES_H
#define QANAT_TESTS_REPLICATION_WIRE_BATCHES_H

#include "replication/wire/batch.h"
#include "tests/kit/kit.h"

/* `count` counts with keys like those of results, in key order, seqs 1, 2, ...; memory lives in `arena`. */
struct batch batches_results(struct kit_random *random, size_t count, struct arena *arena);

/* `count` cells with any key bytes, gaps between seqs, and values of any kind and size up to `value_max`. */
struct batch batches_odd(struct kit_random *random, size_t count, size_t value_max, struct arena *arena);

/* Fails the test unless both are the same in every byte. */
void batches_assert_equal(const struct batch *a, const struct batch *b);

#endif
