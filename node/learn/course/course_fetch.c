/* From a wanted version to an installed one: manifest first, then what its members lack, then the switch in
 * one transaction. */
#include <stdio.h>
#include <string.h>

#include "node/incident.h"
#include "node/learn/course/course_choose.h"
#include "node/log.h"
#include "node/store/course/blob.h"

/* Decoding takes up to 36 bytes for one of the manifest, at most for its 10,000 items; the rest is about its
 * own size. */
#define MANIFEST_ARENA_MAX ((size_t)4 * MANIFEST_SIZE_MAX)

/* A package has fewer objects than 2^COURSE_PLACE_BITS: 64 GiB in chunks of 64 KiB and 100,000 members. */
enum { COURSE_PLACE_BITS = 32, COURSE_PLACE_MASK = 0xffffff };

static enum status set_problem(struct db *db, struct course_row *row, enum course_state state,
                               const char *problem)
{
    row->state = state;
    snprintf(row->problem, sizeof row->problem, "%s", problem);
    if (state == COURSE_REFUSED) {
        incident_add(INCIDENT_COURSES, 1);
    }
    log_event(LOG_WARNING, state == COURSE_WAITING ? "course_waiting" : "course_refused",
              "course=\"%s\" lang=%s version=\"%s\" reason=\"%s\"", row->course, row->lang, row->version,
              row->problem);
    return course_row_update(db, row);
}

static enum status install(struct db *db, struct course_row *row, const struct id *self)
{
    enum status status;

    row->state = id_equal(&row->publisher, self) ? COURSE_PUBLISHED : COURSE_INSTALLED;
    row->missing = 0;
    row->problem[0] = '\0';
    status = course_row_update(db, row);
    if (status == S_OK) {
        status = course_choose(db, row->course, row->lang);
    }
    if (status == S_OK) {
        log_event(LOG_INFO, "course_installed", "course=\"%s\" lang=%s version=\"%s\" bytes=%llu",
                  row->course, row->lang, row->version, (unsigned long long)row->size);
    }
    return status;
}

/* Bytes that `manifest` needs and this node does not hold. */
static uint64_t missing_size(struct db *db, const struct manifest *manifest)
{
    uint64_t size = 0;

    for (size_t i = 0; i < manifest->member_count + manifest->part_count; i++) {
        const struct member *member =
            i < manifest->member_count ? &manifest->members[i] : &manifest->parts[i - manifest->member_count];
        struct blob_row blob;

        if (!blob_row_find(db, &member->hash, &blob) || !blob.is_whole) {
            size += member->size;
        }
    }
    return size;
}

static enum status list_member(struct courses *courses, struct db *db, const struct course_row *row,
                               const struct member *member, struct bytes path)
{
    int64_t blob = 0;
    bool is_whole;
    enum status status = blob_expect(courses->blobs, db, member, &blob, &is_whole);

    return status == S_OK ? course_member_insert(db, row->id, path, blob, member->media_type) : status;
}

static enum status list_members(struct courses *courses, struct db *db, struct course_row *row,
                                const struct manifest *manifest)
{
    enum status status = course_member_delete_all(db, row->id);
    char name[COURSE_PART_NAME_MAX];
    uint64_t size;

    for (size_t i = 0; i < manifest->member_count && status == S_OK; i++) {
        status = list_member(courses, db, row, &manifest->members[i], manifest->members[i].path);
    }
    for (size_t i = 0; i < manifest->part_count && status == S_OK; i++) {
        status = list_member(courses, db, row, &manifest->parts[i], course_part_name(i, name));
    }
    if (status != S_OK) {
        return status;
    }
    status = course_contents_put(db, row, manifest);
    if (status != S_OK) {
        return status;
    }
    row->is_listed = true;
    row->member_count = manifest->member_count;
    course_member_missing(db, row->id, &row->missing, &size);
    if (row->missing == 0) {
        return install(db, row, &courses->self);
    }
    status = course_row_update(db, row);
    return status == S_OK ? course_want(courses, db, row) : status;
}

/* The manifest is here: believes it, and lists what it names. */
static enum status open_manifest(struct courses *courses, struct db *db, struct course_row *row)
{
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    char problem[COURSE_PROBLEM_MAX + 1];
    enum status status;

    buffer_init(&encoding);
    arena_init(&arena, MANIFEST_ARENA_MAX);
    status = blob_load(courses->blobs, &row->manifest, MANIFEST_SIZE_MAX, &encoding);
    if (status == S_OK) {
        status = manifest_decode(buffer_bytes(&encoding), &arena, &manifest);
    }
    if (status == S_INVALID || status == S_TOO_LARGE || status == S_CORRUPT) {
        snprintf(problem, sizeof problem, "its manifest is %s", status_text(status));
        status = set_problem(db, row, COURSE_REFUSED, problem);
    } else if (status == S_OK &&
               !course_has_room(courses, db, missing_size(db, &manifest), problem, sizeof problem)) {
        status = set_problem(db, row, COURSE_WAITING, problem);
    } else if (status == S_OK) {
        status = list_members(courses, db, row, &manifest);
    }
    arena_release(&arena);
    buffer_release(&encoding);
    return status;
}

enum status course_fetch(struct courses *courses, struct db *db, struct course_row *row)
{
    const struct member manifest = {.hash = row->manifest, .size = row->manifest_size};
    char problem[COURSE_PROBLEM_MAX + 1];
    int64_t id;
    bool is_whole;
    enum status status;

