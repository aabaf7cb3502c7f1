#include "node/learn/csv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replication/base/check.h"

enum { CHUNK_SIZE = 64 * 1024, LINE_SIZE_MAX = 4 * 1024 * 1024 };

/* Where the next byte falls. */
enum csv_state {
    AT_FIELD,   /* at the first byte of a field */
    IN_PLAIN,   /* in a field without quotes */
    IN_QUOTED,  /* behind an opening quote */
    AT_QUOTE,   /* behind a quote in a quoted field: its end, or the first of two */
    IN_SKIPPED, /* behind a fault: up to the end of the line */
};

struct csv {
    FILE *in;
    char separator; /* 0 until the header decides */
    bool is_ended;
    size_t expected;    /* fields per record; 0 before the header */
    size_t needed;      /* so many are there for every column that is required */
    bool takes_short;
    uint64_t line;      /* of the byte that comes next */
    size_t at, size;    /* in chunk */
    struct buffer text; /* the fields of one record, each with a NUL behind it */
    size_t field_count;
    size_t field_at[CSV_FIELDS_MAX + 1];
    struct bytes fields[CSV_FIELDS_MAX];
    enum csv_state state;
    struct csv_record *record;
    uint8_t chunk[CHUNK_SIZE];
};

struct csv *csv_new(FILE *in)
{
    struct csv *csv = malloc(sizeof *csv);

    CHECK(csv);
    memset(csv, 0, offsetof(struct csv, chunk));
    csv->in = in;
    csv->line = 1;
    buffer_init(&csv->text);
    return csv;
}

void csv_free(struct csv *csv)
{
    if (csv) {
        buffer_release(&csv->text);
        free(csv);
    }
}

void csv_take_short(struct csv *csv)
{
    csv->takes_short = true;
}

char csv_separator(const struct csv *csv)
{
    return csv->separator;
}

const char *csv_fault_text(enum csv_fault fault)
{
    switch (fault) {
#define X(name, text)                                                                                        \
    case CSV_##name:                                                                                         \
        return text;
        CSV_FAULT_LIST(X)
#undef X
    }
    return "unknown fault";
}

/* Fills the chunk; false at the end of the file. */
static bool chunk_fill(struct csv *csv)
{
    csv->at = 0;
    csv->size = fread(csv->chunk, 1, sizeof csv->chunk, csv->in);
    return csv->size > 0;
}

static void fault_set(struct csv *csv, enum csv_fault fault, size_t column)
{
    if (csv->record->fault == CSV_NONE) {
        csv->record->fault = fault;
        csv->record->column = column;
    }
}

static void fault_skip(struct csv *csv, enum csv_fault fault)
{
    fault_set(csv, fault, csv->field_count + 1);
    csv->state = IN_SKIPPED;
}

/* Ends the field that was being read. */
static void field_end(struct csv *csv)
{
    buffer_append_u8(&csv->text, 0);
    if (csv->field_count < CSV_FIELDS_MAX) {
        csv->field_count++;
        csv->field_at[csv->field_count] = csv->text.size;
    } else {
        fault_set(csv, CSV_FIELD_COUNT, csv->field_count + 1);
        csv->text.size = csv->field_at[csv->field_count];
    }
    csv->state = AT_FIELD;
}

static void field_append(struct csv *csv, const uint8_t *data, size_t size)
{
    if (csv->text.size - csv->field_at[csv->field_count] + size > CSV_FIELD_SIZE_MAX) {
        fault_skip(csv, CSV_FIELD_SIZE);
        return;
    }
    buffer_append(&csv->text, data, size);
}

/* In a plain or a quoted field: takes the run of bytes that mean nothing special, at once. */
static void run_take(struct csv *csv)
{
    const uint8_t *start = csv->chunk + csv->at, *end = csv->chunk + csv->size, *p = start;
    uint8_t separator = (uint8_t)csv->separator;

    if (csv->state == IN_PLAIN) {
        while (p < end && *p != separator && *p != '\n' && *p != '\r' && *p != '"') {
            p++;
        }
    } else {
        while (p < end && *p != '"' && *p != '\n') {
            p++;
        }
    }
    if (p > start) {
        csv->at += (size_t)(p - start);
        field_append(csv, start, (size_t)(p - start));
    }
}

