#include "node/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "node/shortfall.h"
#include "node/store/disk/migrate.h"
#include "node/store/disk/migrate_copy.h"
#include "node/store/disk/reseal.h"
#include "node/store/disk/salvage.h"
#include "node/store/operation/incident_row.h"
#include "node/store/stream/beside.h"
#include "node/store/stream/own_engine.h"
#include "node/store/stream/speakers.h"
#include "node/store/writer.h"
#include "replication/base/check.h"

enum { FIRST_PAGE_SIZE = 4096 };

bool property_get(struct db *db, const char *name, void *out, size_t size)
{
    struct statement *get = db_statement(db, STATEMENT_property_get);
    bool is_found = false;

    statement_bind_string(get, 1, name);
    if (statement_step(get)) {
        struct bytes value = statement_blob(get, 0);
        is_found = value.size == size;
        if (is_found) {
            memcpy(out, value.data, size);
        }
    }
    statement_reset(get);
    return is_found;
}

enum status property_put(struct db *db, const char *name, struct bytes value)
{
    struct statement *put = db_statement(db, STATEMENT_property_put);

    statement_bind_string(put, 1, name);
    statement_bind_blob(put, 2, value);
    return statement_run(put);
}

static enum status store_identify(struct store *store, struct db *db)
{
    if (property_get(db, "database", store->database.b, sizeof store->database.b)) {
        return S_OK;
    }
    randombytes_buf(store->database.b, sizeof store->database.b);
    return property_put(db, "database", bytes_of(store->database.b, sizeof store->database.b));
}

/* Makes the database file with its final mode, before SQLite can make it with the umask's. */
static enum status file_create(const char *path, struct report *report)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        enum status status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
        return report_set(report, status, "cannot create the database \"%s\": %s", path, strerror(errno));
    }
    close(fd);
    return S_OK;
}

/* Takes back what file_create() began. */
static void file_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[DIR_PATH_MAX + 8];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* The file that making a database began with, and no more: empty, or with a first page that SQLite would take back, for the journal of the switch to a log is
 * still beside it. No other change has such a journal, and one page has no room for a table. */
static bool is_begun(const char *path)
{
    char journal[DIR_PATH_MAX + 8];
    struct stat info;

    snprintf(journal, sizeof journal, "%s-journal", path);
    return stat(path, &info) == 0 && (info.st_size == 0 || (info.st_size <= FIRST_PAGE_SIZE && access(journal, F_OK) == 0)) && !db_has_log(path);
}

bool store_is_absent(const char *dir)
{
    char path[DIR_PATH_MAX];

    return dir_path(dir, "qanat.db", path) == S_OK && (access(path, F_OK) != 0 || is_begun(path));
}

enum status store_check_rights(const char *dir, bool is_writing, struct report *report)
{
    static const char *const names[] = {"qanat.db", "qanat.db-wal", "qanat.db-shm"};
    char path[DIR_PATH_MAX];
    struct stat info;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dir_path(dir, names[i], path) != S_OK || stat(path, &info) != 0 || access(path, is_writing ? R_OK | W_OK : R_OK) == 0 ||
            (errno != EACCES && errno != EPERM)) {
            continue;
        }
        return report_set(report, S_DENIED,
                          "user %u may not %s \"%s\": it belongs to user %u and its mode is %03o; run qanat as that user, or chown the file, and chmod 600 it",
                          (unsigned)geteuid(), is_writing ? "write" : "read", path, (unsigned)info.st_uid, (unsigned)info.st_mode & 0777);
    }
    return S_OK;
}

static enum status file_check(const struct store *store, const struct store_options *options,
                              struct report *report)
{
    struct stat info;
    bool is_there = stat(store->path, &info) == 0;

