/* Between the lines "the C library's names" and the end stand the functions that replace it. They do the real
 * thing by system call and note it under one lock, so that the order noted is the order done. */
#include "tests/crash/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { PATH_SIZE = 1024, FILES_MAX = 1 << 16, BLOCK = 4096 };

/* A file as it is now: to find what was written behind our back. */
struct shadow {
    ino_t inode; /* 0: gone */
    uint8_t *data;
    size_t size, capacity;
};

static struct recorder {
    pthread_mutex_t lock;
    bool is_on;
    char root[PATH_SIZE];
    size_t root_size;
    dev_t device;
    struct disk_op *ops;
    size_t count, capacity;
    struct shadow *shadows; /* by file number */
    struct shadow now;      /* a file as it was read last: memory that is kept, as fresh pages cost more than the reading */
    uint32_t file_count;
} recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- noting
 * ------------------------------------------------------------------------------------------------------- */

static struct disk_op *op_add(enum disk_op_kind kind)
{
    if (recorder.count == recorder.capacity) {
        recorder.capacity = recorder.capacity ? 2 * recorder.capacity : 1024;
        recorder.ops = realloc(recorder.ops, recorder.capacity * sizeof *recorder.ops);
        CHECK(recorder.ops);
    }
    struct disk_op *op = &recorder.ops[recorder.count++];
    *op = (struct disk_op){.kind = kind};
    return op;
}

static void op_add_named(enum disk_op_kind kind, const char *path)
{
    op_add(kind)->path = strdup(path);
}

/* Below the root and not memory? Then without the root. */
static const char *path_below(const char *path)
{
    if (strncmp(path, recorder.root, recorder.root_size) != 0 || path[recorder.root_size] != '/') {
        return NULL;
    }
    size_t size = strlen(path);
    return size > 4 && strcmp(path + size - 4, "-shm") == 0 ? NULL : path + recorder.root_size + 1;
}

static const char *descriptor_path(int fd, char out[PATH_SIZE])
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long size = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_SIZE - 1);
    out[size > 0 ? size : 0] = '\0';
    return size > 0 && strcmp(out, recorder.root) == 0 ? "" : path_below(out);
}

/* The path that `at` and `path` name together, below the root; NULL when it is elsewhere. */
static const char *full_path(int at, const char *path, char out[PATH_SIZE])
{
    char folder[PATH_SIZE];

    if (path[0] == '/') {
        snprintf(out, PATH_SIZE, "%s", path);
    } else if (at == AT_FDCWD) {
        return NULL; /* tests use absolute paths */
    } else {
        if (!descriptor_path(at, folder)) {
            return NULL;
        }
        CHECK(snprintf(out, PATH_SIZE, "%s/%s", folder, path) < PATH_SIZE);
    }
    return path_below(out);
}

static void shadow_reserve(struct shadow *shadow, size_t size)
{
    if (size > shadow->capacity) { /* twice as much: a file grows by a page a time */
        shadow->capacity = 2 * size;
        shadow->data = realloc(shadow->data, shadow->capacity);
        CHECK(shadow->data);
    }
}

static void shadow_write(struct shadow *shadow, uint64_t offset, const uint8_t *data, size_t size)
{
    shadow_reserve(shadow, offset + size);
    if (offset + size > shadow->size) {
        memset(shadow->data + shadow->size, 0, offset + size - shadow->size);
        shadow->size = offset + size;
    }
    memcpy(shadow->data + offset, data, size);
}

static void note_write(uint32_t file, uint64_t offset, const void *data, size_t size)
{
    struct disk_op *op = op_add(DISK_WRITE);

    op->file = file;
    op->offset = offset;
    op->size = size;
    op->data = malloc(size ? size : 1);
    CHECK(op->data);
    memcpy(op->data, data, size);
    shadow_write(&recorder.shadows[file], offset, data, size);
}