/* Takes one byte outside of a run; true when it ends the record. */
static bool byte_take(struct csv *csv, uint8_t c)
{
    bool is_quoted = csv->state == IN_QUOTED;

    csv->line += c == '\n';
    if (!is_quoted && (c == '\n' || c == '\r')) {
        return true;
    }
    switch (csv->state) {
    case AT_FIELD:
    case IN_PLAIN:
        if (c == (uint8_t)csv->separator) {
            field_end(csv);
        } else if (c == '"' && csv->state == AT_FIELD) {
            csv->state = IN_QUOTED;
        } else if (c == '"') {
            fault_skip(csv, CSV_QUOTE_INSIDE);
        } else {
            csv->state = IN_PLAIN;
            field_append(csv, &c, 1);
        }
        return false;
    case IN_QUOTED:
        if (c == '"') {
            csv->state = AT_QUOTE;
        } else {
            field_append(csv, &c, 1);
        }
        return false;
    case AT_QUOTE:
        if (c == '"') {
            csv->state = IN_QUOTED;
            field_append(csv, &c, 1);
        } else if (c == (uint8_t)csv->separator) {
            field_end(csv);
        } else {
            fault_skip(csv, CSV_QUOTE_TAIL);
        }
        return false;
    case IN_SKIPPED:
        return false;
    }
    return false;
}

/* Behind a CR: takes the LF of a CRLF, and counts a lone CR as a line. */
static void line_end(struct csv *csv, uint8_t c)
{
    if (c != '\r') {
        return;
    }
    if ((csv->at < csv->size || chunk_fill(csv)) && csv->chunk[csv->at] == '\n') {
        csv->at++;
    }
    csv->line++;
}

/* Reads bytes up to the end of one record; false when there is none left. What has no end of a line (a device, another kind of file) ends at
 * LINE_SIZE_MAX. */
static bool record_read(struct csv *csv)
{
    bool has_bytes = false;
    size_t size = 0;

    csv->text.size = csv->field_count = 0;
    csv->field_at[0] = 0;
    csv->state = AT_FIELD;
    csv->record->line = csv->line;
    for (;;) {
        if (csv->at == csv->size && !chunk_fill(csv)) {
            csv->is_ended = true;
            return has_bytes;
        }
        if (csv->at == 0 && (size += csv->size) > LINE_SIZE_MAX) {
            csv->record->fault = CSV_LINE_SIZE; /* whatever was found in it before */
            csv->record->column = csv->field_count + 1;
            csv->is_ended = true;
            return true;
        }
        has_bytes = true;
        if (csv->state == IN_PLAIN || csv->state == IN_QUOTED) {
            run_take(csv);
            if (csv->at == csv->size) {
                continue;
            }
        }
        uint8_t c = csv->chunk[csv->at++];
        if (byte_take(csv, c)) {
            line_end(csv, c);
            return true;
        }
    }
}

/* A row of which a spreadsheet left out the empty fields at its end gets them. The last line of a file that was cut ends as a row does not. */
static void record_fill(struct csv *csv)
{
    bool is_short = csv->field_count >= csv->needed && csv->field_count < csv->expected && !csv->is_ended;

    while (csv->takes_short && is_short && csv->field_count < csv->expected) {
        field_end(csv);
    }
}

/* Checks texts and count once the record is whole, and gives it out. */
static enum status record_finish(struct csv *csv)
{
    struct csv_record *record = csv->record;

    if (csv->state == IN_QUOTED) {
        fault_set(csv, CSV_QUOTE_OPEN, csv->field_count + 1);
    }
    field_end(csv);
    if (record->fault == CSV_NONE) {
        record_fill(csv);
    }
    for (size_t i = 0; i < csv->field_count; i++) {
        size_t size = csv->field_at[i + 1] - csv->field_at[i] - 1;
        csv->fields[i] = bytes_of(csv->text.data + csv->field_at[i], size);
        if (memchr(csv->fields[i].data, 0, size)) {
            fault_set(csv, CSV_NUL, i + 1);
        } else if (!utf8_is_valid(csv->fields[i])) {
            fault_set(csv, CSV_UTF8, i + 1);
        }
    }
    if (csv->expected && csv->field_count != csv->expected) {
        fault_set(csv, CSV_FIELD_COUNT,
                  csv->field_count < csv->expected ? csv->field_count : csv->expected + 1);
    }
    record->fields = csv->fields;
    record->count = csv->field_count;
    return record->fault == CSV_NONE ? S_OK : S_INVALID;
}

