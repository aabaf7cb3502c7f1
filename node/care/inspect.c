#include "node/care/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/blob/blob.h"
#include "node/learn/course/course_lost.h"
#include "node/local_time.h"
#include "node/store/course/blob.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* --- what can be opened --------------------------------------------------------------------------------------- */

static void config_open(struct inspection *inspection)
{
    char path[DIR_PATH_MAX];
    struct report report = {.status = S_OK};

    config_init(&inspection->config);
    if (dir_path(inspection->dir, "qanat.conf", path) != S_OK) {
        return;
    }
    enum status status = config_load(&inspection->config, path, &report);
    if (status != S_OK && status != S_NOT_FOUND) {
        findings_add(inspection->findings, FINDING_CONFIG_WRONG, "qanat.conf", "%s", report.text);
        return;
    }
    if (inspection->config.twice[0]) {
        findings_add(inspection->findings, FINDING_CONFIG_TWICE, "qanat.conf", "%s", inspection->config.twice);
    }
    report_clear(&report);
    if (local_time_check_zone(inspection->config.time_zone, &report) != S_OK) {
        findings_add(inspection->findings, FINDING_CONFIG_WRONG, "qanat.conf", "line %d: %s", config_line(path, "time_zone"), report.text);
    }
}

static void keys_open(struct inspection *inspection)
{
    struct report report = {.status = S_OK};
    enum status status = dir_load_identity(inspection->dir, &inspection->identity, &report);

    inspection->has_identity = status == S_OK;
    if (status != S_OK) {
        findings_add(inspection->findings, status == S_NOT_FOUND ? FINDING_KEY_MISSING : FINDING_KEY_DAMAGED, "node.key",
                     "%s", report.text);
    }
    report_clear(&report);
    status = dir_load_federation(inspection->dir, &inspection->federation, &report);
    inspection->has_federation = status == S_OK;
    if (status != S_OK) {
        findings_add(inspection->findings,
                     status == S_NOT_FOUND ? FINDING_FEDERATION_MISSING : FINDING_FEDERATION_DAMAGED, "federation.json",
                     "%s", report.text);
    }
}

static void store_open_damaged(struct inspection *inspection)
{
    const struct store_options options = {.read_only = true};
    struct report report = {.status = S_OK};
    enum status status = store_open(inspection->dir, &options, &inspection->store, &report);

    inspection->owns_store = true;
    if (status == S_OK) {
        return;
    }
    inspection->store = NULL;
    if (store_is_absent(inspection->dir) && !inspection->has_federation) {
        return; /* a node that has not joined has none yet */
    }
    findings_add(inspection->findings,
                 store_is_absent(inspection->dir) ? FINDING_DATABASE_MISSING
                 : status == S_VERSION ? FINDING_DATABASE_NEWER
                 : status == S_BUSY    ? FINDING_DATABASE_OLDER
                 : status == S_DENIED  ? FINDING_FILE_FOREIGN
                                       : FINDING_DATABASE_UNUSABLE,
                 "qanat.db", "%s", report.text);
}

static void roster_open(struct inspection *inspection)
{
    struct report report = {.status = S_OK};
    struct db *db;

    if (!inspection->store || !inspection->has_federation) {
        return;
    }
    db = store_read_begin(inspection->store);
    if (roster_load(db, &inspection->federation, &inspection->roster, &report) != S_OK) {
        inspection->roster = NULL;
        findings_add(inspection->findings, FINDING_ROSTER_UNREADABLE, "roster", "%s", report.text);
    }
    store_read_end(inspection->store, db);
}

void inspect_begin(struct inspection *inspection, const char *dir, struct store *store, struct findings *findings)
{
    *inspection = (struct inspection){.dir = dir, .findings = findings, .store = store};
    config_open(inspection);
    keys_open(inspection);
    if (!store) {
        store_open_damaged(inspection);
    }
    roster_open(inspection);
    findings_note(findings, "files");
}

void inspect_begin_store(struct inspection *inspection, const char *dir, struct store *store, const struct federation *federation,
                         struct findings *findings)
{
    *inspection = (struct inspection){.dir = dir, .findings = findings, .store = store, .has_federation = true, .federation = *federation};
    config_init(&inspection->config);
    roster_open(inspection);
}

void inspect_end(struct inspection *inspection)
{
    if (inspection->roster) {
        roster_free(inspection->roster);
    }
    if (inspection->owns_store && inspection->store) {
        store_close(inspection->store);
    }
    identity_clear(&inspection->identity);
}

struct audit_keys inspect_keys(const struct inspection *inspection)
{
    return (struct audit_keys){.federation = inspection->federation.id,
                               .self = inspection->has_identity ? &inspection->identity : NULL,
                               .roster = inspection->roster};
}

/* --- the database --------------------------------------------------------------------------------------------- */

static void page_found(void *ctx, const char *text)
{
    findings_add(ctx, FINDING_PAGES_DAMAGED, "qanat.db", "%s", text);
}

/* A look at the file itself. */
struct page_look {
    struct findings *findings;
    bool has_log; /* a page that was cut off while it was written stands in the log */
};

