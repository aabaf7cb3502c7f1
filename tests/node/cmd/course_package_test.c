/* `qanat course import`: what it says of a package, and what it does not take for said. */
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/import.h"
#include "tests/kit/kit_command.h"

/* Writes a package of one page that says `content`, and imports it with `options`. */
static void expect_import(struct kit_command *kit, const char *content, const char *options, int code, const char *said)
{
    const struct kit_file files[] = {{"index.html", content}, {NULL, NULL}};
    char path[400], words[700];

    snprintf(path, sizeof path, "%s/package.zip", kit->scratch);
    kit_archive_write(path, KIT_ZIP, files);
    snprintf(words, sizeof words, "course import %s %s", path, options);
    kit_command_says(kit, words, code, said);
}

static void what_to_type_next_can_be_pasted_into_a_shell(void **state)
{
    struct kit_command *kit = *state;

    expect_import(kit, "a", "--id iot-1 --lang en", EXIT_DONE, "1 file, 1 bytes, 1 item; publish it with: qanat course publish iot-1\n");
    expect_import(kit, "b", "--id 'two words' --lang en", EXIT_DONE, "publish it with: qanat course publish 'two words'\n");
    expect_import(kit, "c", "--id $(x)\" --lang en", EXIT_DONE, "publish it with: qanat course publish '$(x)\"'\n");
    expect_import(kit, "d", "--id=-5 --lang en", EXIT_DONE, "publish it with: qanat course publish -- '-5'\n");
    expect_import(kit, "e", "--id=it's --lang en", EXIT_DONE, "publish it with: qanat course publish 'it'\\''s'\n");
}

static void an_option_that_says_nothing_is_no_option(void **state)
{
    struct kit_command *kit = *state;

    expect_import(kit, "a", "--id iot --lang en --version=", EXIT_WRONG_USAGE, "--version: nothing is said");
    expect_import(kit, "a", "--id iot --lang=", EXIT_WRONG_USAGE, "--lang: nothing is said");
    expect_import(kit, "a", "--id iot --lang e", EXIT_WRONG_USAGE, "no language tag");
    kit_command_says(kit, "course list --json", EXIT_DONE, "[]");
    expect_import(kit, "a", "--id iot --lang en", EXIT_DONE, "version 1");
    kit_command_says(kit, "course publish iot --version=", EXIT_WRONG_USAGE, "--version: nothing is said");
    kit_command_says(kit, "course remove iot --version=", EXIT_WRONG_USAGE, "--version: nothing is said");
    kit_command_says(kit, "course list --json", EXIT_DONE, "\"imported\"");
}

static void what_is_no_package_is_named(void **state)
{
    struct kit_command *kit = *state;
    char words[400];

    kit_command_file(kit, "f", ""); /* the text of the refusal holds an "f" of its own */
    snprintf(words, sizeof words, "course import %s/f --id iot --lang en", kit->scratch);
    kit_command_says(kit, words, EXIT_PROBLEM, "\"f\": not an archive");
}

static void a_translation_of_a_course_that_nobody_knows_is_worth_a_word(void **state)
{
    struct kit_command *kit = *state;

    expect_import(kit, "a", "--id iot --lang en", EXIT_DONE, "version 1");
    expect_import(kit, "b", "--id iot-fr --lang fr --localises iott", EXIT_DONE, "note: no course \"iott\" is known here yet");
    expect_import(kit, "c", "--id iot-ar --lang ar --localises iot", EXIT_DONE, "version 1");
    assert_null(strstr(kit->err, "no course"));
}

KIT_TESTS()
{
#define PACKAGE_TEST(name) cmocka_unit_test_setup_teardown(name, kit_command_setup, kit_command_teardown)
    const struct CMUnitTest tests[] = {
        PACKAGE_TEST(what_to_type_next_can_be_pasted_into_a_shell),
        PACKAGE_TEST(an_option_that_says_nothing_is_no_option),
        PACKAGE_TEST(what_is_no_package_is_named),
        PACKAGE_TEST(a_translation_of_a_course_that_nobody_knows_is_worth_a_word),
    };
    return KIT_RUN(tests);
}
