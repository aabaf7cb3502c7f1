/* door.h: one port, several keys: the doors of a node that changed its keys (trust/rekey.h).
 *
 * The problem. A node that was away for months knows the CURVE key of before, and a CURVE listener has one key: the handshake fails
 * before a word is said, and who dials has no other way in. So a node that has keys of before listens with each of them, on the
 * same port (SO_REUSEPORT), and who came to a door where it could not get in finds the next one when it comes again: the kernel chooses the door by
 * the caller's address (a classic BPF program). Whoever never failed is let to the first door, that of the present key. It costs them nothing.
 *
 * What this gives away: nothing. A door only tells who holds the key of before, which the caller believes anyhow; who may come in is asked at every door
 * alike, and what is said first is the roster with the new key. Then the caller comes again, to the first door.
 *
 * Bounds: DOOR_CALLERS_MAX addresses, the latest; each is forgotten DOOR_KNOCK_MS after it failed. Callers behind one address share a door
 * for that time: those who know the new key are turned away there as often as they come, and by that find the next. */
#ifndef QANAT_NODE_LINK_DOOR_H
#define QANAT_NODE_LINK_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "node/link/guard.h"
#include "replication/base/status.h"
#include "replication/trust/roster.h"

enum { DOORS_MAX = 5, DOOR_CALLERS_MAX = 64, DOOR_KNOCK_MS = 10 * 60 * 1000 };

struct doors;

/* Listens `count` times (2 to DOORS_MAX) on tcp://ADDR:PORT. NULL with a report: S_BUSY when somebody else listens there; S_INVALID where
 * the kernel has no such thing, or the address is no number. */
struct doors *doors_open(const char *endpoint, size_t count, struct report *report);

/* The descriptor of one door: whoever takes it closes it. */
int doors_take(struct doors *doors, size_t door);

/* A handshake failed of this caller: next time it comes to the next door. */
void doors_knock(struct doors *doors, const uint8_t address[GUARD_ADDRESS_SIZE], uint64_t now_ms);

/* Forgets who came long ago. */
void doors_tick(struct doors *doors, uint64_t now_ms);

/* To which door a caller comes now. */
size_t doors_of(const struct doors *doors, const uint8_t address[GUARD_ADDRESS_SIZE]);

void doors_close(struct doors *doors);

/* By which key the `attempt`-th call of `remote` in a row is made (from 0): its own; where it was admitted a new one and is not known to have given up the
 * one before, each in turns, and each twice: there may be two doors, and in single turns each key would come to the other's for ever. */
const uint8_t *door_key(const struct roster_node *remote, uint32_t attempt);

#endif
