#include "node/link/supply.h"

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

bool supply_is_elsewhere(void *arg, const struct hash *object)
{
    const struct session *session = arg, *other;
    const struct session_context *context = session_context_of(session);
    bool is_far_one = context->sessions && is_far(context, session_remote(session));

    for (size_t i = 0; context->sessions && (other = sessions_at(context->sessions, i)) != NULL; i++) {
        if (other == session) {
            continue;
        }
        if (session_is_fetching(other, object) ||
            (is_far_one && session_is_bringing(other) && !is_far(context, session_remote(other)) &&
             !roster_is_above(members_roster(context->members), &context->self, session_remote(other)))) {
            return true;
        }
    }
    return false;
}
