#include "node/care/restore.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

static struct kit_hub hub;
static char file[200], dir[200];

static int setup(void **state)
{
    (void)state;
    kit_hub_open(&hub);
    snprintf(file, sizeof file, "%s/hub.backup", hub.scratch);
    snprintf(dir, sizeof dir, "%s/restored", hub.scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_hub_close(&hub);
    return 0;
}

static char *said(const char *command, const char *of)
{
    assert_int_equal(kit_hub_run(&hub, command, "--dir", of, NULL), EXIT_DONE);
    return strdup(hub.out);
}

static void a_restored_node_has_the_same_facts_and_files(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_DONE);
    char *before = said("digest", hub.dir), *after = said("digest", dir);
    assert_string_equal(before, after);
    free(before);
    free(after);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_shell(&hub, "diff -r hub/blobs restored/blobs && cmp hub/node.key restored/node.key && "
                                         "cmp hub/federation.json restored/federation.json && cmp hub/qanat.conf restored/qanat.conf"), 0);
    assert_int_equal(kit_hub_shell(&hub, "test \"$(stat -c %%a restored/node.key restored/qanat.db restored | tr '\\n' ' ')\" = '600 600 700 '"), 0);
    assert_int_not_equal(kit_hub_shell(&hub, "test -e restored/authority.key"), 0);
    assert_int_equal(kit_hub_run(&hub, "person", "list", "--dir", dir, NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "Amina"));
}

static void it_writes_on_under_a_fresh_incarnation_and_counts_once(void **state)
{
    char path[220];
    (void)state;

    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_DONE);
    snprintf(path, sizeof path, "%s/more.csv", hub.scratch);
    kit_hub_shell(&hub, "(cat results.csv; echo e4,p2,c1,completed,2026-04-03T10:00:00Z,70,10) > more.csv");
    assert_int_equal(kit_hub_run(&hub, "result", "import", "--dir", dir, path, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "digest", "--dir", dir, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    assert_int_equal(json_array_size(json_object_get(document, "streams")), 3); /* roster, results before, results now */
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "stats", "--dir", dir, "--format", "json", NULL), EXIT_DONE);
    document = kit_hub_json(&hub);
    json_t *row = json_array_get(json_object_get(document, "rows"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "enrolled")), 2);
    assert_int_equal(json_integer_value(json_object_get(row, "completed")), 2);
    json_decref(document);
}

static void what_is_there_is_never_overwritten(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_shell(&hub, "mkdir restored && echo mine > restored/note"), 0);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_shell(&hub, "test \"$(ls restored)\" = note"), 0);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", hub.dir, file, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_shell(&hub, "rm restored/note"), 0);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_DONE); /* an empty one will do */
}

static void a_restore_that_was_cut_off_is_begun_again(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    kit_hub_shell(&hub, "mkdir -p restored/blobs/ab restored/tmp && : >restored/restoring && echo half >restored/qanat.db && echo x >restored/blobs/ab/x");
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, NULL), EXIT_DONE);
    assert_int_not_equal(kit_hub_shell(&hub, "test -e restored/restoring || test -e restored/blobs/ab/x"), 0);
    kit_hub_shell(&hub, ": >restored/restoring"); /* cut off after its last step but one: it is a node */
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, NULL), EXIT_DONE);
}

/* The exit code of a restore by somebody whom the rights of folders bind, as they do not bind root. */
static int restored_bound(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    int code;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        _exit(syscall(SYS_capset, &head, none) == 0 ? kit_hub_run(&hub, "restore", "--dir", dir, file, NULL) : EXIT_DONE);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    return WEXITSTATUS(code);
}

static void what_could_not_be_taken_back_is_with_the_next_restore(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    kit_hub_shell(&hub, "mkdir -p restored/blobs/ab && : >restored/restoring && echo x >restored/blobs/ab/x && chmod 500 restored/blobs/ab");
    assert_int_equal(restored_bound(), EXIT_PROBLEM);
    kit_hub_shell(&hub, "chmod 700 restored/blobs/ab");
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_DONE);
    assert_int_not_equal(kit_hub_shell(&hub, "test -e restored/restoring || test -e restored/blobs/ab/x"), 0);
}

static void a_damaged_backup_leaves_nothing_behind(void **state)
{
    enum { TRIES = 60 };
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    for (int i = 0; i < TRIES; i++) {
        FILE *stream = fopen(file, "r+");
        assert_non_null(stream);
        fseek(stream, 0, SEEK_END);
        long size = ftell(stream), at = (long)kit_random_below(&random, (uint64_t)size);
        fseek(stream, at, SEEK_SET);
        int byte = fgetc(stream), bit = (int)kit_random_below(&random, 8);
        fseek(stream, at, SEEK_SET);
        fputc(byte ^ 1 << bit, stream);
        fflush(stream);
        int code = kit_hub_run(&hub, "restore", "--dir", dir, file, NULL);
        assert_true(code == EXIT_PROBLEM || code == EXIT_NO_SPACE);
        assert_int_not_equal(access(dir, F_OK), 0);
        fseek(stream, at, SEEK_SET);
        fputc(byte, stream);
        fclose(stream);
    }
    assert_int_equal(kit_hub_shell(&hub, "head -c -1 hub.backup > cut && mv cut hub.backup"), 0);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_PROBLEM);
    assert_int_not_equal(access(dir, F_OK), 0);
}

static void damage_that_was_backed_up_is_refused_unless_asked_for(void **state)
{
    (void)state;
    kit_hub_sql(hub.dir, "UPDATE cell SET value = x'0104' WHERE dot = (SELECT max(dot) FROM cell)");
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--damaged", NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, NULL), EXIT_PROBLEM);
    assert_int_not_equal(access(dir, F_OK), 0);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, "--damaged", "--json", NULL), EXIT_DONE);
    assert_true(kit_hub_has_finding(&hub, "cells_damaged"));
}

static void a_content_that_did_not_come_along_is_fetched_again(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_shell(&hub, "rm hub/blobs/*/*"), 0);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_run(&hub, "restore", "--dir", dir, file, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    assert_int_equal(json_integer_value(json_object_get(document, "lacking")), 1);
    json_decref(document);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", dir, NULL), EXIT_DONE);
}

KIT_TESTS()
{
#define RESTORE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RESTORE_TEST(a_restored_node_has_the_same_facts_and_files),
        RESTORE_TEST(it_writes_on_under_a_fresh_incarnation_and_counts_once),
        RESTORE_TEST(what_is_there_is_never_overwritten),
        RESTORE_TEST(a_restore_that_was_cut_off_is_begun_again),
        RESTORE_TEST(what_could_not_be_taken_back_is_with_the_next_restore),
        RESTORE_TEST(a_damaged_backup_leaves_nothing_behind),
        RESTORE_TEST(damage_that_was_backed_up_is_refused_unless_asked_for),
        RESTORE_TEST(a_content_that_did_not_come_along_is_fetched_again),
    };
    return KIT_RUN(tests);
}
