#include "node/learn/import/import_child.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_sandbox.h"
#include "node/learn/import/import_unpack.h"
#include "node/learn/original/scan.h"
#include "replication/base/check.h"
#include "replication/package/manifest.h"

#define CHILD_NAME "qanat-import-child"

/* Descriptors are moved up to here first, so that placing them on 0 and 1 cannot overwrite one another. */
enum { FD_SAFE = 10, PIPE_SIZE = 1024 * 1024 };

/* `prepare` does what cannot be done in the sandbox, and nothing that the others need: each import starts two or three of these. */
static const struct {
    const char *name;
    void (*prepare)(const char *lang);
    bool (*work)(int in_fd, int out_fd);
} tasks[] = {
    [IMPORT_TASK_UNPACK] = {"unpack", import_unpack_prepare, import_unpack},
    [IMPORT_TASK_DESCRIBE] = {"describe", import_describe_prepare, import_describe},
    [IMPORT_TASK_SCAN] = {"scan", NULL, original_scan},
};
enum { TASK_COUNT = sizeof tasks / sizeof *tasks };

bool import_child_is(int argc, char **argv)
{
    return argc == 3 && strcmp(argv[0], CHILD_NAME) == 0;
}

int import_child_main(int argc, char **argv)
{
    size_t task = 0;

    CHECK(import_child_is(argc, argv));
    while (task < TASK_COUNT && strcmp(argv[1], tasks[task].name) != 0) {
        task++;
    }
    CHECK(task < TASK_COUNT);
    setlocale(LC_CTYPE, "C.UTF-8"); /* else libarchive gives NULL for names beyond ASCII */
    if (tasks[task].prepare) {
        tasks[task].prepare(argv[2]);
    }
    signal(SIGPIPE, SIG_IGN); /* the parent may have heard enough */
    if (!import_sandbox_enter()) {
        static const char text[] =
            "Xthis system does not let the importer confine itself (seccomp): nothing was read";
        struct buffer fault;

        buffer_init(&fault);
        buffer_append(&fault, text, sizeof text - 1);
        fault.data[0] = S_INTERNAL;
        (void)import_frame_write(STDOUT_FILENO, IMPORT_FRAME_FAULT, buffer_bytes(&fault));
        buffer_release(&fault);
        _exit(1);
    }
    _exit(tasks[task].work(STDIN_FILENO, STDOUT_FILENO) ? 0 : 1);
}

static int spawn(const char *task, const char *lang, int input_fd, int output_fd, pid_t *pid_out)
{
    char name[] = CHILD_NAME, argument[16], tag[LANG_MAX + 1], locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC0", options[1024];
    char *argv[] = {name, argument, tag, NULL};
    char *envp[] = {locale, zone, NULL, NULL};
    const char *asan = getenv("ASAN_OPTIONS");
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int rc;

    snprintf(argument, sizeof argument, "%s", task);
    snprintf(tag, sizeof tag, "%s", lang);
    if (asan) {
        snprintf(options, sizeof options, "ASAN_OPTIONS=%s", asan);
        envp[2] = options;
    }
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_adddup2(&actions, input_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
    rc = posix_spawn(pid_out, "/proc/self/exe", &actions, &attributes, argv, envp);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

enum status import_child_start(enum import_task task, const char *lang, int input_fd, struct import_child *child, struct report *report)
{
    int ends[2] = {-1, -1};
    int input = fcntl(input_fd, F_DUPFD_CLOEXEC, FD_SAFE);
    int output = -1, rc = errno;

    child->pid = -1;
    import_reader_init(&child->reader, -1);
    if (input >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
        output = fcntl(ends[1], F_DUPFD_CLOEXEC, FD_SAFE);
        rc = output >= 0 ? spawn(tasks[task].name, lang, input, output, &child->pid) : errno;
        (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* fewer task switches; without it only slower */
        close(ends[1]);
        child->reader.fd = ends[0];
    }
    if (input >= 0) {
        close(input);
    }
    if (output >= 0) {
        close(output);
    }
    if (child->pid > 0) {
        return S_OK;
    }
    if (ends[0] >= 0) {
        close(ends[0]);
    }
    child->reader.fd = -1;
    return report_set(report, S_INTERNAL, "cannot start the importer's child process: %s (is /proc mounted?)",
                      strerror(rc));
}

void import_child_end(struct import_child *child, struct report *report)
{
    int outcome = 0;

    if (child->reader.fd >= 0) {
        close(child->reader.fd);
        child->reader.fd = -1;
    }
    if (child->pid > 0) {
        pid_t waited;

        /* What it had to say was read, or is not wanted any more. */
        if (report && report->status != S_OK) {
            kill(child->pid, SIGKILL);
        }
        do {
            waited = waitpid(child->pid, &outcome, 0);
        } while (waited < 0 && errno == EINTR);
        if (waited == child->pid && WIFSIGNALED(outcome)) {
            report_set(report, S_INVALID,
                       "the importer's child process was ended by signal %d (%s) while reading it",
                       WTERMSIG(outcome), strsignal(WTERMSIG(outcome)));
        }
        child->pid = -1;
    }
    import_reader_release(&child->reader);
}
