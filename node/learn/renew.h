/* renew.h: what a change of the schema could not make by itself: texts that only this room knows how to fold.
 *
 * A migration writes the property `renew` (8 bytes, little-endian: person.id up to which it is done, from 0).
 * The running node then goes through all people and all listed versions, a batch a job, so that results are
 * stored in between; a restart goes on where it was. Once done the property is gone, and a start costs one
 * look. */
#ifndef QANAT_NODE_LEARN_RENEW_H
#define QANAT_NODE_LEARN_RENEW_H

#include "node/learn/course/course.h"

enum { RENEW_BATCH = 500 };

struct renewal {
    struct courses *courses;
    bool is_more;    /* the last batch was not the last */
    bool is_stopped; /* no further batch is queued */
};

/* Queues the first batch; each queues the next. `renewal` lives until the store has no jobs. */
void renew_start(struct renewal *renewal, struct courses *courses);
void renew_stop(struct renewal *renewal);

/* One batch, in a job. */
enum status renew_step(struct db *db, void *renewal);

#endif
