/* turn_write.h: what a change of keys writes into a store, as node/store/stream/rotation.h says it. Private to tests/sim.
 *
 * Over the real store (real_turn.c) that file itself runs in the place of these. Each returns S_OK when it wrote something. */
#ifndef QANAT_TESTS_SIM_TURN_WRITE_H
#define QANAT_TESTS_SIM_TURN_WRITE_H

#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"
#include "tests/sim/world.h"

/* How a change stands by the node's own roster: 0 nothing was asked for (or it is forgotten), and so on. */
enum turn_state { TURN_NONE, TURN_ASKED, TURN_GRANTED, TURN_CLOSED };
enum turn_state turn_state(const struct node *node);

/* REKEY into the living roster stream; when it was asked before, that again. */
enum status turn_ask(struct world *world, struct node *node);

/* GRANT for what `about` asks for, and the REKEY itself. */
enum status turn_grant(struct world *world, struct node *node, const struct node *about);

/* Says again in the living incarnation what may not have been heard. */
enum status turn_wait(struct world *world, struct node *node);

/* May it close: is nothing of its closed streams somewhere that is not here? */
bool turn_is_safe(struct node *node);

/* Is there a former hub, and nothing in the living roster stream that it could say it holds? */
bool turn_sign_is_due(struct node *node);

/* How that key of `about` stands at `by`, as node/store's rotation_vain_check() sees it. */
enum key_vain turn_vain(struct node *by, const struct node *about, const uint8_t key[SIGN_PUBLIC_SIZE]);

/* Something of its own came back: names it in a CLOSE that does not count yet, as node/store's rotation_vain_amend(). */
void turn_amend(struct world *world, struct node *node);

/* The fresh incarnation is there and node->identity is the new one: CLOSE. */
enum status turn_close(struct world *world, struct node *node);

#endif
