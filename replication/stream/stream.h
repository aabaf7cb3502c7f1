/* stream.h: names of streams and what is known of each one.
 *
 * A stream is everything one incarnation of one node publishes on one topic. Its state is a set of cells; its
 * head says how far it reaches (seq), how many cells it has and what their digest is. */
#ifndef QANAT_STREAM_STREAM_H
#define QANAT_STREAM_STREAM_H

#include "replication/base/bytes.h"
#include "replication/crdt/hlc.h"

/* In the order in which a session moves them. Wire numbers: never reuse. */
enum topic {
    TOPIC_ROSTER = 1,
    TOPIC_RESULTS = 2,
    TOPIC_CREDENTIALS = 3,
    TOPIC_CATALOGUE = 4,
};
/* Topics that a later version writes are kept and passed on up to TOPIC_RELAYED_LAST; they go where results go (roster_may_hold()). */
enum { TOPIC_FIRST = TOPIC_ROSTER, TOPIC_LAST = TOPIC_CATALOGUE, TOPIC_RELAYED_LAST = 15 };

struct stream_id {
    struct id node;
    struct id incarnation;
    enum topic topic;
};

struct stream_head {
    struct stream_id stream;
    uint64_t seq;       /* 0: nothing yet */
    uint64_t count;     /* cells */
    struct hash digest; /* of the state at seq: lthash_digest() */
    hlc stamp;          /* when the writer certified it */
};

/* "roster", "results", ...; NULL for a number that is no topic. */
const char *topic_name(enum topic topic);

/* Order: topic, node, incarnation. */
int stream_id_compare(const struct stream_id *a, const struct stream_id *b);

enum { STREAM_ID_SIZE = 33 };

/* The canonical bytes: topic, node, incarnation. Used in hashes, signatures and as database key. */
void stream_id_encode(const struct stream_id *stream, uint8_t out[STREAM_ID_SIZE]);
bool stream_id_decode(const uint8_t in[STREAM_ID_SIZE], struct stream_id *stream_out);

#endif
