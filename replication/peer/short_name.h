/* short_name.h: objects under way told by the beginning of their hash. Private to replication/peer.
 *
 * A film goes out in pieces of 31 KiB, and who asked for it knows its whole hash: four bytes of it say which
 * of the few hundred objects that were asked for a piece belongs to. Each frame still stands for itself. Only
 * for who said in HELLO that it understands it, and only while no two objects that wait to be sent begin
 * alike; what the asker cannot tell apart all the same it passes over, and asks for again. */
#ifndef QANAT_PEER_SHORT_NAME_H
#define QANAT_PEER_SHORT_NAME_H

#include "replication/peer/peer.h"
#include "replication/wire/message.h"

/* May the objects of a frame be told so? They lie `stride` bytes apart. */
bool short_name_may(const struct peer *peer, const struct hash *objects, size_t stride, size_t count);

/* The message with whole names, in the arena of the step; where there is nothing to do the message itself. */
const struct pieces_message *short_name_pieces(struct peer *peer, const struct pieces_message *message);
const struct patches_message *short_name_patches(struct peer *peer, const struct patches_message *message);

#endif
