#include <jansson.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

static struct kit_hub hub;

static int setup(void **state)
{
    (void)state;
    kit_hub_open(&hub);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_hub_close(&hub);
    return 0;
}

static void a_sound_node_has_no_finding_and_tells_what_was_looked_at(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub), *looked = json_object_get(document, "looked_at");
    assert_int_equal(json_array_size(json_object_get(document, "findings")), 0);
    assert_int_equal(json_array_size(json_object_get(document, "checked")), 4);
    assert_int_equal(json_integer_value(json_object_get(looked, "streams")), 2);
    assert_true(json_integer_value(json_object_get(looked, "cells")) > 3);
    assert_int_equal(json_integer_value(json_object_get(looked, "contents")), 1);
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_DONE);
    assert_string_equal(hub.out, "nothing is wrong\n");
}

static void an_option_that_is_none_is_usage(void **state)
{
    static const char *const commands[] = {"verify", "doctor", "status"};
    static const char *const wrong[] = {"nope=1", "nope", "", "sync_interval_s=abc", "sync_interval_s= 5", "sync_interval_s=-1"};
    (void)state;

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
            assert_int_equal(kit_hub_run(&hub, commands[i], "--dir", hub.dir, "--set", wrong[j], NULL), EXIT_WRONG_USAGE);
        }
    }
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, "--set", "sync_interval_s=60", NULL), EXIT_DONE);
}

static void each_kind_of_damage_has_its_code(void **state)
{
    static const struct {
        const char *sql;
        const char *code;
    } cases[] = {
        {"UPDATE cell SET value = x'0104' WHERE dot = (SELECT max(dot) FROM cell)", "own_cells_damaged"},
        {"UPDATE stream SET signature = zeroblob(64)", "signature_wrong"},
        {"UPDATE stream_state SET state = zeroblob(2048)", "sum_damaged"},
        {"UPDATE stream SET id = zeroblob(33) WHERE number = 2", "stream_unreadable"},
        {"DELETE FROM stream WHERE number = 2", "cells_stray"},
        {"DELETE FROM term", "roster_unreadable"},
        {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'signature', 'sigmature')", "roster_unreadable"},
        {"PRAGMA foreign_keys = OFF; INSERT INTO blob_chunk VALUES (99, 0, x'00', 0, 1, 0)", "pages_damaged"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char dir[200];
        snprintf(dir, sizeof dir, "%s/copy%zu", hub.scratch, i);
        assert_int_equal(kit_hub_shell(&hub, "cp -a hub copy%zu", i), 0);
        kit_hub_sql(dir, cases[i].sql);
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, "--json", NULL), EXIT_PROBLEM);
        assert_true(kit_hub_has_finding(&hub, cases[i].code));
    }
}

static void damage_outside_the_database_is_found_too(void **state)
{
    static const struct {
        const char *shell;
        const char *code;
    } cases[] = {
        {"rm node.key", "key_missing"},
        {"echo nonsense > node.key", "key_damaged"},
        {"rm federation.json", "federation_missing"},
        {"echo '{}' > federation.json", "federation_damaged"},
        {"echo 'sparkle = 1' > qanat.conf", "config_wrong"},
        {"rm qanat.db", "database_missing"},
        {"head -c 1000 /dev/zero > qanat.db", "database_unusable"},
        {"rm blobs/*/*", "blob_missing"},
        {"for f in blobs/*/*; do printf x | dd of=$f bs=1 conv=notrunc 2>/dev/null; done", "blob_damaged"},
        {"for f in blobs/*/*; do echo more >> $f; done", "blob_damaged"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char dir[200];
        snprintf(dir, sizeof dir, "%s/copy%zu", hub.scratch, i);
        assert_int_equal(kit_hub_shell(&hub, "cp -a hub copy%zu && cd copy%zu && rm -f qanat.db-wal qanat.db-shm && %s", i, i,
                                       cases[i].shell), 0);
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, "--json", NULL), EXIT_PROBLEM);
        if (!kit_hub_has_finding(&hub, cases[i].code)) {
            fail_msg("%s: %s", cases[i].shell, hub.out);
        }
    }
}

static void an_option_that_stands_twice_is_told_and_no_fault(void **state)
{
    char dir[200];
    (void)state;

    snprintf(dir, sizeof dir, "%s/twice", hub.scratch);
    assert_int_equal(kit_hub_shell(&hub, "cp -a hub twice && cd twice && rm -f qanat.db-wal qanat.db-shm && "
                                         "printf 'late_after_h = 3\\nlate_after_h = 4\\n' >> qanat.conf"), 0);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, "--json", NULL), EXIT_DONE);
    assert_true(kit_hub_has_finding(&hub, "config_twice"));
    assert_non_null(strstr(hub.out, "again in line"));
}

/* Whatever bit flips in the file: it is found, or the figures are the same as before. */
static void no_flipped_bit_gives_a_wrong_figure_unseen(void **state)
{
    enum { FLIPS = 60 };
    struct kit_random random;
    char *figures, dir[200];
    int found = 0;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    assert_int_equal(kit_hub_run(&hub, "stats", "--dir", hub.dir, "--by", "gender,period,course", "--format", "csv", NULL), EXIT_DONE);
    figures = strdup(hub.out);
    snprintf(dir, sizeof dir, "%s/copy", hub.scratch);
    assert_int_equal(kit_hub_shell(&hub, "cp -a hub copy"), 0);
    kit_hub_sql(dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_int_equal(kit_hub_shell(&hub, "cp copy/qanat.db sound.db"), 0);
    for (int i = 0; i < FLIPS; i++) {
        char path[220];
        snprintf(path, sizeof path, "%s/qanat.db", dir);
        assert_int_equal(kit_hub_shell(&hub, "cp sound.db copy/qanat.db; rm -f copy/qanat.db-wal copy/qanat.db-shm"), 0);
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        fseek(file, 0, SEEK_END);
        long at = (long)kit_random_below(&random, (uint64_t)ftell(file));
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 1 << kit_random_below(&random, 8), file);
        fclose(file);
        int verdict = kit_hub_run(&hub, "verify", "--dir", dir, NULL);
        found += verdict != EXIT_DONE;
        if (verdict == EXIT_DONE) {
            assert_int_equal(kit_hub_run(&hub, "stats", "--dir", dir, "--by", "gender,period,course", "--format", "csv", NULL), EXIT_DONE);
            if (strcmp(hub.out, figures) != 0) {
                fail_msg("a flip at %ld went unseen:\n%s", at, hub.out);
            }
        }
    }
    assert_true(found > 0);
    free(figures);
}

KIT_TESTS()
{
#define VERIFY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        VERIFY_TEST(a_sound_node_has_no_finding_and_tells_what_was_looked_at),
        VERIFY_TEST(an_option_that_is_none_is_usage),
        VERIFY_TEST(each_kind_of_damage_has_its_code),
        VERIFY_TEST(damage_outside_the_database_is_found_too),
        VERIFY_TEST(an_option_that_stands_twice_is_told_and_no_fault),
        VERIFY_TEST(no_flipped_bit_gives_a_wrong_figure_unseen),
    };
    return KIT_RUN(tests);
}
