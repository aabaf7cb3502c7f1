#include "node/learn/course/course_clean.h"

#include <string.h>

#include "node/learn/course/course_choose.h"
#include "node/store/course/blob.h"
#include "node/store/course/cohort.h"

static bool is_pinned_by_cohort(struct db *db, const struct course_row *row)
{
    struct buffer names;

    buffer_init(&names);
    bool is_pinned = cohort_list(db, row, &names) > 0;
    buffer_release(&names);
    return is_pinned;
}

/* Does it hold anything? */
static bool has_content(struct db *db, const struct course_row *row)
{
    struct blob_row manifest;

    return course_is_held(row) || row->is_listed || blob_row_find(db, &row->manifest, &manifest);
}

static bool is_reached(const struct course_clean *clean, struct course_wishes *wishes, struct db *db,
                       const struct course_row *row)
{
    struct course_row bare = *row;

    bare.is_asked = false;
    if (id_equal(&row->publisher, &clean->courses->self) || row->is_pinned || is_pinned_by_cohort(db, row) ||
        course_is_wished(wishes, db, &bare)) {
        return true;
    }
    bool is_relayed = row->is_asked && !(clean->is_relayed_too);
    if (row->state == COURSE_FETCHING || row->state == COURSE_WAITING) {
        return is_relayed;
    }
    return row->is_current && (is_relayed || !row->is_asked);
}

static enum status clean_row(struct course_clean *clean, struct db *db, struct course_row *row)
{
    struct course_cleaned cleaned = {.row = *row};
    uint64_t before = blob_row_weight(db);
    enum status status = course_release(db, row);

    if (status == S_OK) {
        status = course_choose(db, row->course, row->lang);
    }
    cleaned.bytes = before - blob_row_weight(db);
    buffer_append(clean->cleaned, &cleaned, sizeof cleaned);
    return status;
}

static enum status clean_versions(struct course_clean *clean, struct db *db)
{
    struct course_wishes *wishes = course_wishes_load(clean->courses, db);
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    enum status status = course_row_list(db, &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        if (has_content(db, &row) && !is_reached(clean, wishes, db, &row)) {
            status = clean_row(clean, db, &row);
        }
    }
    buffer_release(&ids);
    course_wishes_free(wishes);
    return status;
}

static enum status clean_orphans(struct course_clean *clean, struct db *db)
{
    uint64_t before = blob_row_weight(db);
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    enum status status = course_orphan_list(db, &ids);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        status = blob_drop(db, id);
        clean->orphans++;
    }
    clean->orphan_bytes = before - blob_row_weight(db);
    buffer_release(&ids);
    return status;
}

enum status course_clean_run(struct db *db, void *arg)
{
    struct course_clean *clean = arg;

    buffer_clear(clean->cleaned);
    clean->orphans = clean->orphan_bytes = 0;
    enum status status = clean_versions(clean, db);
    if (status == S_OK) {
        status = clean_orphans(clean, db);
    }
    if (status == S_OK && !clean->is_dry) {
        status = course_refresh(clean->courses, db);
    }
    clean->is_counted = status == S_OK;
    return status == S_OK && clean->is_dry ? S_STALE : status;
}
