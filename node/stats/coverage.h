/* coverage.h: of whom these figures speak: how many nodes are expected to report here, how many did, who is
 * late. */
#ifndef QANAT_NODE_STATS_COVERAGE_H
#define QANAT_NODE_STATS_COVERAGE_H

#include "node/store/db.h"
#include "node/store/stream/quarantine.h"
#include "replication/trust/roster.h"

struct coverage_late {
    char node[NODE_NAME_MAX + 1];
    int64_t last_heard_ms; /* when its latest certificate was signed, by its clock, or when it was last met
                              here; 0: never */
};

/* A node whose figures are left out (store/quarantine.h). */
struct coverage_aside {
    char node[NODE_NAME_MAX + 1];
    char centre[NODE_NAME_MAX + 1]; /* under which its figures stand */
    char by[NODE_NAME_MAX + 1];
    int64_t since_ms;
    char reason[STATEMENT_REASON_MAX + 1];
};

struct coverage {
    size_t expected;  /* nodes of the roster, not revoked, no hubs, whose results this node may hold */
    size_t reporting; /* those of which a results stream is held, and whose figures are not set aside */
    struct coverage_late *late; /* owned, by name; silent for longer than asked, or never heard */
    size_t late_count;
    struct coverage_late *unheard; /* owned, by name; last heard before request.heard_since_ms, or never: late or not */
    size_t unheard_count;
    struct coverage_aside *aside; /* owned, by name; NULL: none */
    size_t aside_count;
};

struct coverage_request {
    const struct roster *roster;
    const struct id *self; /* never late: what it knows of itself is now */
    int64_t now_ms;
    int late_after_h;
    int64_t heard_since_ms; /* 0: nobody asks */
    const struct quarantine_list *aside; /* those among them whose results `self` may hold are noted */
};

void coverage_read(struct db *db, const struct coverage_request *request, struct coverage *coverage_out);

void coverage_release(struct coverage *coverage);

#endif
