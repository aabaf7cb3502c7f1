#include "node/learn/csv.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 2 };

struct fixture {
    FILE *in;
    struct csv *csv;
    struct csv_column columns[COLUMNS];
    struct report report;
    char warned[64];
};

static void warned(void *ctx, const char *name)
{
    struct fixture *fixture = ctx;
    strcat(fixture->warned, name);
    strcat(fixture->warned, " ");
}

static enum status fixture_open_as(struct fixture *fixture, const char *text, size_t size, bool takes_short)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->in = tmpfile();
    assert_non_null(fixture->in);
    assert_int_equal(fwrite(text, 1, size, fixture->in), size);
    rewind(fixture->in);
    fixture->csv = csv_new(fixture->in);
    if (takes_short) {
        csv_take_short(fixture->csv);
    }
    fixture->columns[0] = (struct csv_column){.name = "id", .is_required = true};
    fixture->columns[1] = (struct csv_column){.name = "name"};
    return csv_header(fixture->csv, fixture->columns, COLUMNS, warned, fixture, &fixture->report);
}

static enum status fixture_open(struct fixture *fixture, const char *text, size_t size)
{
    return fixture_open_as(fixture, text, size, false);
}

static void fixture_close(struct fixture *fixture)
{
    csv_free(fixture->csv);
    fclose(fixture->in);
}

static const char *text_of(struct fixture *fixture, struct csv_record *record, int column)
{
    return (const char *)csv_field(record, &fixture->columns[column]).data;
}

static void expect_row(struct fixture *fixture, uint64_t line, const char *id, const char *name)
{
    struct csv_record record;

    assert_int_equal(csv_next(fixture->csv, &record), S_OK);
    assert_int_equal(record.line, line);
    assert_string_equal(text_of(fixture, &record, 0), id);
    assert_string_equal(text_of(fixture, &record, 1), name);
}

static void expect_fault(struct fixture *fixture, uint64_t line, enum csv_fault fault, size_t column)
{
    struct csv_record record;

    assert_int_equal(csv_next(fixture->csv, &record), S_INVALID);
    assert_int_equal(record.line, line);
    assert_int_equal(record.fault, fault);
    assert_int_equal(record.column, column);
}

static void expect_end(struct fixture *fixture)
{
    struct csv_record record;
    assert_int_equal(csv_next(fixture->csv, &record), S_NOT_FOUND);
}

static void names_of_any_script_come_through(void **state)
{
    static const char text[] = "\xef\xbb\xbfid,name\r\n"
                               "1,فاطمة الزهراء\r\n"
                               "2,张伟\r\n"
                               "3,Айгүл Ньязова\r\n"
                               "4,\"Nguyễn, Thị \"\"Hoa\"\"\"\r\n";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    expect_row(&f, 2, "1", "فاطمة الزهراء");
    expect_row(&f, 3, "2", "张伟");
    expect_row(&f, 4, "3", "Айгүл Ньязова");
    expect_row(&f, 5, "4", "Nguyễn, Thị \"Hoa\"");
    expect_end(&f);
    fixture_close(&f);
}

static void columns_are_found_by_name_in_any_order(void **state)
{
    static const char text[] = " Name ,colour,ID\nAna,red,7\n";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    assert_string_equal(f.warned, "colour ");
    expect_row(&f, 2, "7", "Ana");
    expect_end(&f);
    fixture_close(&f);
}

static void quoted_newlines_blank_lines_and_line_ends_are_counted(void **state)
{
    static const char text[] = "id,name\n1,\"two\nlines\"\n\n\r\n2,b\r3,c\n4,";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    expect_row(&f, 2, "1", "two\nlines");
    expect_row(&f, 6, "2", "b");
    expect_row(&f, 7, "3", "c");
    expect_row(&f, 8, "4", "");
    expect_end(&f);
    fixture_close(&f);
}

static void rows_that_a_spreadsheet_cleared_are_no_rows(void **state)
{
    static const char text[] = ",,\nid,name\n,\n1,a\n\"\",\r\n,,,,\n2,\n,\n";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    expect_row(&f, 4, "1", "a");
    expect_row(&f, 7, "2", "");
    expect_end(&f);
    fixture_close(&f);
}

static void rows_that_a_spreadsheet_ended_early_have_empty_fields_where_that_is_wanted(void **state)
{
    static const char text[] = "gender,id,name,lang\nf,1,a\nm,2\nx\n   \nf,3,\n , \nm,4";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    expect_fault(&f, 2, CSV_FIELD_COUNT, 3);
    fixture_close(&f);
    assert_int_equal(fixture_open_as(&f, text, sizeof text - 1, true), S_OK);
    expect_row(&f, 2, "1", "a");
    expect_row(&f, 3, "2", "");
    expect_fault(&f, 4, CSV_FIELD_COUNT, 1); /* an id is required */
    expect_row(&f, 6, "3", "");
    expect_fault(&f, 8, CSV_FIELD_COUNT, 2); /* the file was cut */
    expect_end(&f);
    fixture_close(&f);
}

