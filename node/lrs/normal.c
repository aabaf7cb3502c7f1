#include "node/lrs/normal.h"

static enum status context_normalize(struct tree *context, struct arena *arena)
{
    struct tree *kinds = tree_find(context, "contextActivities");

    for (struct tree *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        if (kind->type != TREE_OBJECT) {
            continue;
        }
        struct tree *activity = tree_share(arena, kind);
        if (!activity) {
            return S_TOO_LARGE;
        }
        activity->key = bytes_of(NULL, 0);
        kind->type = TREE_ARRAY;
        kind->first = kind->last = activity;
        kind->count = 1;
    }
    return S_OK;
}

enum status normal_apply(struct tree *statement, struct arena *arena)
{
    struct tree *object = tree_find(statement, "object");
    enum status status = context_normalize(tree_find(statement, "context"), arena);

    if (status == S_OK && tree_is_text(tree_find(object, "objectType"), "SubStatement")) {
        status = context_normalize(tree_find(object, "context"), arena);
    }
    return status;
}
