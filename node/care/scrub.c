#include "node/care/scrub.h"

#include <stdio.h>
#include <string.h>

#include "node/care/inspect.h"
#include "node/incident.h"
#include "node/learn/course/course.h"
#include "node/learn/course/course_lost.h"
#include "node/log.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rot.h"
#include "replication/base/check.h"

struct scrub {
    const struct scrub_request *request;
    struct scrub_outcome *outcome;
    struct inspection inspection;
    struct courses courses;
    struct blobs *blobs;
    struct buffer streams;   /* int64_t: numbers of damaged ones */
    struct buffer contents;  /* struct damage each */
};

/* A content that is not what its row says. */
struct damage {
    int64_t id;
    bool is_missing; /* there is no file of that name: perhaps the name is wrong */
};

static void stream_damaged(void *ctx, const struct audit_stream *stream)
{
    struct scrub *scrub = ctx;

    if (stream->faults & ~(unsigned)AUDIT_WRITER) { /* an unknown writer is no damage */
        buffer_append(&scrub->streams, &stream->number, sizeof stream->number);
    }
}

static void blob_damaged(void *ctx, int64_t id, bool is_missing)
{
    struct scrub *scrub = ctx;

    const struct damage damage = {.id = id, .is_missing = is_missing};
    buffer_append(&scrub->contents, &damage, sizeof damage);
}

