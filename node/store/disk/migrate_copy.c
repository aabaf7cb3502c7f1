#include "node/store/disk/migrate_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/log.h"
#include "node/store/disk/backup.h"
#include "node/store/disk/migrate.h"

enum { COPY_PATH_MAX = DIR_PATH_MAX + 32, DAY_MS = 24 * 3600 * 1000 };

uint64_t migrate_room_needed(uint64_t size)
{
    return 3 * size + MIGRATE_SPARE_SIZE;
}

static void copy_name(const char *path, int version, const char *ending, char out[COPY_PATH_MAX])
{
    snprintf(out, COPY_PATH_MAX, "%.*s.schema-%d%s", DIR_PATH_MAX, path, version, ending);
}

static enum status room_check(struct db *db, const char *path, struct report *report)
{
    uint64_t size =
        (uint64_t)db_query_int(db, "PRAGMA page_count") * (uint64_t)db_query_int(db, "PRAGMA page_size");
    uint64_t needed = migrate_room_needed(size);
    struct statvfs vfs;
    int folder = dir_open_parent(path);
    bool is_known = folder >= 0 && fstatvfs(folder, &vfs) == 0;

    if (folder >= 0) {
        close(folder);
    }
    if (!is_known || (uint64_t)vfs.f_bavail * vfs.f_frsize >= needed) {
        return S_OK;
    }
    return report_set(report, S_NO_SPACE,
                      "this version keeps its database in another form (schema %d): to change it \"%s\" "
                      "needs %llu MiB free, and %llu MiB are; nothing "
                      "was changed",
                      migrate_version(), path, (unsigned long long)(needed + (1 << 20) - 1) >> 20,
                      (unsigned long long)vfs.f_bavail * vfs.f_frsize >> 20);
}

/* What was written stays: the file, then its name. */
static bool file_keep(const char *part, const char *name)
{
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    int folder = dir_open_parent(name);
    bool is_kept = fd >= 0 && folder >= 0 && fsync(fd) == 0 && rename(part, name) == 0 && fsync(folder) == 0;
    int code = errno;

    if (fd >= 0) {
        close(fd);
    }
    if (folder >= 0) {
        close(folder);
    }
    errno = code;
    return is_kept;
}

enum status migrate_copy_make(struct db *db, const char *path, int version, struct report *report)
{
    char part[COPY_PATH_MAX], name[COPY_PATH_MAX];
    enum status status = room_check(db, path, report);

    if (status != S_OK) {
        return status;
    }
    copy_name(path, version, ".part", part);
    copy_name(path, version, "", name);
    unlink(part);
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                          "cannot create \"%s\": %s", part, strerror(errno));
    }
    close(fd);
    status = backup_copy(db, part, false, report);
    if (status == S_OK && !file_keep(part, name)) {
        status = report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                            "cannot write \"%s\": %s", name, strerror(errno));
    }
    if (status != S_OK) {
        unlink(part);
    }
    return status;
}

void migrate_copy_expire(const char *path, uint64_t now_ms)
{
    char name[COPY_PATH_MAX];
    struct stat info;

    for (int version = 1; version < migrate_version(); version++) {
        copy_name(path, version, ".part", name);
        unlink(name);
        copy_name(path, version, "", name);
        if (stat(name, &info) == 0 &&
            (uint64_t)info.st_mtim.tv_sec * 1000 + (uint64_t)MIGRATE_COPY_DAYS * DAY_MS < now_ms &&
            unlink(name) == 0) {
            log_event(LOG_INFO, "database_copy_removed", "path=\"%s\" reason=old", name);
        }
    }
}

enum status migrate_copy_drop(const char *path)
{
    char name[COPY_PATH_MAX];
    enum status status = S_OK;

    for (int version = 1; version < migrate_version(); version++) {
        copy_name(path, version, ".part", name);
        unlink(name);
        copy_name(path, version, "", name);
        if (unlink(name) == 0) {
            log_event(LOG_WARNING, "database_copy_removed", "path=\"%s\" reason=erasure", name);
        } else if (errno != ENOENT) {
            status = S_IO;
        }
    }
    return status;
}
