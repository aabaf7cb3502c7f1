#include "node/store/migrate.h"

#include <stdio.h>
#include <unistd.h>

#include "replication/base/check.h"
#include "schema/tables.h"

enum { FIRST_VERSION = 1 };

int migrate_version(void)
{
    int version = FIRST_VERSION;

    for (const struct schema_migration *step = schema_migrations; step->version; step++) {
        CHECK(step->version == version + 1);
        version = step->version;
    }
    return version;
}

/* Fills `report` with who wrote a database that is newer than `migrate_version()`. */
static enum status newer_database(struct db *db, const char *path, int64_t version, struct report *report)
{
    char writer[64] = "an unknown version";
    struct statement *get = db_statement(db, STATEMENT_property_get);

    statement_bind_string(get, 1, "written_by");
    if (statement_step(get)) {
        struct bytes text = statement_blob(get, 0);
        snprintf(writer, sizeof writer, "qanat %.*s", (int)(text.size < 40 ? text.size : 40),
                 (const char *)text.data);
    }
    statement_reset(get);
    return report_set(report, S_VERSION,
                      "the database \"%s\" was written by %s (schema %lld, this is qanat %s with schema %d): "
                      "install that version or a newer one; nothing was changed",
                      path, writer, (long long)version, PACKAGE_VERSION, migrate_version());
}

enum status migrate_check(const char *path, struct report *report)
{
    struct db *db;
    enum status status;

    if (access(path, F_OK) != 0) {
        return report_set(report, S_NOT_FOUND, "there is no database \"%s\"", path);
    }
    status = db_open(path, DB_READ, 0, &db, report);
    if (status != S_OK) {
        return status;
    }
    int64_t application = db_query_int(db, "PRAGMA application_id");
    int64_t version = db_query_int(db, "PRAGMA user_version");
    int64_t objects = db_query_int(db, "SELECT count(*) FROM sqlite_schema");
    status = db_status(db);
    if (status != S_OK) {
        report_set(report, status, "cannot read the database \"%s\": %s", path, db_error_text(db));
    } else if (application != APPLICATION_ID && (application || objects)) {
        status = report_set(report, S_INVALID, "\"%s\" is not a database of this program", path);
    } else if (version > migrate_version()) {
        status = newer_database(db, path, version, report);
    }
    db_close(db);
    return status;
}

static enum status schema_create(struct db *db)
{
    enum status status = S_OK;

    for (const struct schema_table *table = schema_tables; table->name && status == S_OK; table++) {
        status = db_execute(db, table->sql);
    }
    return status;
}

static enum status schema_update(struct db *db, int64_t version)
{
    enum status status = S_OK;

    for (const struct schema_migration *step = schema_migrations; step->version && status == S_OK; step++) {
        if (step->version > version) {
            status = db_execute(db, step->sql);
        }
    }
    return status;
}

static enum status schema_mark(struct db *db)
{
    char text[96];
    struct statement *put = db_statement(db, STATEMENT_property_put);

    statement_bind_string(put, 1, "written_by");
    statement_bind_blob(put, 2, bytes_text(PACKAGE_VERSION));
    enum status status = statement_run(put);
    if (status == S_OK) {
        snprintf(text, sizeof text, "PRAGMA user_version = %d; PRAGMA application_id = %d", migrate_version(),
                 APPLICATION_ID);
        status = db_execute(db, text);
    }
    return status;
}

/* True when there is nothing to write: so that a node on a full disk opens. */
static bool schema_is_current(struct db *db)
{
    struct statement *get;
    bool is_current = db_query_int(db, "PRAGMA user_version") == migrate_version() &&
                      db_query_int(db, "PRAGMA application_id") == APPLICATION_ID;

    if (!is_current) {
        return false;
    }
    get = db_statement(db, STATEMENT_property_get);
    statement_bind_string(get, 1, "written_by");
    is_current = statement_step(get) && bytes_equal(statement_blob(get, 0), bytes_text(PACKAGE_VERSION));
    statement_reset(get);
    return is_current;
}

enum status migrate_run(struct db *db, struct report *report)
{
    if (schema_is_current(db)) {
        return S_OK;
    }
    db_settle(db);
    enum status status = db_execute(db, "BEGIN IMMEDIATE");
    int64_t version = db_query_int(db, "PRAGMA user_version");

    if (status == S_OK && version == 0 && db_query_int(db, "SELECT count(*) FROM sqlite_schema")) {
        status = S_CORRUPT; /* every database of ours says its version */
    } else if (status == S_OK && version < migrate_version()) {
        status = version == 0 ? schema_create(db) : schema_update(db, version);
    }
    if (status == S_OK) {
        status = schema_mark(db);
    }
    if (status == S_OK) {
        status = db_execute(db, "COMMIT");
    }
    if (status != S_OK) {
        report_set(report, status, "cannot bring the database to schema %d: %s", migrate_version(),
                   db_error_text(db));
        if (db_in_transaction(db)) {
            db_execute(db, "ROLLBACK");
        }
    }
    db_settle(db);
    return status;
}
