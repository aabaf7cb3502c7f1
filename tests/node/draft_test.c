#include "node/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/kit.h"

typedef bool opener(struct draft *draft, const char *path);

static opener *const openers[] = {draft_open, draft_open_named};
enum { OPENERS = sizeof openers / sizeof *openers };

struct fixture {
    char dir[256], path[300], part[310];
    struct draft draft;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    snprintf(fixture->path, sizeof fixture->path, "%s/file", fixture->dir);
    snprintf(fixture->part, sizeof fixture->part, "%s.part", fixture->path);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static int files(const struct fixture *fixture)
{
    DIR *dir = opendir(fixture->dir);
    int count = 0;

    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

static void put(struct draft *draft, const char *text)
{
    assert_int_equal(write(draft->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void holds(const char *path, const char *text)
{
    char found[64] = {0};
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(found, 1, sizeof found - 1, file) > 0);
    fclose(file);
    assert_string_equal(found, text);
}

static void a_file_is_there_when_it_is_published(void **state)
{
    struct fixture *fixture = *state;
    struct draft *draft = &fixture->draft;
    struct stat info;

    for (int way = 0; way < OPENERS; way++) {
        assert_true(openers[way](draft, fixture->path));
        put(draft, "whole");
        assert_int_equal(access(fixture->path, F_OK), -1);
        assert_true(draft_publish(draft, false));
        draft_close(draft);
        draft_close(draft);
        holds(fixture->path, "whole");
        assert_int_equal(stat(fixture->path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_int_equal(info.st_nlink, 1);
        assert_int_equal(files(fixture), 1);
        unlink(fixture->path);
    }
}

static void what_is_there_is_replaced_only_when_that_is_wanted(void **state)
{
    struct fixture *fixture = *state;
    struct draft *draft = &fixture->draft;

    for (int way = 0; way < OPENERS; way++) {
        assert_true(openers[way](draft, fixture->path));
        put(draft, "first");
        assert_true(draft_publish(draft, true));
        draft_close(draft);
        assert_true(openers[way](draft, fixture->path));
        put(draft, "second");
        assert_false(draft_publish(draft, false));
        assert_int_equal(errno, EEXIST);
        holds(fixture->path, "first");
        assert_true(draft_publish(draft, true));
        draft_close(draft);
        holds(fixture->path, "second");
        assert_int_equal(files(fixture), 1);
        unlink(fixture->path);
    }
}

static void what_is_given_up_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;

    for (int way = 0; way < OPENERS; way++) {
        assert_true(openers[way](&fixture->draft, fixture->path));
        put(&fixture->draft, "half");
        draft_close(&fixture->draft);
        assert_int_equal(files(fixture), 0);
    }
}

/* A child that is killed while it writes. */
static void killed(const struct fixture *fixture, opener *open_draft)
{
    int said[2], status;
    char byte;

    assert_int_equal(pipe(said), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct draft draft;
        bool is_open = open_draft(&draft, fixture->path) && write(draft.fd, "half", 4) == 4;
        (void)!write(said[1], is_open ? "y" : "n", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(said[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    if (open_draft == draft_open_named) { /* alive, it keeps others off */
        struct draft other;
        assert_false(draft_open_named(&other, fixture->path));
        assert_int_equal(errno, EBUSY);
        draft_close(&other);
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(said[0]);
    close(said[1]);
}

static void a_kill_leaves_nothing_or_what_the_next_removes(void **state)
{
    struct fixture *fixture = *state;

    killed(fixture, draft_open);
    assert_int_equal(files(fixture), 0);
    killed(fixture, draft_open_named);
    assert_int_equal(files(fixture), 1);
    assert_true(draft_open_named(&fixture->draft, fixture->path));
    put(&fixture->draft, "whole");
    assert_true(draft_publish(&fixture->draft, false));
    draft_close(&fixture->draft);
    holds(fixture->path, "whole");
    assert_int_equal(files(fixture), 1);
}

static void another_file_under_its_name_is_not_taken_for_its_own(void **state)
{
    struct fixture *fixture = *state;

    assert_true(draft_open_named(&fixture->draft, fixture->path));
    assert_int_equal(unlink(fixture->part), 0);
    int fd = open(fixture->part, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_false(draft_publish(&fixture->draft, true));
    assert_int_equal(errno, EBUSY);
    draft_close(&fixture->draft);
    assert_int_equal(access(fixture->part, F_OK), 0);
}

static void only_files_are_replaced(void **state)
{
    struct fixture *fixture = *state;
    char target[300];

    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    for (int way = 0; way < OPENERS; way++) {
        assert_false(openers[way](&fixture->draft, fixture->path));
        assert_int_equal(errno, EEXIST);
    }
    assert_false(draft_open(&fixture->draft, fixture->dir));
    assert_int_equal(errno, EISDIR);
    unlink(fixture->path);
    snprintf(target, sizeof target, "%s/target", fixture->dir);
    assert_int_equal(symlink("target", fixture->path), 0);
    assert_false(draft_open(&fixture->draft, fixture->path)); /* it leads nowhere */
    FILE *file = fopen(target, "w");
    assert_non_null(file);
    fclose(file);
    assert_true(draft_open(&fixture->draft, fixture->path));
    put(&fixture->draft, "by the link");
    assert_true(draft_publish(&fixture->draft, true));
    draft_close(&fixture->draft);
    holds(target, "by the link");
    assert_int_equal(files(fixture), 2);
    unlink(fixture->path);
    assert_int_equal(symlink("/dev/null", fixture->path), 0);
    assert_false(draft_open(&fixture->draft, fixture->path));
    assert_int_equal(errno, EEXIST);
}

static void a_folder_that_is_not_there_is_said(void **state)
{
    struct fixture *fixture = *state;
    char path[DIR_PATH_MAX + 1];

    snprintf(path, sizeof path, "%s/none/file", fixture->dir);
    assert_false(draft_open(&fixture->draft, path));
    assert_int_equal(errno, ENOENT);
    draft_close(&fixture->draft);
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(draft_open(&fixture->draft, path));
    assert_int_equal(errno, ENAMETOOLONG);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_there_when_it_is_published, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_there_is_replaced_only_when_that_is_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_given_up_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kill_leaves_nothing_or_what_the_next_removes, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_under_its_name_is_not_taken_for_its_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_files_are_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_said, setup, teardown),
    };
    return KIT_RUN(tests);
}
