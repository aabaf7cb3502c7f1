/* share.h: what each life of this node has counted of one fact that may still be revised.
 *
 * A fact that this node derives from learners' work (completed with a score, the minutes of a month, attended) changes while they work, and
 * its figures with it. When the database is put back to an older state, the figures of before come back with this node's own streams; what
 * they counted of each fact comes back with them, in cells of the same streams:
 *
 *   key    "ids" 0x1f <life: 8 hex digits> 0x1f "f" <fingerprint: 31 hex digits>
 *   value  a register; its stamp: the revision, its content: sealed
 *
 * A share is what one life's figures contain of the fact, absolute; shares of all lives add up to what is counted in all. What is in it is
 * the caller's affair (node/learn/attempt/share_sum.h).
 *
 * Sealed: 4 bytes that depend on key, place and content, then the content, enciphered (XChaCha20) with a key derived from this node's own:
 * nobody above reads how somebody fared. After a change of keys those of before still open what they sealed (node.key.former: the last
 * IDENTITY_FORMER_MAX). A machine that follows under another key knows that the fact was counted, and not as what.
 *
 * Fingerprints as in known.h. Writer thread, but for share_list(). */
#ifndef QANAT_NODE_STORE_STREAM_SHARE_H
#define QANAT_NODE_STORE_STREAM_SHARE_H

#include "node/store/db.h"
#include "replication/crdt/cell.h"

enum { SHARE_CONTENT_MAX = 8 * 1024, SHARE_LIFE_BASE = 0 };

struct share_row {
    uint32_t life;
    struct bytes content; /* borrowed during the visit */
    bool is_closed;       /* sealed by a key that is not here: no content */
    bool is_recovered;    /* came back from a peer, saying more than this database knew */
};

/* Visits all shares of a fact. Any thread. */
typedef void share_visit(void *ctx, const struct share_row *row);
enum status share_list(struct db *db, uint64_t fingerprint, share_visit *visit, void *ctx);

/* The life that writes now: the others' shares stand. */
enum status share_life(struct db *db, uint32_t *life_out);

/* Replaces the living life's share, and publishes it. */
enum status share_put(struct db *db, uint64_t fingerprint, struct bytes content);

/* What earlier versions counted of the fact without a share: the same whichever life says so, and added to the shares of all (the life
 * SHARE_LIFE_BASE). Of several the one with the higher revision stands. */
enum status share_base_put(struct db *db, uint64_t fingerprint, struct bytes content, int64_t revision);

/* Takes a cell of an own stream that came back; *is_new_out: it says more than was known. Cells of other kinds are passed over. */
enum status share_recover(struct db *db, const struct cell *cell, bool *is_new_out);

/* Visits every cell that this node's own streams of results have, until it says otherwise. */
typedef enum status share_cell_visit(void *ctx, const struct cell *cell);
enum status share_cells_each(struct db *db, share_cell_visit *visit, void *ctx);

/* A fact of which a share came back that was not yet held against the others. */
bool share_due(struct db *db, uint64_t *fingerprint_out);
enum status share_settle(struct db *db, uint64_t fingerprint);

/* The next fact after `fingerprint` of which there is a share, in ascending order from -1; false when there is none. */
bool share_after(struct db *db, int64_t fingerprint, uint64_t *next_out);

/* Drops what is kept here of a fact, or of all facts of a person, whose events still say so: they stay counted, and are known no more. */
enum status share_forget(struct db *db, uint64_t fingerprint);
enum status share_forget_life(struct db *db, uint64_t fingerprint, uint32_t life);
enum status share_forget_of(struct db *db, int64_t person);

#endif
