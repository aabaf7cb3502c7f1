#include "node/blob/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/blob/aside.h"
#include "replication/base/check.h"

static const char own_prefix[] = "blobs-";

enum status blob_errno_status(void)
{
    if (error_is_no_space(errno)) {
        return S_NO_SPACE;
    }
    switch (errno) {
    case ENOENT:
        return S_NOT_FOUND;
    case ENOMEM:
        return S_NO_MEMORY;
    case EMFILE:
    case ENFILE:
        return S_BUSY;
    default: /* a number of the system, not of ours */
        return S_IO;
    }
}

void blob_name(const struct hash *hash, bool is_part, char out[BLOB_NAME_MAX])
{
    char hex[HASH_HEX_SIZE];

    hash_hex(hash, hex);
    snprintf(out, BLOB_NAME_MAX, "%.2s/%s%s", hex, hex, is_part ? ".part" : "");
}

/* Removes the files of a handle that is gone, and its folder. */
static void remove_leftovers(int tmp_fd, const char *name)
{
    int fd = openat(tmp_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder;

    if (fd < 0) {
        return;
    }
    folder = flock(fd, LOCK_EX | LOCK_NB) == 0 ? fdopendir(fd) : NULL;
    if (!folder) { /* its handle lives */
        close(fd);
        return;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            unlinkat(fd, entry->d_name, 0);
        }
    }
    unlinkat(tmp_fd, name, AT_REMOVEDIR);
    closedir(folder);
}

static void clean_tmp(struct blobs *blobs)
{
    int fd = openat(blobs->tmp_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

    if (!folder) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strncmp(entry->d_name, own_prefix, sizeof own_prefix - 1) == 0) {
            remove_leftovers(blobs->tmp_fd, entry->d_name);
        }
    }
    closedir(folder);
}

/* The temporary folder of this handle. Between making and locking it, another's cleaning may take it away:
 * then once more. */
static bool make_own(struct blobs *blobs)
{
    for (int attempt = 0; attempt < 8; attempt++) {
        uint64_t number;

        randombytes_buf(&number, sizeof number);
        snprintf(blobs->own_name, sizeof blobs->own_name, "%s%016llx", own_prefix,
                 (unsigned long long)number);
        if (mkdirat(blobs->tmp_fd, blobs->own_name, 0700) != 0) {
            continue;
        }
        blobs->own_fd = openat(blobs->tmp_fd, blobs->own_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (blobs->own_fd >= 0 && flock(blobs->own_fd, LOCK_EX | LOCK_NB) == 0 &&
            faccessat(blobs->tmp_fd, blobs->own_name, F_OK, 0) == 0) {
            return true;
        }
        if (blobs->own_fd >= 0) {
            close(blobs->own_fd);
            blobs->own_fd = -1;
        }
    }
    return false;
}

static int open_folder(const char *dir, const char *name)
{
    char path[DIR_PATH_MAX];

    if (dir_path(dir, name, path) != S_OK || (mkdir(path, 0700) != 0 && errno != EEXIST)) {
        return -1;
    }
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum status blobs_open(const char *dir, struct store *store, struct blobs **blobs_out, struct report *report)
{
    struct blobs *blobs = calloc(1, sizeof *blobs);

    CHECK(blobs);
    blobs->store = store;
    placed_init(&blobs->placed);
    blobs->own_fd = -1;
    blobs->tmp_fd = -1;
    blobs->blobs_fd = open_folder(dir, "blobs");
    if (blobs->blobs_fd >= 0) {
        blobs->tmp_fd = open_folder(dir, "tmp");
    }
    if (blobs->blobs_fd < 0 || blobs->tmp_fd < 0) {
        enum status status = blob_errno_status();

        report_set(report, status, "cannot open \"%s/%s\": %s", dir, blobs->blobs_fd < 0 ? "blobs" : "tmp", strerror(errno));
        blobs_close(blobs);
        return status;
    }
    clean_tmp(blobs);
    (void)make_own(blobs); /* on a full or read-only disk there is none: only reading works, until there is room */
    *blobs_out = blobs;
    return S_OK;
}

void blobs_close(struct blobs *blobs)
{
    if (!blobs) {
        return;
    }
    aside_free(blobs->aside);
    if (blobs->own_fd >= 0) {
        unlinkat(blobs->tmp_fd, blobs->own_name, AT_REMOVEDIR);
        close(blobs->own_fd);
    }
    unsynced_release(&blobs->unsynced);
    placed_release(&blobs->placed);
    if (blobs->blobs_fd >= 0) {
        close(blobs->blobs_fd);
    }
    if (blobs->tmp_fd >= 0) {
        close(blobs->tmp_fd);
    }
    free(blobs);
}

void blobs_set_floor(struct blobs *blobs, uint64_t floor_size)
{
    atomic_store(&blobs->floor_size, floor_size);
}

bool blobs_have_room(const struct blobs *blobs, uint64_t size, uint64_t *free_out)
{
    struct statvfs vfs;
    uint64_t room, floor_size = atomic_load(&blobs->floor_size);

    if (fstatvfs(blobs->blobs_fd, &vfs) != 0) {
        return true; /* then the write will tell */
    }
    room = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    room = room > floor_size ? room - floor_size : 0;
    if (free_out) {
        *free_out = room;
    }
    return size <= room;
}

enum status folder_make(struct blobs *blobs, const struct hash *hash)
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, false, name);
    name[2] = '\0';
    if (mkdirat(blobs->blobs_fd, name, 0700) == 0) {
        return fsync(blobs->blobs_fd) == 0 ? S_OK : S_IO;
    }
    return errno == EEXIST ? S_OK : blob_errno_status();
}

