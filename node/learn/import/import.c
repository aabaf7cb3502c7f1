#include "node/learn/import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/import/import_child.h"
#include "node/learn/import/import_description.h"
#include "node/learn/import/import_digest.h"
#include "node/learn/import/import_entries.h"
#include "node/learn/import/import_folder.h"
#include "node/learn/import/import_members.h"
#include "node/learn/original/keep.h"
#include "replication/base/check.h"

/* The members, as the child says them. */
struct taking {
    struct import_members *members;
    struct report *report;
};

static enum status entry_begin(void *ctx, struct bytes path, bool is_folder)
{
    struct taking *taking = ctx;

    return is_folder ? import_members_folder(taking->members, path, taking->report)
                     : import_members_begin(taking->members, path, taking->report);
}

static enum status entry_data(void *ctx, struct bytes data)
{
    struct taking *taking = ctx;

    return import_members_data(taking->members, data, taking->report);
}

static enum status entry_end(void *ctx)
{
    struct taking *taking = ctx;

    return import_members_end(taking->members, taking->report);
}

static void archive_moved(void *ctx, uint64_t at)
{
    import_watch_unpacked(((struct taking *)ctx)->members->watch, at);
}

static enum status read_archive(int fd, const char *lang, struct import_members *members, struct report *report)
{
    struct taking taking = {members, report};
    const struct import_entries taker = {&taking, entry_begin, entry_data, entry_end, archive_moved};

    return import_entries_read(fd, lang, &taker, report);
}

