#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void a_sealed_period_shows_what_was_restated(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    kit.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&kit, "person import -"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at\n1,p1,dmu,enrolled,2020-10-01\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "2020-10 is sealed"));
    assert_non_null(strstr(kit.out, "0 figures restated"));
    kit.in = "event_id,person,course,kind,at\n2,p1,dmu,completed,2020-10-09\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "1 figures restated"));
    assert_non_null(strstr(kit.out, "completed"));
    assert_int_equal(kit_command(&kit, "seal 2020-10 --json"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "\"restatements\""));
    assert_int_equal(kit_command(&kit, "seal 2020"), EXIT_DONE);
    assert_int_equal(kit_command(&kit, "seal 2099-12"), EXIT_PROBLEM);
    assert_non_null(strstr(kit.err, "not over yet"));
    assert_int_equal(kit_command(&kit, "seal october"), EXIT_WRONG_USAGE);
    kit_command_close(&kit);
}

/* One learner of each of two versions: only the version tells their rows apart, only the second decimal their
 * minutes. */
static void a_restatement_names_the_version_and_both_figures_exactly(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    kit.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&kit, "person import -"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at,score,minutes,version\n1,p1,dmu,completed,2020-10-01,60.25,2.32,"
             "v-one\n"
             "2,p1,dmu,completed,2020-10-01,70,5,v-two\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at,score,minutes,version\n3,p1,dmu,active,2020-10-02,,0.01,v-one\n"
             "4,p1,dmu,attended,2020-10-02,91,,v-one\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(
        strstr(kit.out, "6 figures restated")); /* active, attended, minutes, scores, their mean and median */
    assert_non_null(strstr(kit.out, "v-one"));
    assert_null(strstr(kit.out, "v-two"));
    assert_non_null(strstr(kit.out, "2.32 "));
    assert_non_null(strstr(kit.out, "2.33\n"));
    assert_non_null(strstr(kit.out, "60.25 75.625\n"));
    assert_null(strstr(kit.out, "CAUSE")); /* none is known */
    assert_int_equal(kit_command(&kit, "seal 2020-10 --json"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "\"now\": 75.625"));
    kit_command_close(&kit);
}

static json_t *sealed(struct kit_command *hub)
{
    assert_int_equal(kit_command(hub, "seal 2020-10 --json"), EXIT_DONE);
    json_t *document = json_loads(hub->out, 0, NULL);
    assert_non_null(document);
    return document;
}

static size_t count_of(json_t *document, const char *list)
{
    json_t *array = json_object_get(document, list);

    assert_true(json_is_array(array));
    return json_array_size(array);
}

