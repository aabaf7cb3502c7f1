/* plausible.h: figures that can hardly be right: a node can inflate its own, and nobody else's, so somebody should be told.
 *
 * Bounds are the reader's (qanat.conf), looked at node by node; a figure over its bound raises an alarm and is never changed or left
 * out: setting a node aside is a person's decision (qanat peer quarantine). Nodes in quarantine are not looked at. */
#ifndef QANAT_NODE_STATS_PLAUSIBLE_H
#define QANAT_NODE_STATS_PLAUSIBLE_H

#include "node/stats/stats.h"
#include "node/store/stream/doubt.h"
#include "replication/trust/roster_room.h"

enum { IMPLAUSIBLE_MAX = DOUBTS_MAX, IMPLAUSIBLE_TEXT_MAX = 160, PLAUSIBLE_COMPLETIONS = 20, PLAUSIBLE_PEOPLE = 1000000,
       PLAUSIBLE_EVENTS = 50,     /* events of any kind, and scores, in a month for each completion that its bound allows */
       PLAUSIBLE_MINUTES = 45000, /* in a month for each person: more than it has */
       PLAUSIBLE_STREAMS = 500,   /* of one node on one topic, each life of it begins one: each costs every session of all who hold it */
       PLAUSIBLE_NODES = ROSTER_ROOM_SHARE /* below one node directly below a hub: everybody reads them all */ };

struct plausible_bounds {
    int completions; /* completed and certified in one month, for each of the node's people; 0: no bound, for other events neither */
    int people;      /* of one node; 0: no bound */
};

/* Stored: add at the end. */
enum implausible_kind { IMPLAUSIBLE_COMPLETIONS, IMPLAUSIBLE_PEOPLE, IMPLAUSIBLE_FUTURE, IMPLAUSIBLE_NEGATIVE, IMPLAUSIBLE_EVENTS, IMPLAUSIBLE_MINUTES,
                        IMPLAUSIBLE_STREAMS, IMPLAUSIBLE_NODES };

struct implausible {
    enum implausible_kind kind;
    char node[NODE_NAME_MAX + 1];
    char period[8];                /* a month; "": all */
    int64_t figure, bound;        /* FUTURE: how many events in that month; NEGATIVE: the lowest count of it */
};

/* Looks at all figures that `request` (its `by` is not used) would give; returns how many doubts, up to IMPLAUSIBLE_MAX, the nodes in
 * their order. 0 also when the figures cannot be read. */
size_t plausible_look(struct store *store, const struct roster *roster, const struct stats_request *request,
                      const struct plausible_bounds *bounds, struct implausible out[IMPLAUSIBLE_MAX]);

/* What a doubt says: "12 completions in 2026-10, more than the bound of 5 for its people". */
void plausible_text(const struct implausible *item, char out[IMPLAUSIBLE_TEXT_MAX]);

/* Looks, and stores what was found, if it is other than at the last look. Not on the writer thread. */
enum status plausible_note(struct store *store, const struct roster *roster, const struct stats_request *request,
                           const struct plausible_bounds *bounds);

/* A stored doubt as it was found. */
struct implausible plausible_of(const struct doubt *doubt);

/* A month to come that has come since: time went by, or the clock was put right. Nothing of that wakes the look, and a node that runs for a sync
 * alone takes none. */
bool plausible_is_over(const struct implausible *item, int64_t now_ms);

#endif