/* Separators and at most spaces between them: what a spreadsheet writes for a row that was cleared, or only has a colour. Of however many fields. */
static bool record_is_blank(const struct csv *csv)
{
    const struct csv_record *record = csv->record;

    for (size_t i = 0; i < record->count; i++) {
        for (size_t at = 0; at < record->fields[i].size; at++) {
            if (!isspace(record->fields[i].data[at])) {
                return false;
            }
        }
    }
    return (record->count > 1 || csv->expected > 1) && (record->fault == CSV_NONE || record->fault == CSV_FIELD_COUNT);
}

enum status csv_next(struct csv *csv, struct csv_record *record_out)
{
    csv->record = record_out;
    while (!csv->is_ended) {
        memset(record_out, 0, sizeof *record_out);
        bool is_read = record_read(csv);
        if (ferror(csv->in)) {
            return S_IO;
        }
        bool is_empty = csv->state == AT_FIELD && csv->field_count == 0;
        if (is_read && !is_empty) {
            enum status status = record_finish(csv);
            if (!record_is_blank(csv)) {
                return status;
            }
        }
    }
    memset(record_out, 0, sizeof *record_out);
    return S_NOT_FOUND;
}

/* The separator is the first candidate outside quotes in the first line; a file of one column has none. */
static char separator_find(const uint8_t *data, size_t size)
{
    bool is_quoted = false;

    for (size_t i = 0; i < size && (is_quoted || (data[i] != '\n' && data[i] != '\r')); i++) {
        if (data[i] == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (data[i] == ',' || data[i] == ';' || data[i] == '\t')) {
            return (char)data[i];
        }
    }
    return ',';
}

/* Lower case without spaces around it; of a longer name one byte more than the limit, so that it is none that is known. */
static void name_normalise(struct bytes field, char out[CSV_COLUMN_NAME_MAX + 2])
{
    size_t size = 0;

    while (field.size && isspace(field.data[0])) {
        field = bytes_of(field.data + 1, field.size - 1);
    }
    while (field.size && isspace(field.data[field.size - 1])) {
        field.size--;
    }
    for (; size < field.size && size <= CSV_COLUMN_NAME_MAX; size++) {
        out[size] = (char)tolower(field.data[size]);
    }
    out[size] = '\0';
}

/* Enters the `index`-th header name; false when it came before. */
static bool column_enter(struct csv_column *columns, size_t count, const char *name, int index,
                         bool *is_known_out)
{
    *is_known_out = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            *is_known_out = true;
            if (columns[i].index >= 0) {
                return false;
            }
            columns[i].index = index;
        }
    }
    return true;
}

/* A first line "sep=;", as spreadsheets write and read it: takes it off, and what it says. */
static bool separator_take(struct csv *csv)
{
    enum { SAYING_SIZE = sizeof "sep=;" - 1 };
    const char *data = (const char *)csv->chunk + csv->at;

    if (csv->size - csv->at <= SAYING_SIZE || strncasecmp(data, "sep=", SAYING_SIZE - 1) != 0 || !memchr(",;\t|", data[SAYING_SIZE - 1], 4) ||
        (data[SAYING_SIZE] != '\r' && data[SAYING_SIZE] != '\n')) {
        return false;
    }
    csv->separator = data[SAYING_SIZE - 1];
    const bool is_crlf = data[SAYING_SIZE] == '\r' && csv->size - csv->at > SAYING_SIZE + 1 && data[SAYING_SIZE + 1] == '\n';
    csv->at += (size_t)SAYING_SIZE + (is_crlf ? 2 : 1);
    csv->line++;
    return true;
}

