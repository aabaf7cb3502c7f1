#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/lrs/index.h"
#include "node/lrs/render.h"
#include "node/lrs/rule.h"
#include "node/store/people/record.h"

enum { RANGE_MAX = 100 };

/* --- languages --- */

/* How well a tag fits a range, both of RFC 4647: its size when it is equal or the one is a prefix of the
 * other, else 0. */
static size_t fit(struct bytes tag, const char *range, size_t size)
{
    size_t shared = tag.size < size ? tag.size : size;

    if (strncasecmp((const char *)tag.data, range, shared) != 0) {
        return 0;
    }
    bool is_prefix = (tag.size == size) || (tag.size > size ? tag.data[size] == '-' : range[tag.size] == '-');
    return is_prefix ? 2 * shared + (tag.size == size) : 0;
}

/* The entry of the map that fits one range best; NULL when none does. "*" fits the first. */
static const struct tree *entry_for(const struct tree *map, const char *range, size_t size)
{
    const struct tree *best = NULL;
    size_t best_fit = 0;

    if (size == 1 && *range == '*') {
        return map->first;
    }
    for (const struct tree *entry = map->first; entry; entry = entry->next) {
        size_t own = fit(entry->key, range, size);
        if (own > best_fit) {
            best_fit = own;
            best = entry;
        }
    }
    return best;
}

const struct tree *render_language(const struct tree *map, const char *accept_language)
{
    const struct tree *best = NULL;
    double best_weight = 0;

    for (const char *at = accept_language; at && *at;) {
        at += strspn(at, " \t,");
        size_t size = strcspn(at, ";, \t"), whole = strcspn(at, ",");
        const char *weight_text = memmem(at, whole, "q=", 2);
        double weight = weight_text ? strtod(weight_text + 2, NULL) : 1;
        const struct tree *entry = size > 0 && size <= RANGE_MAX ? entry_for(map, at, size) : NULL;
        if (entry && weight > best_weight) {
            best = entry;
            best_weight = weight;
        }
        at += whole;
    }
    return best ? best : map->first;
}

/* Leaves one entry in the map that a member of `parent` is. */
static bool map_reduce(const struct render *render, struct tree *parent, const char *name,
                       struct arena *arena)
{
    const struct tree *map = tree_find(parent, name);

    if (!map || map->type != TREE_OBJECT || map->count < 2) {
        return true;
    }
    struct tree *own = tree_new(arena, TREE_OBJECT),
                *entry = tree_share(arena, render_language(map, render->accept_language));
    if (!own || !entry) {
        return false;
    }
    tree_append(own, entry);
    tree_put(parent, name, own);
    return true;
}

static bool components_reduce(const struct render *render, struct tree *definition, const char *name,
                              struct arena *arena)
{
    struct tree *list = tree_find(definition, name);

    for (struct tree *component = list ? list->first : NULL; component; component = component->next) {
        if (!map_reduce(render, component, "description", arena)) {
            return false;
        }
    }
    return true;
}

/* --- activities --- */

/* What the store knows of the activity, in the arena; NULL when it knows nothing (or the arena is full). */
static struct tree *definition_load(const struct render *render, struct bytes activity, struct arena *arena)
{
    struct tree *definition = NULL;
    struct buffer text;
    int64_t last;

    buffer_init(&text);
    if (record_activity_find(render->db, index_term(render->lrs, INDEX_NAME, activity), &last, &text)) {
        struct bytes copy = arena_copy(arena, buffer_bytes(&text));
        if (copy.data) {
            tree_parse(copy, arena, &definition, NULL);
        }
    }
    buffer_release(&text);
    return definition;
}

static bool activity_render(const struct render *render, struct tree *activity, struct arena *arena)
{
    static const char *const lists[] = {"choices", "scale", "source", "target", "steps"};
    struct tree *definition = definition_load(render, tree_text(activity, "id"), arena);

    if (!definition) {
        definition = tree_find(activity, "definition");
    } else {
        tree_put(activity, "definition", definition);
    }
    if (!definition) {
        return true;
    }
    bool is_done =
        map_reduce(render, definition, "name", arena) && map_reduce(render, definition, "description", arena);
    for (size_t i = 0; i < sizeof lists / sizeof *lists && is_done; i++) {
        is_done = components_reduce(render, definition, lists[i], arena);
    }
    return is_done;
}

static bool whole_render(const struct render *render, struct tree *whole, struct arena *arena)
{
    struct tree *object = tree_find(whole, "object"), *verb = tree_find(whole, "verb");
    struct tree *kinds = tree_find(tree_find(whole, "context"), "contextActivities");
    bool is_done = map_reduce(render, verb, "display", arena) &&
                   (!rule_is_activity(object) || activity_render(render, object, arena));

    for (struct tree *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        for (struct tree *activity = kind->first; activity && is_done; activity = activity->next) {
            is_done = activity_render(render, activity, arena);
        }
    }
    return is_done;
}

bool render_canonical(const struct render *render, struct tree *statement, struct arena *arena)
{
    struct tree *object = tree_find(statement, "object");

    if (!whole_render(render, statement, arena)) {
        return false;
    }
    return !tree_is_text(tree_find(object, "objectType"), "SubStatement") ||
           whole_render(render, object, arena);
}
