/* doctor_owner.c: files that the node's own user may not use. To root, who often asks the doctor, every file can be read and written; the service runs as the
 * user to whom the data directory belongs. A command that somebody gave as root while the node was stopped leaves such files: an imported course, a log of
 * the database. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/care/doctor.h"

enum right { RIGHT_READ = 4, RIGHT_WRITE = 2, RIGHT_ENTER = 1 };

/* Of whom the directory belongs to. Its group is taken for the only one that user is in. */
static bool owner_may(const struct stat *dir, const struct stat *file, unsigned rights)
{
    unsigned mode = file->st_uid == dir->st_uid ? file->st_mode >> 6 : file->st_gid == dir->st_gid ? file->st_mode >> 3 : file->st_mode;

    return (mode & rights) == rights;
}

static void top_look(const struct inspection *inspection, const struct stat *dir)
{
    static const struct {
        const char *name;
        unsigned rights;
    } files[] = {{"qanat.conf", RIGHT_READ},
                 {"node.key", RIGHT_READ},
                 {"node.key.next", RIGHT_READ},
                 {"node.key.former", RIGHT_READ},
                 {"federation.json", RIGHT_READ},
                 {"qanat.db", RIGHT_READ | RIGHT_WRITE},
                 {"qanat.db-wal", RIGHT_READ | RIGHT_WRITE},
                 {"qanat.db-shm", RIGHT_READ | RIGHT_WRITE},
                 {"ballast", RIGHT_READ | RIGHT_WRITE},
                 {"lock", RIGHT_READ | RIGHT_WRITE},
                 {"blobs", RIGHT_READ | RIGHT_WRITE | RIGHT_ENTER},
                 {"tmp", RIGHT_READ | RIGHT_WRITE | RIGHT_ENTER}};
    char path[DIR_PATH_MAX];
    struct stat info;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (dir_path(inspection->dir, files[i].name, path) == S_OK && stat(path, &info) == 0 && !owner_may(dir, &info, files[i].rights)) {
            findings_add(inspection->findings, FINDING_FILE_FOREIGN, files[i].name,
                         "user %u, to whom the directory belongs, may not %s it: it belongs to user %u and its mode is %03o", (unsigned)dir->st_uid,
                         files[i].rights & RIGHT_WRITE ? "write" : "read", (unsigned)info.st_uid, (unsigned)info.st_mode & 0777);
        }
    }
}

/* What of the contents that user may not use. */
struct foreign {
    uint64_t count;
    char first[64 + NAME_MAX];
    struct stat info; /* of the first */
};

static void content_look(struct foreign *foreign, const struct stat *dir, int folder_fd, const char *folder, const char *name, unsigned rights)
{
    struct stat info;

    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    if (owner_may(dir, &info, S_ISDIR(info.st_mode) ? RIGHT_READ | RIGHT_WRITE | RIGHT_ENTER : rights)) {
        return;
    }
    if (foreign->count++ == 0) {
        snprintf(foreign->first, sizeof foreign->first, "%s/%s", folder, name);
        foreign->info = info;
    }
}

static void folder_look(struct foreign *foreign, const struct stat *dir, int blobs_fd, const char *name)
{
    char folder[32];
    int fd = openat(blobs_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    snprintf(folder, sizeof folder, "blobs/%.16s", name);
    while (entries && (entry = readdir(entries))) {
        if (entry->d_name[0] != '.') {
            bool is_part = strlen(entry->d_name) > 5 && strcmp(entry->d_name + strlen(entry->d_name) - 5, ".part") == 0;
            content_look(foreign, dir, fd, folder, entry->d_name, is_part ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ);
        }
    }
    if (entries) {
        closedir(entries);
    } else if (fd >= 0) {
        close(fd);
    }
}

static void contents_look(const struct inspection *inspection, const struct stat *dir)
{
    struct foreign foreign = {.count = 0};
    char path[DIR_PATH_MAX];
    DIR *blobs = dir_path(inspection->dir, "blobs", path) == S_OK ? opendir(path) : NULL;
    struct dirent *entry;

    while (blobs && (entry = readdir(blobs))) {
        if (entry->d_name[0] != '.') {
            content_look(&foreign, dir, dirfd(blobs), "blobs", entry->d_name, RIGHT_READ);
            folder_look(&foreign, dir, dirfd(blobs), entry->d_name);
        }
    }
    if (blobs) {
        closedir(blobs);
    }
    if (foreign.count > 0) {
        findings_add(inspection->findings, FINDING_FILE_FOREIGN, foreign.first,
                     "%llu files and folders of courses are not for user %u, to whom the directory belongs (chown -R); "
                     "this is the first, of user %u and mode %03o",
                     (unsigned long long)foreign.count, (unsigned)dir->st_uid, (unsigned)foreign.info.st_uid, (unsigned)foreign.info.st_mode & 0777);
    }
}

void doctor_owner(const struct doctor *doctor)
{
    const struct inspection *inspection = doctor->inspection;
    struct stat dir;

    if (stat(inspection->dir, &dir) != 0 || (dir.st_uid != geteuid() && geteuid() != 0) || dir.st_uid == 0) {
        return; /* a third one has no say there, and to root all is open */
    }
    if (geteuid() == 0) { /* that user is told of these by doctor_files(), and when they are opened */
        top_look(inspection, &dir);
    }
    contents_look(inspection, &dir);
    findings_note(inspection->findings, "owner");
}