static void note_truncate(uint32_t file, uint64_t size)
{
    struct shadow *shadow = &recorder.shadows[file];
    struct disk_op *op = op_add(DISK_TRUNCATE);

    op->file = file;
    op->offset = size;
    if (size < shadow->size) {
        shadow->size = size;
    } else if (size > shadow->size) {
        shadow_write(shadow, size, NULL, 0);
    }
}

/* The number of the file with `inode`; a new one is noted under `path`. */
static uint32_t file_of(ino_t inode, const char *path)
{
    for (uint32_t i = 0; i < recorder.file_count; i++) {
        if (recorder.shadows[i].inode == inode) {
            return i;
        }
    }
    CHECK(recorder.file_count < FILES_MAX);
    if (recorder.file_count % 64 == 0) {
        recorder.shadows = realloc(recorder.shadows, (recorder.file_count + 64) * sizeof *recorder.shadows);
        CHECK(recorder.shadows);
    }
    recorder.shadows[recorder.file_count] = (struct shadow){.inode = inode};
    op_add(DISK_CREATE)->file = recorder.file_count;
    recorder.ops[recorder.count - 1].path = strdup(path);
    return recorder.file_count++;
}

/* Notes what stands in the file and was not seen being written. */
static void catch_up(uint32_t file, int fd)
{
    struct shadow *shadow = &recorder.shadows[file];
    struct stat info;

    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* it may be open for writing only */
    int reader = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
    CHECK(reader >= 0 && fstat(reader, &info) == 0);
    size_t size = (size_t)info.st_size, at = 0;
    shadow_reserve(&recorder.now, size);
    const uint8_t *now = recorder.now.data;
    while (at < size) {
        long got = syscall(SYS_pread64, reader, recorder.now.data + at, size - at, (off_t)at);
        CHECK(got > 0);
        at += (size_t)got;
    }
    syscall(SYS_close, reader);
    if (size < shadow->size) {
        note_truncate(file, size);
    }
    size_t first = 0, last = size;
    while (first + BLOCK <= size && first + BLOCK <= shadow->size && memcmp(now + first, shadow->data + first, BLOCK) == 0) {
        first += BLOCK;
    }
    while (first < size && first < shadow->size && now[first] == shadow->data[first]) {
        first++;
    }
    while (last >= first + BLOCK && last <= shadow->size &&
           memcmp(now + last - BLOCK, shadow->data + last - BLOCK, BLOCK) == 0) {
        last -= BLOCK;
    }
    while (last > first && last <= shadow->size && now[last - 1] == shadow->data[last - 1]) {
        last--;
    }
    if (last > first) {
        note_write(file, first, now + first, last - first);
    }
}

/* --- what a descriptor or a path is
 * --------------------------------------------------------------------------------- */

bool recorder_is_nameless(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (slash ? slash + 1 : path)[0] == '#';
}

/* The file behind `fd`, when it is one that is recorded. The lock is held. */
static bool file_find(int fd, uint32_t *file_out)
{
    char path[PATH_SIZE];
    struct stat info;

    if (!recorder.is_on || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_dev != recorder.device) {
        return false;
    }
    const char *name = descriptor_path(fd, path);
    if (!name || (info.st_nlink == 0 && !recorder_is_nameless(name))) {
        return false;
    }
    *file_out = file_of(info.st_ino, name);
    return true;
}

/* A file that is about to get another name, with all that was written to it. */
static bool file_find_named(const char *full, uint32_t *file_out)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, full, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
    bool is_file = fd >= 0 && file_find(fd, file_out);

    if (is_file) {
        catch_up(*file_out, fd);
    }
    if (fd >= 0) {
        syscall(SYS_close, fd);
    }
    return is_file;
}

/* --- the recording
 * -------------------------------------------------------------------------------------------------- */

static void tree_take(const char *folder)
{
    DIR *entries = opendir(folder);
    char path[PATH_SIZE];
    struct stat info;
    uint32_t file;

    CHECK(entries);
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        CHECK(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path);
        CHECK(lstat(path, &info) == 0);
        if (S_ISDIR(info.st_mode)) {
            op_add_named(DISK_FOLDER, path_below(path));
            tree_take(path);
        } else if (path_below(path)) {
            (void)file_find_named(path, &file);
        }
    }
    closedir(entries);
}

