#include "node/link/guard.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/log.h"
#include "replication/base/check.h"

enum { PACKET_OVERHEAD = 64 }; /* CURVE and ZMTP around one packet */
enum { TALLY_SIZE = 2 * GUARD_PENDING_MAX };

struct guard *guard_new(size_t descriptors)
{
    struct guard *guard = calloc(1, sizeof *guard);

    CHECK(guard != NULL);
    guard->pending_max = descriptors / GUARD_PENDING_SHARE < GUARD_PENDING_MAX ? descriptors / GUARD_PENDING_SHARE : GUARD_PENDING_MAX;
    guard->seed = randombytes_random();
    return guard;
}

void guard_free(struct guard *guard)
{
    free(guard);
}

static struct guard_entry *entry_find(struct guard *guard, int fd)
{
    for (size_t i = 0; i < guard->count; i++) {
        if (guard->entries[i].fd == fd) {
            return &guard->entries[i];
        }
    }
    return NULL;
}

static size_t pending_count(const struct guard *guard)
{
    size_t count = 0;

    for (size_t i = 0; i < guard->count; i++) {
        count += !guard->entries[i].is_known;
    }
    return count;
}

/* No more handshakes ended than there are that wait. */
static void settled_fit(struct guard *guard)
{
    size_t pending = pending_count(guard);

    guard->settled = guard->settled < pending ? guard->settled : pending;
}

static void entry_remove(struct guard *guard, struct guard_entry *entry)
{
    *entry = guard->entries[--guard->count];
    settled_fit(guard);
}

/* How many are pending of one address; open addressing, at most half full. */
struct tally {
    const uint8_t *address; /* NULL: an empty slot */
    unsigned count;
};

static struct tally *tally_of(const struct guard *guard, struct tally tallies[TALLY_SIZE], const uint8_t address[GUARD_ADDRESS_SIZE])
{
    uint32_t at = guard->seed;

    for (size_t i = 0; i < GUARD_ADDRESS_SIZE; i++) {
        at = (at ^ address[i]) * 0x01000193; /* FNV-1a */
    }
    for (at %= TALLY_SIZE; tallies[at].address != NULL && memcmp(tallies[at].address, address, GUARD_ADDRESS_SIZE) != 0;) {
        at = (at + 1) % TALLY_SIZE;
    }
    tallies[at].address = address;
    return &tallies[at];
}

/* The oldest pending one of the address that has most of them. There are GUARD_PENDING_MAX at most. */
static struct guard_entry *pending_greediest(struct guard *guard)
{
    struct tally tallies[TALLY_SIZE] = {{NULL, 0}};
    struct guard_entry *chosen = NULL;
    unsigned most = 0;

    for (size_t i = 0; i < guard->count; i++) {
        if (!guard->entries[i].is_known) {
            tally_of(guard, tallies, guard->entries[i].address)->count++;
        }
    }
    for (size_t i = 0; i < guard->count; i++) {
        struct guard_entry *entry = &guard->entries[i];
        unsigned count = entry->is_known ? 0 : tally_of(guard, tallies, entry->address)->count;
        if (count > most || (count > 0 && count == most && entry->since_ms < chosen->since_ms)) {
            most = count;
            chosen = entry;
        }
    }
    CHECK(chosen != NULL);
    return chosen;
}

/* Takes `entry` out and tells its descriptor. */
static int entry_cut(struct guard *guard, struct guard_entry *entry)
{
    int fd = entry->fd;

    guard->cut++;
    entry_remove(guard, entry);
    return fd;
}

