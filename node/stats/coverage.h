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
    char by[NODE_NAME_MAX + 1];
    int64_t since_ms;
    char reason[STATEMENT_REASON_MAX + 1];
};

struct coverage {
    size_t expected;  /* nodes of the roster, not revoked, no hubs, whose results this node may hold */
    size_t reporting; /* those of which a results stream is held */
    struct coverage_late *late; /* owned, by name; silent for longer than asked, or never heard */
    size_t late_count;
    struct coverage_aside *aside; /* owned, by name; NULL: none */
    size_t aside_count;
};

/* `self` is never late: what it knows of itself is now. */
void coverage_read(struct db *db, const struct roster *roster, const struct id *self, int64_t now_ms,
                   int late_after_h, struct coverage *coverage_out);

/* Notes those of `list` whose results `self` may hold. */
void coverage_set_aside(struct coverage *coverage, const struct roster *roster, const struct id *self,
                        const struct quarantine_list *list);

void coverage_release(struct coverage *coverage);

#endif
