#include "node/care/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "node/blob/blob.h"
#include "node/care/archive.h"
#include "node/care/inspect.h"
#include "node/draft.h"
#include "node/store/disk/backup.h"
#include "replication/base/check.h"

struct backup {
    const struct backup_request *request;
    struct backup_outcome *outcome;
    struct archive_writer *archive;
    struct buffer blobs;              /* struct backup_blob each */
    int copy;                         /* the database, until it is in the archive; -1 */
};

/* Adds a small file of the directory; one that need not be there is left out. */
static enum status small_add(struct backup *backup, const char *name, mode_t mode, bool is_needed, struct report *report)
{
    char path[DIR_PATH_MAX];
    struct buffer content;
    enum status status = dir_path(backup->request->dir, name, path);

    buffer_init(&content);
    if (status == S_OK) {
        struct report unread = {.status = S_OK};
        status = dir_read_file(path, BACKUP_SMALL_MAX, &content, &unread);
        if (status != S_OK && (is_needed || status != S_NOT_FOUND)) {
            report_set(report, status, "%s", unread.text);
        }
    }
    if (status == S_OK) {
        status = archive_add_bytes(backup->archive, name, mode, buffer_bytes(&content));
        sodium_memzero(content.data, content.size);
    } else if (status == S_NOT_FOUND && !is_needed) {
        status = S_OK;
    }
    buffer_release(&content);
    return status;
}

static enum status about_add(struct backup *backup)
{
    const struct backup_request *request = backup->request;
    time_t seconds = (time_t)(request->now_ms / 1000);
    char time_text[32];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    json_t *about = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "node", request->name, "kind", request->kind, "written", time_text,
                              "version", PACKAGE_VERSION, "database_bytes", (json_int_t)backup->outcome->database_size, "contents",
                              (json_int_t)backup->outcome->contents, "content_bytes", (json_int_t)backup->outcome->contents_size);
    char *text = about ? json_dumps(about, JSON_INDENT(2)) : NULL;
    json_decref(about);
    CHECK(text);
    enum status status = archive_add_bytes(backup->archive, "about.json", 0600, bytes_text(text));
    free(text);
    return status;
}

/* The copy goes into the archive and is gone. */
static enum status database_add(struct backup *backup)
{
    enum status status = archive_add_file(backup->archive, "qanat.db", 0600, backup->copy, backup->outcome->database_size, NULL);

    close(backup->copy);
    backup->copy = -1;
    return status;
}

/* One content, unless its file is gone or is not what its name says. */
static enum status content_add(struct backup *backup, const struct backup_blob *blob)
{
    char hex[HASH_HEX_SIZE], name[ARCHIVE_NAME_MAX];
    struct hash found;
    struct stat info;
    int fd = blob_open_in(backup->request->dir, &blob->hash);

    if (fd < 0 || fstat(fd, &info) != 0 || (uint64_t)info.st_size != blob->size) {
        if (fd >= 0) {
            close(fd);
        }
        backup->outcome->left_out++;
        return S_OK;
    }
    hash_hex(&blob->hash, hex);
    snprintf(name, sizeof name, "blobs/%.2s/%s", hex, hex);
    enum status status = archive_add_file(backup->archive, name, 0600, fd, blob->size, &found);
    close(fd);
    if (status == S_OK && !hash_equal(&found, &blob->hash)) {
        backup->outcome->left_out++;
        return archive_take_back(backup->archive);
    }
    return status;
}

static enum status contents_add(struct backup *backup)
{
    enum status status = S_OK;

    for (size_t at = 0; at < backup->blobs.size && status == S_OK; at += sizeof(struct backup_blob)) {
        struct backup_blob blob;
        memcpy(&blob, backup->blobs.data + at, sizeof blob);
        status = content_add(backup, &blob);
    }
    return status;
}

/* Copies the database beside the backup, and counts what will go in. */
static enum status database_copy(struct backup *backup, struct report *report)
{
    char copy[DIR_PATH_MAX];
    struct stat info;

