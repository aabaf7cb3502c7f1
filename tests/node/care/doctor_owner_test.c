/* What root may and the node's own user may not. */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

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
    doctor = (struct doctor){.inspection = &inspection};
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

static const char *finding_text(size_t index, const char *key)
{
    const char *text = json_string_value(json_object_get(json_array_get(findings.rows, index), key));

    return text ? text : "";
}

static void a_directory_of_ones_own_needs_no_look(void **state)
{
    (void)state;
    doctor_owner(&doctor);
    assert_int_equal(findings.total, 0);
}

static void what_the_directorys_user_may_not_use_is_named_to_root(void **state)
{
    (void)state;
    if (geteuid() != 0 || kit_hub_shell(&hub, "chown -R 4242:4242 hub") != 0) {
        skip();
    }
    doctor_owner(&doctor);
    assert_int_equal(findings.total, 0); /* all of it belongs to one user */
    kit_hub_shell(&hub, "chown root hub/qanat.db && chmod 640 hub/qanat.db && chown root:root hub/node.key hub/qanat.conf && chmod 644 hub/qanat.conf");
    doctor_owner(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_FILE_FOREIGN), 2);
    assert_int_equal(findings.total, 2); /* the configuration can be read */
    assert_string_equal(finding_text(0, "subject"), "node.key");
    assert_string_equal(finding_text(0, "cause"), "user 4242, to whom the directory belongs, may not read it: it belongs to user 0 and its mode is 600");
    assert_string_equal(finding_text(1, "subject"), "qanat.db");
    assert_non_null(strstr(finding_text(1, "cause"), "may not write it"));
}

static void courses_that_root_imported_are_counted(void **state)
{
    (void)state;
    if (geteuid() != 0 || kit_hub_shell(&hub, "chown -R 4242:4242 hub") != 0) {
        skip();
    }
    kit_hub_shell(&hub, "mkdir -p -m 755 hub/blobs/zz; touch hub/blobs/zz/one hub/blobs/zz/two; chmod 600 hub/blobs/zz/*");
    doctor_owner(&doctor);
    assert_int_equal(findings.total, 1);
    assert_string_equal(finding_text(0, "subject"), "blobs/zz");
    assert_non_null(strstr(finding_text(0, "cause"), "3 files and folders of courses are not for user 4242"));
}

static void that_user_is_told_of_courses_too(void **state)
{
    int code;
    (void)state;

    if (geteuid() != 0 || kit_hub_shell(&hub, "chown -R 4242:4242 hub") != 0) {
        skip();
    }
    kit_hub_shell(&hub, "mkdir -p -m 700 hub/blobs/zz; touch hub/blobs/zz/one; chmod 755 .");
    pid_t child = fork();
    if (child == 0) {
        if (setegid(4242) != 0 || seteuid(4242) != 0 || faccessat(AT_FDCWD, hub.dir, X_OK, AT_EACCESS) != 0) {
            _exit(77); /* a folder above is not for everybody */
        }
        doctor_owner(&doctor);
        _exit(findings.total == 1 && strcmp(finding_text(0, "subject"), "blobs/zz") == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    if (WEXITSTATUS(code) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(code), 0);
}

KIT_TESTS()
{
#define OWNER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        OWNER_TEST(a_directory_of_ones_own_needs_no_look),
        OWNER_TEST(what_the_directorys_user_may_not_use_is_named_to_root),
        OWNER_TEST(that_user_is_told_of_courses_too),
        OWNER_TEST(courses_that_root_imported_are_counted),
    };
    return KIT_RUN(tests);
}
