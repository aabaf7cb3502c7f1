#include "node/store/disk/migrate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/log.h"
#include "node/store/disk/migrate_copy.h"
#include "node/store/engine.h"
#include "node/store/people/posting.h"
#include "replication/base/check.h"
#include "schema/tables.h"

enum { FIRST_VERSION = 1, SHAPE_TEXT_MAX = 512 };

/* What files look like that call themselves schema 1: BLAKE2b-256 over the lines of their schema
 * (shape_read()). */
static const struct shape {
    int version;
    const char *hash;
} shapes_of_1[] = {
    {1, "2e654d8c09b5b07aad8b3c251843b3bbaf9a04c0220466f78b3e83494d58a5dc"},
    {2, "0ca5d4eb37025f1277cb6498a64a69e8d7c9d1f52bf20979013f4128a756dc50"},
};

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

/* Marks the schema as `version`, inside the transaction that made it so. */
static enum status version_mark(struct db *db, int version)
{
    char text[96];
    struct statement *put = db_statement(db, STATEMENT_property_put);

    statement_bind_string(put, 1, "written_by");
    statement_bind_blob(put, 2, bytes_text(PACKAGE_VERSION));
    enum status status = statement_run(put);
    if (status == S_OK) {
        snprintf(text, sizeof text, "PRAGMA user_version = %d; PRAGMA application_id = %d", version,
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

bool migrate_is_due(struct db *db)
{
    return db_query_int(db, "PRAGMA user_version") < migrate_version();
}

/* --- which schema a file has
 * ------------------------------------------------------------------------------------ */

static void shape_line(void *ctx, const char *line)
{
    buffer_append(ctx, line, strlen(line) + 1);
}

/* The version that a file which says 1 really has; 0 when it is none that was ever finished. */
static int64_t shape_version(struct db *db)
{
    struct buffer text;
    char hex[HASH_HEX_SIZE];
    int64_t version = 0;

    buffer_init(&text);
    db_query_texts(
        db,
        "SELECT m.type, m.name, p.name, p.type, p.\"notnull\", p.pk FROM sqlite_schema AS m, "
        "pragma_table_info(m.name) AS p "
        "WHERE m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '%_search_%' ORDER BY m.type, m.name, p.cid",
        shape_line, &text);
    struct hash hash = hash_of(bytes_text("qanat schema"), buffer_bytes(&text));
    buffer_release(&text);
    hash_hex(&hash, hex);
    for (size_t i = 0; i < sizeof shapes_of_1 / sizeof *shapes_of_1; i++) {
        if (strcmp(shapes_of_1[i].hash, hex) == 0) {
            version = shapes_of_1[i].version;
        }
    }
    return version;
}

/* --- steps
 * ------------------------------------------------------------------------------------------------------- */

/* One transaction: what it does, and as what it marks the schema. */
struct work {
    const struct schema_migration *step; /* NULL: only the mark */
    bool is_new;                         /* makes the tables */
    int version;
    uint8_t from; /* where the upgrade that is under way began; 0: none is after this */
};

static enum status work_do(struct db *db, const struct work *work)
{
    enum status status = work->is_new ? schema_create(db) : S_OK;

    if (status == S_OK && work->step) {
        status = db_execute(db, work->step->sql);
        if (status == S_OK && work->step->version == POSTING_SCHEMA) {
            status = posting_gather(db);
        }
        if (status == S_OK && db_query_int(db, "SELECT count(*) FROM pragma_foreign_key_check")) {
            return S_CORRUPT;
        }
    }
    if (status == S_OK && work->from) {
        return property_put(db, "upgrade_from", bytes_of(&work->from, sizeof work->from));
    }
    struct statement *drop = db_statement(db, STATEMENT_property_drop);
    statement_bind_string(drop, 1, "upgrade_from");
    enum status dropped = statement_run(drop);
    return status == S_OK ? dropped : status;
}

static enum status work_run(struct db *db, const struct work *work)
{
    enum status status =
        db_execute(db, "PRAGMA foreign_keys = OFF"); /* outside of the transaction: inside it does nothing */

    if (status == S_OK) {
        status = db_execute(db, "BEGIN IMMEDIATE");
    }
    if (status == S_OK) {
        db_set_erasing(db, true); /* what people's tables were made anew from must not stay in free pages */
        status = work_do(db, work);
    }
    if (status == S_OK) {
        status = version_mark(db, work->version);
    }
    if (status == S_OK) {
        status = db_execute(db, "COMMIT");
    }
    if (db_in_transaction(db)) {
        db_execute(db, "ROLLBACK");
    }
    db_execute(db, "PRAGMA foreign_keys = ON");
    return status;
}

/* Where the steps begin for this file. */
static enum status version_find(struct db *db, int64_t *version_out, struct report *report)
{
    int64_t version = db_query_int(db, "PRAGMA user_version");

    if (version == FIRST_VERSION) {
        version = shape_version(db);
        if (version == 0 && db_status(db) == S_OK) {
            return report_set(report, S_VERSION,
                              "the database was written by a build between two versions, which nothing can "
                              "bring to schema %d: "
                              "nothing was changed",
                              migrate_version());
        }
    } else if (version == 0 && db_query_int(db, "SELECT count(*) FROM sqlite_schema")) {
        return S_CORRUPT; /* every database of ours says its version */
    }
    *version_out = version;
    return db_status(db);
}

static enum status steps_run(struct db *db, int64_t version, const char *path, struct report *report)
{
    enum status status = S_OK;
    uint8_t from = (uint8_t)version;

    CHECK(version > 0 && version < migrate_version() && migrate_version() <= UINT8_MAX);
    if (!property_get(db, "upgrade_from", &from, sizeof from) &&
        path) { /* one that was cut short has its copy */
        status = migrate_copy_make(db, path, from, report);
    }
    for (const struct schema_migration *step = schema_migrations; step->version && status == S_OK; step++) {
        if (step->version > version) {
            const struct work work = {
                .step = step, .version = step->version, .from = step->version < migrate_version() ? from : 0};
            status = work_run(db, &work);
        }
    }
    if (status == S_OK) {
        (void)db_checkpoint(db, true); /* the log is as large as the database now */
        log_event(LOG_WARNING, "database_upgraded", "from=%d to=%d copy=%s", from, migrate_version(),
                  path ? "kept" : "none");
    }
    return status;
}

enum status migrate_run(struct db *db, const char *path, struct report *report)
{
    int64_t version = 0;

    if (schema_is_current(db)) {
        return S_OK;
    }
    db_settle(db);
    enum status status = version_find(db, &version, report);
    if (status == S_OK && version > 0 && version < migrate_version()) {
        status = steps_run(db, version, path, report);
    } else if (status == S_OK) {
        const struct work work = {.is_new = version == 0, .version = migrate_version()};
        status = work_run(db, &work);
    }
    if (status != S_OK) {
        report_set(report, status, "cannot bring the database to schema %d: %s", migrate_version(),
                   status == S_NO_SPACE ? "its disk is full" : db_error_text(db));
    }
    db_settle(db);
    return status;
}
