/* act.h: the log of what was changed at this node by a command, and by whom; and of what the node decided about others by itself.
 *
 * Bounded: the newest ACTS_MAX are kept. Local; it never replicates. */
#ifndef QANAT_NODE_STORE_OPERATION_ACT_H
#define QANAT_NODE_STORE_OPERATION_ACT_H

#include "node/store/db.h"

enum {
    ACTS_MAX = 10000,
    ACT_WHO_MAX = 128,
    ACT_WORDS_MAX = 2048, /* longer ones are cut by who writes them */
};

struct act {
    int64_t number;                /* of the log, ascending */
    int64_t at_ms;                 /* wall clock, UTC */
    char who[ACT_WHO_MAX + 1];     /* a person's id; "": somebody at the machine */
    char words[ACT_WORDS_MAX + 1]; /* JSON array of texts */
    int exit_code;
};

/* Writer thread. `act->number` is chosen here. S_TOO_LARGE for texts over the limits. */
enum status act_add(struct db *db, const struct act *act);

#define ACT_ERASED "(erased)" /* in the place of somebody who was erased */

/* Puts who and words of `act` in the place of those of its number. Writer thread. */
enum status act_change(struct db *db, const struct act *act);

#define ACT_NODE "(node)" /* who: nobody; the node itself */

/* Notes a decision of the node itself: "admitted", about whom, and how. Texts that are long or hold control characters are cut.
 * Writer thread. */
enum status act_decided(struct db *db, const char *what, const char *subject, const char *detail);

/* Fills `act` with the newest one whose number is below `before` (0: the newest of all); false when there is
 * none. */
bool act_find_before(struct db *db, int64_t before, struct act *act_out);

#endif
