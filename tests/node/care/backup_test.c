#include "node/care/backup.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

static struct kit_hub hub;
static char file[200];

static int setup(void **state)
{
    (void)state;
    kit_hub_open(&hub);
    snprintf(file, sizeof file, "%s/hub.backup", hub.scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_hub_close(&hub);
    return 0;
}

static void a_damaged_node_is_refused_unless_asked_for(void **state)
{
    (void)state;
    kit_hub_sql(hub.dir, "UPDATE cell SET value = x'0104' WHERE dot = (SELECT max(dot) FROM cell)");
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_PROBLEM);
    assert_non_null(strstr(hub.err, "scrub --repair"));
    assert_int_not_equal(access(file, F_OK), 0);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--damaged", NULL), EXIT_DONE);
    assert_int_equal(access(file, F_OK), 0);
}

static void a_damaged_content_is_left_out_and_told(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_shell(&hub, "for f in hub/blobs/*/*; do printf x | dd of=$f bs=1 conv=notrunc 2>/dev/null; done"), 0);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--json", NULL), EXIT_PROBLEM);
    json_t *document = kit_hub_json(&hub);
    assert_int_equal(json_integer_value(json_object_get(document, "left_out")), 1);
    assert_int_equal(json_integer_value(json_object_get(document, "contents")), 0);
    json_decref(document);
    assert_int_equal(access(file, F_OK), 0);
}

static void what_a_killed_backup_left_behind_is_in_nobodys_way(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_shell(&hub, "echo half a database > hub.backup.qanat-copy"), 0);
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    assert_int_not_equal(kit_hub_shell(&hub, "test -e hub.backup.qanat-copy"), 0);
}

static void the_authority_key_is_not_in_it(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL), EXIT_DONE);
    assert_non_null(strstr(hub.err, "authority.key is not in it"));
    assert_int_not_equal(kit_hub_shell(&hub, "grep -q authority.key hub.backup"), 0);
}

static void a_full_disk_leaves_nothing_and_says_73(void **state)
{
    struct rlimit before, small;
    (void)state;

    /* Room for the copy of the database, and none for what comes around it. */
    assert_int_equal(kit_hub_run(&hub, "backup", "--dir", hub.dir, file, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    small.rlim_cur = (rlim_t)json_integer_value(json_object_get(document, "database_bytes"));
    json_decref(document);
    unlink(file);

    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int code = kit_hub_run(&hub, "backup", "--dir", hub.dir, file, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(code, EXIT_NO_SPACE);
    assert_non_null(strstr(hub.err, "takes no file as large")); /* not: free some space */
    assert_int_equal(kit_hub_shell(&hub, "exit $(ls | grep -c backup)"), 0);
}

KIT_TESTS()
{
#define BACKUP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BACKUP_TEST(a_damaged_node_is_refused_unless_asked_for),
        BACKUP_TEST(a_damaged_content_is_left_out_and_told),
        BACKUP_TEST(what_a_killed_backup_left_behind_is_in_nobodys_way),
        BACKUP_TEST(the_authority_key_is_not_in_it),
        BACKUP_TEST(a_full_disk_leaves_nothing_and_says_73),
    };
    return KIT_RUN(tests);
}
