/* A content of courses was lost to damage: those versions have to fetch it again. */
#include "node/learn/course/course_lost.h"

#include <string.h>

#include "node/incident.h"
#include "node/learn/course/course_choose.h"
#include "node/log.h"
#include "node/store/course/blob.h"

/* What was held whole is being fetched again. What was imported and never published can only be imported again: its state stays. */
static enum status version_lost(struct db *db, struct course_row *row, bool is_manifest)
{
    uint64_t size;

    if (is_manifest) {
        row->is_listed = false; /* the manifest comes first */
        row->missing = row->state == COURSE_IMPORTED ? row->member_count : row->missing; /* as far as anybody knows */
    } else if (row->is_listed) {
        course_member_missing(db, row->id, &row->missing, &size);
    }
    if (row->state == COURSE_PUBLISHED || row->state == COURSE_INSTALLED) {
        row->state = COURSE_FETCHING;
        incident_add(INCIDENT_REFETCHES, 1);
        log_event(LOG_WARNING, "course_damaged", "course=\"%s\" lang=%s version=\"%s\" next=fetch", row->course, row->lang, row->version);
    }
    return course_row_update(db, row);
}

/* Tells every version that has the blob; `is_unlisted`: they list their members anew. */
static enum status versions_lost(struct db *db, int64_t blob, bool is_unlisted)
{
    struct course_row row;
    struct blob_row lost;
    struct buffer ids;

    if (!blob_row_get(db, blob, &lost)) {
        return db_status(db);
    }
    buffer_init(&ids);
    enum status status = course_row_list_with_blob(db, blob, &ids);
    size_t members_size = ids.size;
    if (status == S_OK) {
        status = course_row_list_with_manifest(db, &lost.hash, &ids);
    }
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        status = version_lost(db, &row, is_unlisted || at > members_size);
    }
    buffer_release(&ids);
    return status;
}

enum status course_blob_lost(struct db *db, int64_t blob)
{
    return versions_lost(db, blob, false);
}

enum status course_blob_forget(struct db *db, int64_t blob)
{
    enum status status = versions_lost(db, blob, true);

    status = status == S_OK ? course_member_drop_blob(db, blob) : status;
    return status == S_OK ? blob_row_delete(db, blob) : status;
}

bool course_manifest_is_lost(struct db *db, const struct course_row *row)
{
    return course_is_held(row) && row->is_listed && !blob_row_is_whole(db, &row->manifest) && db_status(db) == S_OK;
}

enum status course_manifest_lost(struct db *db, struct course_row *row)
{
    return version_lost(db, row, true);
}

enum status course_members_lost(struct db *db)
{
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    enum status status = course_row_list(db, &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        if (row.is_listed && course_member_count(db, row.id) != row.member_count) {
            status = version_lost(db, &row, true);
        }
    }
    buffer_release(&ids);
    return status;
}
