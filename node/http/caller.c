#include "node/http/caller.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "replication/base/check.h"

enum { TALLY_SIZE = 8192 };

/* The number of those whose turn it is follows each change. */
static void waiting_count(struct caller *caller, int step)
{
    if (caller->phase != CALLER_SERVED && !caller->is_shut) {
        caller->callers->waiting += (unsigned)step;
    }
}

void caller_let_go(struct caller *caller)
{
    if (caller) {
        caller->callers->held[caller->share] -= caller->held;
        caller->held = 0;
    }
}

/* What it held counts no more: the daemon sees the end in its next step, and lets go of it. */
static void caller_shut(struct caller *caller)
{
    if (!caller->is_shut) {
        waiting_count(caller, -1);
        caller->is_shut = true;
        caller_let_go(caller);
        (void)shutdown(caller->fd, SHUT_RDWR);
    }
}

/* --- who goes
 * ---------------------------------------------------------------------------------------------- */

/* What one holds of a share; of SHARES: its place. */
static size_t weight_of(const struct caller *caller, enum caller_share share)
{
    if (caller->is_shut || caller->phase == CALLER_SERVED) {
        return 0;
    }
    if (share == SHARES) {
        return 1;
    }
    return caller->phase == CALLER_BODY && caller->share == share ? caller->held : 0;
}

struct tally {
    const uint8_t *address; /* NULL: an empty slot */
    size_t weight;
};

/* Open addressing; there are fewer connections than slots. */
static struct tally *tally_of(struct tally *tallies, uint32_t seed, const uint8_t address[CALLER_ADDRESS_SIZE])
{
    uint32_t at = seed;

    for (size_t i = 0; i < CALLER_ADDRESS_SIZE; i++) {
        at = (at ^ address[i]) * 0x01000193; /* FNV-1a */
    }
    for (at %= TALLY_SIZE; tallies[at].address && memcmp(tallies[at].address, address, CALLER_ADDRESS_SIZE) != 0;) {
        at = (at + 1) % TALLY_SIZE;
    }
    tallies[at].address = address;
    return &tallies[at];
}

/* One of the same address goes rather than the other. */
static bool goes_first(const struct caller *one, const struct caller *other, uint64_t now_ms)
{
    bool is_idle = one->phase == CALLER_HEAD && now_ms - one->since_ms >= HTTP_IDLE_MS;
    bool is_other_idle = other->phase == CALLER_HEAD && now_ms - other->since_ms >= HTTP_IDLE_MS;

    return is_idle != is_other_idle ? is_idle : one->since_ms <= other->since_ms;
}

/* Ends one of the address that holds most; false when nobody can go. */
static bool greediest_shut(struct callers *callers, enum caller_share share, uint64_t now_ms)
{
    struct tally *tallies = calloc(TALLY_SIZE, sizeof *tallies);
    const uint32_t seed = randombytes_random(); /* nobody knows which addresses collide */
    struct caller *chosen = NULL;
    size_t most = 0;

    CHECK(tallies);
    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        size_t weight = weight_of(caller, share);
        if (weight > 0) {
            tally_of(tallies, seed, caller->address)->weight += weight;
        }
    }
    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        size_t weight = weight_of(caller, share) ? tally_of(tallies, seed, caller->address)->weight : 0;
        if (weight > most || (weight > 0 && weight == most && goes_first(caller, chosen, now_ms))) {
            most = weight;
            chosen = caller;
        }
    }
    free(tallies);
    if (chosen) {
        caller_shut(chosen);
    }
    return chosen != NULL;
}

/* --- connections
 * ---------------------------------------------------------------------------------------------- */

static void address_take(const struct sockaddr *from, uint8_t out[CALLER_ADDRESS_SIZE])
{
    memset(out, 0, CALLER_ADDRESS_SIZE);
    if (from && from->sa_family == AF_INET) {
        memcpy(out, &((const struct sockaddr_in *)(const void *)from)->sin_addr, sizeof(struct in_addr));
    } else if (from && from->sa_family == AF_INET6) {
        const struct in6_addr *address = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        memcpy(out, address, IN6_IS_ADDR_V4MAPPED(address) ? sizeof *address : sizeof *address / 2);
    }
}

struct caller *caller_new(struct callers *callers, int fd, const struct sockaddr *from, uint64_t now_ms)
{
    struct caller *caller = calloc(1, sizeof *caller);
    unsigned max = callers->waiting_max ? callers->waiting_max : HTTP_WAITING_MAX;

    CHECK(caller);
    if (callers->waiting >= max) {
        (void)greediest_shut(callers, SHARES, now_ms);
    }
    *caller = (struct caller){
        .next = callers->first, .link = &callers->first, .callers = callers, .fd = fd, .since_ms = now_ms};
    address_take(from, caller->address);
    if (caller->next) {
        caller->next->link = &caller->next;
    }
    callers->first = caller;
    waiting_count(caller, 1);
    return caller;
}

void caller_free(struct caller *caller)
{
    if (caller) {
        waiting_count(caller, -1);
        caller_let_go(caller);
        *caller->link = caller->next;
        if (caller->next) {
            caller->next->link = caller->link;
        }
        free(caller);
    }
}

void caller_enter(struct caller *caller, enum caller_phase phase, uint64_t now_ms)
{
    if (caller) {
        waiting_count(caller, -1);
        caller->phase = phase;
        caller->since_ms = now_ms;
        caller->body_size = 0;
        waiting_count(caller, 1);
    }
}

void caller_take(struct caller *caller, size_t size)
{
    if (caller) {
        caller->body_size += size;
    }
}

bool caller_hold(struct caller *caller, enum caller_share share, size_t size)
{
    if (!caller) {
        return true;
    }
    struct callers *callers = caller->callers;
    const size_t max = callers->held_max[share], held = caller->held;

    caller_let_go(caller); /* what came of it before may have been of another share */
    while (!caller->is_shut && callers->held[share] + held + size > max) {
        if (!greediest_shut(callers, share, caller->since_ms)) { /* of bodies none is idle */
            return false;
        }
    }
    if (caller->is_shut) {
        return false;
    }
    caller->share = share;
    caller->held = held + size;
    callers->held[share] += caller->held;
    return true;
}

/* A stretch of the body that brought enough is followed by the next. */
static bool is_late(struct caller *caller, uint64_t now_ms)
{
    switch (caller->phase) {
    case CALLER_HEAD:
        return now_ms - caller->since_ms > HTTP_HEAD_MS;
    case CALLER_BODY:
        if (now_ms - caller->since_ms <= HTTP_BODY_MS) {
            return false;
        }
        if (caller->body_size < HTTP_BODY_MIN) {
            return true;
        }
        caller_enter(caller, CALLER_BODY, now_ms);
        return false;
    case CALLER_SERVED:
    case CALLER_TAKES:
        return false;
    }
    CHECK(false);
    return false;
}

unsigned callers_look(struct callers *callers, uint64_t now_ms)
{
    unsigned count = 0;

    if (now_ms - callers->looked_ms < HTTP_LOOK_MS) {
        return 0;
    }
    callers->looked_ms = now_ms;
    for (struct caller *caller = callers->first; caller; caller = caller->next) {
        if (!caller->is_shut && is_late(caller, now_ms)) {
            caller_shut(caller);
            count++;
        }
    }
    return count;
}
