/* incident.h: how often something was refused, and how often something was repaired, since the node was made.
 *
 * Every refusal and every repair is a line in the journal and one more here, at the same place in the code. This counts in memory, from any thread;
 * the store adds it to its rows (node/store/operation/incident_row.h) every INCIDENT_FLUSH_MS and when it closes, so a kill may forget the last seconds: counts
 * inform. The names are a promise to scripts (`status --json`, /metrics): add at the end of a group, never rename.
 *
 * Where a member is known to be the one who said it, or whose key it was, that is counted too, for people to see whose machine to look at. Only what
 * that member proved counts as its own (its session, its signature): nobody is named for what another says of it. Of the members the latest
 * INCIDENT_MEMBERS_MAX are kept; the sums above are never less for that. */
#ifndef QANAT_NODE_INCIDENT_H
#define QANAT_NODE_INCIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

/* X(NAME, group, "name", "what") */
#define INCIDENT_LIST(X)                                                                                                    \
    /* at the door */                                                                                                    \
    X(STRANGERS, REFUSED, "strangers", "connections whose key no member has")                                            \
    X(HANDSHAKES, REFUSED, "handshakes", "connections that speak another protocol, or break off in the middle of a handshake") \
    X(CONNECTIONS, REFUSED, "connections", "connections cut: they sent too much, kept silent too long, or were too many") \
    X(SESSIONS, REFUSED, "sessions", "members asked to come back later")                                                 \
    X(JOINS, REFUSED, "joins", "joins with a wrong, used or expired token")                                              \
    /* what a member said */                                                                                             \
    X(FRAMES, REFUSED, "frames", "frames that cannot be read")                                                           \
    X(SIGNATURES, REFUSED, "signatures", "certificates that their writer did not sign")                                  \
    X(DIGESTS, REFUSED, "digests", "cells or contents that do not add up")                                               \
    X(FORKS, REFUSED, "forks", "second histories of a node")                                                             \
    X(MESSAGES, REFUSED, "messages", "other messages that an honest member does not send")                               \
    X(STAGED, REFUSED, "staged", "streams whose certificate never came: dropped to make room")                           \
    X(BUNDLE_PARTS, REFUSED, "bundle_parts", "parts of bundles")                                                         \
    X(CONTENTS, REFUSED, "contents", "members of courses whose chunks do not make them up")                              \
    X(COURSES, REFUSED, "courses", "versions of courses that cannot be had")                                             \
    X(DEMANDS, REFUSED, "demands", "wishes of nodes below, over the limit")                                              \
    X(FORMER_KEYS, REFUSED, "former_keys", "connections and certificates with a key that its node gave up")              \
    X(ROTTEN, REFUSED, "rotten", "files of courses that were asked for and are damaged on the disk: qanat scrub")        \
    /* what was mended */                                                                                                \
    X(INCARNATIONS, REPAIRED, "incarnations", "this node had forgotten and took back what peers hold of it")             \
    X(ADOPTIONS, REPAIRED, "adoptions", "a closed stream was longer than known, and was added")                          \
    X(REFETCHES, REPAIRED, "refetches", "versions of courses fetched again because a content was damaged")               \
    X(SCRUBS, REPAIRED, "scrubs", "what scrub mended")                                                                   \
    X(REOPENINGS, REPAIRED, "reopenings", "the database was opened anew after a write that failed, and was sound")       \
    X(REBUILDS, REPAIRED, "rebuilds", "the database was built anew from what could be read")                            \
    X(DOUBLES, REPAIRED, "doubles", "two machines with this node's key counted the same: it counts once again")

enum incident {
#define X(name, group, text, what) INCIDENT_##name,
    INCIDENT_LIST(X)
#undef X
    INCIDENT_COUNT
};

enum incident_group { INCIDENT_REFUSED, INCIDENT_REPAIRED };

/* INCIDENT_MEMBERS_MAX: pairs of a member and what was refused of it; in memory until they are kept, and kept. */
enum { INCIDENT_FLUSH_MS = 10 * 1000, INCIDENT_MEMBERS_MAX = 256 };

/* So much of one kind was refused of one member. */
struct incident_of {
    enum incident incident;
    struct id node;
    uint64_t count;
};

void incident_add(enum incident incident, uint64_t count);

/* The same, of what `node` said, or of its connections. More members at once than there is room for are counted in the sums alone. */
void incident_add_of(enum incident incident, const struct id *node, uint64_t count);

/* What was counted and not yet subtracted; true when anything was. */
bool incident_pending(uint64_t counts_out[INCIDENT_COUNT]);

/* The part of it that is known by whom; returns how many, none of them zero. After incident_pending(): then there is none without its sum. */
size_t incident_pending_of(struct incident_of out[INCIDENT_MEMBERS_MAX]);

/* So much is kept elsewhere now. */
void incident_subtract(const uint64_t counts[INCIDENT_COUNT]);
void incident_subtract_of(const struct incident_of *counts, size_t count);

/* Of a message that was refused with `status`. */
enum incident incident_of_message(enum status status);

const char *incident_name(enum incident incident);
const char *incident_text(enum incident incident);
enum incident_group incident_group_of(enum incident incident);

#endif