    if (snprintf(copy, sizeof copy, "%s.qanat-copy", backup->request->path) >= (int)sizeof copy) {
        return report_set(report, S_TOO_LARGE, "the path \"%.64s...\" is too long", backup->request->path);
    }
    (void)draft_leftover_remove(copy); /* of an older version, or a kill in the moment in which it has a name */
    enum status status = store_backup(backup->request->store, copy, &backup->copy, &backup->blobs, report);
    if (status != S_OK) {
        return status;
    }
    if (fstat(backup->copy, &info) != 0) {
        return report_set(report, S_IO, "cannot read \"%s\": %s", copy, strerror(errno));
    }
    backup->outcome->database_size = (uint64_t)info.st_size;
    for (size_t at = 0; at < backup->blobs.size; at += sizeof(struct backup_blob)) {
        struct backup_blob blob;
        memcpy(&blob, backup->blobs.data + at, sizeof blob);
        backup->outcome->contents++;
        backup->outcome->contents_size += blob.size;
    }
    return S_OK;
}

/* A damaged node is not worth a backup: the damage would be all that is left of it. */
static enum status damage_check(const struct backup_request *request, struct report *report)
{
    struct findings findings;
    struct inspection inspection;

    findings_init(&findings);
    inspect_begin(&inspection, request->dir, request->store, &findings);
    inspect_streams(&inspection);
    inspect_end(&inspection);
    size_t faults = findings.faults;
    findings_release(&findings);
    return faults == 0 ? S_OK
                       : report_set(report, S_CORRUPT,
                                    "\"%s\" is damaged in %zu places: see qanat verify, then qanat scrub --repair; "
                                    "--damaged backs it up as it is",
                                    request->dir, faults);
}

static enum status archive_fill(struct backup *backup, struct report *report)
{
    enum status status = about_add(backup);

    if (status == S_OK) {
        status = small_add(backup, "qanat.conf", 0644, false, report);
    }
    if (status == S_OK) {
        status = small_add(backup, "federation.json", 0600, true, report);
    }
    if (status == S_OK) {
        status = database_add(backup);
    }
    if (status == S_OK) {
        status = contents_add(backup);
    }
    if (status == S_OK) {
        status = small_add(backup, "node.key.former", 0600, false, report);
    }
    if (status == S_OK) {
        status = small_add(backup, "node.key.next", 0600, false, report);
    }
    if (status == S_OK) {
        status = small_add(backup, "node.key", 0600, true, report);
    }
    return status == S_OK ? archive_finish(backup->archive) : status;
}

enum status backup_write(const struct backup_request *request, struct backup_outcome *outcome, struct report *report)
{
    struct backup backup = {.request = request, .outcome = outcome, .copy = -1};
    char authority[DIR_PATH_MAX];
    enum status status = request->accepts_damage ? S_OK : damage_check(request, report);

    memset(outcome, 0, sizeof *outcome);
    if (status == S_OK) {
        status = archive_create(request->path, &backup.archive, report);
    }
    if (status != S_OK) {
        return status;
    }
    buffer_init(&backup.blobs);
    status = database_copy(&backup, report);
    if (status == S_OK) {
        status = archive_fill(&backup, report);
    }
    report_set(report, status, "cannot write \"%s\": %s; nothing was left there", request->path,
               archive_is_too_large(backup.archive) ? "its file system takes no file as large (a FAT stick: 4 GiB; exFAT takes it)" : status_text(status));
    outcome->contents -= outcome->left_out < outcome->contents ? outcome->left_out : outcome->contents;
    outcome->size = archive_size(backup.archive);
    outcome->has_authority = dir_path(request->dir, "authority.key", authority) == S_OK && access(authority, F_OK) == 0;
    if (backup.copy >= 0) {
        close(backup.copy);
    }
    archive_close(backup.archive);
    buffer_release(&backup.blobs);
    return status;
}
