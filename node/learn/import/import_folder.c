#include "node/learn/import/import_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/import/import_name.h"

/* The folders open from the top down to where the walk stands. */
struct walk {
    struct import_members *members;
    struct report *report;
    DIR *open[IMPORT_FOLDER_DEPTH_MAX];
    size_t path_sizes[IMPORT_FOLDER_DEPTH_MAX]; /* how much of `path` names each of them, with '/' */
    size_t depth;                               /* how many are open */
    struct buffer path;                         /* relative to the top */
    uint8_t data[64 * 1024];
};

static const char *shown(struct walk *walk)
{
    buffer_reserve(&walk->path, 1)[0] = '\0';
    return (const char *)walk->path.data;
}

static enum status push(struct walk *walk, int fd)
{
    DIR *folder;

    if (walk->depth == IMPORT_FOLDER_DEPTH_MAX) {
        close(fd);
        return report_set(walk->report, S_TOO_LARGE, "folder \"%s\" is more than %d levels deep", shown(walk),
                          IMPORT_FOLDER_DEPTH_MAX);
    }
    folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return report_set(walk->report, S_IO, "cannot read folder \"%s\": %s", shown(walk), strerror(errno));
    }
    walk->path_sizes[walk->depth] = walk->path.size;
    walk->open[walk->depth++] = folder;
    return S_OK;
}

static enum status copy_file(struct walk *walk, int fd)
{
    enum status status = import_members_begin(walk->members, buffer_bytes(&walk->path), walk->report);

    while (status == S_OK) {
        ssize_t size = read(fd, walk->data, sizeof walk->data);

        if (size < 0 && errno != EINTR) {
            return report_set(walk->report, S_IO, "cannot read \"%s\": %s", shown(walk), strerror(errno));
        }
        if (size == 0) {
            return import_members_end(walk->members, walk->report);
        }
        if (size > 0) {
            status = import_members_data(walk->members, bytes_of(walk->data, (size_t)size), walk->report);
        }
    }
    return status;
}

static const char *kind_name(mode_t mode)
{
    return S_ISLNK(mode)    ? "a symbolic link"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* One entry, whose name is at the end of walk->path. */
static enum status visit(struct walk *walk, int folder_fd, const char *name)
{
    struct stat stat;
    enum status status;
    int fd;

    if (fstatat(folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) != 0) {
        return report_set(walk->report, S_IO, "cannot read \"%s\": %s", shown(walk), strerror(errno));
    }
    if (!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode)) {
        return report_set(walk->report, S_INVALID, "entry \"%s\" is %s: a package has only files and folders",
                          shown(walk), kind_name(stat.st_mode));
    }
    fd = openat(folder_fd, name,
                O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (S_ISDIR(stat.st_mode) ? O_DIRECTORY : 0));
    if (fd < 0) {
        return report_set(walk->report, S_IO, "cannot open \"%s\": %s", shown(walk), strerror(errno));
    }
    if (S_ISDIR(stat.st_mode)) {
        status = import_members_folder(walk->members, buffer_bytes(&walk->path), walk->report);
        buffer_append_u8(&walk->path, '/');
        if (status != S_OK) {
            close(fd);
            return status;
        }
        return push(walk, fd);
    }
    status = copy_file(walk, fd);
    close(fd);
    return status;
}

static enum status walk_on(struct walk *walk)
{
    while (walk->depth > 0) {
        DIR *folder = walk->open[walk->depth - 1];
        struct dirent *entry;
        enum status status;

        errno = 0;
        entry = readdir(folder);
        if (!entry && errno != 0) {
            return report_set(walk->report, S_IO, "cannot read folder \"%s\": %s", shown(walk),
                              strerror(errno));
        }
        if (!entry) {
            closedir(folder);
            walk->depth--;
            continue;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        walk->path.size = walk->path_sizes[walk->depth - 1];
        import_name_compose(entry->d_name, &walk->path);
        status = visit(walk, dirfd(folder), entry->d_name);
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

enum status import_folder(const char *path, struct import_members *members, struct report *report)
{
    struct walk walk = {.members = members, .report = report};
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status;

    if (fd < 0) {
        return report_set(report, S_IO, "cannot open \"%s\": %s", path, strerror(errno));
    }
    status = push(&walk, fd);
    if (status == S_OK) {
        status = walk_on(&walk);
    }
    while (walk.depth > 0) {
        closedir(walk.open[--walk.depth]);
    }
    buffer_release(&walk.path);
    return status;
}
