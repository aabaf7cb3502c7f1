#include "node/link/supply.h"

#include "node/link/mirror/mirror.h"
#include "node/link/sessions.h"

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

bool supply_has_near(const struct session_context *context)
{
    const struct session *session;

    for (size_t i = 0; context->sessions && (session = sessions_at(context->sessions, i)) != NULL; i++) {
        if (session_is_bringing(session) && is_near(context, session_remote(session))) {
            return true;
        }
    }
    return false;
}

static bool is_in_other_session(const struct session *session, const struct hash *object)
{
    const struct session_context *context = session_context_of(session);
    const struct session *other;

    for (size_t i = 0; context->sessions && (other = sessions_at(context->sessions, i)) != NULL; i++) {
        if (other != session && session_is_fetching(other, object)) {
            return true;
        }
    }
    return false;
}

bool supply_is_elsewhere(void *arg, struct db *db, const struct wanted *wanted)
{
    const struct session *session = arg;
    const struct session_context *context = session_context_of(session);
    bool is_far_one = is_far(context, session_remote(session));

    return is_in_other_session(session, &wanted->object) || (is_far_one && supply_has_near(context)) ||
           (context->mirrors && mirrors_take(context->mirrors, db, wanted, is_far_one));
}
