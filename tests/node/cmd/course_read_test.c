/* `qanat course list|show|export|verify`: what reads only. */
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/import.h"
#include "tests/kit/kit_command.h"

static const char manifest[] =
    "<manifest xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_rootv1p2'><metadata><schema>ADL "
    "SCORM</schema></metadata><organizations>"
    "<organization><title>Centre</title><item identifier='i' "
    "identifierref='r'><title>Lesson</title><adlcp:masteryscore>70"
    "</adlcp:masteryscore></item></organization></organizations><resources><resource identifier='r' "
    "adlcp:scormtype='sco'"
    " href='a.html'/></resources></manifest>";

static int setup(void **state)
{
    const struct kit_file files[] = {{"imsmanifest.xml", manifest}, {"a.html", "x"}, {NULL, NULL}};
    struct kit_command *kit = test_calloc(1, sizeof *kit);
    char words[700];

    kit_command_open(kit);
    snprintf(words, sizeof words, "%s/package.zip", kit->scratch);
    kit_archive_write(words, KIT_ZIP, files);
    snprintf(words, sizeof words, "course import %s/package.zip --id iot --lang en", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

static void a_version_is_listed_and_shown_with_its_table_of_contents(void **state)
{
    struct kit_command *kit = *state;

    kit_command_says(kit, "course list", EXIT_DONE, "Centre");
    kit_command_says(kit, "course list --json", EXIT_DONE, "\"state\": \"imported\"");
    kit_command_says(kit, "course list other --json", EXIT_DONE, "[]");
    kit_command_says(kit, "course list --lang zz", EXIT_DONE, "No version in language 'zz' is here.\n");
    kit_command_says(kit, "course list other --version 7 --available", EXIT_DONE, "No version '7' of \"other\" is here or in the catalogue.\n");
    kit_command_says(kit, "course show iot", EXIT_DONE, "Lesson  [a.html]  (70 % needed)");
    kit_command_says(kit, "course show iot --json", EXIT_DONE, "\"archive_sha256\": \"");
    kit_command_says(kit, "course show nothing", EXIT_PROBLEM, "course \"nothing\" is not known here");
    kit_command_says(kit, "course show iot --version 7", EXIT_PROBLEM, "version 7");
    kit_command_says(kit, "course show", EXIT_WRONG_USAGE, "missing");
}

static void a_version_is_exported_and_verified(void **state)
{
    struct kit_command *kit = *state;
    char words[400];

    snprintf(words, sizeof words, "course export iot --to %s/out", kit->scratch);
    kit_command_says(kit, words, EXIT_DONE, "2 files");
    assert_int_equal(kit_count_files(kit->scratch, "out"), 2);
    kit_command_says(kit, "course export iot", EXIT_WRONG_USAGE, "--to FOLDER");
    snprintf(words, sizeof words, "course export iot %s/bare", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    kit_command_says(kit, "course export iot bare --to other", EXIT_WRONG_USAGE, "one word too many");
    kit_command_says(kit, "course verify", EXIT_DONE, "intact");
    kit_command_says(kit, "course verify iot --json", EXIT_DONE, "\"faults\": 0");
    kit_command_says(kit, "course verify nothing", EXIT_PROBLEM, "no version of \"nothing\" is held here");
    kit_command_says(kit, "course verify --lang zz", EXIT_PROBLEM, "no version in language 'zz' is held here");
}

KIT_TESTS()
{
#define READ_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        READ_TEST(a_version_is_listed_and_shown_with_its_table_of_contents),
        READ_TEST(a_version_is_exported_and_verified),
    };
    return KIT_RUN(tests);
}