    if (options->must_create && is_there && is_begun(store->path)) {
        file_remove(store->path);
        is_there = false;
    }
    if (options->must_create) {
        return is_there ? report_set(report, S_EXISTS, "\"%s\" holds a node already", store->dir)
                        : file_create(store->path, report);
    }
    if (!is_there) {
        return report_set(report, S_NOT_FOUND,
                          "the database \"%s\" is missing: qanat restore the last backup into a new directory, or qanat join again (qanat invite --replaces)",
                          store->path);
    }
    enum status status = store_check_rights(store->dir, !options->read_only, report);
    return status == S_OK ? migrate_check(store->path, report) : status;
}

static enum status store_open_write(struct store *store, const struct store_options *options,
                                    struct report *report)
{
    struct db *db;

    ballast_init(&store->ballast, store->dir, (uint64_t)options->ballast_mib << 20);
    ballast_look(&store->ballast, engine_monotonic_ms());
    enum status status = db_open(store->path, options->must_create ? DB_CREATE : DB_WRITE, store->cache_mib, &db, report);
    if (status != S_OK) {
        if (options->must_create) {
            file_remove(store->path);
        }
        return status;
    }
    db_set_store(db, store);
    migrate_copy_expire(store->path, engine_wall_ms());
    status = migrate_run(db, store->path, report);
    if (status == S_OK) {
        reseal_run(db, store->path);
        status = store_identify(store, db);
    }
    if (status != S_OK) {
        report_set(report, status, "cannot write the database \"%s\": %s", store->path, db_error_text(db));
        db_close(db);
        if (options->must_create) {
            file_remove(store->path);
        }
        return status;
    }
    store->own = own_new(anchor_open(options->anchor_dir, store->dir, &store->database));
    bool has_beside = beside_is_any(db);
    store->writer = writer_start(store, db);
    if (has_beside) {
        beside_clear(store);
    }
    return S_OK;
}

static enum status store_open_read(struct store *store, struct report *report)
{
    struct db *db = store_read_begin(store);
    bool has_id = property_get(db, "database", store->database.b, sizeof store->database.b);
    bool is_older = migrate_is_due(db);
    enum status status = db_status(db);

    store_read_end(store, db);
    if (status == S_OK && is_older) {
        return report_set(report, S_BUSY,
                          "the database \"%s\" has the schema of an older version: start the node anew with this one, which brings it to schema %d",
                          store->path, migrate_version());
    }
    return status != S_OK ? status : has_id ? S_OK : S_CORRUPT;
}

bool store_is_older(const char *dir)
{
    char path[DIR_PATH_MAX];
    struct report ignored;
    struct db *db;

    report_clear(&ignored);
    if (dir_path(dir, "qanat.db", path) != S_OK || migrate_check(path, &ignored) != S_OK || db_open(path, DB_READ, 0, &db, NULL) != S_OK) {
        return false;
    }
    bool is_older = migrate_is_due(db) && db_status(db) == S_OK;
    db_close(db);
    return is_older;
}

enum status store_forget_copies(struct store *store)
{
    return migrate_copy_drop(store->path);
}

enum status store_open(const char *dir, const struct store_options *options, struct store **store_out,
                       struct report *report)
{
    struct store *store = calloc(1, sizeof *store);
    enum status status;

    CHECK(store);
    *store_out = NULL;
    pthread_mutex_init(&store->lock, NULL);
    store->cache_mib = options->cache_mib;
    store->staged_mib = options->staged_mib;
    snprintf(store->dir, sizeof store->dir, "%s", dir);
    status = dir_path(dir, "qanat.db", store->path);
    if (status == S_OK && !options->read_only) {
        status = salvage_finish(dir, report);
    }
    if (status != S_OK) {
        report_set(report, status, "the path \"%s\" is too long", dir);
    } else {
        status = file_check(store, options, report);
    }
    if (status == S_OK) {
        status = options->read_only ? store_open_read(store, report) : store_open_write(store, options, report);
    }
    if (status != S_OK) {
        report_set(report, status, "cannot open the database \"%s\": %s", store->path, status_text(status));
        store_close(store);
        return status;
    }
    *store_out = store;
    return S_OK;
}

