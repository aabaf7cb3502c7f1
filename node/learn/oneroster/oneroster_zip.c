#include "node/learn/oneroster/oneroster_zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/learn/import/import_entries.h"
#include "node/learn/import/import_members.h"
#include "node/learn/import/import_path.h"
#include "node/learn/import/import_source.h"
#include "replication/base/check.h"
#include "replication/base/limits.h"

/* What the import reads. */
static const char *const names[] = {"users.csv",   "orgs.csv",    "demographics.csv", "roles.csv",
                                    "courses.csv", "classes.csv", "enrollments.csv"};
enum { NAME_COUNT = sizeof names / sizeof *names, KEPT_MAX = 64 };

/* One file of such a name, in whatever folder it stands. */
struct kept {
    FILE *content;
    struct buffer folder; /* "" or "roster/" */
    int name;             /* in `names` */
};

struct oneroster_zip {
    struct kept kept[KEPT_MAX];
    size_t count;
    int root; /* of `kept`: the users.csv whose folder counts; -1 before it is known */
};

struct unpacking {
    struct oneroster_zip *zip;
    const char *node_dir;
    struct report *report;
    uint64_t packed_size, size, entries;
    struct kept *into; /* the entry that is read; NULL: it is passed over */
};

static int name_find(struct bytes name)
{
    for (int i = 0; i < NAME_COUNT; i++) {
        if (name.size == strlen(names[i]) && strncasecmp((const char *)name.data, names[i], name.size) == 0) {
            return i;
        }
    }
    return -1;
}

/* --- one entry of the archive ------------------------------------------------------------------------------ */

static enum status entry_begin(void *ctx, struct bytes path, bool is_folder)
{
    struct unpacking *unpacking = ctx;
    struct oneroster_zip *zip = unpacking->zip;
    enum status status = import_path_check(&path, is_folder, unpacking->report);

    if (status != S_OK) {
        return status;
    }
    if (++unpacking->entries > ONEROSTER_ENTRIES_MAX) {
        return report_set(unpacking->report, S_TOO_LARGE, "the archive has more than %d entries",
                          ONEROSTER_ENTRIES_MAX);
    }
    unpacking->into = NULL;
    const uint8_t *slash = path.size ? memrchr(path.data, '/', path.size) : NULL;
    const size_t folder = slash ? (size_t)(slash - path.data) + 1 : 0;
    const int name = is_folder || import_source_is_litter(path)
                         ? -1
                         : name_find(bytes_of(path.data + folder, path.size - folder));
    if (name < 0) {
        return S_OK;
    }
    if (zip->count == KEPT_MAX) {
        return report_set(unpacking->report, S_INVALID, "the archive holds more than one OneRoster export");
    }
    struct kept *kept = &zip->kept[zip->count];
    kept->content = dir_scratch_file(unpacking->node_dir);
    if (!kept->content) {
        return report_set(unpacking->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                          "no file can be made in '%s/tmp': %s", unpacking->node_dir, strerror(errno));
    }
    zip->count++;
    kept->name = name;
    buffer_init(&kept->folder);
    buffer_append(&kept->folder, path.data, folder);
    unpacking->into = kept;
    return S_OK;
}

enum status oneroster_zip_size_check(uint64_t size, uint64_t packed_size, struct report *report)
{
    if (size > (uint64_t)ONEROSTER_SIZE_MAX) {
        return report_set(report, S_TOO_LARGE, "the archive unpacks to more than %lld GiB", ONEROSTER_SIZE_MAX >> 30);
    }
    if (size > IMPORT_RATIO_FREE && size / PACKAGE_RATIO_MAX >= packed_size) {
        return report_set(report, S_TOO_LARGE, "the archive unpacks to more than %d times its size: a bomb?", PACKAGE_RATIO_MAX);
    }
    return S_OK;
}

static enum status entry_data(void *ctx, struct bytes data)
{
    struct unpacking *unpacking = ctx;

    unpacking->size += data.size;
    enum status status = oneroster_zip_size_check(unpacking->size, unpacking->packed_size, unpacking->report);
    if (status != S_OK) {
        return status;
    }
    if (unpacking->into && data.size &&
        fwrite(data.data, 1, data.size, unpacking->into->content) != data.size) {
        return report_set(unpacking->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                          "'%s/tmp' cannot take the archive's files: %s", unpacking->node_dir,
                          strerror(errno));
    }
    return S_OK;
}