/* The figures of a campus come on a stick; it is set aside after the seal, and released again. */
static void a_quarantine_after_the_seal_is_told_as_the_reason(void **state)
{
    struct kit_command hub, campus = {.in = NULL};
    char words[1024];
    (void)state;

    kit_command_open(&hub);
    snprintf(campus.dir, sizeof campus.dir, "%s/campus", hub.scratch);
    snprintf(words, sizeof words, "invite --name islet --kind campus --file %s/invitation", hub.scratch);
    assert_int_equal(kit_command(&hub, words), EXIT_DONE);
    snprintf(words, sizeof words, "join --file %s/invitation", hub.scratch);
    assert_int_equal(kit_command(&campus, words), EXIT_DONE);
    campus.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&campus, "person import -"), EXIT_DONE);
    campus.in = "event_id,person,course,kind,at\n1,p1,dmu,enrolled,2020-10-01\n";
    assert_int_equal(kit_command(&campus, "result import -"), EXIT_DONE);
    snprintf(words, sizeof words, "bundle export --for hub %s/stick", hub.scratch);
    assert_int_equal(kit_command(&campus, words), EXIT_DONE);
    snprintf(words, sizeof words, "bundle import %s/stick", hub.scratch);
    assert_int_equal(kit_command(&hub, words), EXIT_DONE);

    assert_int_equal(kit_command(&hub, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(hub.out, "1 of 1 centres and campuses reporting at that moment"));
    assert_null(strstr(hub.out, "quarantine"));
    assert_int_equal(kit_command(&hub, "peer quarantine islet --reason odd"), EXIT_DONE);
    assert_int_equal(kit_command(&hub, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(hub.out, "'islet' is in quarantine since "));
    assert_non_null(strstr(hub.out, " (odd): its figures are left out until it is released\n"));
    assert_non_null(strstr(hub.out, "CAUSE"));
    json_t *document = sealed(&hub);
    assert_string_equal(json_string_value(json_object_get(document, "period_end")), "2020-11-01T00:00:00Z");
    assert_int_equal(count_of(document, "quarantined_since"), 1);
    assert_int_equal(count_of(document, "released_since"), 0);
    assert_int_equal(count_of(document, "unheard_since_end"), 0);
    assert_true(count_of(document, "restatements") > 0);
    json_t *first = json_array_get(json_object_get(document, "restatements"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "cause")), "quarantine");
    json_decref(document);
    assert_int_equal(kit_command(&hub, "peer release islet"), EXIT_DONE);
    document = sealed(&hub);
    assert_int_equal(count_of(document, "quarantined_since") + count_of(document, "restatements"), 0);
    json_decref(document);
    /* sealed while it was set aside: of a year, another seal */
    assert_int_equal(kit_command(&hub, "peer quarantine islet --reason odd"), EXIT_DONE);
    assert_int_equal(kit_command(&hub, "seal 2020"), EXIT_DONE);
    assert_int_equal(kit_command(&hub, "peer release islet"), EXIT_DONE);
    assert_int_equal(kit_command(&hub, "seal 2020"), EXIT_DONE);
    assert_non_null(strstr(hub.out, "'islet' was in quarantine when this was sealed (odd): its figures count again\n"));
    assert_non_null(strstr(hub.out, " release"));
    free(campus.out);
    free(campus.err);
    kit_command_close(&hub);
}

/* A campus that joined and never said anything. */
static void who_was_not_heard_since_the_period_ended_is_told(void **state)
{
    struct kit_command hub;
    char words[400];
    (void)state;

    kit_command_open(&hub);
    snprintf(words, sizeof words, "invite --name islet --kind campus --file %s/invitation", hub.scratch);
    assert_int_equal(kit_command(&hub, words), EXIT_DONE);
    assert_int_equal(kit_command(&hub, "seal 2020-12"), EXIT_DONE);
    assert_non_null(strstr(hub.out, "0 of 1 centres and campuses reporting at that moment, 1 late, 1 not heard since the period ended"));
    assert_int_equal(kit_command(&hub, "seal 2020-12 --json"), EXIT_DONE);
    json_t *document = json_loads(hub.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(document, "period_end")), "2021-01-01T00:00:00Z");
    assert_string_equal(json_string_value(json_array_get(json_object_get(document, "unheard_since_end"), 0)), "islet");
    json_t *unheard = json_object_get(json_object_get(document, "coverage"), "unheard");
    assert_string_equal(json_string_value(json_object_get(json_array_get(unheard, 0), "node")), "islet");
    json_decref(document);
    assert_int_equal(kit_command(&hub, "seal 2020 --json"), EXIT_DONE);
    assert_non_null(strstr(hub.out, "\"period_end\": \"2021-01-01T00:00:00Z\""));
    kit_command_close(&hub);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restatement_names_the_version_and_both_figures_exactly),
        cmocka_unit_test(a_quarantine_after_the_seal_is_told_as_the_reason),
        cmocka_unit_test(who_was_not_heard_since_the_period_ended_is_told),
        cmocka_unit_test(a_sealed_period_shows_what_was_restated),
    };
    return KIT_RUN(tests);
}
