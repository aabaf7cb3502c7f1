/* crowd.h: which statements come first where a roster has not room for all.
 *
 * A roster keeps so many statements, and so many without effect (replication/trust/roster.h). In the order of their streams those of one member could fill it
 * before the hub's were read: 65,536 statements without effect, and nobody was admitted or revoked any more, in the whole federation. So who reads one that
 * is too full begins anew, in rounds: a statement is due as soon as its signer is known by those of the rounds before. What the authority, a hub, a former
 * one and a root sign takes what room there is; what is signed below them has room for CROWD_SHARE statements for each of the nodes directly below,
 * with all that is below that. The rest is left out: whose signer nobody knows has no effect, and what is more than a share waits for a version with more room.
 *
 * Cells are told by their place in the order in which they are read. */
#ifndef QANAT_NODE_STORE_STREAM_CROWD_H
#define QANAT_NODE_STORE_STREAM_CROWD_H

#include "replication/trust/roster.h"
#include "replication/trust/statement.h"

enum { CROWD_SHARE = ROSTER_IDLE_MAX / 4, CROWD_SHARE_BYTES = ROSTER_IDLE_BYTES_MAX / 4 };

struct crowd;

struct crowd *crowd_new(const struct hash *anchor); /* of the federation (dir.h) */
void crowd_free(struct crowd *crowd); /* NULL is fine */

/* A round begins, in which signers are known by `roster`; borrowed until the next. */
void crowd_round(struct crowd *crowd, const struct roster *roster);

/* Is that one undecided yet? Only then it is worth a question. */
bool crowd_is_open(const struct crowd *crowd, size_t at);

/* Is what claims to be said so known, and is there room for it? If not, nobody need look whether its signature holds. */
bool crowd_has_room(struct crowd *crowd, size_t at, const struct statement *said);

/* It holds: `statement`, of which was asked last, in a stream of `writer`, is due; it is copied. */
void crowd_admit(struct crowd *crowd, size_t at, const struct id *writer, struct bytes statement);

/* It does not, or cannot be one: it is left out. */
void crowd_dismiss(struct crowd *crowd, size_t at);

/* The next that became due in this round, borrowed until the next round; false: there is no more. */
bool crowd_next(struct crowd *crowd, struct id *writer_out, struct bytes *statement_out);

/* True for those that were never due. */
bool crowd_is_left(const struct crowd *crowd, size_t at);

#endif
