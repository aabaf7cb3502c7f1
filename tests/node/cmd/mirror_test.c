#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "node/cmd/command.h"
#include "node/store/course/mirror.h"
#include "tests/kit/import.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void a_mirror_is_named_listed_and_taken_back(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "mirror list"), EXIT_DONE);
    assert_non_null(strstr(kit->err, "No mirror"));
    assert_int_equal(kit_command(kit, "mirror add https://cdn.example.org/qanat"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "mirror add https://cdn.example.org/qanat/"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "already"));
    assert_int_equal(kit_command(kit, "mirror list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"url\": \"https://cdn.example.org/qanat/\""));
    assert_non_null(strstr(kit->out, "\"by\": \"hub\""));
    assert_non_null(strstr(kit->out, "\"bytes\": 0"));
    assert_int_equal(kit_command(kit, "mirror list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "not used yet"));
    assert_int_equal(kit_command(kit, "mirror remove https://cdn.example.org/qanat"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "mirror remove https://cdn.example.org/qanat"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "mirror list --json"), EXIT_DONE);
    assert_null(strstr(kit->out, "cdn.example.org"));
}

static void a_node_names_so_many_mirrors_and_no_more(void **state)
{
    struct kit_command *kit = *state;
    char words[100];

    for (int i = 0; i <= MIRRORS_MAX; i++) {
        snprintf(words, sizeof words, "mirror add http://m%d.example.org/", i);
        assert_int_equal(kit_command(kit, words), i < MIRRORS_MAX ? EXIT_DONE : EXIT_PROBLEM);
    }
    assert_non_null(strstr(kit->err, "remove one first"));
    assert_int_equal(kit_command(kit, "mirror remove http://m0.example.org/"), EXIT_DONE);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
}

static void what_is_no_address_is_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "mirror add"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "mirror add file:///etc/"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "file:///etc/"));
    assert_int_equal(kit_command(kit, "mirror add http://user@host/"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "mirror add http://host/?q="), EXIT_WRONG_USAGE);
}

static void published_contents_are_written_once(void **state)
{
    const struct kit_file files[] = {{"index.html", "<title>Page</title>one page"}, {NULL, NULL}};
    struct kit_command *kit = *state;
    char words[700];
    struct stat there;

    snprintf(words, sizeof words, "%s/page.zip", kit->scratch);
    kit_archive_write(words, KIT_ZIP, files);
    snprintf(words, sizeof words, "course import %s/page.zip --id page --lang en", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    snprintf(words, sizeof words, "mirror export %s/www", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_non_null(strstr(kit->out, "0 contents")); /* not published: it stays here */
    assert_int_equal(kit_command(kit, "course publish page"), EXIT_DONE);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_non_null(strstr(kit->out, "3 contents")); /* the page, the recipe of the archive, the manifest */
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_non_null(strstr(kit->out, "0 contents of 0 bytes written, 3 were there"));
    kit_command_file(kit, "a_file", "");
    snprintf(words, sizeof words, "mirror export %s/a_file", kit->scratch);
    kit_command_says(kit, words, EXIT_PROBLEM, "a_file' is no folder");
    snprintf(words, sizeof words, "mirror export %s/missing/www", kit->scratch);
    assert_int_equal(kit_command(kit, words), EXIT_PROBLEM);
    snprintf(words, sizeof words, "%s/missing", kit->scratch);
    assert_int_equal(stat(words, &there), -1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mirror_is_named_listed_and_taken_back, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_node_names_so_many_mirrors_and_no_more, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_address_is_named, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(published_contents_are_written_once, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