    if (row->is_listed) {
        return course_want(courses, db, row);
    }
    if (blob_row_is_whole(db, &row->manifest)) {
        return open_manifest(courses, db, row);
    }
    if (!course_has_room(courses, db, row->manifest_size, problem, sizeof problem)) {
        return set_problem(db, row, COURSE_WAITING, problem);
    }
    /* A large manifest was expected with its chunks by the fold of its catalogue cell (course_refresh.c):
     * then this finds its row. */
    status = blob_expect(courses->blobs, db, &manifest, &id, &is_whole);
    return status == S_OK ? course_want(courses, db, row) : status;
}

/* Wants what is missing here of one blob, itself or its chunks, from `place` on, which is moved behind them. */
static enum status want_blob(struct blobs *blobs, struct db *db, int64_t id, enum want_rank rank, uint64_t *place)
{
    struct blob_row blob;
    struct chunk_row chunk = {.number = -1};
    bool has_chunks = false;
    enum status status = S_OK;

    if (!blob_row_get(db, id, &blob) || blob.is_whole) {
        return S_OK;
    }
    while (status == S_OK && chunk_row_next(db, id, chunk.number, &chunk)) {
        has_chunks = true;
        if (!chunk.is_held && !blobs_copy_note(blobs, db, &chunk)) {
            status = want_put(db, &chunk.hash, chunk.size, rank == WANT_MANIFEST ? WANT_MANIFEST : WANT_CHUNK,
                              (*place)++);
        }
    }
    return status == S_OK && !has_chunks ? want_put(db, &blob.hash, blob.size, rank, (*place)++) : status;
}

static enum status want_members(struct courses *courses, struct db *db, const struct course_row *row)
{
    uint64_t place = ((uint64_t)row->id & COURSE_PLACE_MASK) << COURSE_PLACE_BITS;
    struct buffer ids;
    enum status status;
    int64_t id;

    buffer_init(&ids);
    status = course_blob_list(db, row->id, &ids);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        status = want_blob(courses->blobs, db, id, WANT_SMALL, &place);
    }
    buffer_release(&ids);
    return status;
}

enum status course_want(struct courses *courses, struct db *db, const struct course_row *row)
{
    struct blob_row blob;
    uint64_t place = 0;
    enum status status = S_OK;

    if (row->is_listed) {
        status = want_members(courses, db, row);
    } else if (blob_row_find(db, &row->manifest, &blob)) {
        status = want_blob(courses->blobs, db, blob.id, WANT_MANIFEST, &place);
    }
    return status == S_OK ? course_base_all(db, row) : status;
}

/* Shows the versions whose rows are in `ids` to `visit`. */
static enum status visit_rows(struct courses *courses, struct db *db, const struct buffer *ids,
                              enum status (*visit)(struct courses *, struct db *, struct course_row *))
{
    enum status status = S_OK;
    struct course_row row;
    int64_t id;

    for (size_t at = 0; at < ids->size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids->data + at, sizeof id);
        if (course_row_get(db, id, &row)) {
            status = visit(courses, db, &row);
        }
    }
    return status;
}

/* The same for those that have a blob as a member. */
static enum status visit_holders(struct courses *courses, struct db *db, int64_t blob,
                                 enum status (*visit)(struct courses *, struct db *, struct course_row *))
{
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    status = course_row_list_with_blob(db, blob, &ids);
    status = status == S_OK ? visit_rows(courses, db, &ids, visit) : status;
    buffer_release(&ids);
    return status;
}

static enum status member_completed(struct courses *courses, struct db *db, struct course_row *row)
{
    if (!row->is_listed || row->missing == 0) {
        return S_OK;
    }
    row->missing--;
    return row->missing == 0 && row->state == COURSE_FETCHING ? install(db, row, &courses->self)
                                                              : course_row_update(db, row);
}

static enum status manifest_completed(struct courses *courses, struct db *db, struct course_row *row)
{
    return row->state == COURSE_FETCHING && !row->is_listed ? course_fetch(courses, db, row) : S_OK;
}

/* Without that member the version cannot be had. */
static enum status member_refused(struct courses *courses, struct db *db, struct course_row *row)
{
    (void)courses;
    return row->state == COURSE_FETCHING
               ? set_problem(db, row, COURSE_REFUSED,
                             "the chunks of a member do not make up the member: tell its publisher")
               : S_OK;
}

static enum status contents_completed(struct courses *courses, struct db *db, int64_t id)
{
    struct blob_row blob;
    struct buffer ids;
    enum status status;

    if (!blob_row_get(db, id, &blob)) {
        return S_OK;
    }
    if (!blob.is_whole) { /* the disk lost some of it: that is wanted again */
        course_refresh_defer(courses, db);
        return S_OK;
    }
    buffer_init(&ids);
    status = want_drop(db, &blob.hash);
    status = status == S_OK ? visit_holders(courses, db, id, member_completed) : status;
    status = status == S_OK ? course_row_list_with_manifest(db, &blob.hash, &ids) : status;
    status = status == S_OK ? visit_rows(courses, db, &ids, manifest_completed) : status;
    buffer_release(&ids);
    return status;
}

enum status course_blobs_completed(struct courses *courses, struct db *db, const struct buffer *completed)
{
    enum status status = S_OK;
    int64_t id;

    for (size_t at = 0; at < completed->size && status == S_OK; at += sizeof id) {
        memcpy(&id, completed->data + at, sizeof id);
        if (id < 0) {
            status = visit_holders(courses, db, -id, member_refused);
            course_refresh_defer(courses, db); /* what others were to copy from it has to be fetched */
        } else {
            status = contents_completed(courses, db, id);
        }
    }
    return status;
}
