/* `qanat course clean`, and what a cohort stays with, as a person types it. */
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/import.h"
#include "tests/kit/kit_command.h"

static void import(struct kit_command *kit, const char *content, const char *options)
{
    const struct kit_file files[] = {{"index.html", content}, {NULL, NULL}};
    char path[400], words[700];

    snprintf(path, sizeof path, "%s/package.zip", kit->scratch);
    kit_archive_write(path, KIT_ZIP, files);
    snprintf(words, sizeof words, "course import %s --id iot %s", path, options);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
}

static void a_person_pins_for_a_cohort_and_cleans(void **state)
{
    struct kit_command kit;

    (void)state;
    kit_command_open(&kit);
    import(&kit, "<title>One</title>", "--lang en");
    import(&kit, "<title>Two</title>", "--lang en");
    kit_command_says(&kit, "course pin iot --version 1 --cohort autumn", EXIT_DONE, "iot en version 1: pinned");
    kit_command_says(&kit, "course show iot --version 1", EXIT_DONE, "autumn stays with it");
    kit_command_says(&kit, "course list --version 2", EXIT_DONE, "current"); /* for everybody else */
    kit_command_says(&kit, "course remove iot --version 1", EXIT_PROBLEM, "cohort \"autumn\" stays with version 1");
    kit_command_says(&kit, "course pin iot --newest --cohort spring", EXIT_PROBLEM, "stays with no version");
    kit_command_says(&kit, "course pin iot --newest --cohort autumn", EXIT_DONE, "follows the newest");
    kit_command_says(&kit, "course clean --dry-run", EXIT_DONE, "0 versions and 0 contents without a version would go");
    kit_command_says(&kit, "course clean --json", EXIT_DONE, "\"frees\": 0");
    kit_command_says(&kit, "course remove iot --version 1", EXIT_DONE, "removed");
    kit_command_close(&kit);
}

static void a_translation_shows_how_far_it_is_behind(void **state)
{
    struct kit_command kit;

    (void)state;
    kit_command_open(&kit);
    import(&kit, "<title>One</title>", "--lang en");
    import(&kit, "<title>Wahid</title>", "--lang ar");
    kit_command_says(&kit, "course show iot --lang ar --json", EXIT_DONE, "\"behind\": 0");
    import(&kit, "<title>Two</title>", "--lang en");
    kit_command_says(&kit, "course show iot --lang ar", EXIT_DONE,
           "this localisation is 1 member behind its source (made from en 1, now 2)");
    kit_command_says(&kit, "course list", EXIT_DONE, "1 member behind its source");
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_pins_for_a_cohort_and_cleans),
        cmocka_unit_test(a_translation_shows_how_far_it_is_behind),
    };
    return KIT_RUN(tests);
}
