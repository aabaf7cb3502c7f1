/* incident_row.h: the rows under node/incident.h: what was counted, kept over restarts. */
#ifndef QANAT_NODE_STORE_OPERATION_INCIDENT_ROW_H
#define QANAT_NODE_STORE_OPERATION_INCIDENT_ROW_H

#include "node/incident.h"
#include "node/store/store.h"

struct incident_row {
    uint64_t count;   /* with what is pending in this process */
    uint64_t last_ms; /* wall clock when it was last written; 0: never */
};

/* What was refused of one member: at least so much. */
struct incident_of_row {
    enum incident incident;
    struct id node;
    uint64_t count, last_ms;
};

enum { INCIDENT_OF_ROWS_MAX = 2 * INCIDENT_MEMBERS_MAX }; /* kept ones, and pending ones */

/* Adds what is pending to the rows, if anything is: queued, or waited for. One at a time is under way. */
void incident_flush(struct store *store);
void incident_flush_wait(struct store *store);

void incident_load(struct db *db, struct incident_row rows_out[INCIDENT_COUNT]);

/* Of whom it was refused, where that is known; returns how many, in no order. */
size_t incident_load_of(struct db *db, struct incident_of_row rows_out[INCIDENT_OF_ROWS_MAX]);

#endif
