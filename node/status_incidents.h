/* status_incidents.h: what was refused and repaired (node/incident.h), and of whom, as `status` tells it. */
#ifndef QANAT_NODE_STATUS_INCIDENTS_H
#define QANAT_NODE_STATUS_INCIDENTS_H

#include <jansson.h>

#include "node/incident.h"
#include "node/store/db.h"
#include "replication/trust/roster.h"

/* {"strangers": 3, ..., "total": 5, "last": when}: every name of the group, so that a script finds it before it is needed. */
json_t *status_incidents(struct db *db, enum incident_group group);

/* [{"node","counts":{NAME:count,...},"total","last"}]: the members of whom something was refused, most first. At least so much: who it was is not
 * always known, and the latest INCIDENT_MEMBERS_MAX alone are kept. A node that the roster does not know goes by its id. */
json_t *status_incidents_of(struct db *db, const struct roster *roster);

#endif
