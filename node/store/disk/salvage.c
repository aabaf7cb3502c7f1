/* Files, in D: tmp/salvage/qanat.db(-wal) a copy of the damaged database to read from; qanat.db.rebuilding
 * the new one while it is filled; renamed to qanat.db.rebuilt it is complete and durable, and takes the place
 * of qanat.db, now or at the next start. */
#include "node/store/disk/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/incident.h"
#include "node/log.h"
#include "node/store/connection.h"
#include "node/store/disk/backup.h"
#include "node/store/disk/migrate.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"
#include "replication/base/check.h"

enum { COPY_BLOCK = 1 << 16, SQL_MAX = 512, PAGES_MAX = 1 << 28 }; /* a file of 1 TiB */

struct attempt {
    const char *dir;
    struct salvage *out;
    struct report *report;
    char folder[DIR_PATH_MAX], copy[DIR_PATH_MAX], fresh[DIR_PATH_MAX];
    sqlite3 *from, *to;
    bool was_empty; /* the file: what there is stands in its log, the number of pages too */
};

/* --- files
 * ---------------------------------------------------------------------------------------------------- */

static enum status path_of(const struct attempt *attempt, const char *name, char out[DIR_PATH_MAX])
{
    enum status status = dir_path(attempt->dir, name, out);
    return status == S_OK ? S_OK
                          : report_set(attempt->report, status, "the path \"%s\" is too long", attempt->dir);
}

static enum status file_status(const struct attempt *attempt, const char *what, const char *path)
{
    enum status status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
    return report_set(attempt->report, status, "cannot %s \"%s\": %s", what, path, strerror(errno));
}

static void files_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[DIR_PATH_MAX + 16];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* A file that is not there is copied as none. A block that cannot be read becomes zeros. */
static enum status file_copy(const struct attempt *attempt, const char *from, const char *to)
{
    static _Thread_local uint8_t block[COPY_BLOCK];
    struct stat info;
    int in = open(from, O_RDONLY | O_CLOEXEC);

