/* The catalogue's cells folded into rows, and from there to what is wanted.
 *
 * A version is named by course, language, version and publisher. Cells of several incarnations of one
 * publisher, or a version published twice, fold to the latest stamp. Two publishers under one name stay two
 * rows, both shown. */
#include <stdio.h>
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "node/learn/course/course_lost.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/store/course/blob.h"
#include "node/store/course/demand.h"
#include "node/store/stream/stream.h"

enum { CELLS_PER_MS = 50 }; /* what a whole look costs */

struct fold {
    struct courses *courses;
    struct db *db;
    struct arena arena;
    uint64_t cells; /* of the catalogue, folded */
};

static void copy_text(char *out, size_t size, struct bytes text)
{
    snprintf(out, size, "%.*s", (int)text.size, (const char *)text.data);
}

/* What the entry says, into the row. */
static void take_entry(struct course_row *row, const struct catalogue_entry *entry, hlc stamp)
{
    copy_text(row->title, sizeof row->title, entry->title);
    copy_text(row->series, sizeof row->series, entry->series);
    copy_text(row->localises, sizeof row->localises, entry->localises);
    row->format = entry->format;
    row->manifest = entry->manifest;
    row->manifest_size = entry->manifest_size;
    row->size = entry->size;
    row->member_count = entry->member_count;
    row->stamp = stamp;
    row->published_ms = entry->published_ms;
    row->is_withdrawn = entry->is_withdrawn;
    copy_text(row->source_lang, sizeof row->source_lang, entry->source_lang);
    copy_text(row->source_version, sizeof row->source_version, entry->source_version);
}

static enum status insert_row(struct fold *fold, const struct id *publisher,
                              const struct catalogue_entry *entry, hlc stamp)
{
    struct course_row row = {.state = COURSE_CATALOGUED, .publisher = *publisher};

    copy_text(row.course, sizeof row.course, entry->course);
    copy_text(row.lang, sizeof row.lang, entry->lang);
    copy_text(row.version, sizeof row.version, entry->version);
    take_entry(&row, entry, stamp);
    return course_row_insert(fold->db, &row);
}

static enum status renew_row(struct fold *fold, struct course_row *row, const struct catalogue_entry *entry,
                             hlc stamp)
{
    bool is_same = hash_equal(&row->manifest, &entry->manifest);
    enum status status = S_OK;

    if (!is_same && row->state == COURSE_IMPORTED) {
        return S_OK; /* what was imported here and not yet published stays as it is */
    }
    if (!is_same) {
        status = course_release(fold->db, row);
        row->state = COURSE_CATALOGUED;
    } else if (row->state == COURSE_IMPORTED) {
        row->state = COURSE_PUBLISHED;
    }
    take_entry(row, entry, stamp);
    return status == S_OK ? course_row_update(fold->db, row) : status;
}

/* Reads a cell; false when it is not a catalogue entry that this version understands. */
static bool read_cell(struct fold *fold, const struct cell *cell, struct catalogue_entry *entry_out,
                      hlc *stamp_out)
{
    struct bytes content;
    struct buffer key;
    bool is_entry;

    arena_clear(&fold->arena);
    if (!cell_value_get_register(cell->value, stamp_out, &content) ||
        catalogue_decode(content, &fold->arena, entry_out) != S_OK || *stamp_out > INT64_MAX) {
        return false;
    }
    buffer_init(&key);
    is_entry = catalogue_key(entry_out, &key) == S_OK && bytes_equal(buffer_bytes(&key), cell->key);
    buffer_release(&key);
    return is_entry;
}

static enum status fold_cell(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct fold *fold = ctx;
    struct catalogue_entry entry;
    struct course_row row;
    hlc stamp;

    fold->cells++;
    if (!read_cell(fold, cell, &entry, &stamp)) {
        return S_OK; /* kept and passed on, not understood */
    }
    if (!course_row_find(fold->db, entry.course, entry.lang, entry.version, &head->stream.node, &row)) {
        return insert_row(fold, &head->stream.node, &entry, stamp);
    }
    return stamp > row.stamp ? renew_row(fold, &row, &entry, stamp) : S_OK;
}

/* Manifests over MEMBER_WHOLE_MAX are fetched by the chunks that their cell names. */
static enum status expect_manifest(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct fold *fold = ctx;
    struct catalogue_entry entry;
    struct course_row row;
    struct member manifest;
    hlc stamp;
    int64_t id;
    bool is_whole;

    if (!read_cell(fold, cell, &entry, &stamp) || entry.manifest_chunk_count == 0 ||
        !course_row_find(fold->db, entry.course, entry.lang, entry.version, &head->stream.node, &row) ||
        row.state != COURSE_FETCHING || row.is_listed || !hash_equal(&row.manifest, &entry.manifest)) {
        return S_OK;
    }
    manifest = (struct member){.hash = entry.manifest,
                               .size = entry.manifest_size,
                               .chunks = entry.manifest_chunks,
                               .chunk_count = entry.manifest_chunk_count};
    return blob_expect(fold->courses->blobs, fold->db, &manifest, &id, &is_whole);
}