static void temporary_name(uint64_t number, char out[BLOB_NAME_MAX])
{
    snprintf(out, BLOB_NAME_MAX, "%llu", (unsigned long long)number);
}

/* The folder of this handle; where the disk was full when it was opened, now. Or -1 with errno. Any thread. */
static int own_folder(struct blobs *blobs)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    int fd = blobs->own_fd >= 0 || make_own(blobs) ? blobs->own_fd : -1;
    pthread_mutex_unlock(&lock);
    return fd;
}

int folder_create(struct blobs *blobs, uint64_t *number_out)
{
    char name[BLOB_NAME_MAX];
    int own_fd = own_folder(blobs);

    if (own_fd < 0) {
        return -1;
    }
    *number_out = atomic_fetch_add(&blobs->next, 1);
    temporary_name(*number_out, name);
    return openat(own_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

void folder_discard(struct blobs *blobs, uint64_t number)
{
    char name[BLOB_NAME_MAX];

    temporary_name(number, name);
    unlinkat(blobs->own_fd, name, 0);
}

enum status folder_move(struct blobs *blobs, uint64_t number, const struct hash *hash, bool replaces)
{
    char from[BLOB_NAME_MAX], to[BLOB_NAME_MAX];

    temporary_name(number, from);
    blob_name(hash, false, to);
    int rc = replaces ? renameat(blobs->own_fd, from, blobs->blobs_fd, to) : renameat2(blobs->own_fd, from, blobs->blobs_fd, to, RENAME_NOREPLACE);
    return rc == 0 ? S_OK : blob_errno_status();
}

int folder_put(struct blobs *blobs, const struct hash *hash, struct bytes data, bool replaces)
{
    uint64_t number;
    int fd = folder_create(blobs, &number);

    if (fd < 0) {
        return -1;
    }
    if (file_write_at(fd, data, 0) == S_OK && folder_move(blobs, number, hash, replaces) == S_OK) {
        return fd;
    }
    int failed = errno;
    close(fd);
    folder_discard(blobs, number);
    errno = failed;
    return -1;
}

enum status folder_make_all(struct blobs *blobs)
{
    bool is_new = false;

    for (unsigned i = 0; i < 256; i++) {
        char name[3];

        snprintf(name, sizeof name, "%02x", i);
        if (mkdirat(blobs->blobs_fd, name, 0700) == 0) {
            is_new = true;
        } else if (errno != EEXIST) {
            return blob_errno_status();
        }
    }
    return !is_new || fsync(blobs->blobs_fd) == 0 ? S_OK : S_IO;
}

enum status folder_sync_temporary(struct blobs *blobs, uint64_t number)
{
    char name[BLOB_NAME_MAX];
    int fd;
    bool is_synced;

    temporary_name(number, name);
    fd = openat(blobs->own_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return blob_errno_status();
    }
    is_synced = fdatasync(fd) == 0;
    close(fd);
    return is_synced ? S_OK : S_IO;
}

enum status folder_sync(struct blobs *blobs, const struct hash *hash)
{
    char name[BLOB_NAME_MAX];
    int fd;
    bool is_synced;

    blob_name(hash, false, name);
    name[2] = '\0';
    fd = openat(blobs->blobs_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return blob_errno_status();
    }
    is_synced = fsync(fd) == 0;
    close(fd);
    return is_synced ? S_OK : S_IO;
}

enum status folder_sync_all(struct blobs *blobs)
{
    return syncfs(blobs->blobs_fd) == 0 ? S_OK : blob_errno_status();
}

size_t file_read_at(int fd, uint8_t *out, size_t size, uint64_t offset)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = pread(fd, out + have, size - have, (off_t)(offset + have));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    return have;
}

enum status file_write_at(int fd, struct bytes data, uint64_t offset)
{
    while (data.size > 0) {
        ssize_t size = pwrite(fd, data.data, data.size, (off_t)offset);

        if (size < 0 && errno != EINTR) {
            return blob_errno_status();
        }
        if (size > 0) {
            data = bytes_of(data.data + size, data.size - (size_t)size);
            offset += (uint64_t)size;
        }
    }
    return S_OK;
}

void file_write_behind(int fd, struct write_behind *behind, uint64_t size)
{
    if (size - behind->begun < WRITE_BEHIND_STEP) {
        return;
    }
    (void)sync_file_range(fd, (off_t)behind->begun, (off_t)(size - behind->begun), SYNC_FILE_RANGE_WRITE);
    behind->begun = size;
    if (size - behind->dropped >= WRITE_BEHIND_WINDOW + WRITE_BEHIND_STEP) {
        uint64_t end = size - WRITE_BEHIND_WINDOW;

        (void)sync_file_range(fd, (off_t)behind->dropped, (off_t)(end - behind->dropped),
                              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
        file_drop(fd, behind->dropped, end);
        behind->dropped = end;
    }
}

void file_drop(int fd, uint64_t begin, uint64_t end)
{
    (void)posix_fadvise(fd, (off_t)begin, (off_t)(end - begin), POSIX_FADV_DONTNEED);
}