    if (in < 0) {
        return errno == ENOENT ? S_OK : file_status(attempt, "read", from);
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_copied = out >= 0 && fstat(in, &info) == 0;
    for (off_t at = 0; is_copied && at < info.st_size;) {
        size_t size = info.st_size - at < COPY_BLOCK ? (size_t)(info.st_size - at) : COPY_BLOCK;
        if (pread(in, block, size, at) != (ssize_t)size) {
            memset(block, 0, size);
        }
        is_copied = pwrite(out, block, size, at) == (ssize_t)size;
        at += (off_t)size;
    }
    enum status status = is_copied ? S_OK : file_status(attempt, "write", to);
    close(in);
    if (out >= 0) {
        close(out);
    }
    return status;
}

/* Makes the names in the folder of the database durable. */
static enum status names_sync(const struct attempt *attempt)
{
    int fd = open(attempt->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    enum status status = is_synced ? S_OK : file_status(attempt, "sync", attempt->dir);

    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* --- reading what may be damaged
 * ------------------------------------------------------------------------------ */

static bool source_open(struct attempt *attempt)
{
    if (sqlite3_open_v2(attempt->copy, &attempt->from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        sealed_disk(true)) != SQLITE_OK) {
        return false;
    }
    sqlite3_db_config(attempt->from, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(attempt->from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return sqlite3_exec(attempt->from, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON", NULL, NULL,
                        NULL) == SQLITE_OK;
}

static void source_close(struct attempt *attempt)
{
    int code = sqlite3_close(attempt->from);

    CHECK(code == SQLITE_OK);
    attempt->from = NULL;
}

/* True when the damaged database has every table as this program makes it. */
static bool schema_is_sound(struct attempt *attempt)
{
    sqlite3_stmt *ours = NULL, *theirs = NULL;
    bool is_sound =
        sqlite3_prepare_v2(attempt->to, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL", -1,
                           &ours, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(attempt->from, "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql = ?2", -1,
                           &theirs, NULL) == SQLITE_OK;

    while (is_sound && sqlite3_step(ours) == SQLITE_ROW) {
        sqlite3_bind_value(theirs, 1, sqlite3_column_value(ours, 0));
        sqlite3_bind_value(theirs, 2, sqlite3_column_value(ours, 1));
        is_sound = sqlite3_step(theirs) == SQLITE_ROW;
        sqlite3_reset(theirs);
    }
    sqlite3_finalize(ours);
    sqlite3_finalize(theirs);
    return is_sound;
}

static int64_t number_of(sqlite3 *db, const char *sql, int64_t parameter)
{
    sqlite3_stmt *get = NULL;
    int64_t number = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &get, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(get, 1, parameter);
        number = sqlite3_step(get) == SQLITE_ROW ? sqlite3_column_int64(get, 0) : 0;
    }
    sqlite3_finalize(get);
    return number;
}

static void u32_put(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* A fresh schema fits only where pages end with seals, as those of a fresh database do. */
static bool has_seals(int fd)
{
    uint8_t page[PAGE_SIZE];
    enum page_state state = PAGE_UNSEALED;

    for (uint32_t i = 1; state != PAGE_SOUND && pread(fd, page, PAGE_SIZE, (off_t)(i - 1) * PAGE_SIZE) == PAGE_SIZE; i++) {
        state = page_look(page, i);
    }
    return state == PAGE_SOUND;
}

/* Tables never move inside the file once they were made, so the pages of a fresh schema fit: page 1 and all
 * that is no table's or index's root. The header on page 1 is told the size of the file and that no page is
 * free. */
static enum status schema_graft(struct attempt *attempt)
{
    int64_t page_size = number_of(attempt->to, "PRAGMA page_size", 0),
            pages = number_of(attempt->to, "PRAGMA page_count", 0);
    uint8_t *page = malloc((size_t)page_size);
    int in = open(attempt->fresh, O_RDONLY | O_CLOEXEC), out = open(attempt->copy, O_RDWR | O_CLOEXEC);
    struct stat info;
    bool fits = out >= 0 && (has_seals(out) || attempt->was_empty), is_done = page && in >= 0 && fits && fstat(out, &info) == 0;

    for (int64_t i = 1; is_done && i <= pages; i++) {
        if (number_of(attempt->to, "SELECT count(*) FROM sqlite_schema WHERE rootpage = ?1", i)) {
            continue;
        }
        is_done = pread(in, page, (size_t)page_size, (i - 1) * page_size) == page_size;
        if (i == 1) {
            u32_put(page + 28, attempt->was_empty ? 0 : (uint32_t)(info.st_size / page_size));
            u32_put(page + 32, 0);
            u32_put(page + 36, 0);
            memcpy(page + 92, page + 24, 4);
            page_seal(page, 1);
        }
        is_done = is_done && pwrite(out, page, (size_t)page_size, (i - 1) * page_size) == page_size;
    }
    enum status status = is_done ? S_OK : !fits ? S_CORRUPT : file_status(attempt, "write", attempt->copy);
    free(page);
    close(in);
    close(out);
    return status;
}

/* Opens the copy, with a fresh schema when its own is damaged. */
static enum status source_prepare(struct attempt *attempt)
{
    if (source_open(attempt) && schema_is_sound(attempt)) {
        return S_OK;
    }
    source_close(attempt);
    enum status status = schema_graft(attempt);
    if (status != S_OK && status != S_CORRUPT) {
        return status;
    }
    attempt->out->has_fresh_schema = true;
    if (status == S_OK && source_open(attempt) && schema_is_sound(attempt)) {
        return S_OK;
    }
    return report_set(attempt->report, S_CORRUPT,
                      "\"%s/qanat.db\" cannot be read, also not with a fresh schema; nothing was changed: restore the last backup",
                      attempt->dir);
}

/* --- copying
 * -------------------------------------------------------------------------------------------------- */

static enum status row_insert(sqlite3_stmt *read, sqlite3_stmt *write, struct salvage_table *table)
{
    for (int i = 0; i < sqlite3_column_count(read); i++) {
        sqlite3_bind_value(write, i + 1, sqlite3_column_value(read, i));
    }
    int code = sqlite3_step(write);
    sqlite3_reset(write);
    if (code == SQLITE_DONE) {
        table->rows += (uint64_t)sqlite3_changes64(sqlite3_db_handle(write));
        return S_OK;
    }
    table->refused += (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH;
    return (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH ? S_OK : db_status_of(code);
}

/* The order of the table itself: its rowid, or the columns of its key. */
static void order_text(struct attempt *attempt, const char *table, const char *direction, char out[SQL_MAX])
{
    sqlite3_stmt *columns = NULL;
    int size = 0;
    bool has_rowid = number_of(attempt->to, "SELECT 1", 0) &&
                     sqlite3_table_column_metadata(attempt->to, NULL, table, "rowid", NULL, NULL, NULL, NULL,
                                                   NULL) == SQLITE_OK;

    if (has_rowid) {
        snprintf(out, SQL_MAX, "rowid %s", direction);
        return;
    }
    out[0] = '\0';
    if (sqlite3_prepare_v2(attempt->to, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", -1,
                           &columns, NULL) == SQLITE_OK) {
        sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC);
        while (sqlite3_step(columns) == SQLITE_ROW && size < SQL_MAX - 80) {
            size += snprintf(out + size, (size_t)(SQL_MAX - size), "%s\"%s\" %s", size ? ", " : "",
                             (const char *)sqlite3_column_text(columns, 0), direction);
        }
    }
    sqlite3_finalize(columns);
}

/* Reads the table in one direction until its end or the damage; *is_whole_out says which. */
static enum status pass_run(struct attempt *attempt, struct salvage_table *table, const char *direction,
                            sqlite3_stmt *write, bool *is_whole_out)
{
    char order[SQL_MAX], sql[2 * SQL_MAX];
    sqlite3_stmt *read = NULL;
    enum status status = S_OK;
    int code;

    order_text(attempt, table->name, direction, order);
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" NOT INDEXED ORDER BY %s", table->name, order);
    code = sqlite3_prepare_v2(attempt->from, sql, -1, &read, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(read);
        if (code == SQLITE_ROW) {
            status = row_insert(read, write, table);
        }
        if (status != S_OK) {
            break;
        }
    }
    *is_whole_out = code == SQLITE_DONE;
    sqlite3_finalize(read);
    return status;
}

static enum status table_copy(struct attempt *attempt, const char *name)
{
    struct salvage_table *table = &attempt->out->tables[attempt->out->count++];
    char sql[SQL_MAX];
    sqlite3_stmt *write = NULL, *shape = NULL;
    uint64_t rotten = sealed_disk_rotten();
    bool is_whole = false;

    snprintf(table->name, sizeof table->name, "%s", name);
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", name);
    sqlite3_prepare_v2(attempt->to, sql, -1, &shape, NULL);
    int size = snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO \"%s\" VALUES (?", name);
    for (int i = 1; i < sqlite3_column_count(shape); i++) {
        size += snprintf(sql + size, sizeof sql - (size_t)size, ", ?");
    }
    snprintf(sql + size, sizeof sql - (size_t)size, ")");
    sqlite3_finalize(shape);
    enum status status = db_status_of(sqlite3_prepare_v2(attempt->to, sql, -1, &write, NULL));
    if (status == S_OK) {
        status = pass_run(attempt, table, "ASC", write, &is_whole);
    }
    if (status == S_OK && !is_whole) {
        table->is_damaged = true;
        status = pass_run(attempt, table, "DESC", write, &is_whole);
    }
    sqlite3_finalize(write);
    table->is_damaged |= sealed_disk_rotten() != rotten; /* what was read of it may be wrong */
    if (table->is_damaged || table->refused) {
        log_event(LOG_WARNING, "table_salvaged", "table=%s rows=%llu refused=%llu", name,
                  (unsigned long long)table->rows, (unsigned long long)table->refused);
    }
    return status;
}

/* Of a search index only the texts: the rest is made from them. */
#define TABLES_COPIED                                                                                        \
    "t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.sql NOT LIKE 'CREATE VIRTUAL TABLE %'"            \
    " AND NOT EXISTS (SELECT 1 FROM sqlite_schema v WHERE v.sql LIKE 'CREATE VIRTUAL TABLE %'"               \
    " AND t.name IN (v.name || '_data', v.name || '_idx', v.name || '_docsize', v.name || '_config'))"

static enum status tables_copy(struct attempt *attempt)
{
    sqlite3_stmt *names = NULL;
    enum status status = db_status_of(sqlite3_exec(attempt->to, "BEGIN", NULL, NULL, NULL));

    if (status == S_OK) {
        status = db_status_of(sqlite3_prepare_v2(
            attempt->to, "SELECT name FROM sqlite_schema t WHERE " TABLES_COPIED, -1, &names, NULL));
    }
    while (status == S_OK && sqlite3_step(names) == SQLITE_ROW) {
        CHECK(attempt->out->count < SALVAGE_TABLES_MAX);
        status = table_copy(attempt, (const char *)sqlite3_column_text(names, 0));
    }
    sqlite3_finalize(names);
    return status;
}

/* Deletes the rows of `table` whose parents were lost. */
static enum status orphans_delete(struct attempt *attempt, const char *table)
{
    sqlite3_stmt *keys = NULL;
    char sql[SQL_MAX];
    enum status status = db_status_of(sqlite3_prepare_v2(
        attempt->to, "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1)", -1, &keys, NULL));

    sqlite3_bind_text(keys, 1, table, -1, SQLITE_STATIC);
    while (status == S_OK && sqlite3_step(keys) == SQLITE_ROW) {
        snprintf(sql, sizeof sql,
                 "DELETE FROM \"%s\" WHERE \"%s\" IS NOT NULL AND \"%s\" NOT IN (SELECT \"%s\" FROM \"%s\")",
                 table, (const char *)sqlite3_column_text(keys, 0),
                 (const char *)sqlite3_column_text(keys, 0), (const char *)sqlite3_column_text(keys, 2),
                 (const char *)sqlite3_column_text(keys, 1));
        status = db_status_of(sqlite3_exec(attempt->to, sql, NULL, NULL, NULL));
    }
    sqlite3_finalize(keys);
    return status;
}

/* Search indexes are made anew from the texts they keep. */
static enum status searches_rebuild(struct attempt *attempt)
{
    sqlite3_stmt *names = NULL;
    char sql[SQL_MAX];
    enum status status = db_status_of(sqlite3_prepare_v2(
        attempt->to, "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE %'", -1, &names,
        NULL));

    while (status == S_OK && sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        snprintf(sql, sizeof sql, "INSERT INTO \"%s\" (\"%s\") VALUES ('rebuild')", name, name);
        status = db_status_of(sqlite3_exec(attempt->to, sql, NULL, NULL, NULL));
    }
    sqlite3_finalize(names);
    return status;
}

/* A large content with a hole in its list of chunks would never be whole; rows whose parent was lost name
 * nothing. Parents stand before their children in the schema's order or are looked at twice. */
static enum status relations_mend(struct attempt *attempt)
{
    enum status status =
        db_status_of(sqlite3_exec(attempt->to,
                                  "DELETE FROM blob WHERE id IN (SELECT blob FROM blob_chunk) AND size IS "
                                  "NOT (SELECT sum(size) FROM blob_chunk WHERE blob = blob.id)",
                                  NULL, NULL, NULL));

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < attempt->out->count && status == S_OK; i++) {
            status = orphans_delete(attempt, attempt->out->tables[i].name);
        }
    }
    status = status == S_OK ? searches_rebuild(attempt) : status;
    return status == S_OK ? db_status_of(sqlite3_exec(attempt->to, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
                                                      NULL, NULL, NULL))
                          : status;
}

/* --- the whole
 * ------------------------------------------------------------------------------------------------ */

/* An empty database of today's schema, open. */
static enum status target_make(struct attempt *attempt)
{
    struct db *db;

    files_remove(attempt->fresh);
    enum status status = db_open(attempt->fresh, DB_CREATE, 0, &db, attempt->report);
    if (status == S_OK) {
        status = migrate_run(db, NULL, attempt->report);
        status = status == S_OK ? db_checkpoint(db, true) : status;
        db_close(db);
    }
    if (status == S_OK) {
        chmod(attempt->fresh, 0600);
        status = db_status_of(
            sqlite3_open_v2(attempt->fresh, &attempt->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                            sealed_disk(false)));
    }
    if (status == S_OK) {
        sqlite3_db_config(attempt->to, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    }
    return status;
}

/* How many pages the first one says there are; 0 when it is not to be believed. */
static uint32_t pages_said(int fd)
{
    uint8_t page[PAGE_SIZE];

    if (pread(fd, page, PAGE_SIZE, 0) != PAGE_SIZE || page_look(page, 1) == PAGE_ROTTEN) {
        return 0;
    }
    const uint8_t *at = page + 28;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Zeros where a file was cut off: SQLite reads nothing of one that is shorter than it says, and of an empty one it deletes the log. */
static enum status cut_fill(struct attempt *attempt)
{
    int fd = open(attempt->copy, O_RDWR | O_CLOEXEC);
    struct stat info;
    bool is_done = true;

    if (fd < 0 || fstat(fd, &info) != 0) {
        close(fd);
        return S_OK; /* reading it says what is wrong */
    }
    off_t size = (off_t)pages_said(fd) * PAGE_SIZE;
    if (info.st_size < PAGE_SIZE && db_has_log(attempt->copy)) {
        attempt->was_empty = true;
        is_done = ftruncate(fd, 0) == 0 && ftruncate(fd, PAGE_SIZE) == 0;
    } else if (size > info.st_size && size / PAGE_SIZE < PAGES_MAX) {
        is_done = ftruncate(fd, size) == 0;
    }
    enum status status = is_done ? S_OK : file_status(attempt, "write", attempt->copy);
    close(fd);
    return status;
}

static enum status source_copy(struct attempt *attempt)
{
    char from[DIR_PATH_MAX], wal[DIR_PATH_MAX + 8];
    enum status status = path_of(attempt, "tmp", from);

    if (status == S_OK && ((mkdir(from, 0700) != 0 && errno != EEXIST) ||
                           (mkdir(attempt->folder, 0700) != 0 && errno != EEXIST))) {
        status = file_status(attempt, "make", attempt->folder);
    }
    files_remove(attempt->copy);
    status = status == S_OK ? path_of(attempt, "qanat.db", from) : status;
    status = status == S_OK ? file_copy(attempt, from, attempt->copy) : status;
    status = status == S_OK ? path_of(attempt, "qanat.db-wal", from) : status;
    snprintf(wal, sizeof wal, "%s-wal", attempt->copy);
    status = status == S_OK ? file_copy(attempt, from, wal) : status;
    return status == S_OK ? cut_fill(attempt) : status;
}

static enum status attempt_run(struct attempt *attempt)
{
    enum status status = source_copy(attempt);

    status = status == S_OK ? target_make(attempt) : status;
    status = status == S_OK ? source_prepare(attempt) : status;
    status = status == S_OK ? tables_copy(attempt) : status;
    status = status == S_OK ? relations_mend(attempt) : status;
    source_close(attempt);
    sqlite3_close(attempt->to);
    if (status == S_OK) {
        status = store_detach(attempt->fresh, attempt->report); /* synced, by its checkpoint */
    }
    files_remove(attempt->copy);
    rmdir(attempt->folder);
    return status;
}

enum status salvage_run(const char *dir, struct salvage *salvage, struct report *report)
{
    struct attempt attempt = {.dir = dir, .out = salvage, .report = report};
    char rebuilt[DIR_PATH_MAX];

    *salvage = (struct salvage){.count = 0};
    enum status status = path_of(&attempt, "tmp/salvage", attempt.folder);
    status = status == S_OK ? path_of(&attempt, "tmp/salvage/qanat.db", attempt.copy) : status;
    status = status == S_OK ? path_of(&attempt, "qanat.db.rebuilding", attempt.fresh) : status;
    status = status == S_OK ? path_of(&attempt, "qanat.db.rebuilt", rebuilt) : status;
    status = status == S_OK ? attempt_run(&attempt) : status;
    if (status == S_OK && rename(attempt.fresh, rebuilt) != 0) {
        status = file_status(&attempt, "rename", attempt.fresh);
    }
    if (status != S_OK) {
        files_remove(attempt.fresh);
        return report_set(report, status, "cannot rebuild the database of \"%s\": %s; nothing was changed",
                          dir, status_text(status));
    }
    files_remove(attempt.fresh);
    status = names_sync(&attempt);
    return status == S_OK ? salvage_finish(dir, report) : status;
}

enum status salvage_finish(const char *dir, struct report *report)
{
    static const char *const moves[][2] = {{"qanat.db-wal", "qanat.db.damaged-wal"},
                                           {"qanat.db", "qanat.db.damaged"},
                                           {"qanat.db.rebuilt", "qanat.db"}};
    struct attempt attempt = {.dir = dir, .report = report};
    char from[DIR_PATH_MAX], to[DIR_PATH_MAX];
    enum status status = path_of(&attempt, "qanat.db.rebuilt", from);

    if (status != S_OK || access(from, F_OK) != 0) {
        return status;
    }
    for (size_t i = 0; i < sizeof moves / sizeof *moves && status == S_OK; i++) {
        status = path_of(&attempt, moves[i][0], from);
        status = status == S_OK ? path_of(&attempt, moves[i][1], to) : status;
        if (status == S_OK && rename(from, to) != 0 && errno != ENOENT) {
            status = file_status(&attempt, "rename", from);
        }
        status = status == S_OK ? names_sync(&attempt)
                                : status; /* never the new database beside the old one's log */
    }
    if (status == S_OK) {
        status = path_of(&attempt, "qanat.db-shm", from);
        unlink(from);
        incident_add(INCIDENT_REBUILDS, 1);
        log_event(LOG_WARNING, "database_rebuilt", "dir=\"%s\" kept=qanat.db.damaged", dir);
    }
    return status;
}
