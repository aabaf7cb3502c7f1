/* satisfied.h: blocks and courses of cmi5 are satisfied when every unit in them is (cmi5, sections 9.3.9 and 9.6.1): said once for each registration, as soon
 * as it is so. A unit whose rule is NotApplicable is satisfied from the beginning, so what holds no others is before anything is opened. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_SATISFIED_H
#define QANAT_NODE_LEARN_ATTEMPT_SATISFIED_H

#include "node/learn/attempt/launch.h"

/* Inside a job. Says what the unit of a launch lacked: the blocks that it is in, the inner ones first, then the course. `session` is that of the launch. */
enum status satisfied_say(const struct lrs *lrs, struct db *db, const struct lrs_session *session, const struct launch_row *row);

/* Inside a job. Where it is the first launch of its registration: into `session`, in the arena, what is satisfied before it. */
enum status satisfied_before(struct db *db, struct launch_open *open, struct lrs_session *session);

#endif