void store_close(struct store *store)
{
    if (!store) {
        return;
    }
    for (size_t i = 0; i < store->reader_count; i++) {
        db_close(store->readers[i]);
    }
    if (store->writer) {
        incident_flush_wait(store);
        writer_stop(store->writer);
        writer_drain(store->writer);
        writer_free(store->writer);
    }
    heads_release(&store->heads);
    own_free(store->own);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

enum status engine_reopen(struct store *store, struct db **db_out)
{
    struct db *db;
    enum status status = db_open(store->path, DB_WRITE, store->cache_mib, &db, NULL);

    *db_out = NULL;
    if (status != S_OK) {
        return status;
    }
    db_set_store(db, store);
    status = db_checkpoint(db, true); /* also syncs; what a failed fsync left in the WAL is written anew */
    if (status == S_OK && !db_query_is_ok(db, "PRAGMA quick_check(1)")) {
        status = db_status(db) == S_OK ? S_CORRUPT : db_status(db);
    }
    if (status != S_OK) {
        db_close(db);
        return status;
    }
    db_settle(db);
    *db_out = db;
    return S_OK;
}

int64_t engine_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t engine_wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void store_set_identity(struct store *store, const struct identity *identity, const struct id *federation)
{
    pthread_mutex_lock(&store->lock);
    store->identity = identity;
    store->federation = *federation;
    pthread_mutex_unlock(&store->lock);
}

void store_write(struct store *store, store_job *job, void *arg, store_done *done)
{
    CHECK(store->writer);
    writer_queue(store->writer, job, arg, done);
}

enum status store_write_wait(struct store *store, store_job *job, void *arg)
{
    CHECK(store->writer);
    return shortfall_status() == S_OK ? writer_wait(store->writer, job, arg) : shortfall_status();
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

enum status store_wait(struct store *store)
{
    return store_write_wait(store, nothing, NULL);
}

enum status store_run_apart(struct store *store, store_job *job, void *arg)
{
    CHECK(store->writer);
    return writer_run_apart(store->writer, job, arg);
}

void store_set_wake(struct store *store, void (*wake)(void *ctx), void *ctx)
{
    CHECK(store->writer);
    writer_set_wake(store->writer, wake, ctx);
}

void store_drain(struct store *store)
{
    CHECK(store->writer);
    writer_drain(store->writer);
}

uint64_t store_generation(const struct store *store)
{
    return atomic_load(&store->generation);
}

/* An idle reader, a new one, or one that only says why there is none. */
static struct db *reader_take(struct store *store)
{
    struct db *db = NULL;

    pthread_mutex_lock(&store->lock);
    if (store->reader_count) {
        db = store->readers[--store->reader_count];
    }
    pthread_mutex_unlock(&store->lock);
    if (!db) {
        enum status status = db_open(store->path, DB_READ, 0, &db, NULL);
        if (status != S_OK) {
            db = db_dead(status);
        }
        db_set_store(db, store);
    }
    return db;
}

struct db *store_read_begin(struct store *store)
{
    struct db *db = reader_take(store);
    struct id database;

    speakers_begin(db);
    if (statement_run(db_statement(db, STATEMENT_read_begin)) == S_OK) {
        property_get(db, "database", database.b,
                     sizeof database.b); /* the snapshot is taken at the first read: now */
    }
    return db;
}

void store_read_end(struct store *store, struct db *db)
{
    bool is_usable = db_status(db) == S_OK;

    shortfall_note(db_status(db));
    db_settle(db);
    if (is_usable) {
        is_usable = statement_run(db_statement(db, STATEMENT_transaction_rollback)) == S_OK;
    }
    pthread_mutex_lock(&store->lock);
    if (is_usable && store->reader_count < READERS_IDLE_MAX) {
        store->readers[store->reader_count++] = db;
        db = NULL;
    }
    pthread_mutex_unlock(&store->lock);
    db_close(db);
}