void recorder_begin(const char *root)
{
    struct stat info;

    CHECK(!recorder.is_on && recorder.count == 0 && stat(root, &info) == 0);
    recorder.root_size = (size_t)snprintf(recorder.root, sizeof recorder.root, "%s", root);
    recorder.device = info.st_dev;
    pthread_mutex_lock(&recorder.lock);
    recorder.is_on = true;
    tree_take(root);
    op_add(DISK_SYNC_ALL);
    pthread_mutex_unlock(&recorder.lock);
}

void recorder_end(void)
{
    pthread_mutex_lock(&recorder.lock);
    recorder.is_on = false;
    pthread_mutex_unlock(&recorder.lock);
}

void recorder_clear(void)
{
    CHECK(!recorder.is_on);
    for (size_t i = 0; i < recorder.count; i++) {
        free(recorder.ops[i].data);
        free(recorder.ops[i].path);
        free(recorder.ops[i].target);
    }
    for (uint32_t i = 0; i < recorder.file_count; i++) {
        free(recorder.shadows[i].data);
    }
    free(recorder.ops);
    free(recorder.shadows);
    free(recorder.now.data);
    recorder.now = (struct shadow){0};
    recorder.ops = NULL;
    recorder.shadows = NULL;
    recorder.count = recorder.capacity = 0;
    recorder.file_count = 0;
}

void recorder_mark(uint32_t number)
{
    pthread_mutex_lock(&recorder.lock);
    op_add(DISK_MARK)->file = number;
    pthread_mutex_unlock(&recorder.lock);
}

const struct disk_op *recorder_ops(size_t *count_out)
{
    CHECK(!recorder.is_on);
    *count_out = recorder.count;
    return recorder.ops;
}

/* --- the C library's names
 * ------------------------------------------------------------------------------------------ */

