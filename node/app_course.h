/* app_course.h: the courses of a running node: its blobs, and the seam through which the link reads and
 * stores objects. */
#ifndef QANAT_NODE_APP_COURSE_H
#define QANAT_NODE_APP_COURSE_H

#include "node/app.h"
#include "node/learn/course/course.h"
#include "node/learn/renew.h"
#include "node/link/content.h"

struct app_course {
    struct blobs *blobs;
    struct courses courses;
    struct link_content content; /* for link_options.content */
    uv_timer_t timer;
    bool is_looking;             /* a job of the timer is on its way */
    bool is_copying, is_copy_again, is_copy_paused; /* of chunks that lie here (blobs_copy()); it failed: all of it, behind the next look */
    struct renewal renewal;
};

enum { APP_COURSE_LOOK_MS = 60 * 1000 };

/* Opens the blobs of the node's directory, queues the sweep of what a crash left and a first refresh of what
 * is wanted. The options are borrowed until app_course_close(). Looks every APP_COURSE_LOOK_MS whether there is room now for versions that wait
 * for it (disks fill and empty without telling), and sooner at what was put off, also in a sync without a node. */
enum status app_course_open(struct app_course *course, const struct app_options *options, uv_loop_t *loop, struct report *report);

/* Goes on with what a job left to be done after its commit. After each store_drain(). */
void app_course_continue(struct app_course *course);

/* Is all that came looked at and checked, and all copied that lies here? Not while something of it waits for room: that goes on when there is some.
 * Loop thread. */
bool app_course_is_settled(struct app_course *course);

/* Was a course published here since `peer` was last in step? */
bool app_course_is_fresh(struct app_course *course, const struct id *peer);

/* Bytes that versions under way still lack. */
uint64_t app_course_left(struct app_course *course);

/* After the link is closed and no job is under way; the loop has to run once more. */
void app_course_close(struct app_course *course);

#endif
