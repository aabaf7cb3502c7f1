/* adoption.h: which closed streams of a writer are counted in its living one.
 *
 * The problem. Each restart without a matching anchor, each restore and each rollback begins a fresh incarnation, so a
 * node's figures lie in ever more streams. Nobody may fold them together but the writer, and at no relay, at no moment
 * and in no order of arrival may a result be missing or count twice.
 *
 * The answer. In one transaction, under one certificate, the writer adds the values of a closed stream X to its living
 * stream L (crdt/merge.h) and says so in a cell of L: "X is counted here, from seq `from` up to seq `to`". A relay
 * takes certified states of L whole or not at all, so wherever the added values are, the sentence is too. Then two rules
 * suffice, and both look only at what is held here:
 *
 *   1. A stream that is held no further than it was adopted (seq <= to) is covered: it is not counted, not offered,
 *      not pulled, and dropped. So it does not matter which of L and X comes first, or whether X comes back from a
 *      peer that was restored: where L is, X counts through L; where it is not, X counts for itself.
 *   2. A stream that is held further than it was adopted (the writer had forgotten its end) stays, is offered on, and is
 *      not counted where values are summed: its larger part is in L. The writer, when it sees it, adds the difference to
 *      the living stream and says so: "X, from `to` up to the new end". Then rule 1 holds again. Where values are
 *      idempotent (all topics but results) it is counted beside L all the while, which harms nothing.
 *
 * The second case is a state to be avoided: for its length the tail of X is not seen. So a closed stream is adopted only
 * when all who may hold it (the nodes above, the hubs) were heard of since the living incarnation began and hold
 * exactly what the writer holds, and when no copy of the machine may be adding to it (replication/peer/adopt.h).
 * A machine whose living stream is adopted by another one leaves it as soon as it hears of that.
 *
 * Two machines with one key (a copy of a virtual machine: fork.h) may both adopt X, each into a living stream of its own, before either hears
 * of the other. Then both say "X is counted here", and where both streams are X counts twice: no relay can mend that, for X is dropped
 * there. The writer can, because it keeps what it adopted (node/store/stream/adopt.h). As soon as a machine holds a stream of the
 * other that says so it is settled which of the two gives X up: the one that adopted less of it, or else the one whose line is the larger. The
 * line of a machine is the smallest of its incarnation and those that this says are counted in it, without those that both say: it never grows,
 * whichever of a machine's incarnations the other one has heard of, so that not both give X up. It takes X's values out of its living stream
 * and leaves a hole where the sentence stood: an entry of no incarnation, from 0 to 1. Who adopts two streams that both say "X is counted here"
 * takes X over once; when the machine that was to give X up is heard no more, the other one mends it so once that one's stream is over (peer/adopt.h,
 * beginning anew), or gives X up itself as soon as people say so. Do both give X up, then nobody says any more that it is counted elsewhere, and X
 * counts for itself again, from whoever kept it.
 *
 * Who adopts L takes over what L says: its sentences are copied. The sentences are for ever, because a relay may be
 * restored to any old state; they cost 20 bytes for each incarnation, ADOPTION_PAGE_MAX of them to a cell:
 *
 *   key    "adopted" 0x1f page number in decimal digits
 *   value  CELL_ADOPTED, then for each entry: incarnation (16) from (varint) to (varint); 0 <= from < to
 *
 * An entry keeps its place for ever; only its end moves, or it becomes a hole.
 */
#ifndef QANAT_STREAM_ADOPTION_H
#define QANAT_STREAM_ADOPTION_H

#include "replication/crdt/cell.h"
#include "replication/stream/stream.h"

enum { ADOPTION_PAGE_MAX = 32, ADOPTION_PAGES_MAX = 4096 };

struct adoption {
    struct id incarnation; /* of the same node and topic */
    uint64_t from, to;
};

/* True for the key of a page; then *page_out is its number. */
bool adoption_key_parse(struct bytes key, unsigned *page_out);
void adoption_key(unsigned page, struct buffer *out);

/* Appends the value of a page of 1 to ADOPTION_PAGE_MAX entries. */
void adoption_encode(const struct adoption *entries, size_t count, struct buffer *out);

/* S_OK, or S_INVALID. `entries` has room for ADOPTION_PAGE_MAX. */
enum status adoption_decode(struct bytes value, struct adoption *entries, size_t *count_out);

/* Up to which seq the page's entries adopt `incarnation`; 0 when they do not. A page that cannot be read says nothing. */
uint64_t adoption_page_seq(struct bytes value, const struct id *incarnation);

/* True when a stream held up to `seq`, of which `adopted` was adopted (0: nothing), is covered. */
static inline bool adoption_covers(uint64_t seq, uint64_t adopted)
{
    return seq <= adopted;
}

/* True when its cells count beside the others. */
bool adoption_counts(enum topic topic, uint64_t seq, uint64_t adopted);

/* All that a stream says about adoptions. Owned by the caller; entries in the order of their pages. */
struct adoption_list {
    struct adoption *entries;
    size_t count, capacity;
};

void adoption_list_release(struct adoption_list *list);

/* True when values of the topic are summed over streams: then the same writes must not be in two of them. */
bool adoption_is_summed(enum topic topic);

/* A sentence that was taken back. Zero incarnations are never drawn. */
bool adoption_is_hole(const struct adoption *entry);
struct adoption adoption_hole(void);

/* The first entry of the list that says some of the same writes as `entry`; NULL: none. */
const struct adoption *adoption_list_overlap(const struct adoption_list *list, const struct adoption *entry);

/* True when all that `inner` says `outer` says too. */
bool adoption_contains(const struct adoption *outer, const struct adoption *inner);

/* Takes one entry over, a hole as it is, any other joined with one of the same incarnation that ends where it begins, or begins where it ends.
 * S_OK; S_EXISTS when it overlaps one and the topic is summed (the same writes would count twice), else it is joined; S_TOO_LARGE beyond ADOPTION_PAGE_MAX *
 * ADOPTION_PAGES_MAX entries. `changed_out`: the index of the entry that is new or changed. */
enum status adoption_list_add(struct adoption_list *list, enum topic topic, const struct adoption *entry,
                              size_t *changed_out);

#endif