static void semicolons_and_tabs_separate_too(void **state)
{
    static const char semicolon[] = "id;name\n1;a,b\n", tab[] = "id\tname\n1\ta;b\n";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, semicolon, sizeof semicolon - 1), S_OK);
    expect_row(&f, 2, "1", "a,b");
    fixture_close(&f);
    assert_int_equal(fixture_open(&f, tab, sizeof tab - 1), S_OK);
    expect_row(&f, 2, "1", "a;b");
    fixture_close(&f);
}

static void a_first_line_may_say_what_separates(void **state)
{
    static const char *const texts[] = {"sep=;\r\nid;name\r\n1;a,b\r\n", "\xef\xbb\xbfSEP=|\nid|name\n1|a,b\n", "sep=\t\rid\tname\r1\ta,b\r"};
    struct fixture fixture;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(fixture_open(&fixture, texts[i], strlen(texts[i])), S_OK);
        expect_row(&fixture, 3, "1", "a,b");
        expect_end(&fixture);
        fixture_close(&fixture);
    }
    assert_int_equal(fixture_open(&fixture, "sep=;", 5), S_INVALID); /* a line that ends, and more behind it */
    fixture_close(&fixture);
    assert_int_equal(fixture_open(&fixture, "sep=;\n", 6), S_INVALID);
    assert_non_null(strstr(fixture.report.text, "its first line must name the columns"));
    fixture_close(&fixture);
}

static void each_fault_has_its_line_and_column_and_reading_goes_on(void **state)
{
    static const char text[] = "id,name\n1,a\"b\n2,\"a\"b\n3\n4,a,b\n5,\xff\n6,a\0b\n7,ok\n8,\"open\n9,x\n";
    struct fixture f;
    (void)state;

    assert_int_equal(fixture_open(&f, text, sizeof text - 1), S_OK);
    expect_fault(&f, 2, CSV_QUOTE_INSIDE, 2);
    expect_fault(&f, 3, CSV_QUOTE_TAIL, 2);
    expect_fault(&f, 4, CSV_FIELD_COUNT, 1);
    expect_fault(&f, 5, CSV_FIELD_COUNT, 3);
    expect_fault(&f, 6, CSV_UTF8, 2);
    expect_fault(&f, 7, CSV_NUL, 2);
    expect_row(&f, 8, "7", "ok");
    expect_fault(&f, 9, CSV_QUOTE_OPEN, 2);
    expect_end(&f);
    fixture_close(&f);
}

static void a_field_may_have_the_limit_and_not_one_byte_more(void **state)
{
    static char text[64 + 2 * CSV_FIELD_SIZE_MAX];
    struct csv_record record;
    struct fixture f;
    size_t size = (size_t)sprintf(text, "id,name\n1,");
    (void)state;

    memset(text + size, 'x', CSV_FIELD_SIZE_MAX);
    size += CSV_FIELD_SIZE_MAX;
    size += (size_t)sprintf(text + size, "\n2,");
    memset(text + size, 'x', CSV_FIELD_SIZE_MAX + 1);
    size += CSV_FIELD_SIZE_MAX + 1;
    size += (size_t)sprintf(text + size, "\n3,ok\n");
    assert_int_equal(fixture_open(&f, text, size), S_OK);
    assert_int_equal(csv_next(f.csv, &record), S_OK);
    assert_int_equal(record.fields[1].size, CSV_FIELD_SIZE_MAX);
    expect_fault(&f, 3, CSV_FIELD_SIZE, 2);
    expect_row(&f, 4, "3", "ok");
    fixture_close(&f);
}

static void too_many_columns_are_a_fault(void **state)
{
    char text[4 * CSV_FIELDS_MAX] = "id";
    struct fixture f;
    (void)state;

    for (int i = 1; i <= CSV_FIELDS_MAX; i++) {
        strcat(text, ",");
    }
    assert_int_equal(fixture_open(&f, text, strlen(text)), S_INVALID);
    fixture_close(&f);
}

static void a_header_that_cannot_be_used_says_why(void **state)
{
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"", "empty"},
        {"\n\n", "empty"},
        {"name\na\n", "\"id\" is missing"},
        {"id,ID\n1,2\n", "\"id\" is there twice"},
        {"\xff\xfei", "UTF-16"},
        {"id,\"name\n", "never closed"},
    };
    struct fixture f;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fixture_open(&f, cases[i].text, strlen(cases[i].text)), S_INVALID);
        assert_non_null(strstr(f.report.text, cases[i].word));
        fixture_close(&f);
    }
}

