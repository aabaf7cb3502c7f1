#include "node/store/disk/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "node/store/course/blob.h"
#include "node/store/disk/migrate.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/engine.h"

enum { STEP_PAGES = 1024 };

static enum status blobs_list(struct db *db, struct buffer *blobs)
{
    struct blob_row row = {.id = 0};

    while (blob_row_next(db, row.id, &row)) {
        if (row.is_whole) {
            const struct backup_blob blob = {row.hash, row.size};
            buffer_append(blobs, &blob, sizeof blob);
        }
    }
    return db_status(db);
}

/* Copies every page that the open read of `db` sees into `to`. */
static int pages_copy(sqlite3 *to, struct db *db)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", db_handle(db), "main");
    int code = backup ? SQLITE_OK : sqlite3_extended_errcode(to);

    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, STEP_PAGES);
    }
    int end = sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? end : code;
}

enum status backup_copy(struct db *db, const char *path, bool loses_name, struct report *report)
{
    sqlite3 *to = NULL;
    int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, sealed_disk(false));

    if (code == SQLITE_OK) { /* nothing but us sees the file before it is whole, and a torn one is removed */
        code = sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && loses_name) {
        (void)unlink(path); /* without a journal SQLite needs the name no more */
    }
    if (code == SQLITE_OK) {
        code = pages_copy(to, db);
    }
    enum status status = db_status_of(code);
    if (status != S_OK) {
        report_set(report, status, "cannot copy the database to \"%s\": %s", path, to ? sqlite3_errmsg(to) : status_text(status));
    }
    sqlite3_close(to);
    return status;
}

static enum status copy_write(struct store *store, const char *path, bool loses_name, struct buffer *blobs, struct report *report)
{
    struct db *db = store_read_begin(store);
    enum status status = db_status(db) == S_OK ? blobs_list(db, blobs) : db_status(db);

    if (status == S_OK) {
        status = backup_copy(db, path, loses_name, report);
    } else {
        report_set(report, status, "cannot copy the database to \"%s\": %s", path, status_text(status));
    }
    store_read_end(store, db);
    return status;
}

enum status store_backup(struct store *store, const char *path, int *fd_out, struct buffer *blobs, struct report *report)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        enum status status = error_is_no_space(errno) ? S_NO_SPACE : errno == EEXIST ? S_EXISTS : S_IO;
        return report_set(report, status, "cannot create \"%s\": %s", path, strerror(errno));
    }
    (void)flock(fd, LOCK_EX | LOCK_NB); /* a copy that nobody locks was left by a process that is gone */
    enum status status = copy_write(store, path, fd_out != NULL, blobs, report);
    if (status != S_OK || fd_out) {
        unlink(path); /* gone already, unless it was never opened, or this file system keeps open files */
    }
    if (status == S_OK && fd_out) {
        *fd_out = fd;
    } else {
        close(fd);
    }
    return status;
}

static enum status property_drop(struct db *db, const char *name)
{
    struct statement *drop = db_statement(db, STATEMENT_property_drop);

    statement_bind_string(drop, 1, name);
    return statement_run(drop);
}

enum status store_detach(const char *path, struct report *report)
{
    struct db *db;
    enum status status = migrate_check(path, report);

    if (status == S_OK) {
        status = db_open(path, DB_WRITE, 0, &db, report);
    }
    if (status != S_OK) {
        return status;
    }
    struct id database;
    randombytes_buf(database.b, sizeof database.b);
    status = migrate_run(db, NULL, report);
    if (status == S_OK) {
        status = property_put(db, "database", bytes_of(database.b, sizeof database.b));
    }
    if (status == S_OK) {
        status = property_drop(db, "incarnation");
    }
    if (status == S_OK) {
        status = statement_run(db_statement(db, STATEMENT_invite_drop_open));
    }
    if (status == S_OK) {
        status = db_checkpoint(db, true);
    }
    if (status != S_OK) {
        report_set(report, status, "cannot write the database \"%s\": %s", path, db_error_text(db));
    }
    db_close(db);
    return status;
}
