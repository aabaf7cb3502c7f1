/* peer.h: one session with one peer, as a function: peer_step(state, view, event) -> effects.
 *
 * No clock, socket, thread, database or randomness inside. Reads go through the view; writes leave as
 * effects; what is acknowledged to the other side was reported durable by an event before. The driver
 * executes the effects in order, never re-enters, and hands back one EVENT_DURABLE for each effect with a
 * ticket. Frames may be lost, doubled or reordered by the network (the simulator does it): every exchange is
 * idempotent and repeated on a timer. */
#ifndef QANAT_PEER_PEER_H
#define QANAT_PEER_PEER_H

#include "replication/peer/view.h"
#include "replication/schedule/share.h"

enum channel { CHANNEL_CONTROL = 0, CHANNEL_BULK = 1 };

/* Where a session stands; each has one file or one switch arm and a stated invariant in peer.c. */
enum peer_state {
    PEER_CLOSED,
    PEER_GREETING,  /* HELLO sent, none received in this round */
    PEER_COMPARING, /* digests differ: vectors are exchanged */
    PEER_MOVING,    /* streams or objects are under way in at least one direction */
    PEER_IN_STEP,   /* equal digests, nothing wanted that the other has */
};

struct peer_options {
    struct id self;
    struct id remote;
    struct id federation;
    uint64_t session;      /* random, from the driver */
    uint32_t credit_bytes; /* bulk bytes the other side may have under way to us */
    uint32_t retry_ms;     /* repeat an unanswered exchange after this long */
    uint32_t idle_ms;      /* close after silence */
    uint32_t rate_kbit;    /* kbit/s of bulk that our window takes, as the other is told; 0: any */
    uint32_t software;     /* version of this program, as the other is told; 0: unsaid */
    uint32_t abilities;    /* what the driver understands, as the other is told beside our own */
    bool has_assay;        /* the driver looks at the hash of what is_unassayed */
};

enum peer_event_kind {
    EVENT_OPEN,    /* the link is up */
    EVENT_FRAME,   /* a frame came in */
    EVENT_DURABLE, /* the effect with this ticket is durable, or failed */
    EVENT_PLACED,  /* the object with this ticket lies where a killed process finds it again; durable comes later. May be left out */
    EVENT_CHANGED, /* the store or the roster changed, by whomever */
    EVENT_SHARED,  /* what other sessions fetch changed (view_ops.coming_scan) */
    EVENT_TICK,    /* the deadline has passed */
    EVENT_CLOSED,  /* the link is gone */
};

struct peer_event {
    enum peer_event_kind kind;
    uint64_t now_ms;      /* monotonic */
    uint64_t wall_ms;     /* informs, never decides */
    enum channel channel; /* FRAME */
    struct bytes frame;   /* FRAME */
    uint64_t ticket;      /* DURABLE, PLACED */
    enum status status;   /* DURABLE */
};

enum effect_kind {
    EFFECT_SEND,  /* send `bytes` (one frame) on `channel` */
    EFFECT_STAGE, /* keep `bytes` (a batch body) of `stream`, covering (after_seq, seq], until its certificate
                     comes; ticket */
    EFFECT_APPLY, /* fold the staged batches and this last one (`bytes`: body with certificate) into `stream`
                     in one transaction; ticket. S_BAD_DIGEST drops what was staged; S_STALE when `after_seq`
                     is not what is staged or stored any more */
    EFFECT_UNSTAGE,  /* drop what is staged of `stream` */
    EFFECT_OBJECT,   /* store the whole verified object `object` = `bytes`; ticket. These bytes stay until it is durable, or
                        peer_free(). With is_unassayed only after a look at its hash; else S_BAD_DIGEST */
    EFFECT_DEMAND,   /* a peer asked for `object`, which we lack: want it on its behalf when the peer is below us
                        (`is_below`), else only when it was published below us: nobody else can bring it there */
    EFFECT_HELD,     /* `holder` durably holds `stream` up to `seq` as of `at_ms` */
    EFFECT_PROGRESS, /* state or counters changed: see peer_progress() */
    EFFECT_FORK,    /* `bytes` is a certificate of `stream`, signed by its writer, that contradicts the stored
                       one.    `status` S_FORKED: same seq, other digest. S_STALE: a state of our own living
                       stream    above    ours: we forgot, and must write on under a fresh incarnation */
    EFFECT_REFUSED, /* something of this peer was refused: `status`, text in `bytes`, `stream` or `object`
                       when known; log and count it */
    EFFECT_CLOSE,   /* end the session; `after_ms` > 0: come back after so long */
};

struct effect {
    enum effect_kind kind;
    uint64_t ticket;
    enum channel channel;
    struct stream_id stream;
    struct hash object;
    struct id holder;
    uint64_t after_seq;
    uint64_t seq;
    uint64_t at_ms;
    uint32_t after_ms;
    bool is_below, is_unassayed;
    enum status status;
    struct bytes bytes;
};

/* Borrowed from the peer until its next step; `bytes` may also point into the frame of the event. */
struct effects {
    const struct effect *items;
    size_t count;
    uint64_t deadline_ms; /* call with EVENT_TICK at this monotonic time; UINT64_MAX: never */
};

/* For status, plan and metrics. */
struct peer_progress {
    enum peer_state state;
    uint64_t we_lack_streams, we_lack_cells; /* seqs to come, an upper bound of cells */
    uint64_t we_lack_objects, we_lack_bytes;
    uint64_t they_lack_streams, they_lack_cells;
    uint64_t they_lack_objects;
    uint64_t frames_in, frames_out, bytes_in, bytes_out; /* frames as handed over, before CURVE and TCP */
    uint64_t rounds;                                     /* HELLO rounds completed */
    uint64_t refused;
    uint32_t asks;             /* for objects, sent so far: changes with what peer_fetches() says */
    uint32_t asked;            /* the other's questions for objects so far */
    uint32_t remote_software;  /* version of its program; 0: it did not say */
    uint32_t remote_abilities; /* bits, as it said last */
    uint32_t remote_rate_kbit; /* what the other's window takes, as it said last; the driver keeps it */
};

struct peer;

/* Allocates a session; never NULL. */
struct peer *peer_new(const struct peer_options *options);
void peer_free(struct peer *peer);

/* One step. Does bounded work; asks for an early tick (deadline now) when there is more to do. */
struct effects peer_step(struct peer *peer, const struct view *view, const struct peer_event *event);

const struct peer_progress *peer_progress(const struct peer *peer);

/* Has this session asked for the object, and not stored it yet? So the driver can keep two sessions from fetching
 * the same (view_ops.is_elsewhere). */
bool peer_is_fetching(const struct peer *peer, const struct hash *object);

/* Of a session with a sibling (neither node above the other), for share_choose(): what is known of an object there; whether it asked us for it in
 * vain; whether something that it was asked for is under way; whether it kept us waiting too long, so that nothing is left to it. */
enum share_state peer_share_state(const struct peer *peer, const struct hash *object);
bool peer_was_asked(const struct peer *peer, const struct hash *object);
bool peer_is_awaited(const struct peer *peer);
bool peer_is_shunned(const struct peer *peer);
bool peer_hears_offers(const struct peer *peer);

/* The objects for which peer_is_fetching(), up to `max`; returns how many. */
size_t peer_fetches(const struct peer *peer, size_t max, struct hash *objects_out);

/* Bytes of objects that were asked for and have not come whole. */
uint64_t peer_asked_bytes(const struct peer *peer);

/* Our window takes another rate from now on: said with the next HELLO. */
void peer_set_rate(struct peer *peer, uint32_t rate_kbit);

#endif
