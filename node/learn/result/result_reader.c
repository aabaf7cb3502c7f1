#include "node/learn/result/result_reader.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/csv.h"
#include "node/learn/vocabulary.h"
#include "replication/base/check.h"
#include "replication/package/manifest.h"

enum { NUMBER_TEXT_SIZE = 400 }; /* the longest double in %.6f */

struct result_reader {
    FILE *in;
    struct csv *csv; /* NULL: JSONL */
    struct csv_column columns[FIELD_COUNT];
    struct buffer text; /* one line of JSONL */
    uint64_t line;
};

/* The first byte that tells what the file is, after a byte order mark and white space, or EOF; `in` is left in front of it. */
static int first_look(FILE *in, uint64_t *line_io)
{
    int c = getc(in);

    if (c == 0xef) {
        getc(in);
        getc(in);
    } else if (c != EOF) {
        ungetc(c, in);
    }
    while ((c = getc(in)) == ' ' || c == '\t' || c == '\r' || c == '\n') {
        *line_io += c == '\n';
    }
    if (c != EOF) {
        ungetc(c, in);
    }
    return c;
}

enum status result_reader_open(FILE *in, void (*warn)(void *ctx, const char *column), void *ctx,
                               struct result_reader **reader_out, struct report *report)
{
    struct result_reader *reader = calloc(1, sizeof *reader);

    CHECK(reader);
    reader->in = in;
    reader->line = 1;
    buffer_init(&reader->text);
    *reader_out = reader;
    int first = first_look(in, &reader->line);
    if (first == '{') {
        return S_OK;
    }
    if (first == '[') {
        result_reader_close(reader);
        *reader_out = NULL;
        return report_set(report, S_INVALID, "the file is one JSON list: write one object on each line, without [ and commas between them");
    }
    for (int i = 0; i < FIELD_COUNT; i++) {
        reader->columns[i].name = result_field_name((enum result_field)i);
        reader->columns[i].is_required = result_field_is_required((enum result_field)i);
    }
    reader->csv = csv_new(in);
    enum status status = csv_header(reader->csv, reader->columns, FIELD_COUNT, warn, ctx, report);
    if (status != S_OK) {
        result_reader_close(reader);
        *reader_out = NULL;
    }
    return status;
}

void result_reader_close(struct result_reader *reader)
{
    if (reader) {
        csv_free(reader->csv);
        buffer_release(&reader->text);
        free(reader);
    }
}

/* --- CSV
 * ---------------------------------------------------------------------------------------------------- */

/* "1,234": where no decimal commas are written, spreadsheets mean thousands by it, and it would count as a thousandth. */
static bool is_of_two_minds(struct bytes number)
{
    const uint8_t *comma = number.size ? memchr(number.data, ',', number.size) : NULL;

    return comma && comma > number.data && number.data + number.size - comma == 4;
}

/* What files say is looked at more closely than what this node recorded itself. `has_decimal_commas`: as files have whose fields a comma does not part. */
static void row_take(struct result_batch *batch, uint64_t line, const struct bytes field[FIELD_COUNT], bool has_decimal_commas,
                     struct refusals *refusals)
{
    struct bytes lang = text_trim(field[FIELD_LANG]), minutes = text_trim(field[FIELD_MINUTES]);

    if (!has_decimal_commas && is_of_two_minds(minutes)) {
        refusals_add(refusals, REFUSAL_MINUTES, line, "'%.*s' may be meant in thousands: write it with a point, or without the comma",
                     minutes.size > 64 ? 64 : (int)minutes.size, minutes.data);
        return;
    }

    if (lang.size && lang_check(lang) != S_OK) {
        refusals_add(refusals, REFUSAL_LANG, line, "lang '%.*s'", lang.size > 64 ? 64 : (int)lang.size, lang.data);
        return;
    }
    result_row_add(batch, line, field, refusals);
}

static enum status csv_fill(struct result_reader *reader, struct result_batch *batch,
                            struct refusals *refusals)
{
    struct csv_record record;
    struct bytes field[FIELD_COUNT];