/* Looks at the first bytes: byte order mark, separator. */
static enum status start_read(struct csv *csv, struct report *report)
{
    if (!chunk_fill(csv)) {
        return ferror(csv->in) ? report_set(report, S_IO, "the file cannot be read: %s", strerror(errno))
                               : report_set(report, S_INVALID, "the file is empty: its first line must name the columns");
    }
    if (csv->size >= 2 && ((csv->chunk[0] == 0xff && csv->chunk[1] == 0xfe) ||
                           (csv->chunk[0] == 0xfe && csv->chunk[1] == 0xff))) {
        return report_set(report, S_INVALID, "the file is UTF-16: save it as \"CSV UTF-8\"");
    }
    if (csv->size >= 3 && memcmp(csv->chunk, "\xef\xbb\xbf", 3) == 0) {
        csv->at = 3;
    }
    if (!separator_take(csv)) {
        csv->separator = separator_find(csv->chunk + csv->at, csv->size - csv->at);
    }
    return S_OK;
}

enum status csv_header(struct csv *csv, struct csv_column *columns, size_t count,
                       void (*warn)(void *ctx, const char *name), void *ctx, struct report *report)
{
    struct csv_record record;
    char name[CSV_COLUMN_NAME_MAX + 2];
    enum status status = start_read(csv, report);

    if (status) {
        return status;
    }
    status = csv_next(csv, &record);
    if (status == S_INVALID) {
        return report_set(report, status, "line %llu, column %zu: %s", (unsigned long long)record.line, record.column,
                          csv_fault_text(record.fault));
    }
    if (status) {
        return report_set(report, S_INVALID, "the file is empty: its first line must name the columns");
    }
    for (size_t i = 0; i < count; i++) {
        columns[i].index = -1;
    }
    for (size_t i = 0; i < record.count; i++) {
        bool is_known;
        name_normalise(record.fields[i], name);
        if (!column_enter(columns, count, name, (int)i, &is_known)) {
            return report_set(report, S_INVALID, "line %llu: the column \"%s\" is there twice", (unsigned long long)record.line, name);
        }
        if (!is_known && warn) {
            warn(ctx, name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (columns[i].is_required && columns[i].index < 0) {
            return report_set(report, S_INVALID,
                              "line 1: the column \"%s\" is missing: the first line must name the columns",
                              columns[i].name);
        }
        if (columns[i].is_required && (size_t)columns[i].index >= csv->needed) {
            csv->needed = (size_t)columns[i].index + 1;
        }
    }
    csv->expected = record.count;
    return S_OK;
}

struct bytes csv_field(const struct csv_record *record, const struct csv_column *column)
{
    if (column->index < 0 || (size_t)column->index >= record->count) {
        return bytes_of("", 0);
    }
    return record->fields[column->index];
}

/* = + - @, as they are or of full width, which spreadsheets of East Asia take for the same; tab, CR and LF, behind which some of them look further. */
static bool is_formula(struct bytes text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t size = strlen(starts[i]);

        if (text.size >= size && memcmp(text.data, starts[i], size) == 0) {
            return true;
        }
    }
    return false;
}

/* True when `field` is apostrophes (at least `min`), then something that begins a formula. */
static bool is_guardable(struct bytes field, size_t min)
{
    size_t i = 0;

    while (i < field.size && field.data[i] == '\'') {
        i++;
    }
    return i >= min && i < field.size && is_formula(bytes_of(field.data + i, field.size - i));
}

struct bytes csv_unguard(struct bytes field)
{
    return is_guardable(field, 1) ? bytes_of(field.data + 1, field.size - 1) : field;
}

void csv_write_field(FILE *out, struct bytes field, bool is_first)
{
    bool is_quoted = false;

    if (!is_first) {
        putc(',', out);
    }
    for (size_t i = 0; i < field.size && !is_quoted; i++) {
        is_quoted = strchr(",;\t\"\r\n", field.data[i]) != NULL;
    }
    if (is_quoted) {
        putc('"', out);
    }
    if (is_guardable(field, 0)) {
        putc('\'', out);
    }
    for (size_t i = 0; i < field.size; i++) {
        if (field.data[i] == '"') {
            putc('"', out);
        }
        putc(field.data[i], out);
    }
    if (is_quoted) {
        putc('"', out);
    }
}
