#include "node/link/supply.h"

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
