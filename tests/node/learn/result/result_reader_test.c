#include "node/learn/result/result_reader.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct federation federation;
    struct result_keys keys;
    struct result_batch batch;
    struct refusals refusals;
    struct report report;
    bool is_end;
};

static int setup(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);

    result_keys_init(&f->keys, &f->federation);
    result_batch_init(&f->batch, &f->keys);
    refusals_init(&f->refusals, 8);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    result_batch_release(&f->batch);
    refusals_release(&f->refusals);
    test_free(f);
    return 0;
}

static enum status text_read(struct fixture *f, const char *text, size_t size)
{
    struct result_reader *reader = NULL;
    FILE *in = tmpfile();

    assert_int_equal(fwrite(text, 1, size, in), size);
    rewind(in);
    report_clear(&f->report);
    enum status status = result_reader_open(in, NULL, NULL, &reader, &f->report);
    if (status == S_OK) {
        status = result_reader_fill(reader, &f->batch, &f->refusals, &f->is_end);
    }
    result_reader_close(reader);
    fclose(in);
    return status;
}

static void csv_and_jsonl_say_the_same(void **state)
{
    static const char csv[] =
        "\xef\xbb\xbf"
        "event_id,person,course,kind,at,score,minutes\n"
        "e1,أمينة,dmu,completed,2026-10-05T10:00:00Z,85.5,12\n7,p2,dmu,started,2026-10-06,,\n";
    static const char jsonl[] =
        "\xef\xbb\xbf{\"event_id\":\"e1\",\"person\":\"أمينة\",\"course\":\"dmu\",\"kind\":\"completed\","
        "\"at\":\"2026-10-05T10:00:00Z\",\"score\":85.5,\"minutes\":12,\"more\":[1]}\r\n\n"
        "{\"event_id\":7,\"person\":\"p2\",\"course\":\"dmu\",\"kind\":\"started\",\"at\":\"2026-10-06\","
        "\"score\":null}";
    struct fixture *f = *state;
    uint64_t content[2];

    assert_int_equal(text_read(f, csv, sizeof csv - 1), S_OK);
    assert_int_equal(f->batch.count, 2);
    assert_true(f->is_end);
    content[0] = f->batch.rows[0].content;
    content[1] = f->batch.rows[1].content;
    assert_int_equal(f->batch.rows[1].line, 3);
    assert_int_equal(text_read(f, jsonl, sizeof jsonl - 1), S_OK);
    assert_int_equal(f->batch.count, 2);
    assert_int_equal(f->batch.rows[0].content, content[0]);
    assert_int_equal(f->batch.rows[1].content, content[1]);
    assert_int_equal(f->batch.rows[1].line, 3);
    assert_int_equal(f->refusals.total, 0);
}

static void faulty_lines_are_refused_and_reading_goes_on(void **state)
{
    static const char jsonl[] =
        "{\"event_id\":\"e1\"\n[1]\n"
        "{\"event_id\":{},\"person\":\"p\"}\n"
        "{\"event_id\":\"e2\",\"person\":\"p\",\"course\":\"c\",\"kind\":\"active\",\"at\":\"2026-10-05\"}\n"
        "{\"event_id\":\"e3\",\"event_id\":\"e4\"}\n"
        "{\"event_id\":\"e\xff\"}\n";
    static const char csv[] = "event_id,person,course,kind,at\ne1,p,c,active,2026-10-05\ne2,p,c,active\n\"e3,"
                              "p,c,active,2026-10-05\n";
    struct fixture *f = *state;

    assert_int_equal(text_read(f, jsonl, sizeof jsonl - 1), S_OK);
    assert_int_equal(f->batch.count, 1);
    assert_int_equal(f->refusals.reason[REFUSAL_ROW].count, 5);
    assert_int_equal(f->refusals.reason[REFUSAL_ROW].examples[2].line, 3);
    assert_int_equal(text_read(f, csv, sizeof csv - 1), S_OK);
    assert_int_equal(f->batch.count, 1);
    assert_int_equal(f->refusals.reason[REFUSAL_ROW].count, 7);
}

static void a_language_has_the_shape_of_a_tag(void **state)
{
    static const char csv[] = "event_id,person,course,kind,at,lang\n"
                              "e1,p,c,active,2026-10-05,not a tag!!\ne2,p,c,active,2026-10-05, zh-Hans \ne3,p,c,active,2026-10-05,\n"
                              "e4,p,c,active,2026-10-05,toolongsubtag\n";
    static const char jsonl[] = "{\"event_id\":\"e5\",\"person\":\"p\",\"course\":\"c\",\"kind\":\"active\",\"at\":\"2026-10-05\",\"lang\":7}\n";
    struct fixture *f = *state;

    assert_int_equal(text_read(f, csv, sizeof csv - 1), S_OK);
    assert_int_equal(f->batch.count, 2);
    assert_int_equal(f->refusals.reason[REFUSAL_LANG].count, 2);
    assert_int_equal(f->refusals.reason[REFUSAL_LANG].examples[0].line, 2);
    assert_int_equal(text_read(f, jsonl, sizeof jsonl - 1), S_OK);
    assert_int_equal(f->refusals.reason[REFUSAL_LANG].count, 3);
}

