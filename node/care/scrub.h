/* scrub.h: repairs what inspect.h finds, as far as it can be proven right.
 *
 * A stream of somebody else that is damaged is forgotten whole, so that it is pulled again from a peer under its writer's signature. A content is
 * cut back to its sound chunks and fetched again. A running sum is written anew from cells that are as signed. An own stream is different: its
 * cells may exist nowhere else. It is forgotten only when a hub has acknowledged all of it, or when the operator says so; and never written on:
 * the node goes on under a fresh incarnation. */
#ifndef QANAT_NODE_CARE_SCRUB_H
#define QANAT_NODE_CARE_SCRUB_H

#include "node/care/finding.h"
#include "node/config.h"
#include "node/dir.h"
#include "node/store/disk/salvage.h"
#include "node/store/store.h"

struct scrub_request {
    const char *dir;
    struct store *store;                 /* open for writing */
    const struct identity *identity;
    const struct federation *federation;
    const struct config *config;
    const struct salvage *salvaged;      /* the database was just built anew (node/store/disk/salvage.h), else NULL */
    bool drops_own;                      /* forget damaged own streams that nobody is known to hold, too */
};

struct scrub_outcome {
    json_t *actions;                     /* array of {"subject", "action"}; released by the caller */
    bool has_new_incarnation;
};

/* Repairs; `found` gets what was found before, `left` what is still wrong after. Waits for jobs: not for the loop or writer thread. */
enum status scrub_repair(const struct scrub_request *request, struct findings *found, struct findings *left, struct scrub_outcome *outcome,
                         struct report *report);

#endif
