#include "node/stats/restatement.h"

#include <stdbool.h>
#include <stdlib.h>

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
