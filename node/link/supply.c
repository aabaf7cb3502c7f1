#include "node/link/supply.h"

#include "node/link/mirror/mirror.h"
#include "node/link/sessions.h"
#include "node/local_time.h"

enum { PATCHED_PART = 4 }; /* of what has bases so small a part comes, about */

const struct store_objects *supply_objects(const struct session_context *context, const struct id *remote)
{
    return context->content != NULL && gate_lets_courses(context->gate, remote) ? &context->content->read
                                                                                : NULL;
}

bool supply_is_offered(const struct session_context *context, const struct hash *object)
{
    if (context->content == NULL) {
        return false;
    }
    struct db *db = store_read_begin(context->store);
    bool is_offered =
        context->content->is_offered(context->content->ctx, db, members_roster(context->members), object);

    store_read_end(context->store, db);
    return is_offered;
}

/* Is `remote` above this node? Then the way to it is the long one. */
static bool is_far(const struct session_context *context, const struct id *remote)
{
    return roster_is_above(members_roster(context->members), remote, &context->self);
}

/* Neither above nor below: then the way is short. */
static bool is_near(const struct session_context *context, const struct id *remote)
{
    return !is_far(context, remote) && !roster_is_above(members_roster(context->members), &context->self, remote);
}

/* Does it keep us waiting? Then it is as if it were not there, but what it brings is taken. */
static bool is_shunned(const struct session *session)
{
    return peer_is_shunned(session_peer(session));
}

bool supply_has_near(const struct session_context *context)
{
    const struct session *session;

    for (size_t i = 0; context->sessions && (session = sessions_at(context->sessions, i)) != NULL; i++) {
        if (session_is_bringing(session) && !is_shunned(session) && is_near(context, session_remote(session))) {
            return true;
        }
    }
    return false;
}

bool supply_is_fetched(const struct session_context *context, const struct session *except, const struct hash *object)
{
    const struct session *other;

    for (size_t i = 0; context->sessions && (other = sessions_at(context->sessions, i)) != NULL; i++) {
        if (other != except && peer_is_fetching(session_peer(other), object) && !is_shunned(other)) {
            return true;
        }
    }
    return false;
}

/* --- siblings ------------------------------------------------------------------------------------------- */

/* What is known of the object at the siblings that may matter; returns how many. */
static size_t siblings_look(const struct session_context *context, const struct hash *object,
                            struct share_sibling siblings[SHARE_SIBLINGS_MAX])
{
    const struct session *session;
    size_t count = 0;

    for (size_t i = 0; count < SHARE_SIBLINGS_MAX && (session = sessions_at(context->sessions, i)) != NULL; i++) {
        const struct peer *peer = session_peer(session);
        struct share_sibling *sibling = &siblings[count];

        sibling->state = peer_share_state(peer, object);
        sibling->is_awaited = peer_is_awaited(peer) || session_is_bringing(session);
        bool matters = sibling->state != SHARE_UNKNOWN || sibling->is_awaited;
        if (matters && !is_shunned(session) && is_near(context, session_remote(session))) {
            sibling->node = *session_remote(session);
            sibling->is_wanting = peer_was_asked(peer, object);
            count++;
        }
    }
    return count;
}

/* Is the object for a sibling to fetch, or to bring? What is another's is taken when for a while nothing was our own. */
static bool is_siblings(const struct session_context *context, const struct hash *object)
{
    struct share_sibling siblings[SHARE_SIBLINGS_MAX];
    const uint64_t now_ms = local_time_monotonic();

    if (!context->sessions) {
        return false;
    }
    struct sessions_turn *turn = sessions_turn(context->sessions);
    switch (share_choose(&context->self, object, siblings, siblings_look(context, object, siblings))) {
    case SHARE_LEAVE:
        return true;
    case SHARE_TAKE:
        turn->own_ms = now_ms;
        return false;
    case SHARE_SPARE:
        return now_ms < turn->own_ms + SUPPLY_SPARE_MS;
    }
    return false;
}

/* --- quotas --------------------------------------------------------------------------------------------- */

/* Of sessions and mirrors: it comes even when the quota is spent meanwhile. */
static uint64_t asked_bytes(const struct session_context *context)
{
    uint64_t asked = context->mirrors ? mirrors_asked_bytes(context->mirrors) : 0;
    const struct session *session;

    for (size_t i = 0; context->sessions && (session = sessions_at(context->sessions, i)) != NULL; i++) {
        asked += peer_asked_bytes(session_peer(session));
    }
    return asked;
}

bool supply_fits(const struct session_context *context, const struct id *remote, uint64_t size)
{
    uint64_t left = gate_left(context->gate, remote, WINDOW_COURSES);

    return left == GATE_NO_QUOTA || gate_cost_of_contents(asked_bytes(context) + size) <= left;
}

/* What has bases here comes as a patch, most of the time. */
static bool has_base(const struct session_context *context, struct db *db, const struct hash *object)
{
    const struct store_objects *read = context->content != NULL ? &context->content->read : NULL;
    struct hash base;

    return read != NULL && read->bases != NULL && read->bases(read->ctx, db, object, 1, &base) > 0;
}

static bool fits_quota(const struct session *session, struct db *db, const struct wanted *wanted)
{
    const struct session_context *context = session_context_of(session);

    if (supply_fits(context, session_remote(session), wanted->size)) {
        return true;
    }
    bool is_first = asked_bytes(context) == 0;
    bool fits = is_first && has_base(context, db, &wanted->object) && supply_fits(context, session_remote(session), wanted->size / PATCHED_PART);
    if (is_first && !fits) {
        gate_refuse_courses(context->gate, session_remote(session)); /* the smallest come first */
    }
    return fits;
}

bool supply_is_elsewhere(void *arg, struct db *db, const struct wanted *wanted)
{
    const struct session *session = arg;
    const struct session_context *context = session_context_of(session);
    bool is_far_one = is_far(context, session_remote(session));

    return supply_is_fetched(context, session, &wanted->object) || !fits_quota(session, db, wanted) ||
           (is_far_one && is_siblings(context, &wanted->object)) ||
           (context->mirrors && mirrors_take(context->mirrors, db, wanted, is_far_one));
}

size_t supply_coming(void *arg, size_t max, struct hash *objects_out)
{
    const struct session *session = arg, *other;
    const struct session_context *context = session_context_of(session);
    size_t count = 0;

    for (size_t i = 0; context->sessions && (other = sessions_at(context->sessions, i)) != NULL; i++) {
        if (other != session && !is_near(context, session_remote(other))) {
            count += peer_fetches(session_peer(other), max - count, objects_out + count);
        }
    }
    return count;
}

void supply_share(const struct session_context *context)
{
    struct sessions_turn *turn = sessions_turn(context->sessions);
    const uint32_t asks = turn->asks;
    struct session *session;

    turn->asks = 0;
    for (size_t i = 0; (session = sessions_at(context->sessions, i)) != NULL; i++) {
        turn->asks += session_progress(session)->asks;
    }
    for (size_t i = 0; turn->asks != asks && (session = sessions_at(context->sessions, i)) != NULL; i++) {
        if (peer_hears_offers(session_peer(session))) {
            session_poke(session, EVENT_SHARED);
        }
    }
}
