/* Whether there is room for content: asked before anything is fetched or stored, and answered in numbers. */
#include <stdio.h>

#include "node/learn/course/course.h"
#include "node/store/course/blob.h"

static unsigned long long mib(uint64_t size)
{
    return (unsigned long long)((size + (1u << 20) - 1) >> 20);
}

bool course_has_room(struct courses *courses, struct db *db, uint64_t size, char *problem,
                     size_t problem_size)
{
    uint64_t count, under_way, held, room = 0;

    if (size == 0) {
        return true;
    }
    want_totals(db, &count, &under_way);
    if (!blobs_have_room(courses->blobs, size + under_way, &room)) {
        snprintf(
            problem, problem_size,
            "no room: it needs %llu MiB beside %llu MiB under way, %llu MiB are free above disk_floor_mib",
            mib(size), mib(under_way), (unsigned long long)(room >> 20));
        return false;
    }
    blob_row_totals(db, &count, &held);
    if (courses->quota_size > 0 && held + under_way + size > courses->quota_size) {
        snprintf(problem, problem_size,
                 "over the quota: it needs %llu MiB beside %llu MiB held and %llu MiB under way, "
                 "content_quota_mib allows %llu MiB",
                 mib(size), mib(held), mib(under_way), mib(courses->quota_size));
        return false;
    }
    return true;
}
