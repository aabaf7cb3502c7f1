/* Objects for and from peers: what the link asks of the courses (course.h). */
#include <string.h>

#include "node/incident.h"
#include "node/learn/course/course.h"
#include "node/log.h"
#include "node/store/course/blob.h"
#include "node/store/course/demand.h"

enum { DEMAND_DAYS = 30 };

void courses_init(struct courses *courses, struct store *store, struct blobs *blobs,
                  const struct identity *identity, const struct federation *federation,
                  const struct config *config)
{
    *courses = (struct courses){
        .store = store,
        .blobs = blobs,
        .federation = federation,
        .is_relay = config->relay_demand,
        .quota_size = config->content_quota_mib > 0 ? (uint64_t)config->content_quota_mib << 20 : 0};
    if (identity) {
        courses->self = identity->node;
    }
    blobs_set_floor(blobs, config->disk_floor_mib > 0 ? (uint64_t)config->disk_floor_mib << 20 : 0);
}

struct store_objects course_objects(struct courses *courses)
{
    return (struct store_objects){.ctx = courses,
                                  .find = course_object_find,
                                  .read = course_object_read,
                                  .wanted = course_object_wanted,
                                  .bases = course_object_bases,
                                  .place = course_object_place};
}

enum status course_stream_moved(void *ctx, struct db *db, const struct stream_id *stream)
{
    if (stream->topic == TOPIC_CATALOGUE || stream->topic == TOPIC_ROSTER) {
        course_refresh_for_others(ctx, db);
    }
    return S_OK;
}

bool course_object_find(void *ctx, struct db *db, const struct hash *object, uint64_t *size_out)
{
    return blob_find(((struct courses *)ctx)->blobs, db, object, size_out);
}

size_t course_object_read(void *ctx, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out,
                          size_t size)
{
    return blob_read(((struct courses *)ctx)->blobs, db, object, offset, out, size);
}

size_t course_object_wanted(void *ctx, struct db *db, size_t skip, size_t max, struct wanted *wanted_out)
{
    (void)ctx;
    return want_scan(db, skip, max, wanted_out);
}

size_t course_object_bases(void *ctx, struct db *db, const struct hash *object, size_t max,
                           struct hash *bases_out)
{
    (void)ctx;
    return want_bases(db, object, max, bases_out);
}

bool course_object_place(void *ctx, struct db *db, const struct hash *object, bool is_from_start,
                         struct content_place *place)
{
    struct chunk_row row;
    struct blob_row blob;
    (void)ctx;

    place->count = 0;
    if (!chunk_row_find_missing(db, object, &row) || !blob_row_get(db, row.blob, &blob)) {
        return false;
    }
    place->content = blob.hash;
    place->total = blob.size;
    int64_t after = is_from_start ? -1 : row.number - 1;
    while (place->count < place->max && chunk_row_next(db, blob.id, after, &row) && (is_from_start || !row.is_held)) {
        if (!row.is_held && want_find(db, &row.hash)) {
            place->pieces[place->count++] = (struct content_piece){row.hash, row.start, row.size};
        }
        after = row.number;
    }
    return place->count > 0;
}

enum status course_object_put(void *ctx, struct db *db, const struct hash *object, struct bytes data)
{
    struct courses *courses = ctx;
    struct buffer completed;
    enum status status;

    if (data.size > MEMBER_WHOLE_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&completed);
    status = blob_put(courses->blobs, db, object, data, &completed);
    if (status == S_OK) {
        status = want_drop(db, object);
    }
    if (status == S_OK) {
        status = demand_drop(db, object);
    }
    if (status == S_OK) {
        status = course_blobs_completed(courses, db, &completed);
    }
    buffer_release(&completed);
    return status;
}

static enum status copy_refused(void *ctx, struct db *db, const struct hash *object, uint32_t size)
{
    (void)ctx;
    return want_put(db, object, size, WANT_CHUNK, 0); /* what is wanted already keeps its place, or comes sooner */
}

struct blob_copier course_copier(struct courses *courses)
{
    return (struct blob_copier){.put = course_object_put, .refused = copy_refused, .ctx = courses};
}

bool course_object_is_offered(void *ctx, struct db *db, const struct roster *roster,
                              const struct hash *object)
{
    const struct courses *courses = ctx;
    struct course_row row;
    struct buffer ids;
    bool is_offered = false;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_with_manifest(db, object, &ids);
    for (size_t at = 0; at < ids.size && !is_offered; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        is_offered = course_row_get(db, id, &row) && !row.is_withdrawn &&
                     roster_is_above(roster, &courses->self, &row.publisher);
    }
    buffer_release(&ids);
    return is_offered;
}

enum status course_object_demand(void *ctx, struct db *db, const struct hash *object)
{
    struct courses *courses = ctx;
    struct buffer ids;
    uint64_t size;
    enum status status;

    if (!courses->is_relay || blob_find(courses->blobs, db, object, &size)) {
        return S_OK;
    }
    status = demand_put(db, object, course_wall_ms() + (uint64_t)DEMAND_DAYS * 24 * 3600 * 1000);
    if (status == S_BUSY) {
        incident_add(INCIDENT_DEMANDS, 1);
        log_event(LOG_WARNING, "demand_refused", "limit=%d", DEMANDS_MAX);
        return S_OK; /* who asks hears that it is absent, and asks again another time */
    }
    buffer_init(&ids);
    if (status == S_OK) {
        status = course_row_list_with_manifest(db, object, &ids);
    }
    if (status == S_OK && ids.size > 0) { /* a course is asked for: it is fetched whole */
        course_refresh_for_others(courses, db);
    } else if (status == S_OK) {
        status = want_put(db, object, 0, WANT_ASKED, 0);
    }
    buffer_release(&ids);
    return status;
}
