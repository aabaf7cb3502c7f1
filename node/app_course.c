#include "node/app_course.h"

#include "node/local_time.h"
#include "node/log.h"
#include "node/store/course/demand.h"
#include "node/store/operation/peer_status.h"

/* Before anything is asked of anybody: what a killed process had written need not come again. */
static enum status retake(struct db *db, void *arg)
{
    struct app_course *course = arg;
    const struct blob_taker taker = {course_object_put, &course->courses};
    enum status status = blobs_sweep(db, course->blobs);

    return status == S_OK ? blobs_retake(course->blobs, db, &taker) : status;
}

static enum status start(struct db *db, void *arg)
{
    struct app_course *course = arg;
    enum status status = blobs_take_up(course->blobs, db);

    if (status == S_OK) {
        status = demand_expire(db, course_wall_ms());
    }
    return status == S_OK ? course_refresh(&course->courses, db) : status;
}

static void start_done(void *arg, enum status status)
{
    (void)arg, (void)status; /* whoever drains the store goes on (app_course_continue()) */
}

static enum status copy(struct db *db, void *arg)
{
    struct app_course *course = arg;
    const struct blob_copier copier = course_copier(&course->courses);

    if (course->is_copy_again) {
        blobs_copy_again(course->blobs);
    }
    return blobs_copy(course->blobs, db, &copier);
}

static void copy_done(void *arg, enum status status)
{
    struct app_course *course = arg;

    course->is_copying = false;
    course->is_copy_again = course->is_copy_paused = status != S_OK;
    if (status != S_OK) {
        log_event(LOG_WARNING, "copy_failed", "status=\"%s\"", status_text(status));
    }
}

static bool is_copy_due(const struct app_course *course)
{
    return (course->is_copy_again || blobs_copy_is_due(course->blobs)) && !course->is_copy_paused;
}

bool app_course_is_settled(struct app_course *course)
{
    return !course->blobs || (!rest_is_near(&course->courses.rest, local_time_monotonic()) && !course->is_copying && !is_copy_due(course) &&
                              blobs_are_checked(course->blobs));
}

bool app_course_is_fresh(struct app_course *course, const struct id *peer)
{
    struct db *db = store_read_begin(course->courses.store);
    struct peer_status status = {.last_success_ms = 0};
    struct course_row row;
    struct buffer ids;
    bool is_fresh = false;

    buffer_init(&ids);
    (void)peer_status_find(db, peer, &status);
    (void)course_row_list_in_state(db, COURSE_PUBLISHED, &ids);
    for (size_t at = 0; !is_fresh && course_row_next(db, &ids, &at, &row);) {
        is_fresh = row.published_ms >= status.last_success_ms;
    }
    buffer_release(&ids);
    store_read_end(course->courses.store, db);
    return is_fresh;
}

uint64_t app_course_left(struct app_course *course)
{
    struct db *db = store_read_begin(course->courses.store);
    uint64_t left = course_size_left(db);

    store_read_end(course->courses.store, db);
    return left;
}

static enum status look(struct db *db, void *arg)
{
    struct app_course *course = arg;
    struct buffer ids;

    enum status status = blobs_take_up(course->blobs, db);
    if (status != S_OK) {
        return status;
    }
    buffer_init(&ids);
    status = course_row_list_in_state(db, COURSE_WAITING, &ids);
    if (status == S_OK && (ids.size > 0 || rest_left_ms(&course->courses.rest, local_time_monotonic()) == 0)) {
        status = course_refresh(&course->courses, db);
    }
    buffer_release(&ids);
    return status;
}

static void look_done(void *arg, enum status status)
{
    (void)status; /* the next one comes in a minute */
    ((struct app_course *)arg)->is_looking = false;
}

static void on_timer(uv_timer_t *timer)
{
    struct app_course *course = timer->data;

    course->is_copy_paused = false;
    if (!course->is_looking) {
        course->is_looking = true;
        store_write(course->courses.store, look, course, look_done);
    }
}

void app_course_continue(struct app_course *course)
{
    if (course->blobs && is_copy_due(course) && !course->is_copying) {
        course->is_copying = true;
        store_write(course->courses.store, copy, course, copy_done);
    }
    uint64_t left_ms = rest_left_ms(&course->courses.rest, local_time_monotonic());
    if (left_ms < APP_COURSE_LOOK_MS && !course->is_looking) { /* a look at the catalogue was put off */
        uv_update_time(course->timer.loop);
        uv_timer_start(&course->timer, on_timer, left_ms, APP_COURSE_LOOK_MS);
    }
}

static enum status members_completed(void *courses, struct db *db, const struct buffer *ids)
{
    return course_blobs_completed(courses, db, ids);
}

static bool place_object(void *courses, const struct hash *object, struct bytes data)
{
    return blob_place(((struct courses *)courses)->blobs, object, data);
}

static void watch(struct app_course *course, uv_loop_t *loop)
{
    uv_timer_init(loop, &course->timer);
    course->timer.data = course;
    uv_timer_start(&course->timer, on_timer, APP_COURSE_LOOK_MS, APP_COURSE_LOOK_MS);
}

enum status app_course_open(struct app_course *course, const struct app_options *options, uv_loop_t *loop, struct report *report)
{
    enum status status = blobs_open(options->dir, options->store, &course->blobs, report);

    if (status != S_OK) {
        return status;
    }
    courses_init(&course->courses, options->store, course->blobs, options->identity, options->federation,
                 options->config);
    course->content = (struct link_content){
        .read = course_objects(&course->courses),
        .ctx = &course->courses,
        .put = course_object_put,
        .place = place_object,
        .demand = course_object_demand,
        .is_offered = course_object_is_offered,
        .refresh = course_stream_moved,
    };
    blobs_check_aside(course->blobs, members_completed, &course->courses);
    blobs_copy_later(course->blobs);
    (void)store_write_wait(options->store, retake, course); /* failed: it comes again */
    store_write(options->store, start, course, start_done);
    renew_start(&course->renewal, &course->courses);
    watch(course, loop);
    return S_OK;
}

void app_course_close(struct app_course *course)
{
    if (!course->blobs) {
        return;
    }
    uv_timer_stop(&course->timer);
    uv_close((uv_handle_t *)&course->timer, NULL); /* gone when the loop has run */
    renew_stop(&course->renewal);
    blobs_check_stop(course->blobs);
    (void)store_wait(course->courses.store); /* start() may still stand in the queue before it */
    store_drain(course->courses.store);
    blobs_close(course->blobs);
    course->blobs = NULL;
}
