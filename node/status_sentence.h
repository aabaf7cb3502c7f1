/* status_sentence.h: how a node stands, in the one sentence that comes first. For the status*.c files only. */
#ifndef QANAT_NODE_STATUS_SENTENCE_H
#define QANAT_NODE_STATUS_SENTENCE_H

#include "node/status.h"
#include "node/store/operation/hours.h"
#include "node/store/stream/unheard.h"
#include "replication/trust/roster.h"

enum { STATUS_SENTENCE_MAX = 512 };

/* What the document is made from, read in one transaction. */
struct survey {
    const struct status_request *request;
    struct db *db;
    struct roster *roster;
    const struct roster_node *self;
    struct hours hours;
    json_t *peers;
    json_t *alarms;
    json_t *asking; /* names of nodes that ask for new keys */
    bool is_read_only;
    bool is_full; /* of the disk nothing is left, and the ballast is gone */
    bool is_key_given_up; /* node.key holds one that nobody lets in any more */
    json_t *aside; /* nodes in quarantine */
    struct unheard unheard[UNHEARD_MAX];
    size_t unheard_count;
    bool is_accused; /* another machine writes with this node's key */
    const char *worst; /* state of the node as a whole */
    char main_peer[NODE_NAME_MAX + 1];
    uint64_t main_success_ms, main_we_lack, main_they_lack, main_bundle_ms;
    struct hours_answer main_hours;
    unsigned main_missed; /* windows */
    bool is_refused;      /* the main peer answers, and knows no such member */
    uint64_t rate_bits;   /* of all peers, coming in */
    uint64_t content_left, content_total;
    bool has_uplink;
};

/* "in step with hub, 12 min ago; next window 22:00; 1.4 of 3.0 GB of courses to come", and what is alarming. All of the survey is there by then. */
void status_sentence(const struct survey *survey, char out[STATUS_SENTENCE_MAX]);

#endif
