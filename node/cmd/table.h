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

/* Prints one JSON document with stable key order and a newline, and releases `document`. */
void table_print_json(FILE *out, json_t *document);

#endif