ssize_t write(int fd, const void *data, size_t size)
{
    if (!recorder.is_on) {
        return syscall(SYS_write, fd, data, size);
    }
    pthread_mutex_lock(&recorder.lock);
    uint32_t file;
    bool is_ours = file_find(fd, &file);
    off_t offset = is_ours ? lseek(fd, 0, SEEK_CUR) : 0;
    long done = syscall(SYS_write, fd, data, size);
    int error = errno;
    if (is_ours && done > 0) {
        note_write(file, (uint64_t)offset, data, (size_t)done);
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return done;
}

static ssize_t write_at(int fd, const void *data, size_t size, off_t offset)
{
    pthread_mutex_lock(&recorder.lock);
    uint32_t file;
    bool is_ours = file_find(fd, &file);
    long done = syscall(SYS_pwrite64, fd, data, size, offset);
    int error = errno;
    if (is_ours && done > 0) {
        note_write(file, (uint64_t)offset, data, (size_t)done);
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return write_at(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    return write_at(fd, data, size, offset);
}

static int truncate_to(int fd, off_t size)
{
    pthread_mutex_lock(&recorder.lock);
    uint32_t file;
    bool is_ours = file_find(fd, &file);
    int rc = (int)syscall(SYS_ftruncate, fd, size);
    if (is_ours && rc == 0) {
        note_truncate(file, (uint64_t)size);
    }
    pthread_mutex_unlock(&recorder.lock);
    return rc;
}

int ftruncate(int fd, off_t size)
{
    return truncate_to(fd, size);
}

int ftruncate64(int fd, off_t size)
{
    return truncate_to(fd, size);
}

static int sync_descriptor(int fd, long number)
{
    char path[PATH_SIZE];
    struct stat info;
    uint32_t file;

    pthread_mutex_lock(&recorder.lock);
    int rc = (int)syscall(number, fd);
    if (recorder.is_on && rc == 0 && fstat(fd, &info) == 0) {
        const char *name = descriptor_path(fd, path);
        if (S_ISDIR(info.st_mode) && name) {
            op_add_named(DISK_SYNC_NAMES, name);
        } else if (file_find(fd, &file)) {
            catch_up(file, fd);
            op_add(DISK_SYNC)->file = file;
        }
    }
    pthread_mutex_unlock(&recorder.lock);
    return rc;
}

int fsync(int fd)
{
    return sync_descriptor(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_descriptor(fd, SYS_fdatasync);
}

int syncfs(int fd)
{
    pthread_mutex_lock(&recorder.lock);
    int rc = (int)syscall(SYS_syncfs, fd);
    if (recorder.is_on && rc == 0) {
        op_add(DISK_SYNC_ALL);
    }
    pthread_mutex_unlock(&recorder.lock);
    return rc;
}

static int rename_at(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    char from_path[PATH_SIZE], to_path[PATH_SIZE];

    pthread_mutex_lock(&recorder.lock);
    const char *source = recorder.is_on ? full_path(from_fd, from, from_path) : NULL;
    const char *target = source ? full_path(to_fd, to, to_path) : NULL;
    uint32_t file = 0;
    bool is_ours = target && file_find_named(from_path, &file);
    int rc = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    int error = errno;
    if (is_ours && rc == 0) {
        struct disk_op *op = op_add(DISK_RENAME);
        op->file = file;
        op->path = strdup(source);
        op->target = strdup(target);
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return rc;
}

int rename(const char *from, const char *to)
{
    return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return rename_at(from_fd, from, to_fd, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return rename_at(from_fd, from, to_fd, to, flags);
}

/* Gives the file of a descriptor a name; other links are not made here. */
int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    char from_path[PATH_SIZE], to_path[PATH_SIZE];
    uint32_t file = 0;
    int fd = -1;

    pthread_mutex_lock(&recorder.lock);
    const char *target = recorder.is_on ? full_path(to_fd, to, to_path) : NULL;
    bool is_ours = target && sscanf(from, "/proc/self/fd/%d", &fd) == 1 && file_find(fd, &file);
    const char *source = is_ours ? descriptor_path(fd, from_path) : NULL;
    int rc = (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
    int error = errno;
    if (source && rc == 0) {
        struct disk_op *op = op_add(DISK_RENAME);
        op->file = file;
        op->path = strdup(source);
        op->target = strdup(target);
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return rc;
}

static int unlink_at(int at, const char *path, int flags)
{
    char full[PATH_SIZE];
    struct stat info;

    pthread_mutex_lock(&recorder.lock);
    const char *name = recorder.is_on ? full_path(at, path, full) : NULL;
    bool is_there = name && lstat(full, &info) == 0;
    int rc = (int)syscall(SYS_unlinkat, at, path, flags);
    int error = errno;
    if (is_there && rc == 0) {
        op_add_named(DISK_UNLINK, name);
        for (uint32_t i = 0; i < recorder.file_count; i++) { /* the number may be given to another file now */
            recorder.shadows[i].inode =
                recorder.shadows[i].inode == info.st_ino ? 0 : recorder.shadows[i].inode;
        }
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return rc;
}

int unlink(const char *path)
{
    return unlink_at(AT_FDCWD, path, 0);
}

int unlinkat(int at, const char *path, int flags)
{
    return unlink_at(at, path, flags);
}

int rmdir(const char *path)
{
    return unlink_at(AT_FDCWD, path, AT_REMOVEDIR);
}

static int make_folder(int at, const char *path, mode_t mode)
{
    char full[PATH_SIZE];

    pthread_mutex_lock(&recorder.lock);
    const char *name = recorder.is_on ? full_path(at, path, full) : NULL;
    int rc = (int)syscall(SYS_mkdirat, at, path, mode);
    int error = errno;
    if (name && rc == 0) {
        op_add_named(DISK_FOLDER, name);
    }
    pthread_mutex_unlock(&recorder.lock);
    errno = error;
    return rc;
}

int mkdir(const char *path, mode_t mode)
{
    return make_folder(AT_FDCWD, path, mode);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    return make_folder(at, path, mode);
}
