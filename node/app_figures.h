/* app_figures.h: a running node looks at its figures after they changed, and notes those that can hardly be right (node/stats/plausible.h), where
 * status finds them. The look is taken in the thread pool, and so seldom that it takes a hundredth of one processor. */
#ifndef QANAT_NODE_APP_FIGURES_H
#define QANAT_NODE_APP_FIGURES_H

#include <uv.h>

#include "node/app.h"

enum { FIGURES_INTERVAL_MS = 5000, FIGURES_REST = 100 /* times as long as the look took */ };

struct app_figures {
    const struct app_options *options;
    uv_timer_t timer; /* open while data is set */
    uv_work_t work;
    struct config config; /* as it was when the look began: the loop may read it anew */
    bool is_looking;
    uint64_t generation; /* of the store at the last look */
    uint64_t rest_until_ms;
    size_t looks;
};

/* `options` is borrowed until app_figures_close(). The first look is taken at once. */
void app_figures_open(struct app_figures *figures, uv_loop_t *loop, const struct app_options *options);

/* No further look; idle once none is under way. */
void app_figures_stop(struct app_figures *figures);
bool app_figures_is_idle(const struct app_figures *figures);
void app_figures_close(struct app_figures *figures);

#endif
