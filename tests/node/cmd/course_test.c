/* `qanat course`: what changes rows, as a person types it. */
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/import.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

/* Writes a package of one page that says `content`, and imports it with `options`. */
static void expect_import(struct kit_command *kit, const char *content, const char *options, int code,
                          const char *said)
{
    const struct kit_file files[] = {{"index.html", content}, {NULL, NULL}};
    char path[400], words[700];

    snprintf(path, sizeof path, "%s/package.zip", kit->scratch);
    kit_archive_write(path, KIT_ZIP, files);
    snprintf(words, sizeof words, "course import %s %s", path, options);
    kit_command_says(kit, words, code, said);
}

static void a_course_is_imported_published_pinned_rolled_back_and_removed(void **state)
{
    struct kit_command *kit = *state;

    expect_import(kit, "<title>One</title>", "--id iot --lang en --series s", EXIT_DONE,
                  "iot en version 1: \"One\" (plain), 1 file, ");
    expect_import(kit, "<title>One</title>", "--id iot --lang en", EXIT_DONE, "nothing changed");
    kit_command_says(kit, "course publish iot", EXIT_DONE, "iot en version 1: in the catalogue, published");
    expect_import(kit, "<title>Two</title>", "--id iot --lang en --json", EXIT_DONE, "\"version\": \"2\"");
    kit_command_says(kit, "course publish iot --version 2", EXIT_DONE, "version 2");
    kit_command_says(kit, "course rollback iot", EXIT_DONE, "iot en version 1: current again, pinned");
    kit_command_says(kit, "course rollback iot", EXIT_PROBLEM, "no version of \"iot\" en older than 1 is held here");
    kit_command_says(kit, "course pin iot --newest", EXIT_DONE, "iot en version 2: follows the newest");
    kit_command_says(kit, "course pin iot --version 1", EXIT_DONE, "iot en version 1: pinned");
    kit_command_says(kit, "course remove iot --version 1", EXIT_DONE, "removed");
    kit_command_says(kit, "course list", EXIT_DONE, "current");
    kit_command_says(kit, "course remove iot", EXIT_DONE, "removed");
    kit_command_says(kit, "course list --json", EXIT_DONE, "[]");
}

static void mistakes_are_told_with_what_to_do(void **state)
{
    struct kit_command *kit = *state;

    expect_import(kit, "x", "--lang en", EXIT_WRONG_USAGE, "--id ID --lang TAG");
    expect_import(kit, "x", "--id iot --lang '!'", EXIT_WRONG_USAGE, "is no language tag");
    kit_command_says(kit, "course import /nowhere.zip --id iot --lang en", EXIT_PROBLEM, "\"/nowhere.zip\"");
    kit_command_says(kit, "course publish iot", EXIT_PROBLEM, "was imported here");
    kit_command_says(kit, "course pin iot", EXIT_WRONG_USAGE, "--version V");
    kit_command_says(kit, "course pin iot --newest --version 1", EXIT_WRONG_USAGE, "say one of them");
    kit_command_says(kit, "course pin iot --version 1", EXIT_PROBLEM, "course \"iot\" is not known here");
    kit_command_says(kit, "course remove iot", EXIT_PROBLEM, "not known here");
}

static void subscriptions_are_said_exactly(void **state)
{
    struct kit_command *kit = *state;

    kit_command_says(kit, "course subscribe", EXIT_WRONG_USAGE, "--all");
    kit_command_says(kit, "course subscribe --series cloud --lang fr", EXIT_DONE, "comes with the next sync");
    kit_command_says(kit, "course unsubscribe --series cloud", EXIT_PROBLEM, "no such subscription");
    kit_command_says(kit, "course unsubscribe --series cloud --lang fr", EXIT_DONE, "unsubscribed");
    kit_command_says(kit, "course subscribe --lang '!'", EXIT_WRONG_USAGE, "as ar, en or zh-Hans");
    kit_command_says(kit, "course subscribe --publisher nobody", EXIT_DONE, "no node 'nobody' is in the roster yet");
    char text[400];
    snprintf(text, sizeof text, "course subscribe --publisher %0300d", 1); /* was cut off and taken */
    kit_command_says(kit, text, EXIT_WRONG_USAGE, "' has 300 bytes, ");
    kit_command_says(kit, "course subscribe iot --json", EXIT_DONE, "[]");
    kit_command_says(kit, "course subscribe --all iot", EXIT_WRONG_USAGE, "what else was named");
    kit_command_says(kit, "course unsubscribe --all iot", EXIT_WRONG_USAGE, "what else was named"); /* it ended all of them */
    kit_command_says(kit, "course unsubscribe --all --lang fr", EXIT_WRONG_USAGE, "what else was named");
    kit_command_says(kit, "course subscriptions --json", EXIT_DONE, "\"iot\"");
    kit_command_says(kit, "course unsubscribe --all", EXIT_DONE, "unsubscribed");
}

KIT_TESTS()
{
#define COURSE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        COURSE_TEST(a_course_is_imported_published_pinned_rolled_back_and_removed),
        COURSE_TEST(mistakes_are_told_with_what_to_do),
        COURSE_TEST(subscriptions_are_said_exactly),
    };
    return KIT_RUN(tests);
}
