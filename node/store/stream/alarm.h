/* alarm.h: proofs that two machines write with one node's key (replication/stream/fork.h): noticed, published, read.
 *
 * What this node notices it publishes once in its own roster stream, so that every node of the federation has it; what
 * others published is read from theirs. Each reader checks the signatures itself. */
#ifndef QANAT_NODE_STORE_STREAM_ALARM_H
#define QANAT_NODE_STORE_STREAM_ALARM_H

#include "node/store/db.h"
#include "replication/stream/fork.h"
#include "replication/trust/roster.h"

enum { ALARMS_MAX = 256, ALARM_REPEAT_MS = 10 * 60 * 1000 /* a newer proof replaces one that is older by this */ };

/* One node that is written by two machines. */
struct alarm {
    struct id node;
    struct id reporter; /* whose proof is shown */
    struct fork fork;
    uint64_t at_ms; /* the latest stamp in the proof: the writer's clock */
};

/* What is proven and not settled, by node, one each; revoked nodes are left out. Returns how many, up to ALARMS_MAX. */
size_t alarm_list(struct db *db, const struct id *federation, const struct roster *roster, struct alarm *alarms_out);

/* Up to which stamp somebody who may, by `roster`, said that what two machines of `node` wrote was dealt with; 0: nobody did. */
hlc alarm_settled(struct db *db, const struct roster *roster, const struct id *node);

/* --- writer thread only --- */

/* A stream grew from `before` to `after`: is another of its writer's between them? Then it is published. */
enum status alarm_look(struct db *db, const struct certificate *before, const struct certificate *after);

/* Publishes a proof whose signatures hold, unless a recent one of the same node is published here. */
enum status alarm_raise(struct db *db, const struct fork *fork);

/* A certificate came that contradicts the stored one of `stream`, under the same seq: everybody shall know. This node's own
 * living stream is left at once. */
enum status alarm_contradict(struct db *db, const struct stream_id *stream, struct bytes certificate);

/* The proofs about `node` up to `stamp` were dealt with. Counts when this node stands above it or is a hub. */
enum status alarm_settle(struct db *db, const struct id *node, hlc stamp);

#endif
