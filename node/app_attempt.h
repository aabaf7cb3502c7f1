/* app_attempt.h: learners at work in a running node: what their registrations say becomes events and cells
 * every few seconds. */
#ifndef QANAT_NODE_APP_ATTEMPT_H
#define QANAT_NODE_APP_ATTEMPT_H

#include <uv.h>

#include "node/app.h"
#include "node/learn/attempt/due.h"

struct app_attempt {
    struct attempts attempts;
    struct due_run run;
    uv_timer_t timer; /* open while data is set */
    bool is_telling;
};

/* Everything in `options` is borrowed until app_attempt_close(). */
void app_attempt_open(struct app_attempt *attempt, uv_loop_t *loop, const struct app_options *options,
                      struct blobs *blobs);

/* Is nothing due, and nothing being told? Else it begins, now. */
bool app_attempt_is_told(struct app_attempt *attempt);

/* No further telling; idle once none is under way (store_drain() must run for that). */
void app_attempt_stop(struct app_attempt *attempt);
bool app_attempt_is_idle(const struct app_attempt *attempt);

/* When idle and no request is under way: tells what is still due. */
void app_attempt_close(struct app_attempt *attempt);

#endif
