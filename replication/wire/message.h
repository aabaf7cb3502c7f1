/* message.h: what peers say to each other, as plain structs; protobuf types stay inside replication/wire.
 *
 * Arrays and bytes of a decoded message live in the arena given to message_decode() or borrow from the frame.
 * The maxima below are checked on both ways. They are chosen so that a list of that length always fits one
 * frame, however incompressible: split lists by them (PIECES and WELCOME carry content, so there the frame's
 * size decides). */
#ifndef QANAT_WIRE_MESSAGE_H
#define QANAT_WIRE_MESSAGE_H

#include "replication/base/arena.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"
#include "replication/stream/vector.h"

/* Wire numbers: never reuse. */
enum message_type {
    MESSAGE_HELLO = 1,
    MESSAGE_VECTOR = 2,    /* entries of the sender's vector: all, or those of some buckets */
    MESSAGE_BUCKETS = 3,   /* bucket digests of the sender's vector */
    MESSAGE_WANT = 4,      /* send me these streams above these seqs */
    MESSAGE_BATCH = 5,     /* bulk: batch.h */
    MESSAGE_CREDIT = 6,    /* so many more bulk bytes may come */
    MESSAGE_HELD = 7,      /* durable here: receipts, for streams of the receiver and below it */
    MESSAGE_ASK = 8,       /* send me these objects */
    MESSAGE_PIECES = 9,    /* bulk: pieces of objects */
    MESSAGE_ABSENT = 10,   /* these objects I do not have (yet) */
    MESSAGE_RETRY = 11,    /* busy: come back after so many ms */
    MESSAGE_REFUSE = 12,   /* what you sent was refused, and why (for the log of the other side) */
    MESSAGE_JOIN = 13,     /* a node with a token asks for admission */
    MESSAGE_WELCOME = 14,  /* the roster and the federation's secret for the admitted node */
    MESSAGE_BUNDLE = 15,   /* reserved for bundle files */
    MESSAGE_ASK_FROM = 16, /* send me these objects; of each I hold some that resemble it */
    MESSAGE_PATCHES = 17,  /* bulk: pieces of objects as a patch against those */
    MESSAGE_OFFER = 18,    /* of what you asked for in vain: what came since, what is coming, what is not any more */
};

enum {
    VECTOR_ENTRIES_MAX = 512, /* per message; more are sent in several */
    BUCKETS_MAX = 2048,
    WANTS_MAX = 512,
    ASKS_MAX = 1000,
    PIECES_MAX = 1024,
    ASK_FROM_HASHES_MAX = 960, /* objects and bases in one ASK_FROM: fits a frame */
    BASES_MAX = 4,             /* of one object */
    PATCHED_MAX = 64,          /* pieces in one PATCHES */
    CHOSEN_MAX = 24,           /* bases of its own choice that the sender names in one PATCHES */
    HELD_MAX = 448,
    STATEMENTS_MAX = 4096,
    REASON_MAX = 256,
    SECRET_SIZE_MAX = 64,
    HELLO_FRAME_MAX = 100, /* "nothing changed" costs two of these */
};

/* An arena of this size decodes every message that message_encode() can make. */
enum { MESSAGE_ARENA_SIZE = 4 * 1024 * 1024 };

struct hello {
    uint64_t session; /* random per connection: answers to an older one are dropped */
    uint64_t round;   /* grows with each HELLO of a session; a reply repeats the round it answers */
    bool is_reply;
    uint64_t roster_version;
    struct vector_digest digest; /* of the vector shared with the receiver */
    uint32_t stream_count;       /* entries in it */
    uint32_t wanted_count;       /* objects still missing here */
    uint32_t held_check;         /* over the receipts of hubs known to the sender, 0: none (peer/receipt.c) */
    uint32_t rate_kbit;          /* kbit/s of bulk that the sender's transfer window takes now; 0: any */
    uint32_t abilities;          /* what the sender understands that a version before did not: bits */
    uint32_t software;           /* version of the sender's program, for people; 0: a version that does not say */
};

enum {
    ABILITY_SHORT_NAMES = 1,
    ABILITY_TOGETHER = 2, /* of the driver: several frames in one packet (node/link/together.h) */
    ABILITY_PAIRS = 4,    /* of the driver: two large frames in one packet (node/link/pair.h) */
    ABILITY_BRAID = 8,    /* of the driver: more connections for contents (node/link/braid.h) */
};

/* Of what was asked for a few bytes are name enough. Decoded, the others are zero. */
enum { SHORT_NAME_SIZE = 4 };

struct vector_message {
    uint64_t round;
    uint32_t bucket_count;   /* 0: the entries are all there is (of this and the following parts) */
    const uint32_t *buckets; /* which buckets these entries cover, when bucket_count > 0 */
    size_t covered_count;
    const struct vector_entry *entries;
    size_t count;
    bool is_last;
    bool is_reply; /* no entries are expected back */
};