static void what_is_written_is_read_back(void **state)
{
    static const char *const texts[] = {"",    "plain", "a,b", "say \"hi\"", "two\nlines", "=1+1",
                                        "'=x", "-5",    "@a",  "'quoted'",   "字",
                                        "\t=1", "\r=1",  "\n=1", "＝1+1",      "＋1", "－1",  "＠a", "'＝x", "（ab）"};
    static const char *const begun[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
    FILE *file = tmpfile();
    struct csv_column column = {.name = "id", .is_required = true};
    struct csv_record record;
    (void)state;

    fputs("x,id\n", file);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        csv_write_field(file, bytes_text("x"), true);
        csv_write_field(file, bytes_text(texts[i]), false);
        putc('\n', file);
    }
    rewind(file);
    struct csv *csv = csv_new(file);
    assert_int_equal(csv_header(csv, &column, 1, NULL, NULL, NULL), S_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(csv_next(csv, &record), S_OK);
        struct bytes field = csv_field(&record, &column);
        for (size_t k = 0; k < sizeof begun / sizeof *begun; k++) {
            assert_int_not_equal(strncmp((const char *)field.data, begun[k], strlen(begun[k])), 0);
        }
        assert_true(bytes_equal(csv_unguard(field), bytes_text(texts[i])));
    }
    csv_free(csv);
    fclose(file);
}

static void a_name_longer_than_names_are_is_no_column(void **state)
{
    static const char longest[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl";
    struct csv_column column = {.name = longest};
    (void)state;

    assert_int_equal(strlen(longest), CSV_COLUMN_NAME_MAX);
    for (int extra = 0; extra < 2; extra++) {
        FILE *file = tmpfile();
        assert_non_null(file);
        fprintf(file, " %s%s \nx\n", longest, extra ? "m" : "");
        rewind(file);
        struct csv *csv = csv_new(file);
        assert_int_equal(csv_header(csv, &column, 1, NULL, NULL, NULL), S_OK);
        assert_int_equal(column.index, extra ? -1 : 0);
        csv_free(csv);
        fclose(file);
    }
}

static void a_record_across_chunks_is_the_same(void **state)
{
    FILE *file = tmpfile();
    struct csv_column columns[] = {{.name = "id", .is_required = true}, {.name = "name"}};
    struct csv_record record;
    char name[64];
    (void)state;

    fputs("id,name\n", file);
    for (int i = 0; i < 20000; i++) {
        fprintf(file, "%d,\"n\"\"%d\"\r\n", i, i * 7);
    }
    rewind(file);
    struct csv *csv = csv_new(file);
    assert_int_equal(csv_header(csv, columns, 2, NULL, NULL, NULL), S_OK);
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(csv_next(csv, &record), S_OK);
        assert_int_equal(record.line, i + 2);
        snprintf(name, sizeof name, "n\"%d", i * 7);
        assert_string_equal((const char *)record.fields[1].data, name);
    }
    csv_free(csv);
    fclose(file);
}

static void a_line_that_does_not_end_is_not_read_for_ever(void **state)
{
    enum { SIZE = 5 * 1024 * 1024 };
    static char text[SIZE];
    struct fixture f;
    struct csv_record record;
    (void)state;

    memset(text, 'x', SIZE);
    memcpy(text, "id,name\n1,\"", 11);
    memcpy(text + SIZE - 6, "\n2,Bea", 6); /* behind what is read */
    assert_int_equal(fixture_open(&f, text, SIZE), S_OK);
    expect_fault(&f, 2, CSV_LINE_SIZE, 2);
    assert_int_equal(csv_next(f.csv, &record), S_NOT_FOUND);
    fixture_close(&f);
    f.in = fopen("/dev/zero", "r");
    assert_non_null(f.in);
    f.csv = csv_new(f.in);
    report_clear(&f.report);
    assert_int_equal(csv_header(f.csv, f.columns, COLUMNS, warned, &f, &f.report), S_INVALID);
    fixture_close(&f);
}

static void a_folder_is_no_file(void **state)
{
    struct fixture f = {.in = fopen("/", "r")};
    (void)state;

    assert_non_null(f.in);
    f.csv = csv_new(f.in);
    assert_int_equal(csv_header(f.csv, f.columns, COLUMNS, warned, &f, &f.report), S_IO);
    assert_non_null(strstr(f.report.text, "Is a directory"));
    fixture_close(&f);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_any_script_come_through),
        cmocka_unit_test(columns_are_found_by_name_in_any_order),
        cmocka_unit_test(quoted_newlines_blank_lines_and_line_ends_are_counted),
        cmocka_unit_test(rows_that_a_spreadsheet_cleared_are_no_rows),
        cmocka_unit_test(rows_that_a_spreadsheet_ended_early_have_empty_fields_where_that_is_wanted),
        cmocka_unit_test(semicolons_and_tabs_separate_too),
        cmocka_unit_test(a_first_line_may_say_what_separates),
        cmocka_unit_test(each_fault_has_its_line_and_column_and_reading_goes_on),
        cmocka_unit_test(a_field_may_have_the_limit_and_not_one_byte_more),
        cmocka_unit_test(too_many_columns_are_a_fault),
        cmocka_unit_test(a_header_that_cannot_be_used_says_why),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_line_that_does_not_end_is_not_read_for_ever),
        cmocka_unit_test(a_folder_is_no_file),
        cmocka_unit_test(a_name_longer_than_names_are_is_no_column),
        cmocka_unit_test(a_record_across_chunks_is_the_same),
    };
    return KIT_RUN(tests);
}
