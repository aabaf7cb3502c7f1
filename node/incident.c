#include "node/incident.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "replication/base/check.h"

static _Atomic uint64_t pending[INCIDENT_COUNT];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct incident_of pending_of[INCIDENT_MEMBERS_MAX];
static size_t pending_of_count;

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

/* Under the mutex; NULL: there is none. */
static struct incident_of *pending_find(enum incident incident, const struct id *node)
{
    for (size_t i = 0; i < pending_of_count; i++) {
        if (pending_of[i].incident == incident && id_equal(&pending_of[i].node, node)) {
            return &pending_of[i];
        }
    }
    return NULL;
}

void incident_add_of(enum incident incident, const struct id *node, uint64_t count)
{
    incident_add(incident, count);
    if (count == 0) {
        return;
    }
    pthread_mutex_lock(&mutex);
    struct incident_of *found = pending_find(incident, node);
    if (found) {
        found->count += count;
    } else if (pending_of_count < INCIDENT_MEMBERS_MAX) {
        pending_of[pending_of_count++] = (struct incident_of){incident, *node, count};
    }
    pthread_mutex_unlock(&mutex);
}

size_t incident_pending_of(struct incident_of out[INCIDENT_MEMBERS_MAX])
{
    pthread_mutex_lock(&mutex);
    size_t count = pending_of_count;
    memcpy(out, pending_of, count * sizeof *out);
    pthread_mutex_unlock(&mutex);
    return count;
}

void incident_subtract_of(const struct incident_of *counts, size_t count)
{
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < count; i++) {
        struct incident_of *found = pending_find(counts[i].incident, &counts[i].node);
        CHECK(found && found->count >= counts[i].count);
        found->count -= counts[i].count;
        if (found->count == 0) {
            *found = pending_of[--pending_of_count];
        }
    }
    pthread_mutex_unlock(&mutex);
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
