/* FastCDC. A gear hash rolls over the bytes: h = 2h + gear[byte], so that its upper bits depend on the last
 * 64 bytes or fewer. A chunk ends where the upper bits are zero.
 *
 *   0 ........ MIN .................. MEAN ............................ MAX
 *   not hashed  18 + 2 bits must be 0   18 - 2 bits must be 0            forced
 *
 * Asking for more bits before the mean and for fewer after it (normalised chunking, level 2) keeps sizes
 * close to the mean. */
#include "replication/package/chunker.h"

#include "replication/base/check.h"
#include "replication/base/limits.h"
#include "replication/package/gear.h"

enum { MEAN_BITS = 18, NORMAL_LEVEL = 2 };
_Static_assert(CHUNK_SIZE_MEAN == 1 << MEAN_BITS, "the mean is a power of two");

static uint64_t upper_bits(unsigned count)
{
    return ~0ULL << (64 - count);
}

size_t chunker_cut(struct bytes data)
{
    const uint64_t strict = upper_bits(MEAN_BITS + NORMAL_LEVEL),
                   loose = upper_bits(MEAN_BITS - NORMAL_LEVEL);
    size_t end = data.size < CHUNK_SIZE_MAX ? data.size : CHUNK_SIZE_MAX;
    size_t mean = end < CHUNK_SIZE_MEAN ? end : CHUNK_SIZE_MEAN;
    size_t at = CHUNK_SIZE_MIN;
    uint64_t hash = 0;

    if (data.size <= CHUNK_SIZE_MIN) {
        return data.size;
    }
    CHECK(data.data);
    for (; at < mean; at++) {
        hash = (hash << 1) + gear_table[data.data[at]];
        if (!(hash & strict)) {
            return at + 1;
        }
    }
    for (; at < end; at++) {
        hash = (hash << 1) + gear_table[data.data[at]];
        if (!(hash & loose)) {
            return at + 1;
        }
    }
    return end;
}