static void a_line_over_the_limit_is_refused_whole(void **state)
{
    char *text = malloc(2 * JSONL_LINE_MAX + 256);
    struct fixture *f = *state;

    text[0] = '{';
    memset(text + 1, ' ', 2 * JSONL_LINE_MAX);
    int size = 1 + 2 * JSONL_LINE_MAX;
    size += sprintf(
        text + size,
        "}\n{\"event_id\":1,\"person\":1,\"course\":\"c\",\"kind\":\"active\",\"at\":\"2026-10-05\"}\n");
    assert_int_equal(text_read(f, text, (size_t)size), S_OK);
    assert_int_equal(f->batch.count, 1);
    assert_int_equal(f->refusals.reason[REFUSAL_ROW].count, 1);
    free(text);
}

static void a_header_without_a_needed_column_names_it(void **state)
{
    static const char csv[] = "event_id,person,kind,at\n";
    struct fixture *f = *state;

    assert_int_equal(text_read(f, csv, sizeof csv - 1), S_INVALID);
    assert_non_null(strstr(f->report.text, "\"course\""));
    assert_int_equal(text_read(f, "", 0), S_INVALID);
}

static void a_json_list_is_told_from_lines_of_json(void **state)
{
    static const char list[] = "\n [{\"event_id\": \"e1\"}]\n";
    struct fixture *f = *state;

    assert_int_equal(text_read(f, list, sizeof list - 1), S_INVALID);
    assert_non_null(strstr(f->report.text, "one object on each line"));
}

static void a_file_longer_than_a_batch_comes_in_several(void **state)
{
    struct fixture *f = *state;
    struct result_reader *reader;
    FILE *in = tmpfile();
    size_t total = 0;

    fputs("event_id,person,course,kind,at\n", in);
    for (int i = 0; i < BATCH_ROWS_MAX + 10; i++) {
        fprintf(in, "e%d,p,c,active,2026-10-05\n", i);
    }
    rewind(in);
    assert_int_equal(result_reader_open(in, NULL, NULL, &reader, NULL), S_OK);
    do {
        assert_int_equal(result_reader_fill(reader, &f->batch, &f->refusals, &f->is_end), S_OK);
        assert_true(f->batch.count <= BATCH_ROWS_MAX);
        total += f->batch.count;
    } while (!f->is_end);
    assert_int_equal(total, BATCH_ROWS_MAX + 10);
    result_reader_close(reader);
    fclose(in);
}

static void thousands_are_not_taken_for_thousandths(void **state)
{
    static const char commas[] = "event_id,person,course,kind,at,minutes\n"
                                 "e1,p,c,active,2026-10-05,\"1,234\"\ne2,p,c,active,2026-10-05,\" 12,500 \"\n"
                                 "e3,p,c,active,2026-10-05,\"1,23\"\ne4,p,c,active,2026-10-05,\"1,2345\"\ne5,p,c,active,2026-10-05,1234\n";
    static const char semicolons[] = "event_id;person;course;kind;at;minutes\ne1;p;c;active;2026-10-05;1,234\n";
    static const char json[] = "{\"event_id\":\"e1\",\"person\":\"p\",\"course\":\"c\",\"kind\":\"active\",\"at\":\"2026-10-05\",\"minutes\":\"1,234\"}\n";
    struct fixture *f = *state;

    assert_int_equal(text_read(f, commas, sizeof commas - 1), S_OK);
    assert_int_equal(f->refusals.reason[REFUSAL_MINUTES].count, 2);
    assert_string_equal(f->refusals.reason[REFUSAL_MINUTES].examples[0].text,
                        "'1,234' may be meant in thousands: write it with a point, or without the comma");
    assert_int_equal(f->batch.count, 3);
    assert_int_equal(f->batch.rows[0].minutes, 123);
    assert_int_equal(f->batch.rows[1].minutes, 123);
    assert_int_equal(f->batch.rows[2].minutes, 123400);
    result_batch_clear(&f->batch);
    assert_int_equal(text_read(f, semicolons, sizeof semicolons - 1), S_OK);
    assert_int_equal(f->batch.count, 1);
    assert_int_equal(f->batch.rows[0].minutes, 123);
    result_batch_clear(&f->batch);
    assert_int_equal(text_read(f, json, sizeof json - 1), S_OK);
    assert_int_equal(f->batch.count, 0);
    assert_int_equal(f->refusals.reason[REFUSAL_MINUTES].count, 3);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_and_jsonl_say_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(faulty_lines_are_refused_and_reading_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_language_has_the_shape_of_a_tag, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_over_the_limit_is_refused_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_header_without_a_needed_column_names_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_json_list_is_told_from_lines_of_json, setup, teardown),
        cmocka_unit_test_setup_teardown(thousands_are_not_taken_for_thousandths, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_longer_than_a_batch_comes_in_several, setup, teardown),
    };
    return KIT_RUN(tests);
}
