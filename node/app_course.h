/* app_course.h: the courses of a running node: its blobs, and the seam through which the link reads and
 * stores objects. */
#ifndef QANAT_NODE_APP_COURSE_H
#define QANAT_NODE_APP_COURSE_H

#include "node/app.h"
#include "node/learn/course.h"
#include "node/link/content.h"

struct app_course {
    struct blobs *blobs;
    struct courses courses;
    struct link_content content; /* for link_options.content */
};

/* Opens the blobs of the node's directory, queues the sweep of what a crash left and a first refresh of what
 * is wanted. The options are borrowed until app_course_close(). */
enum status app_course_open(struct app_course *course, const struct app_options *options,
                            struct report *report);

/* After the link is closed and no job is under way. */
void app_course_close(struct app_course *course);

#endif
