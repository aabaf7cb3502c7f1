#include "node/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/draft.h"
#include "node/input.h"

/* Translates errno; the report names the path. */
static enum status dir_error(struct report *report, const char *what, const char *path)
{
    int code = errno;
    enum status status = S_IO;

    if (error_is_no_space(code)) {
        status = S_NO_SPACE;
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        status = S_DENIED;
    } else if (code == ENOENT) {
        status = S_NOT_FOUND;
    } else if (code == EEXIST) {
        status = S_EXISTS;
    }
    return report_set(report, status, "cannot %s \"%s\": %s", what, path, strerror(code));
}

bool dir_lacks_inodes(const struct statvfs *disk)
{
    return (uint64_t)disk->f_bavail * disk->f_frsize >> 20 >= DIR_FULL_MIB && disk->f_files > 0 && disk->f_favail < DIR_INODES_MIN;
}

enum status dir_path(const char *dir, const char *name, char out[DIR_PATH_MAX])
{
    int size = snprintf(out, DIR_PATH_MAX, "%s/%s", dir, name);
    return size < 0 || size >= DIR_PATH_MAX ? S_TOO_LARGE : S_OK;
}

static enum status path_in(const char *dir, const char *name, char out[DIR_PATH_MAX], struct report *report)
{
    enum status status = dir_path(dir, name, out);
    return status == S_OK ? S_OK : report_set(report, status, "the path \"%s/%s\" is too long", dir, name);
}

bool dir_is_read_only(const char *dir)
{
    struct statvfs disk;
    int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
        return false;
    }
    return errno == EROFS || errno == EIO || (statvfs(dir, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0);
}

int dir_open_parent(const char *path)
{
    char parent[DIR_PATH_MAX];
    const char *slash = strrchr(path, '/');

    snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool dir_sync_parent(const char *path)
{
    int fd = dir_open_parent(path);

    if (fd < 0) {
        return false;
    }
    bool is_synced = fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return is_synced;
}

/* Makes what is missing above `dir`, as `mkdir -p` does; what cannot be made shows when `dir` itself is. */
static void parents_make(const char *dir)
{
    char path[DIR_PATH_MAX];

    snprintf(path, sizeof path, "%s", dir);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) == 0) {
            (void)dir_sync_parent(path);
        }
        *slash = '/';
    }
}

enum status dir_complete(const char *dir, struct report *report)
{
    static const char *const parts[] = {"blobs", "tmp"};
    char path[DIR_PATH_MAX];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        enum status status = path_in(dir, parts[i], path, report);
        if (status != S_OK) {
            return status;
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return dir_error(report, "make the directory", path);
        }
    }
    /* What is written durably below would be lost with its folders. A folder that may not be read cannot be synced. */
    (void)dir_sync_parent(path);
    (void)dir_sync_parent(dir);
    return S_OK;
}

/* The directory alone. */
static enum status dir_begin(const char *dir, struct report *report)
{
    char path[DIR_PATH_MAX];
    enum status status = path_in(dir, "node.key", path, report);

    if (status != S_OK) {
        return status;
    }
    parents_make(dir);
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return dir_error(report, "make the directory", dir);
    }
    if (access(path, F_OK) == 0) {
        return report_set(report, S_EXISTS, "\"%s\" holds a node already", dir);
    }
    return S_OK;
}

enum status dir_create(const char *dir, struct report *report)
{
    enum status status = dir_begin(dir, report);

    return status == S_OK ? dir_complete(dir, report) : status;
}

enum status dir_create_marked(const char *dir, const char *mark, struct report *report)
{
    char path[DIR_PATH_MAX];
    enum status status = dir_begin(dir, report);

    status = status == S_OK ? path_in(dir, mark, path, report) : status;
    if (status != S_OK) {
        return status;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return dir_error(report, "write", path);
    }
    close(fd);
    return dir_complete(dir, report);
}

/* Whoever was killed at the moment when a file took the place of another left both: a key lies in the first. */
static void leftovers_remove(const char *dir)
{
    static const char *const names[] = {"node.key.part", "node.key.next.part", "node.key.former.part", "federation.json.part", "qanat.conf.part"};
    char path[DIR_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dir_path(dir, names[i], path) == S_OK) {
            (void)draft_leftover_remove(path);
        }
    }
}

enum status dir_lock(const char *dir, int *lock_fd_out, struct report *report)
{
    char path[DIR_PATH_MAX], text[32] = "";
    enum status status = path_in(dir, "lock", path, report);

    *lock_fd_out = -1;
    if (status != S_OK) {
        return status;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return dir_error(report, "open the lock", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t size = errno == EWOULDBLOCK ? pread(fd, text, sizeof text - 1, 0) : -1;
        status = size < 0 ? dir_error(report, "lock", path)
                          : report_set(report, S_BUSY, "\"%s\" is in use by process %.*s", dir,
                                       (int)strcspn(text, "\n"), text);
        close(fd);
        return status;
    }
    int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size) {
        text[0] = 0; /* the number only informs; the lock holds without it */
    }
    leftovers_remove(dir);
    *lock_fd_out = fd;
    return S_OK;
}

static bool write_all(int fd, struct bytes content)
{
    while (content.size) {
        ssize_t size = write(fd, content.data, content.size);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return false;
        }
        content = bytes_of(content.data + size, content.size - (size_t)size);
    }
    return true;
}

bool dir_set_mode(int fd, unsigned mode)
{
    return fchmod(fd, (mode_t)mode) == 0 || errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP;
}

enum status dir_write_file(const char *path, struct bytes content, int mode, struct report *report)
{
    struct draft draft;

    if (!draft_open(&draft, path)) {
        return errno == ENAMETOOLONG ? report_set(report, S_TOO_LARGE, "the path \"%.*s...\" is too long", 64, path)
                                     : dir_error(report, "write", path);
    }
    bool is_written = write_all(draft.fd, content) && dir_set_mode(draft.fd, (unsigned)mode) && draft_publish(&draft, true);
    enum status status = is_written ? S_OK : dir_error(report, "write", path);
    draft_close(&draft);
    return status;
}

FILE *dir_scratch_file(const char *dir)
{
    char path[DIR_PATH_MAX], folder[DIR_PATH_MAX];

    if (dir_path(dir, "tmp/scratch.XXXXXX", path) != S_OK || dir_path(dir, "tmp", folder) != S_OK) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) { /* not everywhere */
        fd = mkostemp(path, O_CLOEXEC);
        if (fd < 0) {
            return NULL;
        }
        unlink(path);
    }
    FILE *file = fdopen(fd, "w+");
    if (!file) {
        close(fd);
    }
    return file;
}

enum status dir_read_file(const char *path, size_t size_max, struct buffer *out, struct report *report)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t size = 1;

    if (fd < 0) {
        return dir_error(report, "read", path);
    }
    enum status status = input_check(fd, path, report);
    buffer_clear(out);
    while (status == S_OK && size > 0) {
        size = read(fd, buffer_reserve(out, 4096), 4096);
        if (size > 0) {
            out->size += (size_t)size;
        } else if (size < 0 && errno == EINTR) {
            size = 1;
        } else if (size < 0) {
            status = dir_error(report, "read", path);
        }
        if (out->size > size_max) {
            status = report_set(report, S_TOO_LARGE, "\"%s\" is larger than %zu bytes", path, size_max);
        }
    }
    close(fd);
    return status;
}
