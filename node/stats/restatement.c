#include "node/stats/restatement.h"

#include <stdlib.h>
#include <string.h>

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

static double number_of(json_t *row, const char *figure)
{
    if (strcmp(figure, "score") == 0) {
        return json_number_value(json_object_get(json_object_get(row, "score"), "n"));
    }
    if (strcmp(figure, "people") == 0) {
        return json_number_value(json_object_get(json_object_get(row, "people"), "estimate"));
    }
    return json_number_value(json_object_get(row, figure));
}

static json_t *number_json(double number)
{
    json_int_t whole = (json_int_t)number;
    return (double)whole < number || (double)whole > number ? json_real(number) : json_integer(whole);
}

/* Adds what differs between two rows, of which one may be NULL. */
static void row_compare(json_t *list, json_t *sealed, json_t *now)
{
    static const char *const figures[] = {"registered", "enrolled",  "started", "active",
                                          "completed",  "certified", "revoked", "dropped",
                                          "attended",   "minutes",   "score",   "people"};

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        double before = number_of(sealed, figures[i]), after = number_of(now, figures[i]);
        if (before < after || before > after) {
            json_array_append_new(list, json_pack("{s:O,s:s,s:o,s:o}", "by",
                                                  json_object_get(sealed ? sealed : now, "by"), "figure",
                                                  figures[i], "sealed", number_json(before), "now",
                                                  number_json(after)));
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
