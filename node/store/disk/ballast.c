#include "node/store/disk/ballast.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/log.h"

uint64_t ballast_kept(const char *dir)
{
    char path[DIR_PATH_MAX];
    struct stat info;

    return dir_path(dir, "ballast", path) == S_OK && stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

void ballast_init(struct ballast *ballast, const char *dir, uint64_t wanted_size)
{
    *ballast = (struct ballast){.wanted_size = wanted_size, .kept_size = ballast_kept(dir)};
    snprintf(ballast->dir, sizeof ballast->dir, "%s", dir);
    (void)dir_path(dir, "ballast", ballast->path); /* the database lies in the same folder: it fits */
}

void ballast_release(struct ballast *ballast, int64_t now_ms)
{
    if (!ballast->kept_size) {
        return;
    }
    if (unlink(ballast->path) == 0) {
        log_event(LOG_WARNING, "ballast_released",
                  "bytes=%llu effect=\"the disk is full: free some space soon\"",
                  (unsigned long long)ballast->kept_size);
    }
    ballast->kept_size = 0;
    ballast->next_try_ms = now_ms + BALLAST_RETRY_MS;
}

/* Real blocks, not a hole; a file system that cannot promise them gets none. */
static void ballast_make(struct ballast *ballast, int64_t now_ms)
{
    int fd = open(ballast->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    ballast->next_try_ms = now_ms + BALLAST_RETRY_MS;
    if (fd < 0) {
        return;
    }
    bool is_kept = fallocate(fd, 0, 0, (off_t)ballast->wanted_size) == 0;
    close(fd);
    if (!is_kept) {
        unlink(ballast->path);
        return;
    }
    ballast->kept_size = ballast->wanted_size;
    log_event(LOG_INFO, "ballast_kept", "bytes=%llu", (unsigned long long)ballast->kept_size);
}

void ballast_look(struct ballast *ballast, int64_t now_ms)
{
    struct statvfs vfs;

    if ((!ballast->kept_size && (!ballast->wanted_size || now_ms < ballast->next_try_ms)) ||
        statvfs(ballast->dir, &vfs) != 0) {
        return;
    }
    uint64_t room = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    if (ballast->kept_size && room < ballast->kept_size) {
        ballast_release(ballast, now_ms);
    } else if (!ballast->kept_size && room >= BALLAST_ROOM_FACTOR * ballast->wanted_size) {
        ballast_make(ballast, now_ms);
    }
}
