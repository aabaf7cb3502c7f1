/* legacy.h: streams that are held by a right of before. Private to replication/peer; all run inside a step. */
#ifndef QANAT_PEER_LEGACY_H
#define QANAT_PEER_LEGACY_H

#include "replication/peer/session.h"

/* The other may be given it; it may be taken here (shared.c). */
bool stream_may_go(const struct peer *peer, const struct stream_id *stream);
bool stream_may_come(const struct peer *peer, const struct stream_id *stream);

/* We hold it and may not any more. */
bool legacy_is_kept(const struct peer *peer, const struct stream_id *stream);
/* We may hold it, the other not: it can only be a legacy of the other. */
bool legacy_is_taken(const struct peer *peer, const struct stream_id *stream);
/* Is there nothing left that we hold of this writer's results by a right of before, and the other may hold and did not say that it has? */
bool legacy_is_given(const struct peer *peer, const struct id *writer);
/* The other offers a legacy. */
void legacy_note(struct peer *peer, const struct vector_entry *entry);
/* Equal digests: what both may hold is here, so only pulls of legacies stay. */
void legacy_keep_pulls(struct peer *peer);
void legacy_on_in_step(struct peer *peer);
void legacy_continue(struct peer *peer);
uint64_t legacy_deadline(const struct peer *peer);

#endif
