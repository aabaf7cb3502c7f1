#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    kit->in =
        "id,name,gender,registered\np1,A,female,2026-09-01\np2,B,male,2026-09-01\np3,C,female,2026-10-01\n";
    assert_int_equal(kit_command(kit, "person import -"), EXIT_DONE);
    kit->in = "event_id,person,course,kind,at,score,minutes\n1,p1,\"=a,b\",completed,2026-10-01,80,30\n2,p2,"
              "dmu,completed,2026-11-01,91,15.5\n"
              "3,p3,dmu,enrolled,2025-11-01,,\n";
    assert_int_equal(kit_command(kit, "result import -"), EXIT_DONE);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

static json_t *rows(struct kit_command *kit, const char *words)
{
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    json_t *document = json_loads(kit->out, 0, NULL);
    assert_non_null(document);
    json_t *list = json_incref(json_object_get(document, "rows"));
    json_decref(document);
    return list;
}

static json_int_t number(json_t *list, size_t row, const char *key)
{
    return json_integer_value(json_object_get(json_array_get(list, row), key));
}

static void filters_and_groups_are_options(void **state)
{
    json_t *list = rows(*state, "stats --by gender --period 2026 --json");

    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(number(list, 0, "registered"), 2);
    assert_int_equal(number(list, 0, "completed"), 1);
    assert_int_equal(number(list, 0, "enrolled"), 0);
    json_decref(list);
    list = rows(*state, "stats --course dmu --format json");
    assert_int_equal(number(list, 0, "completed"), 1);
    assert_int_equal(number(list, 0, "enrolled"), 1);
    json_decref(list);
    list = rows(*state, "stats --centre nobody --by centre --format json");
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    list =
        rows(*state, "stats --by centre,country,region,course,lang,version,role,gender,period --format json");
    json_int_t completed = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        completed += number(list, i, "completed");
    }
    assert_int_equal(completed, 2);
    json_decref(list);
}

static void csv_turns_no_text_of_others_around(void **state)
{
    struct kit_command *kit = *state;

    kit->in = "event_id,person,course,kind,at,score\n4,p3,a\xe2\x80\xae" "b,completed,2026-11-02,100\n";
    assert_int_equal(kit_command(kit, "result import -"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "stats --by course --format csv"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\na?b,0,0,0,0,1,"));
}

static void csv_is_quoted_and_runs_no_formula(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "stats --by course --format csv"), EXIT_DONE);
    assert_memory_equal(kit->out, "course,registered,enrolled,", 27);
    assert_non_null(strstr(kit->out, "\n\"'=a,b\",0,0,0,0,1,0,0,0,0,30,1,80,80,1,0,false\n"));
    assert_non_null(strstr(kit->out, "\ndmu,0,1,0,0,1,0,0,0,0,15.5,1,91,91,2,0,false\n"));
    assert_int_equal(kit_command(kit, "stats --format csv"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\n3,1,0,0,2,"));
    kit->in = "event_id,person,course,kind,at,score\n4,p3,dmu,completed,2026-11-02,100\n";
    assert_int_equal(kit_command(kit, "result import -"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "stats --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"mean\": 90.3333333333,"));
    assert_int_equal(kit_command(kit, "stats --format csv"), EXIT_DONE);
    assert_non_null(strstr(kit->out, ",90.3333333333,")); /* as JSON writes it */
}

static void a_table_has_a_column_for_each_dimension(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "stats --by country,gender"), EXIT_DONE);
    assert_memory_equal(kit->out, "COUNTRY GENDER", 14);
    assert_non_null(strstr(kit->out, "female"));
    assert_non_null(strstr(kit->err, "0 of 0 centres and campuses reporting"));
}

static void published_figures_withhold_what_is_small(void **state)
{
    struct kit_command *kit = *state;
    json_t *list = rows(kit, "stats --published --json");
    json_t *row = json_array_get(list, 0);

    assert_true(json_is_null(json_object_get(row, "completed")));
    assert_true(json_is_true(json_object_get(row, "suppressed")));
    json_decref(list);
}

static void wrong_words_are_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "stats --by age"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "'age'"));
    assert_int_equal(kit_command(kit, "stats --period october"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "stats --format pdf"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "stats more"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "stats --gender robot"), EXIT_DONE); /* zeros, but not in silence */
    assert_non_null(strstr(kit->err, "nothing is recorded under gender 'robot'"));
    assert_int_equal(kit_command(kit, "stats"), EXIT_DONE);
    assert_null(strstr(kit->err, "nothing is recorded"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_and_groups_are_options, setup, teardown),
        cmocka_unit_test_setup_teardown(csv_turns_no_text_of_others_around, setup, teardown),
        cmocka_unit_test_setup_teardown(csv_is_quoted_and_runs_no_formula, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_has_a_column_for_each_dimension, setup, teardown),
        cmocka_unit_test_setup_teardown(published_figures_withhold_what_is_small, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_words_are_named, setup, teardown),
    };
    return KIT_RUN(tests);
}
