#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static const char results[] =
    "event_id,person,course,kind,at,score,minutes,mood\n"
    "1,p1,dmu,enrolled,2026-10-01,,,\n1,p1,dmu,enrolled,2026-10-01,,,\n"
    "1,p1,dmu,enrolled,2026-10-02,,,\n2,p9,dmu,started,2026-10-02,,,\n3,p1,dmu,started,soon,,,\n";

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    kit->in = "id,name,gender\np1,A,female\np2,B,male\n";
    assert_int_equal(kit_command(kit, "person import -"), EXIT_DONE);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

static void it_prints_how_many_were_durable_duplicate_and_refused_and_why(void **state)
{
    struct kit_command *kit = *state;

    kit->in = results;
    assert_int_equal(kit_command(kit, "result import -"), EXIT_PROBLEM);
    assert_string_equal(kit->out, "1 durable, 1 duplicate, 3 refused\n");
    assert_non_null(strstr(kit->err, "unknown_person: import the person first"));
    assert_non_null(strstr(kit->err, "  line 5: person 'p9'"));
    assert_non_null(strstr(kit->err, "other_content"));
    assert_non_null(strstr(kit->err, "line 6: 'soon'"));
    assert_non_null(strstr(kit->err, "the column \"mood\" is ignored"));
    assert_non_null(strstr(kit->err, "no package of course 'dmu'"));
}

static void json_says_the_same_with_stable_keys(void **state)
{
    struct kit_command *kit = *state;

    kit->in = results;
    assert_int_equal(kit_command(kit, "result import - --json"), EXIT_PROBLEM);
    json_t *document = json_loads(kit->out, 0, NULL);
    assert_non_null(document);
    assert_int_equal(json_integer_value(json_object_get(document, "durable")), 1);
    assert_int_equal(json_integer_value(json_object_get(document, "duplicate")), 1);
    assert_int_equal(json_integer_value(json_object_get(document, "refused")), 3);
    assert_int_equal(json_array_size(json_object_get(document, "reasons")), 3);
    json_t *first = json_array_get(json_object_get(document, "reasons"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "reason")), "bad_time");
    assert_int_equal(json_integer_value(json_object_get(first, "count")), 1);
    assert_int_equal(json_array_size(json_object_get(first, "examples")), 1);
    assert_int_equal(json_array_size(json_object_get(document, "warnings")), 2);
    json_decref(document);
}

static void a_score_counts_whatever_it_stands_at(void **state)
{
    struct kit_command *kit = *state;

    kit->in = "event_id,person,course,kind,at,score\n1,p1,dmu,enrolled,2026-10-01,40\n2,p1,dmu,completed,2026-10-02,80\n3,p2,dmu,enrolled,2026-10-02,\n";
    assert_int_equal(kit_command(kit, "result import -"), EXIT_DONE);
    kit_command_says(kit, "stats --json", EXIT_DONE, "\"mean\": 60");
    kit_command_says(kit, "result import --help", EXIT_DONE, "A score counts in the mean whatever kind of event it stands at");
}

static void a_file_of_json_lines_is_taken_by_its_name(void **state)
{
    struct kit_command *kit = *state;
    char words[512];

    kit_command_file(kit, "r.jsonl",
                     "{\"event_id\":5,\"person\":\"p2\",\"course\":\"dmu\",\"kind\":\"completed\",\"at\":"
                     "\"2026-10-05\",\"score\":91.5}\n");
    snprintf(words, sizeof words, "result import %s/r.jsonl", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_string_equal(kit->out, "1 durable, 0 duplicate, 0 refused\n");
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_string_equal(kit->out, "0 durable, 1 duplicate, 0 refused\n");
    assert_int_equal(kit_command(kit, "result import /nowhere"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "result import"), EXIT_WRONG_USAGE);
    kit->in = "person,course\n";
    assert_int_equal(kit_command(kit, "result import -"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "\"event_id\" is missing"));
}

/* Tables may go to a terminal while the talk goes to a file. */
static void how_far_it_is_stands_on_lines_where_nobody_looks_on(void **state)
{
    enum { ROWS = 60000 };
    struct kit_command *kit = *state;
    char result[] = "result", import[] = "import", from[] = "-", dir[] = "--dir", *argv[] = {result, import, from, dir, kit->dir, NULL};
    struct command_context context = {.in = tmpfile(), .is_tty = true};
    char *out = NULL, *err = NULL;
    size_t out_size, err_size;

    assert_non_null(context.in);
    fputs("event_id,person,course,kind,at\n", context.in);
    for (int i = 0; i < ROWS; i++) {
        fputs("1,p1,dmu,enrolled,2026-10-01\n", context.in);
    }
    rewind(context.in);
    context.out = open_memstream(&out, &out_size);
    context.err = open_memstream(&err, &err_size);
    assert_int_equal(command_execute(&context, 5, argv), EXIT_DONE);
    fclose(context.out);
    fclose(context.err);
    fclose(context.in);
    assert_null(strchr(err, '\r'));
    assert_non_null(strstr(err, " of 1.7 MB ("));
    assert_string_equal(out, "1 durable, 59999 duplicate, 0 refused\n");
    free(out);
    free(err);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_prints_how_many_were_durable_duplicate_and_refused_and_why, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(json_says_the_same_with_stable_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(a_score_counts_whatever_it_stands_at, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_of_json_lines_is_taken_by_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(how_far_it_is_stands_on_lines_where_nobody_looks_on, setup, teardown),
    };
    return KIT_RUN(tests);
}