struct buckets_message {
    uint64_t round;
    const uint64_t *digests;
    size_t count; /* a power of two */
};

struct want {
    struct stream_id stream;
    uint64_t after_seq;
};

struct want_message {
    const struct want *wants;
    size_t count;
    uint64_t credit; /* initial bulk bytes granted */
};

struct held {
    struct stream_id stream;
    uint64_t seq;
    uint64_t at_ms; /* wall clock of the holder */
    struct id holder;
};

struct held_message {
    const struct held *held;
    size_t count;
};

/* ASK and ABSENT carry hashes. */
struct hashes_message {
    const struct hash *hashes;
    size_t count;
    uint32_t ask; /* ASK, ASK_FROM: a number of the sender's; ABSENT: of the one that it answers; 0: not said */
};

struct piece {
    struct hash object;
    uint32_t size; /* of the whole object */
    uint32_t offset;
    struct bytes data;
};

struct pieces_message {
    const struct piece *pieces;
    size_t count;
    bool has_short_names;
    bool is_dense; /* to be encoded: known not to be worth compressing; else a sample of it decides */
};

/* An object, and what the asker holds that resembles it: by convention the best first. */
struct ask_from {
    struct hash object;
    struct hash bases[BASES_MAX];
    size_t base_count; /* 1 to BASES_MAX */
};

struct ask_from_message {
    const struct ask_from *asks;
    size_t count;
    uint32_t ask;
};

/* A piece whose bytes are in the patch: pieces lie in it end to end. Its prefix are the bases that were asked
 * with these objects and are marked here, end to end in the order of their first mention, each once. */
struct patched_piece {
    struct hash object;
    uint32_t size; /* of the whole object */
    uint32_t offset;
    uint32_t length;
    uint32_t bases; /* bit i: bases[i] of the ASK_FROM is part of the prefix */
};

struct patches_message {
    const struct patched_piece *pieces;
    size_t count;
    struct bytes patch; /* package/patch.h */
    /* Bases that the sender chose, which it told before in this session: in front of those that were asked
     * with the objects. The first piece's own object stands for its bytes before this piece. */
    const struct hash *chosen;
    size_t chosen_count;
    bool has_short_names; /* of the pieces */
};

/* All of one column after the other: have_count + coming_count + dropped_count hashes, ASKS_MAX in all. */
struct offer_message {
    const struct hash *hashes;
    size_t have_count, coming_count, dropped_count;
};

struct retry_message {
    uint32_t after_ms;
};

struct refuse_message {
    uint32_t status; /* enum status */
    uint32_t type;   /* the refused message's type */
    struct bytes reason;
};

struct join_message {
    struct bytes name;
    struct bytes country;
    struct bytes endpoint;
    struct bytes region;
    uint32_t kind;
    struct bytes sign_public;
    struct bytes curve_public;
    struct bytes signature; /* by the joining node over its own fields and the token's public key */
};

struct welcome_message {
    struct bytes federation;
    struct bytes federation_name;
    struct bytes authority_public;
    struct bytes secret; /* keys the people sketches */
    const struct bytes *statements;
    size_t count;
    struct bytes refusal; /* not empty: why not */
};

/* A decoded message of any type. */
struct message {
    enum message_type type;
    union {
        struct hello hello;
        struct vector_message vector;
        struct buckets_message buckets;
        struct want_message want;
        struct held_message held;
        struct hashes_message hashes; /* ASK, ABSENT */
        struct pieces_message pieces;
        struct ask_from_message ask_from;
        struct patches_message patches;
        struct offer_message offer;
        struct retry_message retry;
        struct refuse_message refuse;
        struct join_message join;
        struct welcome_message welcome;
        uint64_t credit;
        struct bytes batch_body; /* BATCH: see batch_decode() */
    };
};

/* Appends the whole frame of `message` to `out`. S_TOO_LARGE when it passes a maximum or FRAME_SIZE_MAX,
 * S_INVALID when a field is outside its format (the other side would refuse it); `out` is then unchanged. */
enum status message_encode(const struct message *message, struct buffer *out);

/* Decodes one whole frame within the arena's bound. S_INVALID, S_VERSION, S_TOO_LARGE; an unknown type is
 * S_VERSION. */
enum status message_decode(struct bytes frame, struct arena *arena, struct message *out);

/* "hello", "vector", ...; "?" for an unknown number. For traces and logs. */
const char *message_name(unsigned type);

/* Is it one of those that carry streams and objects: charged to credit, rate and quota, and sent beside
 * control? */
bool message_is_bulk(unsigned type);

#endif
