/* trace.h: one line of text for each event and effect, so that a session can be read like a dialogue.
 *
 * Ids are shortened to their first two bytes. Lines have no newline and are cut at the size of the caller's
 * buffer. Frames are decoded for it: for tests and debug logs, not for every frame of a busy hub. */
#ifndef QANAT_PEER_TRACE_H
#define QANAT_PEER_TRACE_H

#include "replication/peer/peer.h"

enum { TRACE_LINE_MAX = 256 };

/* "hello 3: 4 streams 9f3c21d0", "want results/1a2b above 40", ... Returns the length. */
size_t trace_frame(struct bytes frame, char *out, size_t size);

/* "open", "gets hello 3: ...", "durable #7", "failed #7: overtaken", "changed", "tick", "closed". */
size_t trace_event(const struct peer_event *event, char *out, size_t size);

/* "says hello 3: ...", "applies results/1a2b (0, 40] #7", "close, back in 60000 ms", ... */
size_t trace_effect(const struct effect *effect, char *out, size_t size);

/* "closed", "greeting", "comparing", "moving", "in step". */
const char *peer_state_name(enum peer_state state);

#endif