static void sealed_found(void *ctx, uint32_t page, bool is_single)
{
    struct page_look *look = ctx;

    if (is_single) {
        findings_add(look->findings, FINDING_BITS_FLIPPED, "qanat.db", "page %u: one bit is flipped", (unsigned)page);
    } else if (!look->has_log) {
        findings_add(look->findings, FINDING_PAGES_DAMAGED, "qanat.db", "page %u is not what was written", (unsigned)page);
    }
}

/* Pages that are in no use are found here alone; the others SQLite's check meets, too. */
static void inspect_seals(struct inspection *inspection)
{
    struct page_look look = {.findings = inspection->findings};
    char path[DIR_PATH_MAX];
    struct stat info;

    if (dir_path(inspection->dir, "qanat.db-wal", path) != S_OK) {
        return;
    }
    look.has_log = stat(path, &info) == 0 && info.st_size > 0;
    path[strlen(path) - strlen("-wal")] = '\0';
    (void)sealed_scan(path, false, sealed_found, &look); /* what cannot be read at all SQLite says */
}

void inspect_pages(struct inspection *inspection)
{
    inspect_seals(inspection);
    if (!inspection->store) {
        return;
    }
    struct db *db = store_read_begin(inspection->store);
    enum status status = audit_pages(db, page_found, inspection->findings);
    store_read_end(inspection->store, db);
    if (status != S_OK && !findings_count(inspection->findings, FINDING_PAGES_DAMAGED)) {
        findings_add(inspection->findings, FINDING_PAGES_DAMAGED, "qanat.db", "the check could not run to its end: %s",
                     status_text(status));
    }
    findings_note(inspection->findings, "database");
}

/* --- streams -------------------------------------------------------------------------------------------------- */

void inspect_stream_name(const struct inspection *inspection, const struct audit_stream *stream, char out[FINDING_SUBJECT_MAX])
{
    const struct stream_id *id = &stream->certificate.head.stream;
    char node[ID_HEX_SIZE], incarnation[ID_HEX_SIZE];

    if (stream->number == AUDIT_UNPLACED) {
        snprintf(out, FINDING_SUBJECT_MAX, "cells below all streams of this database");
        return;
    }
    if (stream->faults & (AUDIT_HEAD | AUDIT_STRAY)) {
        snprintf(out, FINDING_SUBJECT_MAX, "stream %lld of this database", (long long)stream->number);
        return;
    }
    const struct roster_node *member = inspection->roster ? roster_find(inspection->roster, &id->node) : NULL;
    id_hex(&id->node, node);
    id_hex(&id->incarnation, incarnation);
    snprintf(out, FINDING_SUBJECT_MAX, "%s of %s, incarnation %.8s", topic_name(id->topic), member ? member->name : node,
             incarnation);
}

/* The findings of one stream: the gravest fault explains the others. */
static void stream_found(struct inspection *inspection, const struct audit_stream *stream)
{
    const struct stream_head *head = &stream->certificate.head;
    struct findings *findings = inspection->findings;
    char name[FINDING_SUBJECT_MAX];
    bool is_own = inspection->has_identity && id_equal(&head->stream.node, &inspection->identity.node);

    inspect_stream_name(inspection, stream, name);
    if (stream->faults & AUDIT_STRAY) {
        findings_add(findings, FINDING_CELLS_STRAY, name, "cells belong to no stream");
    } else if (stream->faults & AUDIT_HEAD) {
        findings_add(findings, FINDING_STREAM_UNREADABLE, name, "its row cannot be read");
    } else if (stream->faults & AUDIT_ROWS) {
        findings_add(findings, is_own ? FINDING_OWN_CELLS_DAMAGED : FINDING_CELLS_DAMAGED, name,
                     "only %llu of %llu cells can be read", (unsigned long long)stream->count, (unsigned long long)head->count);
    } else if (stream->faults & AUDIT_CELLS) {
        findings_add(findings, is_own ? FINDING_OWN_CELLS_DAMAGED : FINDING_CELLS_DAMAGED, name,
                     "its %llu cells up to %llu are not the %llu up to %llu that its writer signed", (unsigned long long)stream->count,
                     (unsigned long long)stream->last_seq, (unsigned long long)head->count, (unsigned long long)head->seq);
    } else if (stream->faults & AUDIT_SIGNATURE) {
        findings_add(findings, FINDING_SIGNATURE_WRONG, name, "the certificate at %llu is not signed by its writer",
                     (unsigned long long)head->seq);
    } else if (stream->faults & AUDIT_STATE) {
        findings_add(findings, FINDING_SUM_DAMAGED, name, "its cells are sound, the running sum beside them is not");
    } else if (stream->faults & AUDIT_WRITER) {
        findings_add(findings, FINDING_WRITER_UNKNOWN, name, "the roster here does not name its writer: the signature could not be checked");
    }
}

