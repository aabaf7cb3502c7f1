#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

extern char **environ;

static struct kit_hub hub;
static struct findings findings;
static struct inspection inspection;
static struct doctor doctor;

static int setup(void **state)
{
    (void)state;
    kit_hub_open(&hub);
    findings_init(&findings);
    inspect_begin(&inspection, hub.dir, NULL, &findings);
    doctor = (struct doctor){.inspection = &inspection, .now_ms = (uint64_t)time(NULL) * 1000};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    inspect_end(&inspection);
    findings_release(&findings);
    kit_hub_close(&hub);
    return 0;
}

static void a_healthy_machine_has_no_fault(void **state)
{
    (void)state;
    inspection.config.disk_floor_mib = 0;
    doctor_clock(&doctor);
    doctor_disk(&doctor);
    doctor_files(&doctor);
    doctor_database(&doctor);
    assert_int_equal(findings.faults, 0);
    assert_int_equal(findings_count(&findings, FINDING_AUTHORITY_ONLINE), 1); /* advice: init left it there */
}

static void a_clock_of_1970_or_behind_its_own_files_is_told(void **state)
{
    (void)state;
    doctor.now_ms = 1000;
    doctor_clock(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_CLOCK_WRONG), 1);
    doctor.now_ms = (uint64_t)time(NULL) * 1000;
    kit_hub_shell(&hub, "touch -d '+2 days' hub/qanat.db");
    doctor_clock(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_CLOCK_WRONG), 2);
}

static void little_space_is_told_by_the_floor(void **state)
{
    (void)state;
    inspection.config.disk_floor_mib = 1 << 30;
    doctor_disk(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_DISK_LOW) + findings_count(&findings, FINDING_DISK_FULL), 1);
}

/* A disk with room on which nothing can be made: the cause is named, at the edge too. */
static void a_disk_without_inodes_is_told_as_such(void **state)
{
    struct statvfs vfs = {.f_bavail = 1 << 20, .f_frsize = 4096, .f_files = 1000, .f_favail = DIR_INODES_MIN};
    (void)state;

    inspection.config.disk_floor_mib = 0;
    doctor_room(&doctor, &vfs);
    assert_int_equal(findings.total, 0);
    vfs.f_favail = DIR_INODES_MIN - 1;
    doctor_room(&doctor, &vfs);
    assert_int_equal(findings.faults, 1);
    assert_int_equal(findings_count(&findings, FINDING_INODES_FEW), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(findings.rows, 0), "cause")),
                        "31 more files can be made there (inodes, df -i), although 4096 MiB are free");
    vfs.f_bavail = 0; /* xfs counts few then */
    doctor_room(&doctor, &vfs);
    vfs.f_files = vfs.f_favail = 0; /* btrfs counts none */
    vfs.f_bavail = 1 << 20;
    doctor_room(&doctor, &vfs);
    assert_int_equal(findings_count(&findings, FINDING_INODES_FEW), 1);
    assert_int_equal(findings_count(&findings, FINDING_DISK_FULL), 1);
}

static void secrets_that_others_can_read_are_named(void **state)
{
    (void)state;
    kit_hub_shell(&hub, "chmod 644 hub/node.key; chmod 660 hub/federation.json");
    doctor_files(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PERMISSIONS_OPEN), 2);
    assert_int_equal(findings_count(&findings, FINDING_DIR_FOREIGN), 0);
}

static void a_folder_that_cannot_be_entered_is_named(void **state)
{
    (void)state;
    kit_hub_shell(&hub, "rm -rf hub/tmp; touch hub/tmp"); /* to root, too, no folder to enter */
    doctor_files(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_DIR_FOREIGN), 1);
}

/* In a child without capabilities, where the rights of files bind root, too. */
static void a_database_that_may_not_be_written_is_told(void **state)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    char path[DIR_PATH_MAX];
    int code;
    (void)state;

    assert_int_equal(dir_path(hub.dir, "qanat.db", path), S_OK);
    assert_int_equal(chmod(path, 0400), 0);
    pid_t child = fork();
    if (child == 0) {
        if (syscall(SYS_capset, &head, none) != 0 || access(path, W_OK) == 0) {
            _exit(77);
        }
        doctor_files(&doctor);
        const char *cause = json_string_value(json_object_get(json_array_get(findings.rows, 0), "cause"));
        _exit(findings_count(&findings, FINDING_FILE_FOREIGN) == 1 && strstr(cause, path) && strstr(cause, "its mode is 400") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    if (WEXITSTATUS(code) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(code), 0);
    assert_int_equal(chmod(path, 0600), 0);
    doctor_files(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_FILE_FOREIGN), 0);
}

static void a_damaged_structure_and_a_large_log_are_told(void **state)
{
    (void)state;
    kit_hub_sql(hub.dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    kit_hub_shell(&hub, "for at in 4 5 6 7 8 9; do dd if=/dev/zero of=hub/qanat.db bs=4096 seek=$at count=1 conv=notrunc 2>/dev/null; done;"
                        "truncate -s 200M hub/qanat.db-wal");
    doctor_database(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PAGES_DAMAGED), 1);
    assert_int_equal(findings_count(&findings, FINDING_WAL_LARGE), 1);
}

static void limits_are_looked_at(void **state)
{
    (void)state;
    doctor_limits(&doctor);
    doctor_program(&doctor); /* nothing runs there */
    assert_int_equal(json_array_size(findings.checked), 2); /* files, limits */
}

static void lock_write(const char *text)
{
    char path[DIR_PATH_MAX];

    snprintf(path, sizeof path, "%s/lock", hub.dir);
    assert_int_equal(dir_write_file(path, bytes_text(text), 0600, NULL), S_OK);
}

static void a_node_that_runs_another_program_is_told(void **state)
{
    char text[32];
    pid_t pid;
    char *words[] = {"sleep", "600", NULL};
    (void)state;

    doctor.is_running = true;
    snprintf(text, sizeof text, "%ld\n", (long)getpid());
    lock_write(text);
    doctor_program(&doctor);
    assert_int_equal(findings.total, 0);
    assert_int_equal(posix_spawnp(&pid, "sleep", NULL, NULL, words, environ), 0);
    snprintf(text, sizeof text, "%ld\n", (long)pid);
    lock_write(text);
    doctor_program(&doctor);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(findings_count(&findings, FINDING_NODE_OUTDATED), 1);
    lock_write("nonsense");
    doctor_program(&doctor);
    assert_int_equal(findings.total, 1);
}

KIT_TESTS()
{
#define DOCTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(a_healthy_machine_has_no_fault),
        DOCTOR_TEST(a_clock_of_1970_or_behind_its_own_files_is_told),
        DOCTOR_TEST(little_space_is_told_by_the_floor), DOCTOR_TEST(a_disk_without_inodes_is_told_as_such),
        DOCTOR_TEST(secrets_that_others_can_read_are_named),
        DOCTOR_TEST(a_folder_that_cannot_be_entered_is_named),
        DOCTOR_TEST(a_database_that_may_not_be_written_is_told), DOCTOR_TEST(a_damaged_structure_and_a_large_log_are_told),
        DOCTOR_TEST(limits_are_looked_at),
        DOCTOR_TEST(a_node_that_runs_another_program_is_told),
    };
    return KIT_RUN(tests);
}
