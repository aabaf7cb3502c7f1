/* Letting go of a version: only what no other version needs is deleted. */
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "node/store/course/blob.h"

/* Is the blob the manifest of a version that is held or under way? */
static bool is_manifest_in_use(struct db *db, const struct hash *hash)
{
    struct course_row row;
    struct buffer ids;
    bool is_used = false;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_with_manifest(db, hash, &ids);
    for (size_t at = 0; at < ids.size && !is_used; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        is_used =
            course_row_get(db, id, &row) && row.state != COURSE_CATALOGUED && row.state != COURSE_REFUSED;
    }
    buffer_release(&ids);
    return is_used;
}

enum status course_drop_unused(struct db *db, const struct buffer *ids)
{
    enum status status = S_OK;
    struct blob_row blob;
    int64_t id;

    for (size_t at = 0; at < ids->size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids->data + at, sizeof id);
        if (!course_blob_is_used(db, id) && blob_row_get(db, id, &blob) &&
            !is_manifest_in_use(db, &blob.hash)) {
            status = blob_drop(db, id);
        }
    }
    return status;
}

enum status course_detach(struct db *db, struct course_row *row, struct buffer *ids_out)
{
    struct blob_row manifest;
    enum status status = course_blob_list(db, row->id, ids_out);

    if (blob_row_find(db, &row->manifest, &manifest)) {
        buffer_append(ids_out, &manifest.id, sizeof manifest.id);
    }
    if (status == S_OK) {
        status = course_member_delete_all(db, row->id);
    }
    if (status == S_OK) {
        status = course_contents_drop(db, row);
    }
    row->state = COURSE_CATALOGUED;
    row->is_listed = row->is_asked = row->is_current = row->is_pinned = false;
    row->missing = 0;
    row->problem[0] = '\0';
    return status == S_OK ? course_row_update(db, row) : status;
}

enum status course_release(struct db *db, struct course_row *row)
{
    struct buffer ids;

    buffer_init(&ids);
    enum status status = course_detach(db, row, &ids);
    status = status == S_OK ? course_drop_unused(db, &ids) : status;
    buffer_release(&ids);
    return status;
}

/* Nobody else knows of it: it is gone, or no more than what its learners did is judged by. */
static enum status own_forget(struct db *db, struct course_row *row)
{
    if (!course_contents_is_needed(db, row)) {
        return course_row_delete(db, row->id);
    }
    row->is_withdrawn = true;
    return course_row_update(db, row);
}

enum status course_remove(struct courses *courses, struct db *db, struct course_row *row)
{
    bool is_own = id_equal(&row->publisher, &courses->self), was_published = row->published_ms > 0; /* it may have been lost since, with a disk */
    enum status status = S_OK;

    if (is_own && was_published && !row->is_withdrawn) {
        status = course_publish(courses, db, row, true);
    }
    if (status == S_OK) {
        status = course_release(db, row);
    }
    if (status == S_OK && is_own && !was_published) {
        status = own_forget(db, row);
    }
    return status == S_OK ? course_choose(db, row->course, row->lang) : status;
}
