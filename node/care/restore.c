#include "node/care/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/blob/blob.h"
#include "node/care/archive.h"
#include "node/care/backup.h"
#include "node/care/inspect.h"
#include "node/learn/course/course.h"
#include "node/local_time.h"
#include "node/store/course/blob.h"
#include "node/store/disk/backup.h"
#include "node/store/stream/past.h"
#include "replication/base/check.h"

static const char unfinished[] = "restoring"; /* lies in the directory until it is a node */

enum { SPARE_SIZE = 16 * 1024 * 1024 }; /* what a node needs beside its content to start */

struct restore {
    const char *dir;
    struct archive_reader *archive;
    struct restore_outcome *outcome;
    struct report *report;
    bool was_there;               /* the directory, empty */
    bool has_database;
    uint64_t size;                /* that about.json announces */
    struct buffer config, federation, key, former_key, next_key;
};

/* --- the directory ---------------------------------------------------------------------------------------------- */

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type;
    if (walk->level > 1 || (walk->level == 1 && strcmp(path + walk->base, unfinished) != 0)) {
        remove(path);
    }
    return 0;
}

static size_t entry_count(const char *dir)
{
    DIR *folder = opendir(dir);
    size_t count = 0;

    if (!folder) {
        return SIZE_MAX;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(folder);
    return count;
}

static bool is_empty(const char *dir)
{
    return entry_count(dir) == 0;
}

/* Takes back all that was made, the mark when nothing else is left: what could not be removed now is with the next restore. */
static void dir_empty(const struct restore *restore)
{
    char path[DIR_PATH_MAX];

    nftw(restore->dir, entry_remove, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    if (entry_count(restore->dir) == 1 && dir_path(restore->dir, unfinished, path) == S_OK) {
        (void)unlink(path);
    }
    if (!restore->was_there) {
        rmdir(restore->dir);
    }
}

/* What a restore that was cut off left behind: its mark, and no key. */
static bool is_unfinished(const char *dir)
{
    char path[DIR_PATH_MAX];

    return dir_path(dir, unfinished, path) == S_OK && access(path, F_OK) == 0 && dir_path(dir, "node.key", path) == S_OK &&
           access(path, F_OK) != 0;
}

static enum status dir_take(struct restore *restore)
{
    restore->was_there = access(restore->dir, F_OK) == 0;
    if (restore->was_there && is_unfinished(restore->dir)) {
        dir_empty(restore);
    }
    if (restore->was_there && !is_empty(restore->dir)) {
        return report_set(restore->report, S_EXISTS, "\"%s\" is not empty: restore into a new directory, nothing is overwritten", restore->dir);
    }
    enum status status = dir_create_marked(restore->dir, unfinished, restore->report);
    if (status != S_OK) {
        dir_empty(restore);
    }
    return status;
}

/* --- out of the archive ----------------------------------------------------------------------------------------- */

static uint64_t about_number(const json_t *about, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(about, key));
    return number > 0 ? (uint64_t)number : 0;
}

static enum status about_take(struct restore *restore)
{
    struct archive_entry entry;
    struct buffer text;
    enum status status = archive_next(restore->archive, &entry, restore->report);

    if (status != S_OK || strcmp(entry.name, "about.json") != 0) {
        return report_set(restore->report, status == S_OK ? S_INVALID : status, "the backup does not begin with about.json");
    }
    buffer_init(&text);
    status = archive_take_bytes(restore->archive, BACKUP_SMALL_MAX, &text, restore->report);
    json_t *about = status == S_OK ? json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    buffer_release(&text);
    if (status == S_OK && !json_is_object(about)) {
        status = report_set(restore->report, S_INVALID, "about.json in the backup cannot be understood");
    }
    if (status == S_OK) {
        const char *node = json_string_value(json_object_get(about, "node"));
        const char *written = json_string_value(json_object_get(about, "written"));
        snprintf(restore->outcome->node, sizeof restore->outcome->node, "%s", node ? node : "?");
        snprintf(restore->outcome->written, sizeof restore->outcome->written, "%s", written ? written : "?");
        restore->size = about_number(about, "database_bytes") + about_number(about, "content_bytes");
    }
    json_decref(about);
    return status;
}

static enum status room_check(struct restore *restore)
{
    struct statvfs vfs;

    if (statvfs(restore->dir, &vfs) != 0 || (uint64_t)vfs.f_bavail * vfs.f_frsize >= restore->size + SPARE_SIZE) {
        return S_OK;
    }
    return report_set(restore->report, S_NO_SPACE, "\"%s\" has %llu MiB free, the backup needs %llu MiB", restore->dir,
                      (unsigned long long)vfs.f_bavail * vfs.f_frsize >> 20, (unsigned long long)(restore->size + SPARE_SIZE) >> 20);
}

/* Writes the current file of the archive to D/`name`. */
static enum status file_take(struct restore *restore, const char *name, struct hash *content_out)
{
    char path[DIR_PATH_MAX];

    if (dir_path(restore->dir, name, path) != S_OK) {
        return report_set(restore->report, S_TOO_LARGE, "the path \"%s/%s\" is too long", restore->dir, name);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return report_set(restore->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "cannot write \"%s\": %s", path, strerror(errno));
    }
    enum status status = archive_take_file(restore->archive, fd, content_out, restore->report);
    if (close(fd) != 0 && status == S_OK) {
        status = report_set(restore->report, S_IO, "cannot write \"%s\": %s", path, strerror(errno));
    }
    return status;
}

/* The hash that a name "blobs/ab/<64 hex>" means; false for any other name. */
static bool content_name_parse(const char *name, struct hash *hash_out)
{
    char hex[HASH_HEX_SIZE], expected[ARCHIVE_NAME_MAX];

    if (strncmp(name, "blobs/", 6) != 0 || strlen(name) != 6 + 3 + HASH_HEX_SIZE - 1 || !hex_decode(name + 9, hash_out->b, sizeof hash_out->b)) {
        return false;
    }
    hash_hex(hash_out, hex);
    snprintf(expected, sizeof expected, "blobs/%.2s/%s", hex, hex);
    return strcmp(name, expected) == 0;
}

static enum status content_take(struct restore *restore, const char *name, const struct hash *hash)
{
    char path[DIR_PATH_MAX], folder[16];
    struct hash found;

    snprintf(folder, sizeof folder, "%.8s", name); /* blobs/ab */
    if (dir_path(restore->dir, folder, path) != S_OK || (mkdir(path, 0700) != 0 && errno != EEXIST)) {
        return report_set(restore->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "cannot make \"%s/%s\": %s", restore->dir, folder, strerror(errno));
    }
    enum status status = file_take(restore, name, &found);
    if (status == S_OK && !hash_equal(&found, hash)) {
        status = report_set(restore->report, S_CORRUPT, "the backup is damaged: a content is not the one of its name \"%s\"", name);
    }
    restore->outcome->contents++;
    return status;
}

static enum status entry_take(struct restore *restore, const struct archive_entry *entry)
{
    struct hash hash;

    if (content_name_parse(entry->name, &hash)) {
        return content_take(restore, entry->name, &hash);
    }
    if (strcmp(entry->name, "qanat.db") == 0 && !restore->has_database) {
        restore->has_database = true;
        return file_take(restore, "qanat.db", NULL);
    }
    struct buffer *small = strcmp(entry->name, "qanat.conf") == 0        ? &restore->config
                           : strcmp(entry->name, "federation.json") == 0 ? &restore->federation
                           : strcmp(entry->name, "node.key") == 0        ? &restore->key
                           : strcmp(entry->name, "node.key.former") == 0 ? &restore->former_key
                           : strcmp(entry->name, "node.key.next") == 0   ? &restore->next_key
                                                                         : NULL;
    if (!small || small->size) {
        return report_set(restore->report, S_INVALID, "the backup holds \"%s\", which no node has", entry->name);
    }
    return archive_take_bytes(restore->archive, BACKUP_SMALL_MAX, small, restore->report);
}

static enum status entries_take(struct restore *restore)
{
    struct archive_entry entry;
    enum status status;

    while ((status = archive_next(restore->archive, &entry, restore->report)) == S_OK) {
        status = entry_take(restore, &entry);
        if (status != S_OK) {
            return status;
        }
    }
    if (status == S_NOT_FOUND && !(restore->has_database && restore->federation.size && restore->key.size)) {
        return report_set(restore->report, S_INVALID, "the backup lacks the database or a key");
    }
    return status == S_NOT_FOUND ? S_OK : status;
}

/* --- what came out ---------------------------------------------------------------------------------------------- */

static enum status small_write(struct restore *restore, const char *name, const struct buffer *content, int mode)
{
    char path[DIR_PATH_MAX];

    CHECK(dir_path(restore->dir, name, path) == S_OK);
    return dir_write_file(path, buffer_bytes(content), mode, restore->report);
}

static enum status store_check(struct restore *restore, const struct federation *federation, bool accepts_damage, struct findings *findings)
{
    const struct store_options options = {.read_only = true};
    struct inspection inspection;
    struct store *store;
    enum status status = store_open(restore->dir, &options, &store, restore->report);

    if (status != S_OK) {
        return status;
    }
    inspect_begin_store(&inspection, restore->dir, store, federation, findings);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    restore->outcome->streams = inspection.streams;
    restore->outcome->cells = inspection.cells;
    inspect_end(&inspection);
    store_close(store);
    if (findings->faults && !accepts_damage) {
        return report_set(restore->report, S_CORRUPT, "the node was damaged in %zu places when it was backed up: --damaged restores it as it is",
                          findings->faults);
    }
    return S_OK;
}

struct lack {
    struct restore *restore;
    struct blobs *blobs;
};

/* Contents that did not come along are no longer whole, and parts begin again. The machine that was backed up runs no more: this one is it. */
static enum status settle_run(struct db *db, void *arg)
{
    struct lack *lack = arg;
    struct blob_row row = {.id = 0};
    enum status status = S_OK;

    while (status == S_OK && blob_row_next(db, row.id, &row)) {
        int fd = row.is_whole ? blob_open_in(lack->restore->dir, &row.hash) : -1;
        if (fd >= 0) {
            close(fd);
        } else if (!row.is_whole) {
            status = blob_row_set_all_held(db, row.id, false);
        } else {
            lack->restore->outcome->lacking++;
            status = blob_mend(lack->blobs, db, row.id);
            status = status == S_OK ? course_blob_lost(db, row.id) : status;
        }
    }
    status = status == S_OK ? past_move(db, (uint64_t)local_time_now()) : status;
    return status == S_OK ? db_status(db) : status;
}

/* Opens the database for writing for the first time in its new life. */
static enum status store_settle(struct restore *restore)
{
    const struct store_options options = {.read_only = false};
    struct lack lack = {.restore = restore};
    struct store *store;
    enum status status = store_open(restore->dir, &options, &store, restore->report);

    if (status != S_OK) {
        return status;
    }
    status = blobs_open(restore->dir, store, &lack.blobs, restore->report);
    if (status == S_OK) {
        status = store_write_wait(store, settle_run, &lack);
        report_set(restore->report, status, "cannot write the database of \"%s\": %s", restore->dir, status_text(status));
        blobs_close(lack.blobs);
    }
    store_close(store);
    return status;
}

static enum status dir_sync(struct restore *restore)
{
    int fd = open(restore->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && syncfs(fd) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return is_synced ? S_OK : report_set(restore->report, S_IO, "cannot sync \"%s\": %s", restore->dir, strerror(errno));
}

static enum status node_make(struct restore *restore, bool accepts_damage, struct findings *findings)
{
    struct federation federation;
    char path[DIR_PATH_MAX];
    enum status status = small_write(restore, "federation.json", &restore->federation, 0600);

    if (status == S_OK && restore->config.size) {
        status = small_write(restore, "qanat.conf", &restore->config, 0644);
    }
    if (status == S_OK) {
        status = dir_load_federation(restore->dir, &federation, restore->report);
    }
    if (status == S_OK) {
        status = dir_path(restore->dir, "qanat.db", path);
    }
    if (status == S_OK) {
        status = store_detach(path, restore->report);
    }
    if (status == S_OK) {
        status = store_check(restore, &federation, accepts_damage, findings);
    }
    if (status == S_OK) {
        status = store_settle(restore);
    }
    if (status == S_OK) {
        status = dir_sync(restore);
    }
    if (status == S_OK && restore->former_key.size) {
        status = small_write(restore, "node.key.former", &restore->former_key, 0600);
    }
    if (status == S_OK && restore->next_key.size) {
        status = small_write(restore, "node.key.next", &restore->next_key, 0600);
    }
    if (status == S_OK) {
        status = small_write(restore, "node.key", &restore->key, 0600); /* now it is a node */
    }
    if (status == S_OK && dir_path(restore->dir, unfinished, path) == S_OK) {
        unlink(path);
    }
    return status;
}

static void small_forget(struct buffer *secret)
{
    if (secret->size) {
        sodium_memzero(secret->data, secret->size);
    }
    buffer_release(secret);
}

enum status restore_run(const char *dir, const char *path, bool accepts_damage, struct findings *findings, struct restore_outcome *outcome,
                        struct report *report)
{
    struct restore restore = {.dir = dir, .outcome = outcome, .report = report};

    memset(outcome, 0, sizeof *outcome);
    enum status status = archive_open(path, &restore.archive, report);
    if (status == S_OK) {
        status = about_take(&restore);
    }
    if (status == S_OK) {
        status = dir_take(&restore);
        if (status == S_OK) {
            status = room_check(&restore);
            status = status == S_OK ? entries_take(&restore) : status;
            status = status == S_OK ? node_make(&restore, accepts_damage, findings) : status;
            if (status != S_OK) {
                dir_empty(&restore);
            }
        }
    }
    archive_reader_close(restore.archive);
    if (restore.key.size) {
        sodium_memzero(restore.key.data, restore.key.size);
    }
    buffer_release(&restore.config);
    buffer_release(&restore.federation);
    buffer_release(&restore.key);
    small_forget(&restore.former_key);
    small_forget(&restore.next_key);
    return report_set(report, status, "cannot restore \"%s\": %s", path, status_text(status));
}