/* Decides for one version whether it is fetched. */
static enum status decide(struct db *db, struct course_wishes *wishes, struct course_row *row)
{
    bool is_wished;

    if (course_manifest_is_lost(db, row)) {
        return course_manifest_lost(db, row);
    }
    if (course_is_held(row) || row->state == COURSE_REFUSED) {
        return S_OK;
    }
    is_wished = course_is_wished(wishes, db, row);
    if (is_wished == (row->state == COURSE_FETCHING)) {
        return S_OK;
    }
    row->state = is_wished ? COURSE_FETCHING : COURSE_CATALOGUED;
    row->problem[0] = '\0';
    return course_row_update(db, row);
}

typedef enum status row_visit(struct fold *fold, struct course_wishes *wishes, struct course_row *row);

static enum status each_row(struct fold *fold, struct course_wishes *wishes, row_visit *visit)
{
    struct buffer ids;
    enum status status;
    struct course_row row;
    int64_t id;

    buffer_init(&ids);
    status = course_row_list(fold->db, &ids);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (course_row_get(fold->db, id, &row)) {
            status = visit(fold, wishes, &row);
        }
    }
    buffer_release(&ids);
    return status;
}

static enum status decide_row(struct fold *fold, struct course_wishes *wishes, struct course_row *row)
{
    return decide(fold->db, wishes, row);
}

static enum status fetch_row(struct fold *fold, struct course_wishes *wishes, struct course_row *row)
{
    (void)wishes;
    return row->state == COURSE_FETCHING ? course_fetch(fold->courses, fold->db, row) : S_OK;
}

/* What nodes below asked for: a manifest of the catalogue means the whole version, anything else itself. */
static enum status take_demands(struct fold *fold)
{
    struct hash object, after;
    bool is_first = true;
    enum status status = S_OK;
    uint64_t now_ms = course_wall_ms(), size;

    while (status == S_OK && fold->courses->is_relay &&
           demand_next(fold->db, is_first ? NULL : &after, now_ms, &object)) {
        struct course_row row;
        struct buffer ids;
        int64_t id;

        after = object;
        is_first = false;
        buffer_init(&ids);
        status = course_row_list_with_manifest(fold->db, &object, &ids);
        for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
            memcpy(&id, ids.data + at, sizeof id);
            if (course_row_get(fold->db, id, &row) && !row.is_asked && !course_is_held(&row)) {
                row.is_asked = true;
                status = course_row_update(fold->db, &row);
            }
        }
        if (status == S_OK && ids.size == 0 && !blob_find(fold->courses->blobs, fold->db, &object, &size)) {
            status = want_put(fold->db, &object, 0, WANT_ASKED, 0);
        }
        buffer_release(&ids);
    }
    return status;
}

enum status course_refresh(struct courses *courses, struct db *db)
{
    struct fold fold = {.courses = courses, .db = db};
    struct course_wishes *wishes = course_wishes_load(courses, db);
    enum status status;

    arena_init(&fold.arena, 4 * CELL_VALUE_MAX);
    status = stream_cells_each(db, TOPIC_CATALOGUE, fold_cell, &fold);
    if (status == S_OK) {
        status = want_drop_all(db);
    }
    if (status == S_OK) {
        status = take_demands(&fold);
    }
    if (status == S_OK) {
        status = each_row(&fold, wishes, decide_row);
    }
    if (status == S_OK) {
        status = stream_cells_each(db, TOPIC_CATALOGUE, expect_manifest, &fold);
    }
    if (status == S_OK) {
        status = each_row(&fold, wishes, fetch_row);
    }
    arena_release(&fold.arena);
    course_wishes_free(wishes);
    rest_after(&courses->rest, fold.cells / CELLS_PER_MS, local_time_monotonic());
    return status == S_OK ? db_status(db) : status;
}

static enum status refresh(struct db *db, void *courses)
{
    return course_refresh(courses, db);
}

void course_refresh_defer(struct courses *courses, struct db *db)
{
    store_defer(db, refresh, courses);
}

void course_refresh_for_others(struct courses *courses, struct db *db)
{
    if (rest_may_begin(&courses->rest, local_time_monotonic())) {
        course_refresh_defer(courses, db);
    }
}
