/* kit_turn.h: a store whose node is the hub of a federation of one, for tests of a change of keys. */
#ifndef QANAT_TESTS_KIT_KIT_TURN_H
#define QANAT_TESTS_KIT_KIT_TURN_H

#include "node/store/stream/rotation.h"
#include "tests/kit/kit_store.h"

struct kit_turn {
    struct kit_store kit;
    struct identity authority, next;
};

/* The hub is admitted, node.key is in the directory, and a cell is published. */
void kit_turn_open(struct kit_turn *turn);
void kit_turn_close(struct kit_turn *turn);

/* Another hub is admitted: it may hold what this one writes. */
void kit_turn_join_hub(struct kit_turn *turn, struct id *hub_out);

/* That one is a centre below this one now; and it is gone for good. */
void kit_turn_demote_hub(struct kit_turn *turn, const struct id *hub);
void kit_turn_revoke(struct kit_turn *turn, const struct id *node);

/* node.key.next, and REKEY. */
void kit_turn_ask(struct kit_turn *turn);

/* GRANT by the authority. */
void kit_turn_grant(struct kit_turn *turn);

/* GRANT by the second hub of kit_turn_join_hub(): demoted, it does not stand above this node, and its word does not count. */
void kit_turn_grant_in_vain(struct kit_turn *turn);

/* CLOSE, as `terms` say it, signed by `signer`: the store goes on in its incarnation. */
void kit_turn_close_say(struct kit_turn *turn, const struct close_terms *terms, const struct signer *signer);

/* What the roster says of it. */
enum rotation_state kit_turn_state(struct kit_turn *turn);

/* Streams of the node that the present key did not sign, and those that it signed; -1 for one that nobody's key signed. */
int kit_turn_streams(struct kit_turn *turn, int *present_out);

#endif
