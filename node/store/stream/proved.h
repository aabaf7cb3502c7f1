/* proved.h: which statements of the roster this process has judged already, and how.
 *
 * The roster is read anew whenever one of its streams moves, and by every command. What takes the time are the signatures: 60 us each, so that a member
 * who says 65,536 statements without effect, and moves one of them again and again, would keep the loop from everybody else. They are
 * therefore checked once: a keyed hash of the bytes (with the federation's id) is remembered with the judgement. Bytes that differ in one bit are others.
 *
 * So are they by a command: the judgements are kept in the database (property "proved") with the key of the hash, which nobody else knows, and believed by
 * the version of the program that wrote them. Without, each command took 0.2 ms for each member of the federation. Who inspects the data believes nothing
 * (node/care): it does not recall.
 *
 * PROVED_MAX make a generation; the one before it is kept, and what is asked for moves on from there, so what is read again and again stays. Any thread. */
#ifndef QANAT_NODE_STORE_STREAM_PROVED_H
#define QANAT_NODE_STORE_STREAM_PROVED_H

#include <stdbool.h>

#include "node/store/store.h"
#include "replication/base/bytes.h"

enum { PROVED_WORTH = 64 }; /* judgements, of 0.1 ms each, for which the database is written */
enum { PROVED_MAX = 128 * 1024 }; /* of 16 bytes, in a table of twice as many: 8 MiB with the generation before */

enum proved { PROVED_UNKNOWN, PROVED_SOUND, PROVED_FALSE };

enum proved proved_find(const struct id *federation, struct bytes statement);

/* Sound: roster_add() took it. False: what it says is refused whatever else is known. */
void proved_put(const struct id *federation, struct bytes statement, bool is_sound);

/* At the beginning of a process: what the database keeps. Nothing where something was judged already, or it is another version's. */
void proved_recall(struct store *store);

/* Keeps what was judged since, when it is worth a write; `store` is open for writing. What cannot be written is judged again, by the next process. */
void proved_remember(struct store *store);

void proved_forget(void); /* as a process begins: for tests */

#endif
