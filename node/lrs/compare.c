#include "node/lrs/compare.h"

#include <string.h>

#include "node/lrs/format.h"
#include "node/lrs/rule.h"

typedef bool compare(const struct tree *a, const struct tree *b);

/* Both absent, or both there and the same. */
static bool both(const struct tree *a, const struct tree *b, const char *name, compare *is_same)
{
    const struct tree *x = tree_find(a, name), *y = tree_find(b, name);

    return (!x && !y) || (x && y && is_same(x, y));
}

static bool uuids_are_same(const struct tree *a, const struct tree *b)
{
    uint8_t x[LRS_UUID_SIZE], y[LRS_UUID_SIZE];

    return lrs_uuid_parse(a->text, x) && lrs_uuid_parse(b->text, y) && memcmp(x, y, sizeof x) == 0;
}

/* --- agents and groups --- */

/* `member` holds an equal of each of the other's, as often. Groups are small; TREE_MEMBERS_MAX elements are
 * compared at most, longer ones in order. */
static bool members_are_same(const struct tree *a, const struct tree *b)
{
    uint8_t is_used[TREE_MEMBERS_MAX] = {0};

    if (a->count != b->count || a->count > TREE_MEMBERS_MAX) {
        return tree_equal(a, b);
    }
    for (const struct tree *x = a->first; x; x = x->next) {
        const struct tree *y = b->first;
        size_t i = 0;
        while (y && (is_used[i] || !tree_equal(x, y))) {
            y = y->next;
            i++;
        }
        if (!y) {
            return false;
        }
        is_used[i] = 1;
    }
    return true;
}

static bool types_are_same(const struct tree *a, const struct tree *b, const char *fallback)
{
    const struct tree *x = tree_find(a, "objectType"), *y = tree_find(b, "objectType");

    return x && y ? bytes_equal(x->text, y->text)
                  : (!x || tree_is_text(x, fallback)) && (!y || tree_is_text(y, fallback));
}

static bool actors_are_same(const struct tree *a, const struct tree *b)
{
    static const char *const names[] = {"name", "mbox", "mbox_sha1sum", "openid", "account"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!both(a, b, names[i], tree_equal)) {
            return false;
        }
    }
    return types_are_same(a, b, "Agent") && both(a, b, "member", members_are_same);
}

/* --- results and contexts --- */

static bool durations_are_same(const struct tree *a, const struct tree *b)
{
    int64_t x, y;

    return format_duration_parse(a->text, &x) && format_duration_parse(b->text, &y) && x / 10 == y / 10;
}

static bool results_are_same(const struct tree *a, const struct tree *b)
{
    static const char *const names[] = {"score", "success", "completion", "response", "extensions"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!both(a, b, names[i], tree_equal)) {
            return false;
        }
    }
    return both(a, b, "duration", durations_are_same);
}

static bool activities_are_same(const struct tree *a, const struct tree *b)
{
    const struct tree *y = b->first;

    if (a->count != b->count) {
        return false;
    }
    for (const struct tree *x = a->first; x; x = x->next, y = y->next) {
        if (!bytes_equal(tree_text(x, "id"), tree_text(y, "id"))) {
            return false;
        }
    }
    return true;
}

static bool context_activities_are_same(const struct tree *a, const struct tree *b)
{
    static const char *const names[] = {"parent", "grouping", "category", "other"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!both(a, b, names[i], activities_are_same)) {
            return false;
        }
    }
    return true;
}

static bool contexts_are_same(const struct tree *a, const struct tree *b)
{
    static const char *const names[] = {"contextAgents", "contextGroups", "revision",
                                        "platform",      "language",      "extensions"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!both(a, b, names[i], tree_equal)) {
            return false;
        }
    }
    return both(a, b, "registration", uuids_are_same) && both(a, b, "instructor", actors_are_same) &&
           both(a, b, "team", actors_are_same) &&
           both(a, b, "contextActivities", context_activities_are_same) &&
           both(a, b, "statement", tree_equal);
}

/* --- wholes --- */

static bool verbs_are_same(const struct tree *a, const struct tree *b)
{
    return bytes_equal(tree_text(a, "id"), tree_text(b, "id"));
}

/* Objects but SubStatements. */
static bool part_objects_are_same(const struct tree *a, const struct tree *b)
{
    const struct tree *type = tree_find(a, "objectType");

    if (!types_are_same(a, b, "Activity")) {
        return false;
    }
    if (tree_is_text(type, "Agent") || tree_is_text(type, "Group")) {
        return actors_are_same(a, b);
    }
    return tree_is_text(type, "StatementRef") ? both(a, b, "id", uuids_are_same)
                                              : bytes_equal(tree_text(a, "id"), tree_text(b, "id"));
}

static bool wholes_are_same(const struct tree *a, const struct tree *b, compare *objects_are_same)
{
    return both(a, b, "actor", actors_are_same) && both(a, b, "verb", verbs_are_same) &&
           both(a, b, "object", objects_are_same) && both(a, b, "result", results_are_same) &&
           both(a, b, "context", contexts_are_same);
}

static bool any_objects_are_same(const struct tree *a, const struct tree *b)
{
    bool is_part = tree_is_text(tree_find(a, "objectType"), "SubStatement");

    if (is_part != tree_is_text(tree_find(b, "objectType"), "SubStatement")) {
        return false;
    }
    return is_part ? wholes_are_same(a, b, part_objects_are_same) : part_objects_are_same(a, b);
}

bool statements_are_same(const struct tree *a, const struct tree *b)
{
    return wholes_are_same(a, b, any_objects_are_same);
}
