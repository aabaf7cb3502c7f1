/* csv_next(): the input is a file. What can be read comes back from its own writing, field for field. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/csv.h"
#include "replication/base/check.h"

const char fuzz_name[] = "csv";

enum { INPUT_MAX = 64 * 1024 };

static enum status header_read(struct csv *csv, struct csv_column *columns)
{
    struct report report;

    report_clear(&report);
    memset(columns, 0, 2 * sizeof *columns);
    columns[0] = (struct csv_column){.name = "a", .is_required = true};
    columns[1] = (struct csv_column){.name = "b"};
    return csv_header(csv, columns, 2, NULL, NULL, &report);
}

static void record_write(FILE *out, const struct csv_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        csv_write_field(out, record->fields[i], i == 0);
    }
    fputc('\n', out);
}

/* Is the field `again` what was written of `field`? A formula has an apostrophe in front. */
static bool is_same(struct bytes field, struct bytes again)
{
    return bytes_equal(csv_unguard(again), field) || bytes_equal(again, field);
}

static void record_again(const struct csv_record *record)
{
    struct csv_column columns[2];
    struct csv_record again;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    CHECK(out);
    for (size_t i = 0; i < record->count; i++) {
        fprintf(out, "%s%c", i ? "," : "", i == 0 ? 'a' : (int)('a' + i));
    }
    fputc('\n', out);
    record_write(out, record);
    fclose(out);
    FILE *in = fmemopen(text, size, "r");
    struct csv *csv = csv_new(in);
    CHECK(header_read(csv, columns) == S_OK);
    enum status status = csv_next(csv, &again);
    if (status == S_OK) { /* a record of one empty field is an empty line */
        CHECK(again.count == record->count);
        for (size_t i = 0; i < again.count; i++) {
            CHECK(is_same(record->fields[i], again.fields[i]));
        }
    } else {
        CHECK(status == S_NOT_FOUND && record->count == 1 && record->fields[0].size == 0);
    }
    csv_free(csv);
    fclose(in);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_column columns[2];
    struct csv_record record;
    enum status status;

    if (size == 0 || size > INPUT_MAX) {
        return 0;
    }
    FILE *in = fmemopen((void *)data, size, "r");
    struct csv *csv = csv_new(in);
    if (header_read(csv, columns) == S_OK) {
        while ((status = csv_next(csv, &record)) == S_OK || status == S_INVALID) {
            CHECK((status == S_INVALID) == (record.fault != CSV_NONE));
            CHECK(csv_fault_text(record.fault) && record.line > 0);
            if (status == S_OK && record.count <= 26) {
                record_again(&record);
            }
        }
        CHECK(status == S_NOT_FOUND);
    }
    csv_free(csv);
    fclose(in);
    return 0;
}
