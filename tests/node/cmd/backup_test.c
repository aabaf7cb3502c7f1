#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

/* What the commands do is tested in tests/node/care; here: their words and documents. */
static void backup_restore_and_scrub_speak_json_and_refuse_wrong_words(void **state)
{
    struct kit_hub hub;
    char file[200], dir[200];
    (void)state;

    kit_hub_open(&hub);
    snprintf(file, sizeof file, "%s/hub.backup", hub.scratch);
    snprintf(dir, sizeof dir, "%s/restored", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, NULL), EXIT_WRONG_USAGE);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, NULL), EXIT_WRONG_USAGE);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--sparkle", NULL), EXIT_WRONG_USAGE);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    assert_string_equal(json_string_value(json_object_get(document, "file")), file);
    assert_true(json_integer_value(json_object_get(document, "bytes")) > json_integer_value(json_object_get(document, "database_bytes")));
    assert_int_equal(json_integer_value(json_object_get(document, "contents")), 1);
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, "--json", NULL), EXIT_DONE);
    document = kit_hub_json(&hub);
    assert_string_equal(json_string_value(json_object_get(document, "node")), "hub");
    assert_int_equal(json_integer_value(json_object_get(document, "streams")), 2);
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", dir, "--repair", "--json", NULL), EXIT_DONE);
    document = kit_hub_json(&hub);
    assert_int_equal(json_array_size(json_object_get(document, "repaired")), 0);
    assert_true(json_is_false(json_object_get(document, "fresh_incarnation")));
    json_decref(document);
    kit_hub_close(&hub);
}

/* A stick that was written in Latin-1. */
static void a_name_that_is_no_utf8_has_its_document_too(void **state)
{
    static const char *const looks[] = {"verify", "doctor", "scrub"};
    struct kit_hub hub;
    char file[200], dir[200];
    (void)state;

    kit_hub_open(&hub);
    snprintf(file, sizeof file, "%s/cl\xe9.backup", hub.scratch);
    snprintf(dir, sizeof dir, "%s/restaur\xe9", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    assert_non_null(strstr(json_string_value(json_object_get(document, "file")), "/cl?.backup"));
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, "--json", NULL), EXIT_DONE);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        int code = kit_hub_run(&hub, looks[i], "--dir", dir, "--json", NULL);
        assert_true(code == EXIT_DONE || code == EXIT_PROBLEM);
        document = kit_hub_json(&hub);
        assert_non_null(strstr(json_string_value(json_object_get(document, "dir")), "/restaur?"));
        json_decref(document);
    }
    snprintf(dir, sizeof dir, "%s/centre-\xe9", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "init", "--dir", dir, "--name", "x", "--kind", "campus", "--json", NULL), EXIT_DONE);
    snprintf(file, sizeof file, "%s/invitation", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "invite", "--dir", hub.dir, "--name", "islet", "--kind", "campus", "--file", file, NULL), EXIT_DONE);
    snprintf(file, sizeof file, "%s/cl\xe9.qanat", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "bundle", "export", "--dir", hub.dir, "--for", "islet", file, "--json", NULL), EXIT_DONE);
    snprintf(file, sizeof file, "%s/cl\xe9", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "authority", "new-key", file, "--json", NULL), EXIT_DONE);
    kit_hub_close(&hub);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backup_restore_and_scrub_speak_json_and_refuse_wrong_words),
        cmocka_unit_test(a_name_that_is_no_utf8_has_its_document_too),
    };
    return KIT_RUN(tests);
}