void inspect_streams_with(struct inspection *inspection, const struct inspect_ops *ops)
{
    const struct audit_keys keys = inspect_keys(inspection);
    struct audit_stream stream;
    int64_t number = AUDIT_END;

    if (!inspection->store || !inspection->has_federation) {
        return;
    }
    do {
        struct db *db = store_read_begin(inspection->store);
        enum status status = db_status(db);
        number = status == S_OK ? audit_next(db, number) : AUDIT_END;
        if (number != AUDIT_END) {
            audit_stream(db, number, &keys, &stream);
        } else if (db_status(db) != S_OK) {
            findings_add(inspection->findings, FINDING_PAGES_DAMAGED, "qanat.db", "the streams cannot be listed: %s",
                         status_text(db_status(db)));
        }
        store_read_end(inspection->store, db);
        if (number != AUDIT_END) {
            inspection->streams++;
            inspection->cells += stream.count;
        }
        if (number != AUDIT_END && stream.faults) {
            stream_found(inspection, &stream);
            if (ops && ops->stream) {
                ops->stream(ops->ctx, &stream);
            }
        }
    } while (number != AUDIT_END);
    findings_note(inspection->findings, "streams");
}

void inspect_streams(struct inspection *inspection)
{
    inspect_streams_with(inspection, NULL);
}

/* --- contents ------------------------------------------------------------------------------------------------- */

/* The next blob that should be whole; false at the end. */
static bool blob_next(struct inspection *inspection, struct blob_row *row)
{
    int64_t after = row->id;
    struct db *db = store_read_begin(inspection->store);
    bool is_found = blob_row_next(db, after, row);

    while (is_found && !row->is_whole) {
        is_found = blob_row_next(db, row->id, row);
    }
    if (db_status(db) != S_OK) {
        findings_add(inspection->findings, FINDING_PAGES_DAMAGED, "qanat.db", "the contents cannot be listed: %s",
                     status_text(db_status(db)));
    }
    store_read_end(inspection->store, db);
    return is_found;
}

/* A running node may have removed the blob since its row was read. */
static bool blob_is_still_named(struct inspection *inspection, const struct blob_row *row)
{
    struct blob_row now;
    struct db *db = store_read_begin(inspection->store);
    bool is_named = blob_row_get(db, row->id, &now) && now.is_whole && hash_equal(&now.hash, &row->hash);

    store_read_end(inspection->store, db);
    return is_named;
}

/* The file may be there and whole: this process may not open it, or has no descriptor or memory left for it. */
static bool is_closed_to_us(int code)
{
    return code == EACCES || code == EPERM || code == EMFILE || code == ENFILE || code == ENOMEM;
}

static void blob_inspect(struct inspection *inspection, const struct blob_row *row, const struct inspect_ops *ops)
{
    char hex[HASH_HEX_SIZE];
    int fd = blob_open_in(inspection->dir, &row->hash);
    int code = errno;
    bool is_missing = fd < 0;
    enum status status = is_missing ? S_NOT_FOUND : blob_verify_descriptor(fd, &row->hash, row->size);

    if (fd >= 0) {
        close(fd);
    }
    inspection->blobs++;
    inspection->blob_bytes += row->size;
    if (status == S_OK || !blob_is_still_named(inspection, row)) {
        return;
    }
    hash_hex(&row->hash, hex);
    if (is_missing && is_closed_to_us(code)) { /* nothing is known of it: who is told would give it up */
        findings_add(inspection->findings, FINDING_BLOB_CLOSED, hex, "the file cannot be opened: %s", strerror(code));
        return;
    }
    if (is_missing) {
        findings_add(inspection->findings, FINDING_BLOB_MISSING, hex, "the file cannot be opened: %s", strerror(code));
    } else {
        findings_add(inspection->findings, FINDING_BLOB_DAMAGED, hex, "the file is not the %llu bytes of that hash",
                     (unsigned long long)row->size);
    }
    if (ops && ops->blob) {
        ops->blob(ops->ctx, row->id, is_missing);
    }
}

/* A version that is served needs its manifest; no content names it, so that none is found missing. */
static void manifests_inspect(struct inspection *inspection)
{
    char subject[COURSE_ID_MAX + LANG_MAX + VERSION_MAX + 3];
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    struct db *db = store_read_begin(inspection->store);
    (void)course_row_list(db, &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        if (course_manifest_is_lost(db, &row)) {
            snprintf(subject, sizeof subject, "%s %s %s", row.course, row.lang, row.version);
            findings_add(inspection->findings, FINDING_BLOB_MISSING, subject, "the manifest of that version is not here");
        }
    }
    store_read_end(inspection->store, db);
    buffer_release(&ids);
}

void inspect_blobs_with(struct inspection *inspection, const struct inspect_ops *ops)
{
    struct blob_row row = {.id = 0};

    if (!inspection->store) {
        return;
    }
    while (blob_next(inspection, &row)) {
        blob_inspect(inspection, &row, ops);
    }
    manifests_inspect(inspection);
    findings_note(inspection->findings, "contents");
}

void inspect_blobs(struct inspection *inspection)
{
    inspect_blobs_with(inspection, NULL);
}
