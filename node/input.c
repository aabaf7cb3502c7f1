#include "node/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 50 };

static enum status status_of(int error)
{
    return error == ENOENT || error == ENOTDIR ? S_NOT_FOUND : error == EACCES || error == EPERM ? S_DENIED : S_IO;
}

/* Waits until somebody has the other end open. tee() looks without taking anything: 0 says that there is no writer. */
static bool has_writer(int fd)
{
    int aside[2];
    bool is_there = false;

    if (pipe2(aside, O_CLOEXEC | O_NONBLOCK) != 0) {
        return true; /* cannot be looked at */
    }
    for (int waited_ms = 0; !is_there && waited_ms < INPUT_WAIT_MS; waited_ms += LOOK_MS) {
        struct pollfd end = {.fd = fd, .events = POLLIN};
        (void)poll(&end, 1, LOOK_MS);
        is_there = (end.revents & (POLLIN | POLLHUP)) != 0 || tee(fd, aside[1], 1, SPLICE_F_NONBLOCK) != 0;
    }
    close(aside[0]);
    close(aside[1]);
    return is_there;
}

enum status input_check(int fd, const char *path, struct report *report)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return report_set(report, S_IO, "'%s' cannot be read: %s", path, strerror(errno));
    }
    if (S_ISFIFO(info.st_mode) && !has_writer(fd)) {
        return report_set(report, S_INVALID, "'%s' is a pipe that nobody writes to: start what writes first, or name a file", path);
    }
    if (S_ISDIR(info.st_mode)) {
        return report_set(report, S_INVALID, "'%s' is a folder and no file", path);
    }
    if (S_ISBLK(info.st_mode)) {
        return report_set(report, S_INVALID, "'%s' is a device and no file", path);
    }
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return S_OK;
}

int input_open(const char *path, struct report *report)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        report_set(report, status_of(errno), "'%s' cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (input_check(fd, path, report) != S_OK) {
        close(fd);
        return -1;
    }
    return fd;
}

FILE *input_stream(const char *path, struct report *report)
{
    int fd = input_open(path, report);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

    if (fd >= 0 && !file) {
        report_set(report, S_NO_MEMORY, "'%s' cannot be opened: %s", path, strerror(errno));
        close(fd);
    }
    return file;
}
