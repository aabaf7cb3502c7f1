#include "node/rest.h"

bool rest_may_begin(struct rest *rest, uint64_t now_ms)
{
    bool may_begin = now_ms >= atomic_load(&rest->until_ms);

    if (!may_begin) {
        atomic_store(&rest->is_put_off, true);
    }
    return may_begin;
}

void rest_after(struct rest *rest, uint64_t took_ms, uint64_t now_ms)
{
    uint64_t rest_ms = took_ms < REST_MAX_MS ? took_ms * took_ms / REST_UNIT_MS : REST_MAX_MS;

    rest_ms = rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS;
    atomic_store(&rest->until_ms, rest_ms >= REST_MIN_MS ? now_ms + rest_ms : 0);
    atomic_store(&rest->is_put_off, false);
}

uint64_t rest_left_ms(struct rest *rest, uint64_t now_ms)
{
    uint64_t until_ms = atomic_load(&rest->until_ms);

    if (!atomic_load(&rest->is_put_off)) {
        return UINT64_MAX;
    }
    return until_ms > now_ms ? until_ms - now_ms : 0;
}

bool rest_is_near(struct rest *rest, uint64_t now_ms)
{
    return rest_left_ms(rest, now_ms) <= REST_NEAR_MS;
}