static enum status entry_end(void *ctx)
{
    struct unpacking *unpacking = ctx;

    if (unpacking->into && fflush(unpacking->into->content) != 0) {
        return report_set(unpacking->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                          "'%s/tmp' cannot take the archive's files: %s", unpacking->node_dir,
                          strerror(errno));
    }
    return S_OK;
}

/* --- the archive ------------------------------------------------------------------------------------------ */

static enum status unpack(struct unpacking *unpacking, int fd)
{
    const struct import_entries taker = {unpacking, entry_begin, entry_data, entry_end, NULL};

    return import_entries_read(fd, "", &taker, unpacking->report);
}

/* The folder of the only users.csv; no two files of one name in it. */
static enum status root_find(struct oneroster_zip *zip, const char *path, struct report *report)
{
    for (size_t i = 0; i < zip->count; i++) {
        if (zip->kept[i].name == 0 && zip->root >= 0) {
            return report_set(report, S_INVALID, "'%s' holds users.csv more than once", path);
        }
        zip->root = zip->kept[i].name == 0 ? (int)i : zip->root;
    }
    if (zip->root < 0) {
        return report_set(report, S_NOT_FOUND, "'%s' is no OneRoster export: it holds no users.csv", path);
    }
    const struct bytes root = buffer_bytes(&zip->kept[zip->root].folder);
    uint32_t seen = 0;
    for (size_t i = 0; i < zip->count; i++) {
        const uint32_t bit = UINT32_C(1) << zip->kept[i].name;
        const bool is_in_root = bytes_equal(buffer_bytes(&zip->kept[i].folder), root);
        if (is_in_root && (seen & bit)) {
            return report_set(report, S_INVALID, "'%s' holds %s more than once", path,
                              names[zip->kept[i].name]);
        }
        seen |= is_in_root ? bit : 0;
    }
    return S_OK;
}

static enum status archive_open(const char *path, int *fd_out, uint64_t *size_out, struct report *report)
{
    struct stat stat;

    *fd_out = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd_out < 0 || fstat(*fd_out, &stat) != 0) {
        return report_set(report, errno == ENOENT ? S_NOT_FOUND : S_IO, "'%s' cannot be opened: %s", path,
                          strerror(errno));
    }
    *size_out = (uint64_t)stat.st_size;
    return S_ISREG(stat.st_mode) ? S_OK
                                 : report_set(report, S_INVALID, "'%s' is neither a file nor a folder", path);
}

enum status oneroster_zip_open(const char *path, const char *node_dir, struct oneroster_zip **zip_out,
                               struct report *report)
{
    struct oneroster_zip *zip = calloc(1, sizeof *zip);
    struct unpacking unpacking = {.zip = zip, .node_dir = node_dir, .report = report};
    int fd;

    CHECK(zip && report->status == S_OK);
    zip->root = -1;
    enum status status = archive_open(path, &fd, &unpacking.packed_size, report);
    if (status == S_OK) {
        status = unpack(&unpacking, fd);
    }
    if (status == S_OK) {
        status = root_find(zip, path, report);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (status != S_OK) {
        oneroster_zip_close(zip);
        zip = NULL;
    }
    *zip_out = zip;
    return status;
}

FILE *oneroster_zip_find(struct oneroster_zip *zip, const char *name)
{
    CHECK(zip->root >= 0);
    const struct bytes root = buffer_bytes(&zip->kept[zip->root].folder);

    for (size_t i = 0; i < zip->count; i++) {
        struct kept *kept = &zip->kept[i];
        if (strcmp(names[kept->name], name) == 0 && bytes_equal(buffer_bytes(&kept->folder), root)) {
            rewind(kept->content);
            return kept->content;
        }
    }
    return NULL;
}

void oneroster_zip_close(struct oneroster_zip *zip)
{
    for (size_t i = 0; zip && i < zip->count; i++) {
        fclose(zip->kept[i].content);
        buffer_release(&zip->kept[i].folder);
    }
    free(zip);
}
