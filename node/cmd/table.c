#include "node/cmd/table.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/problem.h"
#include "node/json.h"
#include "replication/base/bytes.h"
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

/* A cell is one line, whatever it holds. */
static void cell_fill(struct libscols_line *line, size_t column, const char *text)
{
    char *shown = strdup(text);

    CHECK(shown);
    utf8_disarm_line(shown);
    int rc = scols_line_refer_data(line, column, shown); /* the table frees it */
    CHECK(rc == 0);
}

static void line_fill(struct libscols_line *line, const struct table_column *columns, size_t column_count, json_t *row)
{
    char buffer[CELL_TEXT_MAX];

    for (size_t i = 0; i < column_count; i++) {
        cell_fill(line, i, text_of(json_member(row, columns[i].key), buffer));
    }
}

static json_t *row_of_array(void *rows, size_t index)
{
    return json_incref(json_array_get(rows, index));
}

void table_print(FILE *out, bool is_tty, const struct table_column *columns, size_t column_count, json_t *rows)
{
    const struct table_rows each = {json_array_size(rows), row_of_array, rows};

    table_print_each(out, is_tty, columns, column_count, &each);
}

void table_print_each(FILE *out, bool is_tty, const struct table_column *columns, size_t column_count, const struct table_rows *rows)
{
    struct libscols_table *table = scols_new_table();

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
    for (size_t i = 0; i < rows->count; i++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        json_t *shown = rows->make(rows->ctx, i);
        CHECK(line && shown);
        line_fill(line, columns, column_count, shown);
        json_decref(shown);
    }
    scols_print_table(table);
    scols_unref_table(table);
    problem_hand_on(out);
}

/* What jansson leaves as it is and a terminal would not (DEL, C1, marks of direction) is escaped too: the text is the same to who reads the document. */
int table_write_json(const char *text, size_t size, void *out)
{
    size_t written = 0;

    for (size_t at = 0; at < size;) {
        const uint8_t *c = (const uint8_t *)text + at;
        size_t unshown = *c < 0x7f ? 0 : utf8_unshown_size(bytes_of(c, size - at));

        if (unshown == 0) {
            at++;
            while (at < size && ((uint8_t)text[at] & 0xc0) == 0x80) {
                at++; /* a whole character */
            }
            continue;
        }
        unsigned code = unshown == 3 ? (c[0] & 0xfU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU) : unshown == 2 ? (c[0] & 0x1fU) << 6 | (c[1] & 0x3fU) : c[0];
        fwrite(text + written, 1, at - written, out);
        fprintf(out, "\\u%04x", code);
        at += unshown;
        written = at;
    }
    return fwrite(text + written, 1, size - written, out) == size - written ? 0 : -1;
}

void table_print_json(FILE *out, json_t *document)
{
    CHECK(document);
    json_dump_callback(document, table_write_json, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    table_end_json(out);
    json_decref(document);
}

void table_end_json(FILE *out)
{
    fputc('\n', out);
    problem_hand_on(out);
}
