/* main.c: the words of the command line go to the table of subcommands. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "node/learn/import/import_child.h"
#include "node/limits.h"
#include "node/log.h"
#include "replication/base/check.h"

/* A standard stream that is closed becomes /dev/null: else the next file that is opened would take its place, and be written to. What is said
 * on stdout is data: there it can be read alone, so that a command that has any fails. */
static bool streams_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd) {
            return false;
        }
    }
    return true;
}

/* A node that is starting: SIGHUP waits until the loop can hear it (node/app.c), and does not end it. */
static void hangups_wait(int argc, char **argv)
{
    sigset_t hangup;

    if (argc > 1 && strcmp(argv[1], "run") == 0) {
        sigemptyset(&hangup);
        sigaddset(&hangup, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &hangup, NULL);
    }
}

int main(int argc, char **argv)
{
    struct report limits = {.status = S_OK};
    struct command_context context = {.in = stdin, .out = stdout, .err = stderr};

    if (import_child_is(argc, argv)) {
        return import_child_main(argc, argv); /* this process only unpacks, sandboxed */
    }
    hangups_wait(argc, argv);
    if (!streams_open()) {
        return EXIT_PROBLEM;
    }
    check_set_handler(log_check_failed);
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is a full disk, not an end */
    if (sodium_init() < 0) {
        fputs("qanat: the system gives no random numbers\n", stderr);
        return EXIT_PROBLEM;
    }
    if (limits_take(&limits) != S_OK) {
        fprintf(stderr, "qanat: %s\n", limits.text);
        return EXIT_PROBLEM;
    }
    context.is_tty = isatty(STDOUT_FILENO);
    return command_execute(&context, argc - 1, argv + 1);
}
