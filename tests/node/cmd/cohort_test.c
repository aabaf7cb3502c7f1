#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/learn/cohort/cohort.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    kit->in = "id,name,role\np1,A,\np2,B,\nf1,F,facilitator\n";
    kit_command(kit, "person import -");
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

static void expect(struct kit_command *kit, const char *words, const char *in, int code, const char *said)
{
    kit->in = in;
    kit_command_says(kit, words, code, said);
}

static void a_cohort_runs_from_its_list_to_its_table(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "cohort new autumn --course tdc --title 'Autumn term' --starts 2026-10-05 --ends 2026-12-18", NULL,
           EXIT_DONE, "made");
    expect(kit, "cohort add autumn --file -", "id,name\np1,A\np2,B\np9,X\n", EXIT_PROBLEM, "2 added");
    assert_non_null(strstr(kit->err, "'p9'"));
    expect(kit, "cohort add autumn --file -", "\xef\xbb\xbf\"ID\";\"Name\"\r\n\"p1\";\"A, B\"\r\n\"p2\";\"B\"\r\n", EXIT_DONE, "0 added, 2 unchanged");
    expect(kit, "cohort add autumn f1 --trainer", NULL, EXIT_DONE, "1 added");
    expect(kit, "cohort add autumn p1 --trainer", NULL, EXIT_PROBLEM, "training of trainers");
    expect(kit, "cohort attend autumn 2026-10-05 p1 --minutes 90", NULL, EXIT_DONE, "1 attended");
    expect(kit, "cohort complete autumn p1 --reason 'exam on paper' --score 80", NULL, EXIT_DONE, "by hand");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"completed\": 1");
    assert_non_null(strstr(kit->out, "\"enrolled\": 2"));
    assert_non_null(strstr(kit->out, "\"attended\": 1"));
    expect(kit, "cohort progress autumn --format csv", NULL, EXIT_DONE, "p1,A,completed,100,80.00");
    expect(kit, "cohort progress autumn --json", NULL, EXIT_DONE, "\"reason\": \"exam on paper\"");
    expect(kit, "cohort progress autumn", NULL, EXIT_DONE, "p2");
    expect(kit, "cohort list --json", NULL, EXIT_DONE, "\"learners\": 2");
    expect(kit, "cohort show autumn", NULL, EXIT_DONE, "2026-10-05");
    expect(kit, "cohort attend autumn 2026-10-05 p1 --absent", NULL, EXIT_DONE, "taken off");
    expect(kit, "cohort complete autumn p1 --undo", NULL, EXIT_DONE, "as before");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"completed\": 0");
    assert_non_null(strstr(kit->out, "\"attended\": 0"));
    expect(kit, "cohort set autumn --title 'Other'", NULL, EXIT_DONE, "changed");
    expect(kit, "cohort set autumn --course other", NULL, EXIT_PROBLEM, "members");
    expect(kit, "cohort drop autumn p2", NULL, EXIT_DONE, "1 left");
    expect(kit, "cohort remove autumn", NULL, EXIT_DONE, "removed");
    expect(kit, "cohort new autumn --course tdc", NULL, EXIT_DONE, "");
    expect(kit, "cohort remove autumn --json", NULL, EXIT_DONE, "{\n  \"removed\": \"autumn\"\n}");
}

static void who_is_enrolled_in_a_cohort_is_a_member_of_it(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "cohort new autumn --course tdc", NULL, EXIT_DONE, "made");
    expect(kit, "enrol --person p1 --course tdc --cohort autumn", NULL, EXIT_DONE, "enrolled");
    expect(kit, "enrol --person p1 --course tdc --cohort autumn", NULL, EXIT_DONE, "already");
    expect(kit, "cohort attend autumn 2026-10-05 p1", NULL, EXIT_DONE, "1 attended");
    expect(kit, "cohort add autumn p1", NULL, EXIT_DONE, "0 added, 1 unchanged");
    expect(kit, "cohort add autumn f1 --trainer", NULL, EXIT_DONE, "1 added");
    expect(kit, "enrol --person f1 --course tdc --cohort autumn", NULL, EXIT_DONE, "enrolled");
    expect(kit, "cohort list --json", NULL, EXIT_DONE, "\"trainers\": 1"); /* still */
    assert_non_null(strstr(kit->out, "\"learners\": 1"));
    expect(kit, "enrol --person p2 --course other --cohort autumn", NULL, EXIT_PROBLEM, "takes 'tdc'");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"enrolled\": 2");
    expect(kit, "enrol --person p2 --course other --cohort mark", NULL, EXIT_DONE, "enrolled"); /* no cohort of ours */
}

static void names_and_lists_end_at_their_limits(void **state)
{
    struct kit_command *kit = *state;
    char words[512], name[COHORT_NAME_MAX + 2] = "";
    struct buffer list;

    memset(name, 'n', COHORT_NAME_MAX);
    snprintf(words, sizeof words, "cohort new %s --course tdc", name);
    expect(kit, words, NULL, EXIT_DONE, "made");
    name[COHORT_NAME_MAX] = 'n'; /* names no cohort, least of all the one it begins like */
    snprintf(words, sizeof words, "cohort show %s", name);
    expect(kit, words, NULL, EXIT_PROBLEM, "there is no cohort");
    snprintf(words, sizeof words, "cohort new %s --course tdc", name);
    expect(kit, words, NULL, EXIT_PROBLEM, "' has 129 bytes, 128 at most");
    expect(kit, "cohort new autumn --course tdc", NULL, EXIT_DONE, "made");
    buffer_init(&list);
    buffer_append(&list, "p1,", 3);
    for (int i = 0; i < 2000; i++) {
        buffer_append(&list, "long line ", 10); /* is one line all the same */
    }
    for (int i = 1; i < COHORT_LIST_MAX; i++) {
        buffer_append(&list, "\nz", 2);
    }
    buffer_append(&list, "\0", 2);
    expect(kit, "cohort add autumn --file -", (const char *)list.data, EXIT_PROBLEM, "1 added, 0 unchanged, 99999 refused");
    list.size -= 2;
    buffer_append(&list, "\nz", 3);
    expect(kit, "cohort add autumn --file -", (const char *)list.data, EXIT_PROBLEM, "more than 100000 people in one list");
    buffer_release(&list);
}

static void wrong_words_are_usage(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "cohort new autumn", NULL, EXIT_WRONG_USAGE, "--course");
    expect(kit, "cohort new autumn --course tdc --starts soon", NULL, EXIT_WRONG_USAGE, "--starts");
    expect(kit, "cohort show nowhere", NULL, EXIT_PROBLEM, "'nowhere'");
    expect(kit, "cohort new autumn --course tdc", NULL, EXIT_DONE, "");
    expect(kit, "cohort add autumn", NULL, EXIT_WRONG_USAGE, "--file");
    expect(kit, "cohort complete autumn p1", NULL, EXIT_WRONG_USAGE, "--reason");
    expect(kit, "cohort complete autumn p1 --reason x", NULL, EXIT_PROBLEM, "no learner");
    expect(kit, "cohort progress autumn --format xls", NULL, EXIT_WRONG_USAGE, "xls");
    expect(kit, "cohort progress autumn --format csv --json", NULL, EXIT_WRONG_USAGE, "--json: say one of them");
    expect(kit, "stats --format csv --json", NULL, EXIT_WRONG_USAGE, "--json: say one of them");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cohort_runs_from_its_list_to_its_table, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_enrolled_in_a_cohort_is_a_member_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(names_and_lists_end_at_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_words_are_usage, setup, teardown),
    };
    return KIT_RUN(tests);
}
