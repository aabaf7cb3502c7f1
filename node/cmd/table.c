#include "node/cmd/table.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/problem.h"
#include "node/json.h"
#include "replication/base/check.h"

enum { CELL_TEXT_MAX = 64 };

static const char *text_of(json_t *value, char buffer[CELL_TEXT_MAX])
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        snprintf(buffer, CELL_TEXT_MAX, "%lld", (long long)json_integer_value(value));
        return buffer;
    case JSON_REAL:
        snprintf(buffer, CELL_TEXT_MAX, "%.1f", json_real_value(value));
        return buffer;
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return "-";
}

static void line_fill(struct libscols_line *line, const struct table_column *columns, size_t column_count, json_t *row)
{
    char buffer[CELL_TEXT_MAX];

    for (size_t i = 0; i < column_count; i++) {
        int rc = scols_line_set_data(line, i, text_of(json_member(row, columns[i].key), buffer));
        CHECK(rc == 0);
    }
}

void table_print(FILE *out, bool is_tty, const struct table_column *columns, size_t column_count, json_t *rows)
{
    struct libscols_table *table = scols_new_table();
    size_t index;
    json_t *row;

    CHECK(table && column_count > 0);
    scols_table_set_stream(table, out);
    scols_table_enable_maxout(table, 0);
    if (!is_tty) {
        scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    }
    for (size_t i = 0; i < column_count; i++) {
        int flags = columns[i].is_right ? SCOLS_FL_RIGHT : 0;
        CHECK(scols_table_new_column(table, columns[i].title, 0, flags));
    }
    json_array_foreach(rows, index, row) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        CHECK(line);
        line_fill(line, columns, column_count, row);
    }
    scols_print_table(table);
    scols_unref_table(table);
    problem_hand_on(out);
}

void table_print_json(FILE *out, json_t *document)
{
    CHECK(document);
    json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    fputc('\n', out);
    problem_hand_on(out);
    json_decref(document);
}
