#include "node/link/members.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/incident.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/rest.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "node/store/stream/unheard.h"
#include "replication/base/check.h"
#include "replication/stream/vector.h"
#include "replication/trust/authority.h"
#include "replication/trust/roster_keys.h"

enum { CELLS_PER_MS = 500 }; /* what a reading costs, when the statements were judged before */

/* The roster streams: digests of all heads and of those of this node alone, and how many cells they have. */
struct streams {
    struct vector_digest all, own;
    uint64_t cells;
};

struct members {
    struct store *store;
    const struct federation *federation;
    struct roster *roster;
    struct streams seen; /* what `roster` was read from */
    uint64_t generation;
    uint64_t readings;
    struct rest rest; /* after a long reading */
};

static struct streams streams_look(struct db *db)
{
    struct streams streams = {.cells = 0};
    struct vector vector, own;
    struct stream_head head;

    vector_init(&vector);
    vector_init(&own);
    for (bool more = stream_next(db, NULL, &head); more && head.stream.topic == TOPIC_ROSTER;
         more = stream_next(db, &head.stream, &head)) {
        vector_merge_head(&vector, &head);
        if (own_is_self(db, &head.stream.node)) {
            vector_merge_head(&own, &head);
        }
        streams.cells += head.count;
    }
    streams.all = vector_digest_of(&vector);
    streams.own = vector_digest_of(&own);
    vector_release(&vector);
    vector_release(&own);
    return streams;
}

/* Says in the journal what changed at the federation's head. */
static void authority_tell(const struct roster *before, const struct roster *after)
{
    const struct authority *now = roster_authority(after);
    const struct authority *then = before != NULL ? roster_authority(before) : NULL;

    if (then != NULL && !hash_equal(&then->hash, &now->hash)) {
        log_event(LOG_WARNING, "authority_changed", "generation=%llu threshold=%u keys=%zu", (unsigned long long)now->generation,
                  (unsigned)now->threshold, now->key_count);
    }
    if (now->rival_count > (then != NULL ? then->rival_count : 0)) {
        log_event(LOG_ERROR, "authority_disputed", "generation=%llu rivals=%zu", (unsigned long long)now->rivals[0].generation,
                  now->rival_count);
    }
    if (now->late_count > (then != NULL ? then->late_count : 0)) {
        log_event(LOG_WARNING, "authority_late", "statements=%zu reason=\"signed with a former key after the handover: no effect\"",
                  now->late_count);
    }
}

/* Says there, too, what was signed and came too late to be kept, when the authority was handed on or more of that came. */
static void unheard_tell(struct db *db, const struct roster *before, const struct roster *after)
{
    struct unheard unheard[UNHEARD_MAX];
    char text[UNHEARD_TEXT_MAX];

    if (before == NULL || roster_authority(after)->left_count <= roster_authority(before)->left_count) {
        return;
    }
    size_t count = unheard_find(db, after, &id_none, local_time_now(), unheard);
    for (size_t i = 0; i < count; i++) {
        unheard_text(after, &unheard[i], text);
        log_event(LOG_WARNING, "word_unheard", "node=\"%s\" word=\"%s\" reason=\"not known to whoever handed the authority on: no effect\"",
                  unheard[i].name, text);
    }
}

/* Reads the roster when its streams moved. */
static enum status roster_read(struct members *members, bool *is_new_out, struct report *report)
{
    struct roster *roster;
    uint64_t generation = store_generation(members->store);
    enum status status = S_OK;
    struct db *db = store_read_begin(members->store);
    struct streams streams = streams_look(db);

    *is_new_out = members->roster == NULL || !vector_digest_equal(&streams.all, &members->seen.all);
    if (*is_new_out) {
        status = roster_load(db, members->federation, &roster, report);
    }
    if (*is_new_out && status == S_OK) {
        unheard_tell(db, members->roster, roster);
    }
    store_read_end(members->store, db);
    if (*is_new_out && status == S_OK) {
        roster_settle(roster);
        authority_tell(members->roster, roster);
        roster_free(members->roster);
        members->roster = roster;
        members->seen = streams;
        members->readings++;
    }
    rest_after(&members->rest, *is_new_out ? streams.cells / CELLS_PER_MS : 0, local_time_monotonic());
    members->generation = generation;
    return status;
}

struct members *members_open(struct store *store, const struct federation *federation, struct report *report)
{
    struct members *members = calloc(1, sizeof *members);
    bool is_new;

    CHECK(members != NULL);
    members->store = store;
    members->federation = federation;
    if (roster_read(members, &is_new, report) != S_OK) {
        members_close(members);
        return NULL;
    }
    return members;
}

void members_close(struct members *members)
{
    if (members != NULL) {
        if (members->roster != NULL) {
            roster_free(members->roster);
        }
        free(members);
    }
}

/* Whom this node admits or puts out, that holds at once. */
static bool has_own_news(struct members *members)
{
    struct db *db = store_read_begin(members->store);
    struct streams streams = streams_look(db);

    store_read_end(members->store, db);
    return !vector_digest_equal(&streams.own, &members->seen.own);
}

bool members_refresh(struct members *members)
{
    struct report report = {0};
    bool is_new;

    if (members->generation == store_generation(members->store)) {
        return false;
    }
    if (!rest_may_begin(&members->rest, local_time_monotonic()) && !has_own_news(members)) {
        return false;
    }
    enum status status = roster_read(members, &is_new, &report);
    if (status != S_OK) {
        log_event(LOG_ERROR, "roster_unreadable", "error=\"%s\"", report.text);
        return false;
    }
    return is_new;
}

uint64_t members_left_ms(struct members *members)
{
    return rest_left_ms(&members->rest, local_time_monotonic());
}

const struct federation *members_federation(const struct members *members)
{
    return members->federation;
}

uint64_t members_readings(const struct members *members)
{
    return members->readings;
}

const struct roster *members_roster(const struct members *members)
{
    return members->roster;
}

const struct roster_node *members_find_key(const struct members *members,
                                           const uint8_t key[CURVE_PUBLIC_SIZE])
{
    const struct roster_node *node = roster_find_curve(members->roster, key);

    return node != NULL && !node->is_revoked ? node : NULL;
}

bool members_gave_up(const struct members *members, const uint8_t key[CURVE_PUBLIC_SIZE])
{
    const struct roster_node *node = roster_find_former_curve(members->roster, key, true);

    if (node != NULL) {
        incident_add_of(INCIDENT_FORMER_KEYS, &node->node, 1);
        log_event(LOG_WARNING, "former_key_refused", "peer=\"%s\" reason=\"its node changed its keys\"", node->name);
    }
    return node != NULL;
}

bool members_has(const struct members *members, const struct id *node)
{
    const struct roster_node *found = roster_find(members->roster, node);

    return found != NULL && !found->is_revoked;
}

void members_name(const struct members *members, const struct id *node, char out[NODE_NAME_MAX + 1])
{
    const struct roster_node *found = roster_find(members->roster, node);

    snprintf(out, NODE_NAME_MAX + 1, "%s", found != NULL ? found->name : "?");
}
