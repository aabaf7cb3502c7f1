/* duet.h: two sessions face to face over memory stores, a perfect wire between them, and a transcript of what
 * they say.
 *
 * Player 0 is the hub, player 1 a campus below it (rostered, without a store: 2 below the campus, 3 another
 * hub). Time is virtual and moves only when nothing is under way. Frames can be held back, dropped or changed
 * by a filter. */
#ifndef QANAT_TESTS_REPLICATION_PEER_DUET_H
#define QANAT_TESTS_REPLICATION_PEER_DUET_H

#include "replication/peer/peer.h"
#include "tests/kit/federation.h"
#include "tests/kit/memory_store.h"

enum { DUET_QUEUE_MAX = 4096, DUET_TRANSCRIPT_MAX = 64 * 1024, DUET_UNSETTLED_MAX = 256 };

struct player {
    const char *name;
    struct identity *identity;
    struct id living;
    struct memory_store *store;
    struct peer *peer;
    uint64_t deadline_ms;
    size_t frames, bytes; /* said so far */
    size_t largest;
    size_t kinds[EFFECT_CLOSE + 1];
    enum status last_refusal;
    uint32_t credit_bytes;
    bool is_closed;
    enum status disk; /* what every write job answers, S_OK at first; else receipts are not stored either */
    bool has_assay;   /* it looks at hashes itself; false at first */
    bool is_placing;  /* it says of objects that they lie where a kill leaves them; false at first */
    bool is_slow;     /* objects are not durable before duet_settle(); false at first */
    struct { uint64_t ticket; enum status status; } unsettled[DUET_UNSETTLED_MAX];
    size_t unsettled_count;
};

struct duet_frame {
    int to;
    enum channel channel;
    uint8_t *data;
    size_t size;
};

struct duet {
    struct federation *federation;
    struct roster *roster;
    struct player players[2];
    struct duet_frame queue[DUET_QUEUE_MAX];
    size_t queue_count;
    uint64_t now_ms;
    uint64_t sessions;
    char transcript[DUET_TRANSCRIPT_MAX];
    size_t transcript_size;
    /* May change the frame in `data`; false drops it. */
    bool (*filter)(struct duet *duet, struct duet_frame *frame);
    void *filter_ctx;
};

/* Both players with empty stores and the same roster. */
struct duet *duet_new(void);
/* Neither is above the other. */
struct duet *duet_new_siblings(void);
void duet_free(struct duet *duet);

/* What `who` had not made durable becomes so, and it is slow no more. */
void duet_settle(struct duet *duet, int who);

/* Starts (or starts again) both sessions. */
void duet_open(struct duet *duet);

/* One own cell "key" = count `number` on `topic` of player `who`. */
void duet_write(struct duet *duet, int who, enum topic topic, const char *key, int64_t number);
/* The same in any stream and store: `identity` signs. */
void duet_write_stream(struct duet *duet, struct memory_store *store, const struct stream_id *stream,
                       const struct identity *identity, const char *key, int64_t number);
/* An object of `size` bytes that `who` holds; returns its address. */
struct hash duet_object(struct duet *duet, int who, uint32_t size, uint8_t seed);
/* Tells the session that its store or roster changed. */
void duet_changed(struct duet *duet, int who);

/* Delivers frames and ticks until nothing is under way before `until_ms`, in virtual time. */
void duet_run(struct duet *duet, uint64_t until_ms);

/* One event to one player; its effects are carried out. */
void duet_step(struct duet *duet, int who, const struct peer_event *event);

/* The number under `key` in a stream of player `writer`, as `holder` has it; -1 when it has none. */
int64_t duet_read(struct duet *duet, int holder, int writer, enum topic topic, const char *key);

struct stream_id duet_stream(const struct duet *duet, int who, enum topic topic);

/* True when both states are IN_STEP. */
bool duet_is_in_step(const struct duet *duet);

/* The transcript since the last call. */
const char *duet_transcript(struct duet *duet);

#endif
