/* join.h: the newcomer's side of a join, one shot: connect with the token's one-time key, ask, hear the
 * answer.
 *
 * Nothing secret is sent before the other proved to hold the key that the token names. Blocks; for commands.
 */
#ifndef QANAT_NODE_LINK_JOIN_H
#define QANAT_NODE_LINK_JOIN_H

#include "node/dir.h"
#include "replication/trust/token.h"
#include "replication/wire/message.h"

enum { JOIN_WAIT_S = 60, JOIN_WAIT_S_MAX = 24 * 3600 };

/* What came back from a join. */
struct join_answer {
    struct buffer frame;            /* WELCOME, whole; initialised and released by the owner */
    char endpoint[ENDPOINT_MAX];    /* where it came from */
    struct federation federation;   /* from join_check() on */
    struct welcome_message welcome; /* from join_check() on; lives in its arena */
};

/* Asks the inviter at the token's addresses, one after the other, each for at most `wait_s` seconds. On S_OK
 * `answer` holds frame and endpoint. S_UNREACHABLE: nobody answered; S_DENIED: the inviter does not know the
 * token (used, expired or withdrawn), or says why not; S_BAD_SIGNATURE: who answers there is not the inviter.
 */
enum status join_ask(const struct token *token, const struct roster_node *node, int wait_s,
                     struct join_answer *answer, struct report *report);

/* Reads the frame and checks it against the token: federation, authority, and that its statements admit
 * `self` under the keys it has. The statements live in `arena`. */
enum status join_check(const struct token *token, const struct identity *self, struct join_answer *answer,
                       struct arena *arena, struct report *report);

/* Puts the statements of a WELCOME into the newcomer's own roster stream, so that it can begin. (store_job;
 * `arg` is the struct welcome_message) */
struct db;
enum status join_put(struct db *db, void *arg);

#endif
