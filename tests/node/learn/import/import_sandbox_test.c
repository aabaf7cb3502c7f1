/* The sandbox, tried from inside: a process that entered it and then does what it may not. */
#include "node/learn/import/import_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/kit.h"

enum act { ACT_NOTHING, ACT_OPEN, ACT_SOCKET, ACT_FORK, ACT_WRITE };

/* Exit code of a child that entered the sandbox and acted, or 256 + the signal that ended it. */
static int run(enum act act, int output)
{
    int outcome = 0;
    pid_t pid = fork();

    if (pid == 0) {
        dup2(output, STDOUT_FILENO);
        if (!import_sandbox_enter()) {
            _exit(99);
        }
        switch (act) {
        case ACT_NOTHING:
            _exit(7);
        case ACT_OPEN:
            _exit(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 8 : 1);
        case ACT_SOCKET:
            _exit(socket(AF_INET, SOCK_STREAM, 0) < 0 ? 9 : 1);
        case ACT_FORK:
            _exit(fork() < 0 ? 10 : 1);
        case ACT_WRITE:
            _exit(write(STDOUT_FILENO, "x", 1) == 1 ? 11 : 1);
        }
    }
    assert_int_equal(waitpid(pid, &outcome, 0), pid);
    return WIFSIGNALED(outcome) ? 256 + WTERMSIG(outcome) : WEXITSTATUS(outcome);
}

static void inside_there_are_only_the_open_descriptors(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(run(ACT_NOTHING, ends[1]), 7);
    assert_int_equal(run(ACT_OPEN, ends[1]), 8);
    assert_int_equal(run(ACT_SOCKET, ends[1]), 256 + SIGSYS);
    assert_int_equal(run(ACT_FORK, ends[1]), 256 + SIGSYS);
    assert_int_equal(run(ACT_WRITE, ends[1]), 11);
    close(ends[0]);
    close(ends[1]);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inside_there_are_only_the_open_descriptors),
    };
    return KIT_RUN(tests);
}
