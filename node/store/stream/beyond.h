/* beyond.h: what members said on the roster topic beyond their right, found once, when it comes.
 *
 * None of it has an effect, and all of it is kept and passed on, for rights may come later: statements about nodes above or beside the signer
 * (replication/trust/roster_beyond.h), words about nodes that it does not stand above (quarantine.h, "settle" of fork.h), proofs of two machines that prove
 * nothing. Who reads the roster (roster.h) notes what it sees for the first time, and asks once the roster is settled. */
#ifndef QANAT_NODE_STORE_STREAM_BEYOND_H
#define QANAT_NODE_STORE_STREAM_BEYOND_H

#include "replication/crdt/cell.h"
#include "replication/trust/roster.h"

enum { BEYOND_SIZE_MAX = 1024 * 1024 }; /* of what one reading notes; what is beyond it goes untold */

struct beyond {
    struct buffer noted;
    size_t at; /* up to where it was asked */
};

void beyond_init(struct beyond *beyond);
void beyond_release(struct beyond *beyond);

/* A statement that was judged for the first time, and taken. */
void beyond_note_statement(struct beyond *beyond, struct bytes statement);

/* Another cell of a roster stream of `writer`, as often as it is read: what this process saw before is not noted. `is_told`: nor is this, from now on. */
void beyond_note_word(struct beyond *beyond, const struct id *federation, const struct id *writer, const struct cell *cell, bool is_told);

/* The next that was said beyond a right: by whom; false: there is no more. */
bool beyond_next(struct beyond *beyond, const struct roster *roster, struct id *who_out);

#endif