static void action_note(struct scrub *scrub, const char *subject, const char *action)
{
    json_t *row = json_pack("{s:s, s:s}", "subject", subject, "action", action);

    CHECK(row && json_array_append_new(scrub->outcome->actions, row) == 0);
    incident_add(INCIDENT_SCRUBS, 1);
    log_event(LOG_WARNING, "scrub_repaired", "subject=\"%s\" action=\"%s\"", subject, action);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

/* True when some hub has said that it holds all of the stream. */
static bool is_acknowledged(struct db *db, const struct stream_head *head)
{
    struct held held;
    struct id after;

    for (bool more = held_next(db, &head->stream, NULL, &held); more && stream_id_compare(&held.stream, &head->stream) == 0;
         more = held_next(db, &head->stream, &after, &held)) {
        if (held.seq >= head->seq) {
            return true;
        }
        after = held.holder;
    }
    return false;
}

/* One damaged stream, on the writer thread. */
struct repair {
    struct scrub *scrub;
    int64_t number;
    char subject[FINDING_SUBJECT_MAX];
    const char *action;      /* NULL: nothing was done */
    bool has_renewed;
};

/* Nothing more is written to a damaged stream. */
static enum status own_leave(struct db *db, const struct stream_id *stream, struct repair *repair)
{
    struct id living;
    enum status status = own_incarnation(db, &living);

    if (status == S_OK && id_equal(&living, &stream->incarnation)) {
        repair->has_renewed = true;
        status = own_renew(db);
    }
    return status;
}

static enum status own_repair(struct db *db, const struct audit_stream *stream, struct repair *repair)
{
    const struct stream_head *head = &stream->certificate.head;
    bool may_drop = is_acknowledged(db, head) || repair->scrub->request->drops_own;
    enum status status = own_leave(db, &head->stream, repair);

    if (status == S_OK && head->stream.topic == TOPIC_ROSTER) { /* its statements say themselves whether they hold */
        repair->action = "what of it holds was written anew; peers return what they hold of the rest";
        status = roster_carry(db, repair->scrub->request->federation, stream->number);
        return status == S_OK ? audit_drop(db, stream->number) : status;
    }
    if (status != S_OK || !may_drop) {
        repair->action = status == S_OK && repair->has_renewed
                             ? "left for a fresh incarnation; no hub has acknowledged all of it, so it is kept as it is"
                             : NULL;
        return status;
    }
    repair->action = "forgotten; peers return what they hold of it";
    return audit_drop(db, stream->number);
}

static enum status stream_repair_run(struct db *db, void *arg)
{
    struct repair *repair = arg;
    struct inspection *inspection = &repair->scrub->inspection;
    const struct audit_keys keys = inspect_keys(inspection);
    struct audit_stream stream;
    size_t displaced;

    enum status status = audit_sift(db, repair->number, &displaced);
    if (status != S_OK) {
        return status;
    }
    audit_stream(db, repair->number, &keys, &stream);
    unsigned faults = stream.faults & ~(unsigned)AUDIT_WRITER;
    inspect_stream_name(inspection, &stream, repair->subject);
    if (faults == 0) {
        repair->action = displaced ? "cells of other streams among its own were deleted" : NULL;
        return S_OK;
    }
    if (faults == AUDIT_STATE) {
        repair->action = "the sum was written anew from its cells";
        return audit_mend_state(db, &stream);
    }
    if (faults & AUDIT_STRAY) {
        repair->action = "cells of no stream were deleted";
        return audit_drop(db, repair->number);
    }
    if (!(faults & AUDIT_HEAD) && id_equal(&stream.certificate.head.stream.node, &repair->scrub->request->identity->node)) {
        return own_repair(db, &stream, repair);
    }
    if (faults & AUDIT_HEAD) { /* it may have been an own one: then nothing is written on top of it */
        repair->has_renewed = true;
        status = own_renew(db);
        if (status != S_OK) {
            return status;
        }
    }
    repair->action = "forgotten; it is pulled again from a peer";
    return audit_drop(db, repair->number);
}

/* The row as it was before one of its bytes rotted, on the writer thread. */
struct mending {
    struct repair *repair;
    struct rot rot;
};

static enum status rot_mend_run(struct db *db, void *arg)
{
    struct mending *mending = arg;
    const struct audit_keys keys = inspect_keys(&mending->repair->scrub->inspection);
    struct audit_stream stream;
    enum status status = rot_mend(db, &mending->rot);

    if (status != S_OK) {
        return status;
    }
    audit_stream(db, mending->repair->number, &keys, &stream);
    inspect_stream_name(&mending->repair->scrub->inspection, &stream, mending->repair->subject);
    return stream.faults & ~(unsigned)AUDIT_WRITER ? S_BAD_DIGEST : S_OK;
}

/* Tries to put one rotten byte back, which needs no peer; true when the stream is sound again. */
static bool rot_repair(struct repair *repair)
{
    struct store *store = repair->scrub->request->store;
    const struct audit_keys keys = inspect_keys(&repair->scrub->inspection);
    struct mending mending = {.repair = repair};

    rot_init(&mending.rot);
    struct db *db = store_read_begin(store);
    bool is_mended = rot_find(db, repair->number, ROT_TRIES_MAX, &keys, &mending.rot) == S_OK;
    store_read_end(store, db);
    is_mended = is_mended && store_write_wait(store, rot_mend_run, &mending) == S_OK;
    rot_release(&mending.rot);
    return is_mended;
}

static enum status streams_repair(struct scrub *scrub)
{
    enum status status = S_OK;

    for (size_t at = 0; at < scrub->streams.size && status == S_OK; at += sizeof(int64_t)) {
        struct repair repair = {.scrub = scrub};
        memcpy(&repair.number, scrub->streams.data + at, sizeof repair.number);
        if (rot_repair(&repair)) {
            action_note(scrub, repair.subject, "one rotten byte was put back; the cells are as signed");
            continue;
        }
        status = store_write_wait(scrub->request->store, stream_repair_run, &repair);
        if (status == S_OK && repair.action) {
            action_note(scrub, repair.subject, repair.action);
        }
        scrub->outcome->has_new_incarnation |= status == S_OK && repair.has_renewed;
    }
    return status;
}

/* --- contents ----------------------------------------------------------------------------------------------------- */

struct content_repair {
    struct scrub *scrub;
    struct damage damage;
};

static enum status content_repair_run(struct db *db, void *arg)
{
    struct content_repair *repair = arg;
    int64_t id = repair->damage.id;

    if (repair->damage.is_missing) {
        return course_blob_forget(db, id);
    }
    enum status status = blob_mend(repair->scrub->blobs, db, id);
    return status == S_OK ? course_blob_lost(db, id) : status;
}

static enum status refresh_run(struct db *db, void *arg)
{
    return course_refresh(arg, db);
}

static enum status contents_repair(struct scrub *scrub, const struct findings *found)
{
    bool has_lost_manifests = findings_count(found, FINDING_BLOB_MISSING) > 0; /* contents of which there is no row */
    char subject[64];
    enum status status = S_OK;

    for (size_t at = 0; at < scrub->contents.size && status == S_OK; at += sizeof(struct damage)) {
        struct content_repair repair = {.scrub = scrub};
        memcpy(&repair.damage, scrub->contents.data + at, sizeof repair.damage);
        status = store_write_wait(scrub->request->store, content_repair_run, &repair);
    }
    if (status == S_OK && (scrub->contents.size || has_lost_manifests)) {
        status = store_write_wait(scrub->request->store, refresh_run, &scrub->courses);
    }
    if (status == S_OK && scrub->contents.size) {
        snprintf(subject, sizeof subject, "%zu contents of courses", scrub->contents.size / sizeof(struct damage));
        action_note(scrub, subject, "given up; they are fetched again from peers, or come back when the course is imported again");
    }
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static enum status reindex_run(struct db *db, void *arg)
{
    (void)arg;
    return audit_reindex(db);
}

static void bit_mended(void *ctx, uint32_t page, bool is_single)
{
    char subject[64];

    snprintf(subject, sizeof subject, "page %u of qanat.db", (unsigned)page);
    if (is_single) {
        action_note(ctx, subject, "one flipped bit was put back");
    }
}

/* On the writer thread: nobody else writes to the file. */
static enum status bits_mend_run(struct db *db, void *arg)
{
    struct scrub *scrub = arg;
    char path[DIR_PATH_MAX];
    enum status status = dir_path(scrub->request->dir, "qanat.db", path);

    (void)db;
    return status == S_OK ? sealed_scan(path, true, bit_mended, scrub) : status;
}

static enum status bits_repair(struct scrub *scrub, const struct findings *found)
{
    bool has_any = findings_count(found, FINDING_BITS_FLIPPED);
    return has_any ? store_write_wait(scrub->request->store, bits_mend_run, scrub) : S_OK;
}

static void page_found(void *ctx, const char *text)
{
    (void)text;
    *(bool *)ctx = true;
}

static enum status pages_repair(struct scrub *scrub, const struct findings *found)
{
    if (!findings_count(found, FINDING_PAGES_DAMAGED)) {
        return S_OK;
    }
    enum status status = store_write_wait(scrub->request->store, reindex_run, NULL);
    action_note(scrub, "qanat.db", status == S_OK ? "the indexes were built anew" : "the indexes could not be built anew");
    struct db *db = store_read_begin(scrub->request->store);
    bool is_damaged = false;
    bool is_read = audit_pages(db, page_found, &is_damaged) == S_OK;
    store_read_end(scrub->request->store, db);
    return is_read && !is_damaged ? S_OK : S_CORRUPT; /* deleting from damaged pages would take sound rows along */
}

static enum status relist_run(struct db *db, void *arg)
{
    enum status status = course_members_lost(db);
    return status == S_OK ? course_refresh(arg, db) : status;
}

/* What the rebuilt database lacks is told; what courses lack of their lists comes from their manifests again. */
static enum status salvage_note(struct scrub *scrub)
{
    const struct salvage *salvaged = scrub->request->salvaged;
    char action[160];

    if (!salvaged) {
        return S_OK;
    }
    action_note(scrub, "qanat.db", "built anew from what could be read; the old one is kept as qanat.db.damaged until you delete it");
    for (size_t i = 0; i < salvaged->count; i++) {
        const struct salvage_table *table = &salvaged->tables[i];
        if (table->is_damaged || table->refused) {
            snprintf(action, sizeof action, "%llu rows could be read, some were lost or damaged%s", (unsigned long long)table->rows,
                     strcmp(table->name, "person") == 0 || strcmp(table->name, "event") == 0 ? ": compare with the last backup" : "");
            action_note(scrub, table->name, action);
        }
    }
    return store_write_wait(scrub->request->store, relist_run, &scrub->courses);
}

static void inspect_again(const struct scrub_request *request, struct findings *left)
{
    struct inspection inspection;

    inspect_begin(&inspection, request->dir, request->store, left);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    inspect_blobs(&inspection);
    inspect_end(&inspection);
}

enum status scrub_repair(const struct scrub_request *request, struct findings *found, struct findings *left, struct scrub_outcome *outcome,
                         struct report *report)
{
    struct scrub scrub = {.request = request, .outcome = outcome};
    const struct inspect_ops ops = {&scrub, stream_damaged, blob_damaged};

    *outcome = (struct scrub_outcome){.actions = json_array()};
    enum status status = blobs_open(request->dir, request->store, &scrub.blobs, report);
    if (status != S_OK) {
        return status;
    }
    courses_init(&scrub.courses, request->store, scrub.blobs, request->identity, request->federation, request->config);
    buffer_init(&scrub.streams);
    buffer_init(&scrub.contents);
    inspect_begin(&scrub.inspection, request->dir, request->store, found);
    inspect_pages(&scrub.inspection);
    inspect_streams_with(&scrub.inspection, &ops);
    inspect_blobs_with(&scrub.inspection, &ops);
    status = salvage_note(&scrub);
    if (status == S_OK) {
        status = bits_repair(&scrub, found);
    }
    if (status == S_OK) {
        status = pages_repair(&scrub, found);
    }
    if (status == S_OK) {
        status = streams_repair(&scrub);
    }
    if (status == S_OK) {
        status = contents_repair(&scrub, found);
    }
    inspect_end(&scrub.inspection);
    buffer_release(&scrub.streams);
    buffer_release(&scrub.contents);
    blobs_close(scrub.blobs);
    if (status != S_OK) {
        return report_set(report, status, status == S_CORRUPT ? "the database of \"%s\" has damaged pages (%s): stop the node, then qanat scrub --repair"
                                                              : "the repair of \"%s\" stopped: %s; run qanat verify",
                          request->dir, status_text(status));
    }
    inspect_again(request, left);
    return S_OK;
}
