#include "node/stats/restatement.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "node/json.h"
#include "replication/base/check.h"

/* The rows of a document by the texts of their dimensions; the caller releases it. */
static json_t *rows_index(json_t *document)
{
    json_t *index = json_object(), *row;
    size_t at;

    json_array_foreach(json_object_get(document, "rows"), at, row)
    {
        char *key = json_dumps(json_object_get(row, "by"), JSON_COMPACT | JSON_SORT_KEYS);
        if (key) { /* what was sealed may be damaged */
            json_object_set(index, key, row);
            free(key);
        }
    }
    return index;
}

/* A figure that was restated: its name, and where a row of the document has it. */
struct figure {
    const char *name;
    const char *path;
    bool is_null_apart; /* no mean is another statement than a mean of 0; no count is a count of 0 */
};

static bool is_restated(const struct figure *figure, json_t *before, json_t *after)
{
    double old = json_number_value(before), new = json_number_value(after);

    if (figure->is_null_apart && json_is_number(before) != json_is_number(after)) {
        return true;
    }
    return old < new || old > new;
}

static json_t *number_json(double number)
{
    json_int_t whole = (json_int_t)number;
    return (double)whole < number || (double)whole > number ? json_real(number) : json_integer(whole);
}

static json_t *value_json(const struct figure *figure, json_t *value)
{
    return figure->is_null_apart && !json_is_number(value) ? json_null()
                                                           : number_json(json_number_value(value));
}

/* Adds what differs between two rows, of which one may be NULL. */
static void row_compare(json_t *list, json_t *sealed, json_t *now)
{
    static const struct figure figures[] = {
        {"registered", "registered", false},
        {"enrolled", "enrolled", false},
        {"started", "started", false},
        {"active", "active", false},
        {"completed", "completed", false},
        {"certified", "certified", false},
        {"revoked", "revoked", false},
        {"dropped", "dropped", false},
        {"attended", "attended", false},
        {"minutes", "minutes", false},
        {"score", "score.n", false},
        {"score.mean", "score.mean", true},
        {"score.median", "score.median", true},
        {"people", "people.estimate", false},
    };

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        json_t *before = json_member(sealed, figures[i].path), *after = json_member(now, figures[i].path);
        if (is_restated(&figures[i], before, after)) {
            json_array_append_new(list, json_pack("{s:O,s:s,s:o,s:o}", "by",
                                                  json_object_get(sealed ? sealed : now, "by"), "figure",
                                                  figures[i].name, "sealed", value_json(&figures[i], before),
                                                  "now", value_json(&figures[i], after)));
        }
    }
}

json_t *restatements_find(json_t *sealed, json_t *now)
{
    json_t *before = rows_index(sealed), *after = rows_index(now), *list = json_array(), *row;
    const char *key;

    json_object_foreach(before, key, row)
    {
        row_compare(list, row, json_object_get(after, key));
    }
    json_object_foreach(after, key, row)
    {
        if (!json_object_get(before, key)) {
            row_compare(list, NULL, row);
        }
    }
    json_decref(before);
    json_decref(after);
    return list;
}

static bool has_aside(json_t *list, const char *node)
{
    json_t *entry;
    size_t at;

    json_array_foreach(list, at, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "node"));
        if (name && strcmp(name, node) == 0) {
            return true;
        }
    }
    return false;
}

json_t *restatements_aside(json_t *document, json_t *other)
{
    json_t *there = json_object_get(json_object_get(other, "coverage"), "quarantined"), *list = json_array(), *entry;
    size_t at;

    json_array_foreach(json_object_get(json_object_get(document, "coverage"), "quarantined"), at, entry)
    {
        const char *node = json_string_value(json_object_get(entry, "node"));
        if (node && !has_aside(there, node)) { /* what was sealed may be damaged */
            json_array_append(list, entry);
        }
    }
    return list;
}

/* Does one of `list` stand under this centre? Seals of earlier versions know the node's name alone. */
static bool has_centre(json_t *list, const char *centre)
{
    json_t *entry;
    size_t at;

    json_array_foreach(list, at, entry)
    {
        json_t *own = json_object_get(entry, "centre");
        const char *name = json_string_value(own ? own : json_object_get(entry, "node"));
        if (name && centre && strcmp(name, centre) == 0) {
            return true;
        }
    }
    return false;
}

void restatements_explain(json_t *list, json_t *sealed, json_t *now)
{
    json_t *aside = restatements_aside(now, sealed), *again = restatements_aside(sealed, now), *entry;
    size_t at;

    json_array_foreach(list, at, entry)
    {
        const char *centre = json_string_value(json_object_get(json_object_get(entry, "by"), "centre"));
        json_object_set_new(entry, "cause", has_centre(aside, centre)   ? json_string("quarantine")
                                            : has_centre(again, centre) ? json_string("release")
                                                                        : json_null());
    }
    json_decref(again);
    json_decref(aside);
}
