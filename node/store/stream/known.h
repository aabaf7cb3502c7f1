/* known.h: what this node counted once, by fingerprint, so that it is not counted again after the database was lost.
 *
 * An event's id is known while its row is here. When the database is put back to an older state, or built anew from peers, the
 * figures of what was lost come back with this node's own streams, but no ids: the same file imported again would count twice.
 * So fingerprints travel with the figures, in cells of the same stream, under the same certificate: wherever a figure is, it
 * is known what it counted. A cell of the results topic,
 *
 *   key    "ids" 0x1f <life: 8 hex digits> 0x1f <letter><number>
 *   value  a register; its content: fingerprints of 6 bytes each, little-endian; of a batch one, and its count (4 bytes)
 *
 * letters: e, b, p: events, a batch, people that were counted; x, y, q: that were taken back. `life` is the first four bytes of
 * the incarnation that counted them: cells keep it when another incarnation adopts them. A fingerprint is 48 bits of a hash
 * keyed by the federation's secret, as sketches of people are: a node above can test whether an id it can guess was recorded.
 *
 * Batches of more than KNOWN_EACH_MAX events get one fingerprint of all together (and cost 10 bytes instead of six an event): they are
 * known again when the same events come together again.
 *
 * Rule: the changes of all entries of a fingerprint add up to 1 when it is counted once. Whoever finds another sum and knows what it
 * stands for corrects the figures by the difference and publishes that. Writer thread, but for known_net() and below. */
#ifndef QANAT_NODE_STORE_STREAM_KNOWN_H
#define QANAT_NODE_STORE_STREAM_KNOWN_H

#include "node/store/db.h"
#include "replication/stream/stream.h"

enum { KNOWN_EACH_MAX = 4096, KNOWN_CELL_MAX = 2000 /* fingerprints in one cell */ };

enum known_kind { KNOWN_EVENT = 1, KNOWN_BATCH = 2, KNOWN_PERSON = 3 };

struct known {
    uint64_t fingerprint;
    int64_t subject; /* row of the event, the batch's first event, the person; 0: not known here */
    int64_t count;   /* events of a batch */
};

/* Of a keyed hash. */
static inline uint64_t known_fingerprint(uint64_t hash)
{
    return hash >> 16;
}

/* A hash of `text`, keyed by the federation. */
uint64_t known_hash(struct db *db, struct bytes text);

/* Publishes that these were counted (`change` 1) or taken back (-1) by this node, and notes it. */
enum status known_publish(struct db *db, enum known_kind kind, int change, const struct known *items, size_t count);

/* Reads the entries of a stream that came back; what is new is due (known_due). */
enum status known_recover(struct db *db, const struct stream_id *stream);

/* This node follows `node`, whose machine was lost: what that one counted is known here too. */
enum status known_follow(struct db *db, const struct id *node);
bool known_follows(struct db *db, const struct id *node);

/* Something recovered that was not yet held against what is counted here; false: nothing is. */
bool known_due(struct db *db, enum known_kind *kind_out, uint64_t *fingerprint_out);
enum status known_settle(struct db *db, enum known_kind kind, uint64_t fingerprint);

/* What is known up to now was counted by another node, which goes on, for this one was a copy of it (`qanat rekey`): it stays counted there. */
enum status known_leave(struct db *db);
bool known_is_elsewhere(struct db *db, uint32_t life);

/* Was it counted by another node alone, which goes on? Then it is in no figure of this one, to be taken back. */
bool known_is_left(struct db *db, enum known_kind kind, uint64_t fingerprint);

/* Was one of known_leave() and known_void() ever called? Programs before these did not note what a copy left. */
bool known_has_left(struct db *db);

/* What this node published counts for it no more, for it became another one (`qanat rekey`) and its streams are another's: all that is known is due, but
 * what is counted elsewhere; and what those say that it followed before. */
enum status known_void(struct db *db);

/* A recovered fingerprint turned out to be that of `subject`. */
enum status known_claim(struct db *db, enum known_kind kind, uint64_t fingerprint, int64_t subject);

/* How often it is counted, as far as known; *subject_out and *count_out are 0 when no row is known here. */
int known_net(struct db *db, enum known_kind kind, uint64_t fingerprint, int64_t *subject_out, int64_t *count_out);

/* Anything came back, ever: before that a look at each fingerprint is not worth it. */
bool known_has_recovered(struct db *db);

/* A large batch came back that was not imported again here. */
bool known_has_lost_batch(struct db *db);

#endif
