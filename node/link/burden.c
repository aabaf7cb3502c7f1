#include "node/link/burden.h"

/* The place of `writer`, or else the one that is free soonest. */
static struct burden_writer *place_of(struct burden *burden, const struct id *writer)
{
    struct burden_writer *place = &burden->writers[0];

    for (size_t i = 0; i < BURDEN_WRITERS_MAX; i++) {
        struct burden_writer *other = &burden->writers[i];
        if (other->until_ms > 0 && id_equal(&other->node, writer)) {
            return other;
        }
        place = other->until_ms < place->until_ms ? other : place;
    }
    *place = (struct burden_writer){.node = *writer};
    return place;
}

void burden_add(struct burden *burden, const struct id *writer, uint64_t took_ms, uint64_t now_ms)
{
    if (took_ms < BURDEN_MIN_MS) {
        return;
    }
    struct burden_writer *place = place_of(burden, writer);
    uint64_t from_ms = place->until_ms > now_ms ? place->until_ms : now_ms; /* several that began together add up */
    uint64_t rest_ms = took_ms < BURDEN_MAX_MS ? BURDEN_SHARE * took_ms : BURDEN_MAX_MS;

    place->until_ms = from_ms + rest_ms < now_ms + BURDEN_MAX_MS ? from_ms + rest_ms : now_ms + BURDEN_MAX_MS;
}

uint64_t burden_until_ms(const struct burden *burden, const struct id *writer)
{
    for (size_t i = 0; i < BURDEN_WRITERS_MAX; i++) {
        if (burden->writers[i].until_ms > 0 && id_equal(&burden->writers[i].node, writer)) {
            return burden->writers[i].until_ms;
        }
    }
    return 0;
}

bool burden_enter(struct burden *burden, const void *who)
{
    if (burden->large == NULL) {
        burden->large = who;
    }
    return burden->large == who;
}

void burden_leave(struct burden *burden, const void *who)
{
    if (burden->large == who) {
        burden->large = NULL;
    }
}
