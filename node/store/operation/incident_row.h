/* incident_row.h: the rows under node/incident.h: what was counted, kept over restarts. */
#ifndef QANAT_NODE_STORE_OPERATION_INCIDENT_ROW_H
#define QANAT_NODE_STORE_OPERATION_INCIDENT_ROW_H

#include "node/incident.h"
#include "node/store/store.h"

struct incident_row {
    uint64_t count;   /* with what is pending in this process */
    uint64_t last_ms; /* wall clock when it was last written; 0: never */
};

/* Adds what is pending to the rows, if anything is: queued, or waited for. One at a time is under way. */
void incident_flush(struct store *store);
void incident_flush_wait(struct store *store);

void incident_load(struct db *db, struct incident_row rows_out[INCIDENT_COUNT]);

#endif
