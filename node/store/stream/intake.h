/* intake.h: what other nodes wrote, into the store: the one way for a session's batches and for those of a
 * bundle file.
 *
 * Who calls has checked rights and the certificate's signature (replication/peer/pull.c, node/bundle). */
#ifndef QANAT_NODE_STORE_STREAM_INTAKE_H
#define QANAT_NODE_STORE_STREAM_INTAKE_H

#include "node/dir.h"
#include "node/store/stream/delta.h"
#include "node/store/stream/stream.h"

/* Told in the same job when a stream that others act upon has moved; NULL: nobody. */
typedef enum status intake_moved(void *ctx, struct db *db, const struct stream_id *stream);

struct intake {
    const struct federation *federation;
    intake_moved *moved;
    void *ctx;
    bool is_late; /* rights were looked at a while ago: they are again */
};

/* Folds what is staged and `body` (with its certificate) into the stream. Anything but S_OK must fail the
 * job. S_STALE also where it is late, and its writer was revoked meanwhile. Writer thread. */
enum status intake_apply(const struct intake *intake, struct db *db, const struct stream_id *stream,
                         struct bytes body);

/* The same of a large one, which is late in any case, a part at a time (delta.h); *is_whole_out: this was the last one. */
enum status intake_part(const struct intake *intake, struct db *db, const struct stream_id *stream, struct delta *delta, bool *is_whole_out);

/* After one of these said `status`: is what was staged worth nothing, so that stream_unstage() must drop it
 * in a job of its own? */
bool intake_is_void(enum status status);

#endif
