#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    kit_command(kit, "person add --id p1 --name 'فاطمة'");
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

/* Issues one and gives its number. */
static void issue(struct kit_command *kit, char number[37], char **document)
{
    expect(kit, "credential issue --person p1 --course tdc --lang ar --title 'الكفايات'", NULL, EXIT_DONE,
           "urn:uuid:");
    *document = strdup(kit->out);
    json_t *json = json_loads(kit->out, 0, NULL);
    snprintf(number, 37, "%s", json_string_value(json_object_get(json, "id")) + 9);
    json_decref(json);
}

static void what_is_printed_at_issuing_verifies_until_it_is_revoked(void **state)
{
    struct kit_command *kit = *state;
    char number[37], words[256], *document;

    issue(kit, number, &document);
    assert_non_null(strstr(kit->err, "issued all the same"));
    expect(kit, "credential verify -", document, EXIT_DONE, "valid: issued here");
    expect(kit, "credential verify - --json", document, EXIT_DONE, "\"verdict\": \"valid\"");
    expect(kit, "credential issue --person p1 --course tdc", NULL, EXIT_DONE, number);
    snprintf(words, sizeof words, "credential revoke %s", number);
    expect(kit, words, NULL, EXIT_WRONG_USAGE, "--reason");
    snprintf(words, sizeof words, "credential revoke urn:uuid:%s --reason 'in error'", number);
    expect(kit, words, NULL, EXIT_DONE, "revoked");
    expect(kit, words, NULL, EXIT_DONE, "before");
    expect(kit, "credential verify -", document, EXIT_PROBLEM, "in error");
    expect(kit, "credential verify - --json", document, EXIT_PROBLEM, "\"verdict\": \"revoked\"");
    strstr(document, "tdc\"")[0] = 'x'; /* not letters of a key */
    expect(kit, "credential verify -", document, EXIT_PROBLEM, "altered");
    expect(kit, "credential verify -", "hello", EXIT_PROBLEM, "unreadable");
    expect(kit, "credential verify /nowhere.json", NULL, EXIT_PROBLEM, "'/nowhere.json'");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"certified\": 1");
    assert_non_null(strstr(kit->out, "\"revoked\": 1"));
    free(document);
}

static void it_is_listed_and_exported_as_a_file_and_as_a_page(void **state)
{
    struct kit_command *kit = *state;
    char number[37], words[700], *document;

    expect(kit, "credential list --person p1", NULL, EXIT_DONE, "No certificate was issued here to 'p1'.");
    issue(kit, number, &document);
    expect(kit, "credential list", NULL, EXIT_DONE, number);
    expect(kit, "credential list --person p1 --json", NULL, EXIT_DONE, number);
    expect(kit, "credential list --person p9", NULL, EXIT_PROBLEM, "'p9'");
    snprintf(words, sizeof words, "credential export %s", number);
    expect(kit, words, NULL, EXIT_DONE, "OpenBadgeCredential");
    snprintf(words, sizeof words, "credential export %s --format pdf", number);
    expect(kit, words, NULL, EXIT_DONE, "%PDF");
    snprintf(words, sizeof words, "credential export %s %s/p1.pdf", number, kit->scratch);
    expect(kit, words, NULL, EXIT_DONE, "");
    snprintf(words, sizeof words, "credential verify %s/p1.pdf", kit->scratch);
    expect(kit, words, NULL, EXIT_DONE, "valid");
    snprintf(words, sizeof words, "credential export %s /dev/full", number);
    expect(kit, words, NULL, EXIT_NO_SPACE, "Free some space there");
    snprintf(words, sizeof words, "credential export %s --format svg", number);
    expect(kit, words, NULL, EXIT_WRONG_USAGE, "svg");
    expect(kit, "credential export x", NULL, EXIT_PROBLEM, "'x'");
    expect(kit, "credential status", NULL, EXIT_DONE, "BitstringStatusListCredential");
    expect(kit, "person erase p1", NULL, EXIT_DONE, "erased");
    snprintf(words, sizeof words, "credential export %s", number);
    expect(kit, words, NULL, EXIT_PROBLEM, "erased");
    free(document);
}

static void wrong_words_are_usage(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "credential issue --person p1", NULL, EXIT_WRONG_USAGE, "--course");
    expect(kit, "credential issue --person p9 --course tdc", NULL, EXIT_PROBLEM, "'p9'");
    expect(kit, "credential issue --person p1 --course tdc --score 101", NULL, EXIT_WRONG_USAGE, "--score");
    expect(kit, "credential issue --person p1 --course tdc --expires 2001-01-01", NULL, EXIT_WRONG_USAGE,
           "--expires");
    expect(kit, "credential status", NULL, EXIT_PROBLEM, "issued here");
    expect(kit, "credential list --limit x", NULL, EXIT_WRONG_USAGE, "--limit");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_printed_at_issuing_verifies_until_it_is_revoked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(it_is_listed_and_exported_as_a_file_and_as_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_words_are_usage, setup, teardown),
    };
    return KIT_RUN(tests);
}
