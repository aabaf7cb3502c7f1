/* table.h: one source for tables and JSON: rows are built once as a jansson array of objects.
 *
 * table_print() shows chosen members of each row through libsmartcols: aligned, any script, cut to the terminal's width on a TTY only. */
#ifndef QANAT_NODE_CMD_TABLE_H
#define QANAT_NODE_CMD_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
    const char *key;      /* member of a row; a dot reaches inside: "score.mean" */
    const char *title;
    bool is_right;        /* numbers */
};

/* Prints `rows` (array of objects). Missing members and null show as "-". */
void table_print(FILE *out, bool is_tty, const struct table_column *columns, size_t column_count, json_t *rows);

/* The same for rows that are made one after the other and released: a row as JSON takes kilobytes. */
struct table_rows {
    size_t count;
    json_t *(*make)(void *ctx, size_t index);
    void *ctx;
};
void table_print_each(FILE *out, bool is_tty, const struct table_column *columns, size_t column_count, const struct table_rows *rows);

/* Prints one JSON document with stable key order and a newline, and releases `document`. */
void table_print_json(FILE *out, json_t *document);

/* The same for a text of it that comes in pieces, each of whole characters: a json_dump_callback_t over `out`, and the end. */
int table_write_json(const char *text, size_t size, void *out);
void table_end_json(FILE *out);

#endif
