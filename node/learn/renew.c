#include "node/learn/renew.h"

#include <string.h>

#include "node/learn/person/person.h"
#include "node/log.h"
#include "node/store/course/course_item.h"
#include "node/store/people/person_search.h"

#define MANIFEST_ARENA_MAX ((size_t)4 * MANIFEST_SIZE_MAX)

struct person_visit_ctx {
    struct db *db;
    enum status status;
};

static void person_take(void *ctx, const struct person *person)
{
    struct person_visit_ctx *visit = ctx;

    visit->status = person_index(visit->db, person);
}

/* The people after row `after`; *after_out stays when there is none. */
static enum status people_renew(struct db *db, int64_t after, int64_t *after_out)
{
    struct person_visit_ctx visit = {.db = db, .status = S_OK};
    struct buffer rows;

    buffer_init(&rows);
    person_rows_after(db, after, RENEW_BATCH, &rows);
    for (size_t at = 0; at < rows.size && visit.status == S_OK; at += sizeof *after_out) {
        memcpy(after_out, rows.data + at, sizeof *after_out);
        (void)person_row_visit(db, *after_out, person_take, &visit);
    }
    buffer_release(&rows);
    return visit.status == S_OK ? db_status(db) : visit.status;
}

/* A version whose manifest cannot be read stays as it is: verify and scrub are about that. */
static enum status contents_renew(struct courses *courses, struct db *db, const struct course_row *row)
{
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    enum status status = S_OK;

    buffer_init(&encoding);
    arena_init(&arena, MANIFEST_ARENA_MAX);
    if (blob_load(courses->blobs, &row->manifest, MANIFEST_SIZE_MAX, &encoding) == S_OK &&
        manifest_decode(buffer_bytes(&encoding), &arena, &manifest) == S_OK) {
        status = course_contents_put(db, row, &manifest);
    } else {
        log_event(LOG_WARNING, "contents_unlisted", "course=%s lang=%s version=%s", row->course, row->lang,
                  row->version);
    }
    arena_release(&arena);
    buffer_release(&encoding);
    return status;
}

static enum status courses_renew(struct courses *courses, struct db *db)
{
    struct course_row row;
    struct buffer ids;
    enum status status = S_OK;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list(db, &ids);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (course_row_get(db, id, &row) && row.is_listed) {
            status = contents_renew(courses, db, &row);
        }
    }
    buffer_release(&ids);
    return status == S_OK ? db_status(db) : status;
}

enum status renew_step(struct db *db, void *arg)
{
    struct renewal *renewal = arg;
    int64_t after;

    renewal->is_more = false;
    if (!person_search_renewal(db, &after)) {
        return db_status(db);
    }
    int64_t last = after;
    enum status status = people_renew(db, after, &last);
    if (status == S_OK && last != after) {
        renewal->is_more = true;
        return person_search_renewal_set(db, last);
    }
    if (status == S_OK) {
        status = courses_renew(renewal->courses, db);
    }
    return status == S_OK ? person_search_renewal_end(db) : status;
}

static void step_done(void *arg, enum status status)
{
    struct renewal *renewal = arg;

    if (status != S_OK) {
        log_event(LOG_WARNING, "renewal_failed", "text=\"%s\" effect=\"tried again at the next start\"",
                  status_text(status));
    } else if (renewal->is_more && !renewal->is_stopped) {
        store_write(renewal->courses->store, renew_step, renewal, step_done);
    }
}

void renew_start(struct renewal *renewal, struct courses *courses)
{
    *renewal = (struct renewal){.courses = courses};
    store_write(courses->store, renew_step, renewal, step_done);
}

void renew_stop(struct renewal *renewal)
{
    renewal->is_stopped = true;
}