    while (batch->count < BATCH_ROWS_MAX) {
        enum status status = csv_next(reader->csv, &record);
        if (status == S_INVALID) {
            refusals_add(refusals, REFUSAL_ROW, record.line, "column %zu: %s", record.column,
                         csv_fault_text(record.fault));
            continue;
        }
        if (status != S_OK) {
            return status;
        }
        for (int i = 0; i < FIELD_COUNT; i++) {
            field[i] = csv_field(&record, &reader->columns[i]);
        }
        row_take(batch, record.line, field, csv_separator(reader->csv) != ',', refusals);
    }
    return S_OK;
}

/* --- JSONL
 * -------------------------------------------------------------------------------------------------- */

/* Reads one line without its end; S_TOO_LARGE (and the rest of it is skipped) or S_NOT_FOUND at the end of
 * the file. */
static enum status line_read(struct result_reader *reader)
{
    bool is_too_long = false;
    int c;

    buffer_clear(&reader->text);
    while ((c = getc_unlocked(reader->in)) != EOF && c != '\n') {
        if (reader->text.size >= JSONL_LINE_MAX) {
            is_too_long = true;
            continue;
        }
        buffer_append_u8(&reader->text, (uint8_t)c);
    }
    if (ferror(reader->in)) {
        return S_IO;
    }
    if (is_too_long) {
        return S_TOO_LARGE;
    }
    return c == EOF && reader->text.size == 0 ? S_NOT_FOUND : S_OK;
}

/* The text of one member; numbers are written into `number`. False for an object, a list or a truth value. */
static bool member_text(json_t *value, char number[NUMBER_TEXT_SIZE], struct bytes *text_out)
{
    *text_out = bytes_of("", 0);
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
        return true;
    case JSON_STRING:
        *text_out = bytes_of(json_string_value(value), json_string_length(value));
        return true;
    case JSON_INTEGER:
        snprintf(number, NUMBER_TEXT_SIZE, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        snprintf(number, NUMBER_TEXT_SIZE, "%.6f", json_real_value(value));
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_TRUE:
    case JSON_FALSE:
        return false;
    }
    *text_out = bytes_text(number);
    return true;
}

static void object_add(json_t *object, uint64_t line, struct result_batch *batch, struct refusals *refusals)
{
    char numbers[FIELD_COUNT][NUMBER_TEXT_SIZE];
    struct bytes field[FIELD_COUNT];

    for (int i = 0; i < FIELD_COUNT; i++) {
        const char *name = result_field_name((enum result_field)i);
        if (!member_text(json_object_get(object, name), numbers[i], &field[i])) {
            refusals_add(refusals, REFUSAL_ROW, line, "\"%s\" is no text and no number", name);
            return;
        }
    }
    row_take(batch, line, field, false, refusals);
}

static enum status jsonl_fill(struct result_reader *reader, struct result_batch *batch,
                              struct refusals *refusals)
{
    json_error_t error;

    while (batch->count < BATCH_ROWS_MAX) {
        enum status status = line_read(reader);
        if (status == S_NOT_FOUND || status == S_IO) {
            return status;
        }
        uint64_t line = reader->line++;
        if (status == S_TOO_LARGE) {
            refusals_add(refusals, REFUSAL_ROW, line, "the line is over %d bytes", JSONL_LINE_MAX);
            continue;
        }
        struct bytes text = text_trim(buffer_bytes(&reader->text));
        if (text.size == 0) {
            continue;
        }
        json_t *object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(object)) {
            refusals_add(refusals, REFUSAL_ROW, line, "no JSON object: %s",
                         object ? "something else" : error.text);
        } else {
            object_add(object, line, batch, refusals);
        }
        json_decref(object);
    }
    return S_OK;
}

enum status result_reader_fill(struct result_reader *reader, struct result_batch *batch,
                               struct refusals *refusals, bool *is_end_out)
{
    result_batch_clear(batch);
    enum status status =
        reader->csv ? csv_fill(reader, batch, refusals) : jsonl_fill(reader, batch, refusals);
    *is_end_out = status != S_OK;
    return status == S_NOT_FOUND ? S_OK : status;
}
