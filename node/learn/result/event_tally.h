/* event_tally.h: a stored event in the figures: counted once more, or once less. */
#ifndef QANAT_NODE_LEARN_RESULT_EVENT_TALLY_H
#define QANAT_NODE_LEARN_RESULT_EVENT_TALLY_H

#include "node/learn/result/tally.h"
#include "node/store/people/event.h"

/* The group under which an event of these dimensions and this moment is counted. */
struct tally_group *event_tally_group(struct tally *tally, const struct event_group *dims, int64_t at_ms);

/* `sign` 1 or -1; event->kind is a kind that counts. The person is not touched: sketches are united, so once more or less is the same. */
void event_tally(struct tally *tally, const struct event_group *dims, const struct event *event, int sign);

#endif
