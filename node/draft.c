#include "node/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/shortfall.h"
#include "replication/base/check.h"

enum { DESCRIPTOR_PATH_SIZE = 64 };

static void descriptor_path(int fd, char out[DESCRIPTOR_PATH_SIZE])
{
    snprintf(out, DESCRIPTOR_PATH_SIZE, "/proc/self/fd/%d", fd);
}

/* A device, a FIFO or a link to nowhere is never replaced; a link to a file means that file. */
static bool target_find(const char *path, char out[DIR_PATH_MAX])
{
    struct stat info;

    if (snprintf(out, DIR_PATH_MAX, "%s", path) >= DIR_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (lstat(path, &info) != 0 || S_ISREG(info.st_mode)) {
        return true; /* what is wrong with the folder is said when the file is made */
    }
    if (!S_ISLNK(info.st_mode)) {
        errno = S_ISDIR(info.st_mode) ? EISDIR : EEXIST;
        return false;
    }
    char *found = realpath(path, NULL);
    if (!found) {
        return false;
    }
    bool is_target = strlen(found) < DIR_PATH_MAX && stat(found, &info) == 0 && S_ISREG(info.st_mode);
    if (is_target) {
        strcpy(out, found);
    } else {
        errno = EEXIST;
    }
    free(found);
    return is_target;
}

static bool draft_names(struct draft *draft, const char *path)
{
    *draft = (struct draft){.fd = -1};
    if (!target_find(path, draft->path)) {
        return false;
    }
    snprintf(draft->part, sizeof draft->part, "%s.part", draft->path);
    return true;
}

/* A descriptor of a file without a name in the folder of `path`, which can be given one later; or -1. */
static int nameless_open(const char *path)
{
    char folder[DIR_PATH_MAX], descriptor[DESCRIPTOR_PATH_SIZE];
    const char *slash = strrchr(path, '/');

    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 0, path);
    int fd = open(slash ? (*folder ? folder : "/") : ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        descriptor_path(fd, descriptor);
        if (access(descriptor, F_OK) != 0) { /* no /proc: no way to name it */
            close(fd);
            fd = -1;
        }
    }
    return fd;
}

bool draft_leftover_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    bool is_removed = flock(fd, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0;
    close(fd);
    return is_removed;
}

bool draft_open_named(struct draft *draft, const char *path)
{
    if (!draft_names(draft, path)) {
        return false;
    }
    draft->is_named = true;
    draft->fd = open(draft->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (draft->fd < 0 && errno == EEXIST) {
        (void)draft_leftover_remove(draft->part);
        draft->fd = open(draft->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        errno = draft->fd < 0 && errno == EEXIST ? EBUSY : errno;
    }
    if (draft->fd >= 0) {
        (void)flock(draft->fd,
                    LOCK_EX |
                        LOCK_NB); /* where there are no locks, a leftover stays until it is removed by hand */
    }
    return draft->fd >= 0;
}

bool draft_open(struct draft *draft, const char *path)
{
    if (!draft_names(draft, path)) {
        return false;
    }
    draft->fd = nameless_open(draft->path);
    return draft->fd >= 0 || draft_open_named(draft, path);
}

FILE *draft_stream(const struct draft *draft)
{
    int fd = fcntl(draft->fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = fd >= 0 ? fdopen(fd, "wb") : NULL;

    if (fd >= 0 && !stream) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return stream;
}

/* Does FILE.part still name what we write? */
static bool is_own(const struct draft *draft)
{
    struct stat ours, named;

    return fstat(draft->fd, &ours) == 0 && stat(draft->part, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* Gives a file without a name one. */
static bool nameless_link(struct draft *draft, const char *name)
{
    char descriptor[DESCRIPTOR_PATH_SIZE];

    descriptor_path(draft->fd, descriptor);
    return linkat(AT_FDCWD, descriptor, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool part_rename(const struct draft *draft, bool replaces)
{
    if (!is_own(draft)) {
        errno = EBUSY;
        return false;
    }
    if (!replaces) {
        if (renameat2(AT_FDCWD, draft->part, AT_FDCWD, draft->path, RENAME_NOREPLACE) == 0) {
            return true;
        }
        if (errno != EINVAL && errno != ENOSYS) {
            return false;
        }
        if (access(draft->path, F_OK) == 0) { /* a file system that cannot do it at once */
            errno = EEXIST;
            return false;
        }
    }
    return rename(draft->part, draft->path) == 0;
}

static bool name_give(struct draft *draft, bool replaces)
{
    if (!draft->is_named) {
        if (nameless_link(draft, draft->path)) {
            return true;
        }
        if (errno != EEXIST || !replaces) {
            return false;
        }
        (void)draft_leftover_remove(draft->part);
        (void)flock(draft->fd, LOCK_EX | LOCK_NB);
        if (!nameless_link(draft, draft->part)) {
            return false;
        }
        draft->is_named = true;
    }
    if (!part_rename(draft, replaces)) {
        return false;
    }
    draft->is_named = false;
    return true;
}

bool draft_publish(struct draft *draft, bool replaces)
{
    CHECK(draft->fd >= 0);
    if (shortfall_status() != S_OK) {
        errno = EIO; /* what it was to hold was not read to its end */
        return false;
    }
    if (fsync(draft->fd) != 0 || !name_give(draft, replaces)) {
        return false;
    }
    return dir_sync_parent(draft->path) ||
           errno == EINVAL; /* where folders cannot be synced it is as good as it gets */
}

void draft_close(struct draft *draft)
{
    if (draft->fd < 0) {
        return;
    }
    if (draft->is_named && is_own(draft)) {
        (void)unlink(draft->part);
    }
    close(draft->fd);
    draft->fd = -1;
}
