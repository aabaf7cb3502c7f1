#include "node/lrs/render.h"

static const char *const identifiers[] = {"mbox", "mbox_sha1sum", "openid", "account"};

enum { IDENTIFIER_COUNT = sizeof identifiers / sizeof *identifiers };

/* A new object with the members of `from` that are named. */
static struct tree *members_copy(const struct tree *from, const char *const *names, size_t count,
                                 struct arena *arena)
{
    struct tree *copy = tree_new(arena, TREE_OBJECT);

    for (size_t i = 0; i < count && copy; i++) {
        const struct tree *member = tree_find(from, names[i]);
        struct tree *own = member ? tree_share(arena, member) : NULL;
        if (member && !own) {
            return NULL;
        }
        if (own) {
            tree_append(copy, own);
        }
    }
    return copy;
}

/* An agent, or an identified group. */
static struct tree *agent_reduce(const struct tree *agent, struct arena *arena)
{
    static const char *const names[] = {"objectType", "mbox", "mbox_sha1sum", "openid", "account"};

    return members_copy(agent, names, sizeof names / sizeof *names, arena);
}

static bool is_anonymous(const struct tree *actor)
{
    for (size_t i = 0; i < IDENTIFIER_COUNT; i++) {
        if (tree_find(actor, identifiers[i])) {
            return false;
        }
    }
    return true;
}

static struct tree *actor_reduce(const struct tree *actor, struct arena *arena)
{
    struct tree *copy = agent_reduce(actor, arena);
    const struct tree *members = tree_find(actor, "member");

    if (!copy || !members || !is_anonymous(actor)) {
        return copy;
    }
    struct tree *list = tree_new(arena, TREE_ARRAY);
    for (const struct tree *member = members->first; member && list; member = member->next) {
        struct tree *own = agent_reduce(member, arena);
        if (!own) {
            return NULL;
        }
        tree_append(list, own);
    }
    if (list) {
        tree_put(copy, "member", list);
    }
    return list ? copy : NULL;
}

/* Verbs and activities: an object without a type is an activity. */
static struct tree *id_reduce(const struct tree *object, struct arena *arena)
{
    static const char *const names[] = {"id"};

    return members_copy(object, names, sizeof names / sizeof *names, arena);
}

static struct tree *reference_reduce(const struct tree *reference, struct arena *arena)
{
    static const char *const names[] = {"objectType", "id"};

    return members_copy(reference, names, sizeof names / sizeof *names, arena);
}

typedef struct tree *reduce(const struct tree *value, struct arena *arena);

/* Replaces a member, where there is one. */
static bool member_reduce(struct tree *parent, const char *name, reduce *reduce_value, struct arena *arena)
{
    const struct tree *value = tree_find(parent, name);

    if (!value) {
        return true;
    }
    struct tree *copy = reduce_value(value, arena);
    if (copy) {
        tree_put(parent, name, copy);
    }
    return copy != NULL;
}

static bool list_reduce(struct tree *list, struct arena *arena)
{
    struct tree *own = tree_new(arena, TREE_ARRAY);

    for (const struct tree *activity = list->first; activity; activity = activity->next) {
        struct tree *copy = own ? id_reduce(activity, arena) : NULL;
        if (!copy) {
            return false;
        }
        tree_append(own, copy);
    }
    if (own) {
        list->first = own->first;
        list->last = own->last;
    }
    return own != NULL;
}

static bool context_reduce(struct tree *context, struct arena *arena)
{
    struct tree *kinds = tree_find(context, "contextActivities");
    struct tree *agents = tree_find(context, "contextAgents"), *groups = tree_find(context, "contextGroups");
    bool is_done = !context || (member_reduce(context, "instructor", actor_reduce, arena) &&
                                member_reduce(context, "team", actor_reduce, arena));

    for (struct tree *kind = kinds ? kinds->first : NULL; kind && is_done; kind = kind->next) {
        is_done = kind->type != TREE_ARRAY || list_reduce(kind, arena);
    }
    for (struct tree *entry = agents ? agents->first : NULL; entry && is_done; entry = entry->next) {
        is_done = member_reduce(entry, "agent", actor_reduce, arena);
    }
    for (struct tree *entry = groups ? groups->first : NULL; entry && is_done; entry = entry->next) {
        is_done = member_reduce(entry, "group", actor_reduce, arena);
    }
    return is_done;
}

/* Objects but SubStatements. */
static struct tree *object_reduce(const struct tree *object, struct arena *arena)
{
    const struct tree *type = tree_find(object, "objectType");

    if (tree_is_text(type, "Agent") || tree_is_text(type, "Group")) {
        return actor_reduce(object, arena);
    }
    return tree_is_text(type, "StatementRef") ? reference_reduce(object, arena) : id_reduce(object, arena);
}

static bool whole_reduce(struct tree *whole, struct arena *arena)
{
    return member_reduce(whole, "actor", actor_reduce, arena) &&
           member_reduce(whole, "verb", id_reduce, arena) &&
           context_reduce(tree_find(whole, "context"), arena);
}

bool render_ids(struct tree *statement, struct arena *arena)
{
    struct tree *object = tree_find(statement, "object");
    bool is_part = tree_is_text(tree_find(object, "objectType"), "SubStatement");

    if (!whole_reduce(statement, arena) || !member_reduce(statement, "authority", actor_reduce, arena)) {
        return false;
    }
    return is_part ? whole_reduce(object, arena) && member_reduce(object, "object", object_reduce, arena)
                   : member_reduce(statement, "object", object_reduce, arena);
}
