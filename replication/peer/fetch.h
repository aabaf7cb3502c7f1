/* fetch.h: one object on its way in, from being asked for until it is durable. Private to replication/peer.
 *
 *   asked ── its last piece ──▶ handed over ── EVENT_PLACED ──▶ placed ── EVENT_DURABLE ──▶ removed
 *     ▲                              │
 *     └──── not what its name says ──┘
 *
 * How many bytes are in each of these states bounds what is asked for: asked_bytes keep the line busy, with
 * unplaced_bytes they are what a kill may cost, storing_bytes (placed or not) what the memory holds. */
#ifndef QANAT_PEER_FETCH_H
#define QANAT_PEER_FETCH_H

#include "replication/peer/objects.h"

/* NULL: not under way. Valid until one is added or removed. */
struct fetch *fetch_find_in(struct objects_in *in, const struct hash *object);

/* Says nothing that is outside its object, or of another size than was said before. */
bool fetch_may_take(const struct fetch *fetch, const struct piece *piece);

/* False while too much is under way for the first piece of an object of whose size nothing was known: who sends says it, and might begin them all and end
 * none. It is asked for again. */
bool fetch_has_room(const struct objects_in *in, const struct fetch *fetch, const struct piece *piece);

/* The first piece says how large the object is: memory for it. Later ones: nothing. */
void fetch_open(struct objects_in *in, struct fetch *fetch, const struct piece *piece);

/* Puts a piece into its place; blocks_left is 0 when that was all. */
void fetch_fill(struct fetch *fetch, const struct piece *piece);

/* It goes into the store under `ticket`, not 0; it comes back to be asked for anew. */
void fetch_hand_over(struct objects_in *in, struct fetch *fetch, uint64_t ticket);
void fetch_take_back(struct objects_in *in, struct fetch *fetch);

/* A kill does not lose what was handed over under `ticket` any more. Of another ticket nothing is known: it is durable, or left. */
void fetch_place(struct objects_in *in, uint64_t ticket);

void fetch_remove(struct objects_in *in, struct fetch *fetch);

/* The session ends: all go, but the bytes of those that were handed over, which the driver may be at still. */
void fetch_leave_all(struct objects_in *in);

/* Was it of one that left? Then its bytes go. */
bool fetch_drop_left(struct objects_in *in, uint64_t ticket);

void fetch_release(struct objects_in *in);

#endif
