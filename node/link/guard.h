/* guard.h: what every connection of the listener may cost before it has earned trust, and after.
 *
 * The library answers strangers on its own thread: it caps neither connections nor the bytes of an endless
 * multi-part message. So this counts. A connection that has not spoken yet is pending: at most
 * GUARD_PENDING_MAX of them, and a GUARD_PENDING_SHARE-th of the descriptors that the process may have. The oldest go first, of the address that has most of
 * them, so that a flood from hundreds of addresses does not push out whoever needs ten seconds for a handshake over a satellite,
 * and a few hundred centres behind one address, all woken by the same hour, do not push out each other;
 * GUARD_STRANGER_BYTES is all one may send. Of a peer that speaks, the bytes that TCP took and that never
 * arrived here as packets may reach GUARD_BACKLOG_BYTES: what libzmq may rightly hold. Pure bookkeeping:
 * descriptors and times come in, descriptors to cut go out. */
#ifndef QANAT_NODE_LINK_GUARD_H
#define QANAT_NODE_LINK_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GUARD_PENDING_MAX = 1024,
    GUARD_PENDING_SHARE = 4,
    GUARD_PENDING_MS = 180 * 1000, /* a satellite's handshake, and the first packet */
    GUARD_STRANGER_BYTES = 16 * 1024,
    GUARD_BACKLOG_BYTES = 16 * 1024 * 1024,
    GUARD_FORGIVEN_BYTES = 1024,  /* a second: the framing, and heartbeats of earlier versions, that no packet accounts for */
    GUARD_CONNECTIONS_MAX = 4096, /* open at once, whoever they are */
    GUARD_ADDRESS_SIZE = 16,
};

struct guard_entry {
    int fd;
    uint8_t address[GUARD_ADDRESS_SIZE];
    uint64_t since_ms;
    uint64_t accounted; /* bytes that arrived as packets, or were forgiven */
    bool is_known;      /* it has spoken: its key was let in */
    uint32_t turn;      /* in which it came */
};

struct guard {
    struct guard_entry entries[GUARD_CONNECTIONS_MAX];
    size_t count, pending_max;
    size_t settled; /* of the pending ones, those whose handshake ended: nobody says which */
    uint64_t cut; /* connections cut so far */
    unsigned crowded; /* of them, as too many at once, and not yet told */
    uint32_t turn;
    uint32_t seed; /* of the hashes of addresses: nobody knows which collide */
};

/* `descriptors`: that the process may have. Never NULL. */
struct guard *guard_new(size_t descriptors);
void guard_free(struct guard *guard);

/* A new connection. Returns the descriptor to cut for it (maybe its own), or -1. */
int guard_accept(struct guard *guard, int fd, const uint8_t address[GUARD_ADDRESS_SIZE], uint64_t now_ms);

/* Once a second: one line in the journal for all that were too many since the last, and one for so many `garbled` handshakes, which are then none. */
void guard_tell(struct guard *guard, unsigned *garbled);

/* A packet of `size` bytes came over it; false when it is not there. */
bool guard_packet(struct guard *guard, int fd, size_t size);

/* Begins a turn of news; did the connection of `fd` come in the present one? A packet that was received before may be of the one that had the number before. */
void guard_turn(struct guard *guard);
bool guard_is_new(const struct guard *guard, int fd);

/* The handshake of a pending one ended, well or with a key that is nobody's. */
void guard_settled(struct guard *guard);

/* It is closed; `is_told`: in the handshake, by the other. True when it was closed here for what came, which was no handshake. Where handshakes of others
 * ended meanwhile one may be missed, and none is told that was none. */
bool guard_gone(struct guard *guard, int fd, bool is_told);

/* From where the connection came; false for one that is not known. */
bool guard_address(const struct guard *guard, int fd, uint8_t out[GUARD_ADDRESS_SIZE]);

/* The bytes that TCP received on `fd` so far; false when that cannot be told. */
typedef bool guard_bytes(int fd, uint64_t *bytes_out);

/* The same of a connection that somebody else counts: were `received` bytes more than may wait behind those that arrived as packets? Once a second. */
bool guard_is_backlogged(uint64_t *accounted, uint64_t received);

/* What a packet of `size` bytes took on the wire. */
uint64_t guard_wire_size(size_t size);

/* Once a second: writes the descriptors to cut to `cut_out` (up to `max`) and returns how many. */
size_t guard_look(struct guard *guard, guard_bytes *bytes, uint64_t now_ms, int *cut_out, size_t max);

#endif