/* Writes the list of members and the beginnings for the describing child into a memory file. */
static int write_source(struct import_members *members)
{
    int fd = memfd_create("qanat-import", MFD_CLOEXEC);
    bool is_written = fd >= 0;

    for (size_t i = 0; is_written && i < import_members_count(members); i++) {
        const struct import_member *member = import_members_at(members, i);

        is_written = import_frame_write(fd, IMPORT_FRAME_MEMBER, member->member.path) &&
                     (!member->head.data || import_frame_write(fd, IMPORT_FRAME_FILE, member->head));
    }
    is_written = is_written && import_frame_write(fd, IMPORT_FRAME_DONE, bytes_of(NULL, 0)) &&
                 lseek(fd, 0, SEEK_SET) == 0;
    if (!is_written && fd >= 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Takes the child's answer; texts are copied into the package. */
static enum status take_description(struct import_package *package, struct bytes payload,
                                    struct report *report)
{
    struct import_description description;
    struct bytes copy = arena_copy(&package->arena, payload);
    enum status status =
        copy.data ? import_description_decode(copy, &package->arena, &description) : S_NO_MEMORY;

    if (status != S_OK) {
        return report_set(report, status,
                          "the importer's child process described the package in a way that cannot be read");
    }
    package->manifest.format = description.format;
    package->manifest.title = description.title;
    package->manifest.lang = description.lang;
    package->manifest.entry = description.entry;
    package->manifest.mastery_percent = description.mastery_percent;
    package->manifest.items = description.items;
    package->manifest.item_count = description.item_count;
    package->notes = description.notes;
    return S_OK;
}

static enum status describe(struct import_package *package, const char *lang, struct import_members *members, struct report *report)
{
    struct import_child child;
    enum import_frame type;
    struct bytes payload;
    int fd = write_source(members);
    enum status status = fd >= 0 ? import_child_start(IMPORT_TASK_DESCRIBE, lang, fd, &child, report)
                                 : report_set(report, S_NO_MEMORY, "no memory to describe the package");

    if (fd >= 0) {
        close(fd);
    }
    if (status != S_OK) {
        return status;
    }
    status = import_frame_read(&child.reader, &type, &payload);
    if (status == S_OK && type == IMPORT_FRAME_FAULT) {
        status = import_fault_take(payload, report);
    } else if (status == S_OK && type == IMPORT_FRAME_DESCRIPTION) {
        status = take_description(package, payload, report);
    } else {
        status = S_INVALID;
    }
    import_child_end(&child, report);
    if (status != S_OK) {
        report_set(report, status, "the importer's child process could not describe the package");
    }
    return report->status;
}

static enum status take_members(struct import_package *package, struct import_members *members,
                                struct report *report)
{
    size_t count = import_members_count(members);
    struct member *list = arena_alloc(&package->arena, count * sizeof *list);

    if (!list) {
        return report_set(report, S_NO_MEMORY, "too many files in the package");
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = import_members_at(members, i)->member;
    }
    package->manifest.members = list;
    package->manifest.member_count = count;
    package->size = members->size;
    return S_OK;
}

/* What goes on while an archive is unpacked. */
struct beside {
    struct original_scan scan;
    struct import_digest *digest;
};

static enum status beside_start(struct beside *beside, int fd, struct report *report)
{
    enum status status = original_scan_start(&beside->scan, fd, report);

    beside->digest = status == S_OK ? import_digest_start(fd) : NULL;
    return status;
}

static void beside_drop(struct beside *beside)
{
    if (beside->digest) {
        import_digest_drop(beside->digest);
        original_scan_drop(&beside->scan);
    }
}

static enum status beside_end(struct beside *beside, struct import_package *package, struct blob_batch *batch,
                              struct import_watch *watch, struct report *report)
{
    struct manifest *manifest = &package->manifest;
    enum status status = original_keep(package, batch, &beside->scan, watch, report);
    enum status digested =
        import_digest_end(beside->digest, &manifest->original_hash, &manifest->original_size);

    return status == S_OK && digested != S_OK
               ? report_set(report, digested, "cannot read the archive: %s", strerror(errno))
               : status;
}

/* The members, and what they make. */
static enum status read_package(struct import_package *package, struct import_members *members, const char *path, const char *lang, int fd,
                                struct report *report)
{
    enum status status =
        members->packed_size == 0 ? import_folder(path, members, report) : read_archive(fd, lang, members, report);

    if (status == S_OK) {
        status = import_members_finish(members, report);
    }
    if (status == S_OK) {
        status = describe(package, lang, members, report);
    }
    return status == S_OK ? take_members(package, members, report) : status;
}

static enum status read_opened(struct import_package *package, struct import_members *members, const char *path, const char *lang, int fd,
                               struct report *report)
{
    struct beside beside = {.digest = NULL};
    bool is_archive = members->packed_size > 0;
    enum status status = is_archive ? beside_start(&beside, fd, report) : S_OK;

    if (status == S_OK) {
        status = read_package(package, members, path, lang, fd, report);
    }
    if (status == S_OK && is_archive) {
        return beside_end(&beside, package, members->batch, members->watch, report);
    }
    beside_drop(&beside);
    return status;
}

enum status import_package_read(struct import_package *package, struct blob_batch *batch, const char *path, const char *lang,
                                struct import_watch *watch, struct report *report)
{
    struct import_members members;
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status = S_OK;

    CHECK(report->status == S_OK);
    memset(package, 0, sizeof *package);
    arena_init(&package->arena, IMPORT_ARENA_MAX);
    if (fd < 0 || fstat(fd, &stat) != 0) {
        status = report_set(report, errno == ENOENT ? S_NOT_FOUND : S_IO, "cannot open \"%s\": %s", path,
                            strerror(errno));
    } else if (!S_ISDIR(stat.st_mode) && !S_ISREG(stat.st_mode)) {
        status = report_set(report, S_INVALID, "\"%s\" is neither a file nor a folder", path);
    } else if (S_ISREG(stat.st_mode) && stat.st_size == 0) {
        status = report_set(report, S_INVALID, "not an archive: the file is empty");
    }
    if (status == S_OK) {
        uint64_t packed_size = S_ISDIR(stat.st_mode) ? 0 : (uint64_t)stat.st_size;

        import_members_init(&members, batch, &package->arena, packed_size);
        members.watch = watch;
        if (packed_size > 0) {
            import_watch_archive(watch, packed_size);
        } else {
            import_watch_folder(watch, path);
        }
        status = read_opened(package, &members, path, lang, fd, report);
        import_members_release(&members);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

void import_package_release(struct import_package *package)
{
    arena_release(&package->arena);
}
