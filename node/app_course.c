#include "node/app_course.h"

#include "node/store/demand.h"

static enum status start(struct db *db, void *arg)
{
    struct app_course *course = arg;
    enum status status = blobs_sweep(db, course->blobs);

    if (status == S_OK) {
        status = demand_expire(db, course_wall_ms());
    }
    return status == S_OK ? course_refresh(&course->courses, db) : status;
}

enum status app_course_open(struct app_course *course, const struct app_options *options,
                            struct report *report)
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
        .demand = course_object_demand,
        .is_offered = course_object_is_offered,
        .refresh = course_stream_moved,
    };
    store_write(options->store, start, course, NULL);
    return S_OK;
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

void app_course_close(struct app_course *course)
{
    if (!course->blobs) {
        return;
    }
    (void)store_write_wait(course->courses.store, nothing,
                           NULL); /* start() may still stand in the queue before it */
    blobs_close(course->blobs);
    course->blobs = NULL;
}
