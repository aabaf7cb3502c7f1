#include "replication/crdt/hlc.h"

#include "replication/base/limits.h"

#define WALL_MAX ((1ULL << 48) - 1)

static hlc wall_stamp(uint64_t wall_ms)
{
    return (wall_ms < WALL_MAX ? wall_ms : WALL_MAX) << 16;
}

hlc hlc_tick(hlc last, uint64_t wall_ms)
{
    hlc wall = wall_stamp(wall_ms);

    if (wall > last) {
        return wall;
    }
    return last == UINT64_MAX ? last : last + 1;
}

hlc hlc_observe(hlc last, hlc remote, uint64_t wall_ms)
{
    uint64_t remote_ms = hlc_wall_ms(remote);

    if (remote_ms > wall_ms && remote_ms - wall_ms > SKEW_MAX_MS) {
        return last;
    }
    return remote > last ? remote : last;
}

uint64_t hlc_wall_ms(hlc stamp)
{
    return stamp >> 16;
}
