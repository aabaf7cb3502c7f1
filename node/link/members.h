/* members.h: the roster as the running node sees it now: read anew when the roster streams moved. Loop thread
 * only. */
#ifndef QANAT_NODE_LINK_MEMBERS_H
#define QANAT_NODE_LINK_MEMBERS_H

#include "node/dir.h"
#include "node/store/store.h"
#include "replication/trust/roster.h"

struct members;

/* Reads the roster. NULL with a report when it cannot be read. */
struct members *members_open(struct store *store, const struct federation *federation, struct report *report);
void members_close(struct members *members);

/* Reads it again when roster streams moved since; true when they had. Roster nodes borrowed before are gone
 * then. */
bool members_refresh(struct members *members);

/* Milliseconds until a reading that was put off, since the last one took long (node/rest.h), may be done; UINT64_MAX: none was. */
uint64_t members_left_ms(struct members *members);

/* How often it was read: another number, and the roster streams moved. */
uint64_t members_readings(const struct members *members);

const struct roster *members_roster(const struct members *members);
const struct federation *members_federation(const struct members *members);

/* True for a key that a member gave up: counted and told. */
bool members_gave_up(const struct members *members, const uint8_t key[CURVE_PUBLIC_SIZE]);

/* The member that holds this CURVE key and is not revoked, or NULL. */
const struct roster_node *members_find_key(const struct members *members,
                                           const uint8_t key[CURVE_PUBLIC_SIZE]);

/* The name of `node`, "?" when it is no member. */
void members_name(const struct members *members, const struct id *node, char out[NODE_NAME_MAX + 1]);

/* False for a node that is unknown or revoked. */
bool members_has(const struct members *members, const struct id *node);

#endif
