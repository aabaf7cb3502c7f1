#include "node/incident.h"

#include <stdatomic.h>

#include "replication/base/check.h"

static _Atomic uint64_t pending[INCIDENT_COUNT];

static const struct {
    const char *name, *text;
    enum incident_group group;
} incidents[INCIDENT_COUNT] = {
#define X(name, group, word, what) [INCIDENT_##name] = {word, what, INCIDENT_##group},
    INCIDENT_LIST(X)
#undef X
};

void incident_add(enum incident incident, uint64_t count)
{
    CHECK(incident < INCIDENT_COUNT);
    atomic_fetch_add(&pending[incident], count);
}

bool incident_pending(uint64_t counts_out[INCIDENT_COUNT])
{
    bool is_any = false;

    for (int i = 0; i < INCIDENT_COUNT; i++) {
        counts_out[i] = atomic_load(&pending[i]);
        is_any = is_any || counts_out[i] > 0;
    }
    return is_any;
}

void incident_subtract(const uint64_t counts[INCIDENT_COUNT])
{
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        CHECK(atomic_fetch_sub(&pending[i], counts[i]) >= counts[i]);
    }
}

enum incident incident_of_message(enum status status)
{
    return status == S_BAD_SIGNATURE                      ? INCIDENT_SIGNATURES
           : status == S_BAD_DIGEST                       ? INCIDENT_DIGESTS
           : status == S_FORKED                           ? INCIDENT_FORKS
           : status == S_STALE                            ? INCIDENT_FORMER_KEYS
           : status == S_INVALID || status == S_TOO_LARGE ? INCIDENT_FRAMES
                                                          : INCIDENT_MESSAGES;
}

const char *incident_name(enum incident incident)
{
    CHECK(incident < INCIDENT_COUNT);
    return incidents[incident].name;
}

const char *incident_text(enum incident incident)
{
    CHECK(incident < INCIDENT_COUNT);
    return incidents[incident].text;
}

enum incident_group incident_group_of(enum incident incident)
{
    CHECK(incident < INCIDENT_COUNT);
    return incidents[incident].group;
}
