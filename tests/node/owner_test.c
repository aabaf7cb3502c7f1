#include "node/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/kit.h"

enum { OTHER = 65534 };

static void without_another_owner_files_are_the_users_own(void **state)
{
    char dir[256];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    owner_act(dir);
    assert_int_equal(owner_user(), geteuid());
    owner_act("/nowhere/at/all");
    assert_int_equal(owner_user(), geteuid());
    kit_scratch_remove(dir);
}

/* In a child, for it stays so. 0: as promised. */
static int act_in(const char *dir)
{
    char path[300];
    struct stat info;

    snprintf(path, sizeof path, "%s/secret", dir);
    int fd = open(path, O_CREAT | O_WRONLY, 0600); /* root's */
    if (fd < 0 || chmod(dir, 0700) != 0 || chown(dir, OTHER, OTHER) != 0) {
        return 1;
    }
    close(fd);
    owner_act(dir);
    fd = open(path, O_RDWR);
    if (fd < 0 || owner_user() != OTHER) {
        return 2;
    }
    close(fd);
    snprintf(path, sizeof path, "%s/made", dir);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    return fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == OTHER && info.st_gid == OTHER ? 0 : 3;
}

static void what_root_makes_in_anothers_directory_is_that_ones_and_root_may_all(void **state)
{
    char dir[256];
    int ended = 0;
    (void)state;

    if (geteuid() != 0) {
        return;
    }
    kit_scratch_make(dir, sizeof dir);
    pid_t child = fork();
    if (child == 0) {
        _exit(act_in(dir));
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    assert_int_equal(owner_user(), 0);
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_another_owner_files_are_the_users_own),
        cmocka_unit_test(what_root_makes_in_anothers_directory_is_that_ones_and_root_may_all),
    };

    return KIT_RUN(tests);
}
