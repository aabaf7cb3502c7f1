#include "node/store/connection.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/dir.h"
#include "node/log.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/stream/speakers.h"
#include "node/store/stream/term.h"
#include "replication/base/check.h"

enum { HEADER_SIZE = 100 }; /* of a database file */
enum { TEXT_JUDGED_MAX = 4096 }; /* longer ones are documents: who reads them parses them */

static pthread_once_t sqlite_prepared = PTHREAD_ONCE_INIT;

struct statement {
    sqlite3_stmt *handle;
    struct db *db;
    bool is_in_use;
};

struct db {
    sqlite3 *handle;
    struct store *store;
    enum status death; /* not S_OK: never opened */
    enum status status;
    bool is_erasing;
    uint64_t wal_pages;
    uint64_t page_size;
    struct terms *terms;
    struct speakers *speakers;
    struct statement statements[STATEMENT_COUNT];
};

enum status db_status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return S_OK;
    case SQLITE_FULL:
        return S_NO_SPACE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return S_BUSY;
    case SQLITE_NOMEM:
        return S_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return S_CORRUPT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return S_DENIED;
    case SQLITE_TOOBIG:
        return S_TOO_LARGE;
    case SQLITE_CONSTRAINT:
        return S_EXISTS;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
        return S_IO;
    default: /* a number of a foreign library: everything else is a fault of ours */
        return S_INTERNAL;
    }
}

static enum status db_record(struct db *db, int code)
{
    enum status status = db_status_of(code);

    if (status != S_OK && db->status == S_OK) {
        db->status = status;
        if (status != S_EXISTS && status != S_BUSY) {
            log_event(LOG_WARNING, "database_error", "code=%d text=\"%s\"", code, sqlite3_errmsg(db->handle));
        }
    }
    return status;
}

static int wal_grew(void *ctx, sqlite3 *handle, const char *name, int pages)
{
    (void)handle, (void)name;
    ((struct db *)ctx)->wal_pages = (uint64_t)pages;
    return SQLITE_OK;
}

static enum status db_configure(struct db *db, enum db_mode mode, int cache_mib)
{
    char text[64];
    int reserved = PAGE_SEAL_SIZE; /* in a file that is made now: it keeps what it has */
    enum status status = S_OK;

    sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, WRITER_BUSY_MS);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (!cache_mib) {
        cache_mib = mode == DB_READ ? READER_CACHE_MIB : WRITER_CACHE_MIB;
    }
    snprintf(text, sizeof text, "PRAGMA cache_size = -%d", cache_mib * 1024);
    status = db_execute(db, text);
    if (status == S_OK) {
        status =
            db_execute(db, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA secure_delete = OFF");
    }
    if (mode == DB_READ || status != S_OK) {
        return status;
    }
    snprintf(text, sizeof text, "PRAGMA journal_size_limit = %d", WAL_LEFT_MAX);
    status =
        db_execute(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    if (status == S_OK) {
        status = db_execute(db, text);
    }
    if (status != S_OK) {
        return status; /* nothing after it: what SQLite says of it is the text of its last call */
    }
    sqlite3_wal_hook(db->handle, wal_grew, db);
    db->page_size = (uint64_t)db_query_int(db, "PRAGMA page_size");
    return db->status;
}

/* Memory is not counted: the count costs a lock at every allocation. Fails harmlessly when SQLite is in use
 * already. */
static void sqlite_prepare(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* SQLite takes a file with less than a header in it for a new database, and deletes the log beside it: what a fault left of a node's
 * would be gone. */
static enum status emptiness_check(const char *path, struct report *report)
{
    struct stat info;

    if (stat(path, &info) != 0 || info.st_size >= HEADER_SIZE) {
        return S_OK; /* what else is wrong SQLite says */
    }
    return report_set(report, S_CORRUPT, "the database \"%s\" is cut down to %lld bytes; nothing was changed: %s", path, (long long)info.st_size,
                      db_has_log(path) ? "qanat scrub --repair builds it anew from its log, or qanat restore the last backup into a new directory"
                                       : "qanat restore the last backup into a new directory, or qanat join again (qanat invite --replaces)");
}

bool db_has_log(const char *path)
{
    char log[DIR_PATH_MAX + 8];
    struct stat info;

    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &info) == 0 && info.st_size > 0;
}

enum status db_open(const char *path, enum db_mode mode, int cache_mib, struct db **db_out,
                    struct report *report)
{
    static const int flags[] = {
        [DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [DB_WRITE] = SQLITE_OPEN_READWRITE,
        [DB_READ] = SQLITE_OPEN_READONLY,
    };
    struct db *db = calloc(1, sizeof *db);
    enum status status;

    CHECK(db);
    *db_out = NULL;
    status = mode == DB_CREATE ? S_OK : emptiness_check(path, report);
    if (status != S_OK) {
        free(db);
        return status;
    }
    pthread_once(&sqlite_prepared, sqlite_prepare);
    db->terms = terms_new();
    db->speakers = speakers_new();
    int code = sqlite3_open_v2(path, &db->handle, flags[mode] | SQLITE_OPEN_NOMUTEX, sealed_disk(false));
    if (code != SQLITE_OK) {
        status = db_status_of(code);
        report_set(report, status, "cannot open the database \"%s\": %s", path, sqlite3_errmsg(db->handle));
    } else {
        status = db_configure(db, mode, cache_mib);
        if (status != S_OK) {
            report_set(report, status, "cannot use the database \"%s\": %s", path,
                       sqlite3_errmsg(db->handle));
        }
    }
    if (status != S_OK) {
        db_close(db);
        return status;
    }
    db_settle(db);
    *db_out = db;
    return S_OK;
}

struct db *db_dead(enum status status)
{
    struct db *db = calloc(1, sizeof *db);

    CHECK(db && status != S_OK);
    db->death = db->status = status;
    db->terms = terms_new();
    db->speakers = speakers_new();
    return db;
}

void db_close(struct db *db)
{
    if (!db) {
        return;
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(db->statements[i].handle);
    }
    int code = sqlite3_close(db->handle);
    CHECK(code == SQLITE_OK);
    terms_free(db->terms);
    speakers_free(db->speakers);
    free(db);
}

void db_set_store(struct db *db, struct store *store)
{
    db->store = store;
}

struct store *db_store(const struct db *db)
{
    return db->store;
}

enum status db_execute(struct db *db, const char *sql)
{
    return db_record(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

int64_t db_query_int(struct db *db, const char *sql)
{
    sqlite3_stmt *handle = NULL;
    int64_t value = 0;

    if (db_record(db, sqlite3_prepare_v2(db->handle, sql, -1, &handle, NULL)) != S_OK) {
        return 0;
    }
    int code = sqlite3_step(handle);
    if (code == SQLITE_ROW) {
        value = sqlite3_column_int64(handle, 0);
    } else {
        db_record(db, code);
    }
    sqlite3_finalize(handle);
    return value;
}

bool db_query_is_ok(struct db *db, const char *sql)
{
    sqlite3_stmt *handle = NULL;
    bool is_ok = false;

    if (db_record(db, sqlite3_prepare_v2(db->handle, sql, -1, &handle, NULL)) != S_OK) {
        return false;
    }
    if (sqlite3_step(handle) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(handle, 0);
        is_ok = text && strcmp(text, "ok") == 0;
    }
    sqlite3_finalize(handle);
    return is_ok;
}

enum status db_query_texts(struct db *db, const char *sql, db_text_visit *visit, void *ctx)
{
    sqlite3_stmt *handle = NULL;
    char text[512];
    int code;

    if (db_record(db, sqlite3_prepare_v2(db->handle, sql, -1, &handle, NULL)) != S_OK) {
        return db->status;
    }
    while ((code = sqlite3_step(handle)) == SQLITE_ROW) {
        size_t size = 0;
        text[0] = '\0';
        for (int i = 0; i < sqlite3_column_count(handle) && size < sizeof text; i++) {
            const char *column = (const char *)sqlite3_column_text(handle, i);
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%s", i ? ", " : "", column ? column : "-");
        }
        visit(ctx, text);
    }
    enum status status = db_record(db, code);
    sqlite3_finalize(handle);
    return status;
}

struct sqlite3 *db_handle(struct db *db)
{
    return db->handle;
}

void db_settle(struct db *db)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if (db->statements[i].is_in_use) {
            statement_reset(&db->statements[i]);
        }
    }
    if (db->is_erasing) {
        db_set_erasing(db, false);
    }
    db->status = db->death;
}

void db_fail(struct db *db, enum status status)
{
    if (db->status == S_OK) {
        db->status = status;
    }
}

void db_set_erasing(struct db *db, bool is_erasing)
{
    if (db_execute(db, is_erasing ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF") == S_OK) {
        db->is_erasing = is_erasing;
    }
}

bool db_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

const char *db_error_text(const struct db *db)
{
    return sqlite3_errmsg(db->handle);
}

struct terms *db_terms(struct db *db)
{
    return db->terms;
}

struct speakers *db_speakers(struct db *db)
{
    return db->speakers;
}

uint64_t db_wal_size(const struct db *db)
{
    return db->wal_pages * db->page_size;
}

enum status db_checkpoint(struct db *db, bool truncate)
{
    int left = 0, moved = 0;
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    enum status status = db_status_of(sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, &left, &moved));

    if (status == S_OK && truncate) {
        db->wal_pages = 0;
    }
    return status;
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

enum status db_status(const struct db *db)
{
    return db->status;
}

struct statement *db_statement(struct db *db, enum statement_name name)
{
    CHECK(name < STATEMENT_COUNT);
    struct statement *statement = &db->statements[name];

    CHECK(!statement->is_in_use);
    statement->is_in_use = true;
    statement->db = db;
    if (!statement->handle && db->death == S_OK) {
        const char *sql = statement_texts[name].sql;
        int code =
            sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
        if (code != SQLITE_OK) {
            log_event(LOG_ERROR, "statement_unusable", "name=%s text=\"%s\"", statement_texts[name].name,
                      sqlite3_errmsg(db->handle));
        }
        /* A test prepares every statement on a sound schema: when text and schema disagree, the schema is damaged. */
        db_record(db, code == SQLITE_ERROR ? SQLITE_CORRUPT : code);
    }
    return statement;
}

/* A statement without a handle (its preparation met a disk error, which db_status() holds) takes no values
 * and gives no rows. */
static void statement_bound(struct statement *statement, int code)
{
    CHECK(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    db_record(statement->db, code);
}

void statement_bind_int(struct statement *statement, int index, int64_t value)
{
    if (statement->handle) {
        statement_bound(statement, sqlite3_bind_int64(statement->handle, index, value));
    }
}

void statement_bind_double(struct statement *statement, int index, double value)
{
    if (statement->handle) {
        statement_bound(statement, sqlite3_bind_double(statement->handle, index, value));
    }
}

void statement_bind_null(struct statement *statement, int index)
{
    if (statement->handle) {
        statement_bound(statement, sqlite3_bind_null(statement->handle, index));
    }
}

void statement_bind_int_unless(struct statement *statement, int index, int64_t value, int64_t none)
{
    if (value == none) {
        statement_bind_null(statement, index);
    } else {
        statement_bind_int(statement, index, value);
    }
}

void statement_bind_blob(struct statement *statement, int index, struct bytes value)
{
    if (statement->handle) {
        const void *data = value.size ? value.data : (const void *)"";
        statement_bound(statement,
                        sqlite3_bind_blob64(statement->handle, index, data, value.size, SQLITE_STATIC));
    }
}

void statement_bind_text(struct statement *statement, int index, struct bytes value)
{
    if (statement->handle) {
        const char *data = value.size ? (const char *)value.data : "";
        statement_bound(statement, sqlite3_bind_text64(statement->handle, index, data, value.size,
                                                       SQLITE_STATIC, SQLITE_UTF8));
    }
}

void statement_bind_string(struct statement *statement, int index, const char *value)
{
    statement_bind_text(statement, index, bytes_text(value));
}

bool statement_step(struct statement *statement)
{
    if (!statement->handle) {
        return false;
    }
    int code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW) {
        CHECK(code != SQLITE_MISUSE);
        db_record(statement->db, code);
    }
    return code == SQLITE_ROW;
}

int64_t statement_int(struct statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

double statement_double(struct statement *statement, int column)
{
    return sqlite3_column_double(statement->handle, column);
}

struct bytes statement_blob(struct statement *statement, int column)
{
    bool is_text = sqlite3_column_type(statement->handle, column) == SQLITE_TEXT;
    const void *data = sqlite3_column_blob(statement->handle, column);
    struct bytes value = bytes_of(data, (size_t)sqlite3_column_bytes(statement->handle, column));

    return is_text && value.size <= TEXT_JUDGED_MAX && !utf8_is_valid(value) ? bytes_text("?") : value;
}

const char *statement_string(struct statement *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement->handle, column);
    return !text ? "" : utf8_is_valid(bytes_text(text)) ? text : "?";
}

bool statement_take_raw(struct statement *statement, int column, void *out, size_t size)
{
    struct bytes value = statement_blob(statement, column);

    if (value.size != size) {
        memset(out, 0, size);
        db_fail(statement->db, S_CORRUPT);
        return false;
    }
    memcpy(out, value.data, size);
    return true;
}

void statement_take_text(struct statement *statement, int column, char *out, size_t size)
{
    const char *text = statement_string(statement, column);
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) { /* in the middle of a character */
            length--;
        }
    }
    memcpy(out, text, length);
    out[length] = '\0';
}

bool statement_is_null(struct statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

int64_t statement_int_or(struct statement *statement, int column, int64_t none)
{
    return statement_is_null(statement, column) ? none : statement_int(statement, column);
}

void statement_reset(struct statement *statement)
{
    statement->is_in_use = false;
    if (statement->handle) {
        sqlite3_reset(statement->handle); /* repeats the error of the last step, which is recorded already */
        sqlite3_clear_bindings(statement->handle);
    }
}

bool statement_has_row(struct statement *statement)
{
    bool has_row = statement_step(statement);

    statement_reset(statement);
    return has_row;
}

enum status statement_run(struct statement *statement)
{
    struct db *db = statement->db;
    enum status before = db->status;

    if (!statement->handle) {
        statement_reset(statement);
        return before;
    }
    db->status = S_OK;
    bool has_row = statement_step(statement);
    enum status status = db->status;
    statement_reset(statement);
    CHECK(!has_row);
    if (before != S_OK ||
        status ==
            S_EXISTS) { /* a broken constraint is the caller's to judge: it undid this statement alone */
        db->status = before;
    }
    return status;
}