int guard_accept(struct guard *guard, int fd, const uint8_t address[GUARD_ADDRESS_SIZE], uint64_t now_ms)
{
    int cut = -1;

    (void)guard_gone(guard, fd, true); /* its number is used again */
    size_t pending = pending_count(guard);
    if (pending >= guard->pending_max || (guard->count == GUARD_CONNECTIONS_MAX && pending > 0)) {
        cut = entry_cut(guard, pending_greediest(guard));
    }
    bool is_full = guard->count == GUARD_CONNECTIONS_MAX;
    guard->crowded += is_full || cut >= 0;
    if (is_full) {
        guard->cut++;
        return fd;
    }
    struct guard_entry *entry = &guard->entries[guard->count++];
    *entry = (struct guard_entry){.fd = fd, .since_ms = now_ms, .turn = guard->turn};
    memcpy(entry->address, address, GUARD_ADDRESS_SIZE);
    return cut;
}

void guard_tell(struct guard *guard, unsigned *garbled)
{
    if (*garbled > 0) {
        log_event(LOG_WARNING, "handshakes_refused", "count=%u reason=\"another protocol, or broken\"", *garbled);
    }
    if (guard->crowded > 0) {
        log_event(LOG_WARNING, "connections_cut", "count=%u reason=\"too many at once\"", guard->crowded);
    }
    guard->crowded = *garbled = 0;
}

uint64_t guard_wire_size(size_t size)
{
    return size + PACKET_OVERHEAD;
}

bool guard_packet(struct guard *guard, int fd, size_t size)
{
    struct guard_entry *entry = entry_find(guard, fd);

    if (entry != NULL) {
        guard->settled -= !entry->is_known && guard->settled > 0;
        entry->is_known = true;
        entry->accounted += guard_wire_size(size);
    }
    return entry != NULL;
}

void guard_turn(struct guard *guard)
{
    guard->turn++;
}

bool guard_is_new(const struct guard *guard, int fd)
{
    const struct guard_entry *entry = entry_find((struct guard *)guard, fd);

    return entry != NULL && entry->turn == guard->turn;
}

void guard_settled(struct guard *guard)
{
    guard->settled++;
    settled_fit(guard);
}

bool guard_gone(struct guard *guard, int fd, bool is_told)
{
    struct guard_entry *entry = entry_find(guard, fd);
    bool is_pending = entry != NULL && !entry->is_known && !is_told;
    bool is_garbled = is_pending && guard->settled == 0;

    guard->settled -= is_pending && guard->settled > 0;
    if (entry != NULL) {
        entry_remove(guard, entry);
    }
    return is_garbled;
}

bool guard_address(const struct guard *guard, int fd, uint8_t out[GUARD_ADDRESS_SIZE])
{
    const struct guard_entry *entry = entry_find((struct guard *)guard, fd);

    if (entry != NULL) {
        memcpy(out, entry->address, GUARD_ADDRESS_SIZE);
    }
    return entry != NULL;
}

bool guard_is_backlogged(uint64_t *accounted, uint64_t received)
{
    if (received > *accounted + GUARD_BACKLOG_BYTES) {
        return true;
    }
    uint64_t forgiven = received > *accounted ? received - *accounted : 0;
    *accounted += forgiven < GUARD_FORGIVEN_BYTES ? forgiven : GUARD_FORGIVEN_BYTES;
    if (*accounted > received) {
        *accounted = received; /* what one packet costs was estimated too high */
    }
    return false;
}

static bool is_too_much(struct guard_entry *entry, guard_bytes *bytes, uint64_t now_ms)
{
    uint64_t received = 0;
    bool is_told = bytes(entry->fd, &received);

    if (!entry->is_known) {
        return now_ms - entry->since_ms > GUARD_PENDING_MS || (is_told && received > GUARD_STRANGER_BYTES);
    }
    return is_told && guard_is_backlogged(&entry->accounted, received);
}

size_t guard_look(struct guard *guard, guard_bytes *bytes, uint64_t now_ms, int *cut_out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < guard->count && count < max;) {
        if (is_too_much(&guard->entries[i], bytes, now_ms)) {
            cut_out[count++] = entry_cut(guard, &guard->entries[i]);
        } else {
            i++;
        }
    }
    return count;
}
