/* roster_end.h: where the streams of revoked writers end. */
#ifndef QANAT_TRUST_ROSTER_END_H
#define QANAT_TRUST_ROSTER_END_H

#include "replication/trust/roster.h"

/* Where a writer's revocation ends its streams (statement.h). Of a revoked writer only the roster topic goes on, and what its
 * revocation names, up to exactly there: so everybody keeps the same. True when `stream` may be exchanged at all. */
bool roster_may_go_on(const struct roster *roster, const struct stream_id *stream);

/* True when this state of a stream may be taken: any of a writer that is not revoked, else only the last one. */
bool roster_may_take(const struct roster *roster, const struct stream_head *head);

/* The same of a state of which only its seq is known yet. */
bool roster_may_take_seq(const struct roster *roster, const struct stream_id *stream, uint64_t seq);

/* True when what is held of a stream is not what its writer's revocation leaves of it: it is dropped, and pulled again. */
bool roster_must_drop(const struct roster *roster, const struct stream_head *head);

#endif
