/* session.h: what a session remembers between steps. Private to replication/peer.
 *
 * Four things go on beside each other, each in its own part of the struct and its own files: the round
 * (greet, compare: do both hold the same?), pulling streams, serving the other's wants, and objects in both
 * directions. All are bounded (bounds.h). */
#ifndef QANAT_PEER_SESSION_H
#define QANAT_PEER_SESSION_H

#include "replication/peer/objects.h"
#include "replication/peer/peer.h"
#include "replication/trust/key_news.h"

/* A stream the other holds further than we do. */
struct pull {
    struct stream_id stream;
    uint64_t target_seq; /* what the other said it holds */
    uint64_t after_seq;  /* what has come so far, durable or handed over */
    uint32_t pending;    /* batches handed over and not yet durable */
    uint32_t drops;      /* how often the digest did not match */
    bool is_asked;       /* part of the last WANT */
    bool is_applying;    /* the certificate came: nothing more is expected */
    bool has_failed;     /* a batch was not kept: ask again when the others under way are settled */
    bool is_probe;       /* only its certificate is wanted: fork or amnesia */
};

struct pulls {
    struct pull *items; /* owned, sorted by stream */
    size_t count, capacity;
};

/* A batch handed over under a ticket. */
struct pending {
    uint64_t ticket;
    struct stream_id stream;
    uint64_t seq;
    uint64_t stamp_ms; /* when the writer certified it */
    uint32_t cost, size; /* of the credit; in memory, decompressed */
    bool is_apply;
};

/* A stream given up for a while. */
struct frozen {
    struct stream_id stream;
    uint64_t until_ms;
    bool is_amnesia; /* our living stream, until it is our living stream no more */
};

/* A stream the other wants from us. */
struct served_stream {
    struct stream_id stream;
    uint64_t after_seq;
    bool has_begun; /* some of it was sent */
};

struct shared {
    struct vector vector; /* streams both sides may hold */
    struct vector_digest digest;
    uint64_t generation;
    uint64_t roster_version;
    struct id living;
    bool is_valid;
};

struct round {
    uint64_t number;   /* of our last HELLO */
    uint64_t answered; /* the last of ours that was answered */
    bool is_crossed;   /* by a HELLO that crossed it */
    uint64_t remote_session;
    uint64_t remote_number;    /* the highest of theirs seen in remote_session */
    struct vector_digest said; /* the digest in our last HELLO */
    uint64_t said_roster;
    struct id common_living;   /* when last in step: the incarnation of ours, and how far its courses were told */
    uint64_t common_catalogue;
    uint64_t hello_ms; /* when it was sent */
    uint64_t timer_ms; /* when the state has waited long enough */
    uint32_t attempts; /* waits in a row without an answer */
    uint32_t futile;   /* rounds in a row that found a difference and moved nothing */
};

struct inbound {
    struct pulls pulls;
    struct pending *pending; /* PENDING_MAX, ring in ticket order */
    size_t pending_count;
    uint32_t credit_due; /* bytes to grant back */
    bool is_want_due;
    bool is_roster_moving; /* since the last greeting a stream of the roster came, or was put off */
    bool has_doubted; /* of late a certificate was put off, and nothing of the roster came since */
    struct key_news key_news; /* of the stream of the roster that comes */
    bool is_overfull; /* a batch was dropped for want of room (PENDING_SIZE_MAX) */
    uint32_t stalls;
    struct frozen *frozen; /* FROZEN_MAX */
    size_t frozen_count;
    struct held *receipts; /* made durable here, to be told */
    size_t receipt_count;
    uint64_t receipts_ms; /* tell them then, unless equal digests have said it before */
};

struct outbound {
    struct served_stream *streams;
    size_t count, next; /* `next` is being sent */
    uint64_t credit, credit_cap;
    size_t cells_guess; /* what fitted one frame last time */
};

/* What we hold and the other may hold, but we not any more, on its way to the other (legacy.c). */
struct legacy {
    struct stream_id after; /* offered up to here */
    uint64_t roster_version;
    uint64_t next_ms;
    bool has_begun, is_done; /* under this roster */
};

struct peer {
    struct peer_options options;
    enum peer_state state;
    uint64_t now_ms, wall_ms;
    const struct view *view; /* during a step */
    struct arena arena;      /* cleared at the start of each step */
    struct arena scan;       /* cleared for each frame */
    struct buffer frame;
    struct effect *effects;
    size_t effect_count, effect_capacity;
    uint64_t next_ticket;
    uint64_t heard_ms;   /* the last frame of the other, or when we began to wait for one */
    uint64_t change_ms;  /* look at what changed then; UINT64_MAX: nothing did */
    uint64_t generation; /* last seen of the view */
    uint64_t roster_version;
    bool has_more;       /* ask for an early tick */
    bool is_leader;      /* sends its vector first */
    bool was_open;       /* before: each further opening is another life */
    bool has_compared;   /* since it was opened: what is compared later does not hold up objects */
    uint32_t held_check; /* of the receipts last passed down */
    uint32_t remote_held_check;
    uint32_t given_check; /* of what was last said to be given back (receipt.c) */
    struct shared shared;
    struct vector confirmed; /* what equal digests have said already in this session */
    struct round round;
    struct inbound in;
    struct outbound out;
    struct legacy legacy;
    struct objects_in objects_in;
    struct objects_out objects_out;
    struct patches_out patches_out;
    struct offers offers;
    struct peer_progress progress, said; /* said: what the last EFFECT_PROGRESS showed */
};

#endif
