#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "node/learn/result/refusal.h"
#include "replication/base/bytes.h"
#include "tests/kit/kit.h"

static void counts_go_on_behind_the_examples(void **state)
{
    struct refusals refusals;
    (void)state;

    refusals_init(&refusals, 2);
    for (uint64_t line = 2; line < 7; line++) {
        refusals_add(&refusals, REFUSAL_SCORE, line, "'%d'", 101);
    }
    refusals_add(&refusals, REFUSAL_KIND, 9, "'begun'");
    json_t *json = refusals_json(&refusals);
    assert_int_equal(refusals.total, 6);
    assert_int_equal(json_array_size(json), 2);
    json_t *score = json_array_get(json, 1);
    assert_string_equal(json_string_value(json_object_get(score, "reason")), "bad_score");
    assert_int_equal(json_integer_value(json_object_get(score, "count")), 5);
    assert_int_equal(json_array_size(json_object_get(score, "examples")), 2);
    json_t *first = json_array_get(json_object_get(score, "examples"), 0);
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 2);
    json_decref(json);
    refusals_release(&refusals);
}

static void an_example_that_is_cut_stays_text(void **state)
{
    struct refusals refusals;
    (void)state;

    refusals_init(&refusals, 1);
    char text[3 * REFUSAL_EXAMPLE_SIZE + 1] = "";
    for (int i = 0; i < REFUSAL_EXAMPLE_SIZE; i++) {
        strcat(text, "字");
    }
    refusals_add(&refusals, REFUSAL_NAME, 2, "x%s", text);
    assert_true(utf8_is_valid(bytes_text(refusals.reason[REFUSAL_NAME].examples[0].text)));
    refusals_release(&refusals);
}

static void what_a_file_holds_steers_no_terminal(void **state)
{
    struct refusals refusals;
    (void)state;

    refusals_init(&refusals, 1);
    refusals_add(&refusals, REFUSAL_TIME, 2, "'%s'", "\x1b[2J\n  line 9: a\tb\x7f \xc2\x9b\xc2\xa0 \xe2\x80\x9f");
    assert_string_equal(refusals.reason[REFUSAL_TIME].examples[0].text, "'?[2J?  line 9: a?b? ?\xc2\xa0 \xe2\x80\x9f'");
    refusals_release(&refusals);
}

static void a_person_reads_reason_line_and_what_to_do(void **state)
{
    struct refusals refusals;
    char *text = NULL;
    size_t size;
    (void)state;

    refusals_init(&refusals, 1);
    refusals_add(&refusals, REFUSAL_PERSON, 12, "person 'p9'");
    refusals_add(&refusals, REFUSAL_PERSON, 13, "person 'p9'");
    FILE *out = open_memstream(&text, &size);
    refusals_print(&refusals, out);
    fclose(out);
    assert_string_equal(text, "2 refused, unknown_person: import the person first: qanat person import\n"
                              "  line 12: person 'p9'\n  and 1 more\n");
    free(text);
    refusals_release(&refusals);
}

static void how_many_rows_were_refused_is_said_in_words(void **state)
{
    struct report report = {0};
    (void)state;

    assert_int_equal(refusals_report(0, "look", &report), S_OK);
    assert_string_equal(report.text, "");
    assert_int_equal(refusals_report(1, "look", &report), S_PARTIAL);
    assert_string_equal(report.text, "1 row was refused: look");
    report_clear(&report);
    assert_int_equal(refusals_report(2, "look", &report), S_PARTIAL);
    assert_string_equal(report.text, "2 rows were refused: look");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_go_on_behind_the_examples),
        cmocka_unit_test(an_example_that_is_cut_stays_text),
        cmocka_unit_test(what_a_file_holds_steers_no_terminal),
        cmocka_unit_test(a_person_reads_reason_line_and_what_to_do),
        cmocka_unit_test(how_many_rows_were_refused_is_said_in_words),
    };
    return KIT_RUN(tests);
}
