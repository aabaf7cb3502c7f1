/* csv.h: reads and writes comma-separated files (RFC 4180) as people's spreadsheets really write them.
 *
 * Read: a UTF-8 byte order mark, CRLF, LF or CR line ends, quoted fields with newlines, any script; the
 * separator is the first of `,` `;` and tab in the header, because half of the world's spreadsheets save with
 * `;`, or what a line "sep=;" before it says (that, or `|`). Streaming: memory is one record, whatever the file. A faulty record is named by line and
 * column and the reader goes on behind it; rows of separators and spaces alone are none. Columns are found by the names in the header, in any order. */
#ifndef QANAT_NODE_LEARN_CSV_H
#define QANAT_NODE_LEARN_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { CSV_FIELD_SIZE_MAX = 16 * 1024, CSV_FIELDS_MAX = 64, CSV_COLUMN_NAME_MAX = 64 };

#define CSV_FAULT_LIST(X)                                                                                    \
    X(NONE, "no fault")                                                                                      \
    X(QUOTE_OPEN, "a quote is opened here and never closed: nothing behind it could be read")                \
    X(QUOTE_INSIDE, "a quote inside a field that does not begin with one: double it and quote the field")    \
    X(QUOTE_TAIL, "text behind a closing quote")                                                             \
    X(FIELD_COUNT, "another number of fields than the header has, or over 64")                              \
    X(FIELD_SIZE, "a field over 16,384 bytes: is a quote left open?")                                        \
    X(LINE_SIZE, "a line over 4 MiB: nothing behind it is read")                                             \
    X(UTF8, "not valid UTF-8: save the file as \"CSV UTF-8\"")                                               \
    X(NUL, "a NUL byte: this is no text file")

enum csv_fault {
#define X(name, text) CSV_##name,
    CSV_FAULT_LIST(X)
#undef X
};

/* One record. Fields are borrowed until the next csv_next(); each one has a NUL behind it. */
struct csv_record {
    uint64_t line;              /* where it begins, 1 for the first line */
    const struct bytes *fields; /* `count` of them */
    size_t count;
    enum csv_fault fault;
    size_t column; /* of the fault: number of the field, from 1 */
};

/* A column that a reader of some file understands. */
struct csv_column {
    const char *name; /* lower case */
    bool is_required;
    int index; /* out: position in the records, -1 when the file has none */
};

struct csv;

/* Reads from `in`, which stays the caller's. Never NULL. */
struct csv *csv_new(FILE *in);
void csv_free(struct csv *csv);

/* Before csv_header(): a row may end before the last columns, when none of these is required: their fields are empty. So spreadsheets write rows
 * (Excel, where sixteen rows in turn have nothing in the last column). Not for files where a comma too many would make a number another one. */
void csv_take_short(struct csv *csv);

/* What parts the fields; 0 before csv_header(), and where there is one column. */
char csv_separator(const struct csv *csv);

/* Reads the header, finds `columns` by name (spaces and ASCII case do not matter) and fixes the number of
 * fields of every record. Names that are not in `columns` are ignored; `warn` (may be NULL) is told each of
 * them. S_INVALID: no header, a required column is missing, a name comes twice. */
enum status csv_header(struct csv *csv, struct csv_column *columns, size_t count,
                       void (*warn)(void *ctx, const char *name), void *ctx, struct report *report);

/* The next record that is not an empty line: S_OK; S_INVALID with record_out->fault and what could be read;
 * S_NOT_FOUND at the end; S_IO. */
enum status csv_next(struct csv *csv, struct csv_record *record_out);

/* The field of `column`, or an empty slice when the file has no such column. */
struct bytes csv_field(const struct csv_record *record, const struct csv_column *column);

const char *csv_fault_text(enum csv_fault fault);

/* Writes one field, quoted when it must be. A text that a spreadsheet would run as a formula (it begins with
 * = + - @, also of full width, a tab, CR or LF) gets an apostrophe in front (OWASP, CSV injection); csv_unguard() takes it off again, so
 * that an export can be imported. */
void csv_write_field(FILE *out, struct bytes field, bool is_first);

/* `field` without the apostrophe that csv_write_field() put in front of a formula. */
struct bytes csv_unguard(struct bytes field);

#endif
