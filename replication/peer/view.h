/* view.h: the narrow, read-only window through which the core sees stored state.
 *
 * The driver implements it over SQLite, the simulator over memory; one contract test runs on both. Everything
 * returned is borrowed until the next call on the same view or the end of the step. */
#ifndef QANAT_PEER_VIEW_H
#define QANAT_PEER_VIEW_H

#include "replication/base/arena.h"
#include "replication/crdt/cell.h"
#include "replication/stream/certificate.h"
#include "replication/trust/roster.h"
#include "replication/wire/message.h"

/* An object this node still lacks. */
struct wanted {
    struct hash object;
    uint64_t size;
};

struct view_ops {
    /* The first stream above `after` (NULL: the very first) in stream_id_compare() order that is not covered by an
     * adoption (stream/adoption.h); false at the end. */
    bool (*stream_next)(void *ctx, const struct stream_id *after, struct stream_head *head_out);

    /* The latest certificate of a stream; false when nothing is held of it. */
    bool (*stream_find)(void *ctx, const struct stream_id *stream, struct certificate *certificate_out);

    /* Up to `max` cells with seq > `after_seq`, in seq order, copied into `arena`; returns how many.
     * Consistent with stream_find() within one step. */
    size_t (*cells_scan)(void *ctx, const struct stream_id *stream, uint64_t after_seq, size_t max,
                         struct arena *arena, struct cell *cells_out);

    /* The last seq durably staged of a stream, 0 when nothing is staged. */
    uint64_t (*staged_seq)(void *ctx, const struct stream_id *stream);

    /* True when the object is held whole; *size_out is its size. */
    bool (*object_find)(void *ctx, const struct hash *object, uint64_t *size_out);

    /* Copies up to `size` bytes at `offset` into `out`; returns how many (0: gone or unreadable). */
    size_t (*object_read)(void *ctx, const struct hash *object, uint64_t offset, uint8_t *out, size_t size);

    /* Up to `max` wanted objects, in the order in which they should come, starting at the `skip`-th. */
    size_t (*wanted_scan)(void *ctx, size_t skip, size_t max, struct wanted *wanted_out);

    /* Up to `max` objects held here that resemble `object`, the best first. NULL: none are known. */
    size_t (*bases_scan)(void *ctx, const struct hash *object, size_t max, struct hash *bases_out);

    /* True when the object is coming over another session already, or is to come over another. NULL: never. Says
     * nothing of the store: asked just before an object is asked for. */
    bool (*is_elsewhere)(void *ctx, const struct wanted *wanted);

    /* Up to `max` objects that are on their way here over sessions with nodes that are no siblings of this one: what a sibling that
     * asked for them hears of. NULL: none. Says nothing of the store either. */
    size_t (*coming_scan)(void *ctx, size_t max, struct hash *objects_out);

    /* Changes whenever any of the above might answer differently: streams, staging, objects, wants. */
    uint64_t (*generation)(void *ctx);

    /* Receipts of hubs: up to `max` (stream, seq, holder, at) of what a hub holds, of streams whose node is
     * `node` or below, in stream_id_compare() order; returns how many. Asked for a node below us it is what
     * is passed down; asked for ourselves it is what need not be passed down to us again. */
    size_t (*held_scan)(void *ctx, const struct id *node, size_t max, struct held *held_out);

    /* Up to which seq the other streams held of its writer say that `stream` is counted in them; 0: they do not. */
    uint64_t (*adopted_seq)(void *ctx, const struct stream_id *stream);

    /* Up to which seq `holder` said to hold `stream`; 0 when it said nothing. */
    uint64_t (*held_seq)(void *ctx, const struct stream_id *stream, const struct id *holder);

    /* True when, as far as can be known, no other machine adds to this closed stream of this node (adopt.h). NULL: none ever does. */
    bool (*is_over)(void *ctx, const struct stream_head *head);
};

struct view {
    void *ctx;
    const struct view_ops *ops;
    const struct roster *roster;
    struct id living; /* the incarnation in which this node writes now, zero while none: its streams are never
                         pulled */
    hlc living_drawn; /* when; all its stamps are later */
};

#endif
