/* revocation.h: the credentials topic: what each node says of the credentials it issued.
 *
 *   list US <UUID of a status list>     register: empty; stamped at each issue, so that the stream's
 *                                       certificate is never older than a credential that stands
 *   revoked US <UUID of a credential>   register: a revocation, below
 *
 * The content is protobuf (schema/wire/credential.proto). A node speaks of its own credentials only: what
 * another node says of them does not count. Cells of all incarnations of a node are one set: revoked once is
 * revoked. */
#ifndef QANAT_NODE_STORE_STREAM_REVOCATION_H
#define QANAT_NODE_STORE_STREAM_REVOCATION_H

#include "node/store/db.h"
#include "replication/crdt/hlc.h"

enum { REVOCATION_REASON_MAX = 200 };

struct revocation {
    struct id credential;
    struct id list; /* its status list and place there */
    uint32_t list_index;
    int64_t at_ms;
    char reason[REVOCATION_REASON_MAX + 1]; /* goes to every node: nothing personal */
};

/* What is known here of the credentials of one node. */
struct revocation_standing {
    bool has_list;    /* something of its credentials topic is here */
    int64_t as_of_ms; /* when it certified the newest of that */
    int64_t heard_ms; /* when it certified the newest of anything that is here */
};

/* True when `issuer` revoked `credential`, as far as is known here. */
bool revocation_find(struct db *db, const struct id *issuer, const struct id *credential,
                     struct revocation *revocation_out);

void revocation_standing(struct db *db, const struct id *issuer, struct revocation_standing *standing_out);

/* Calls `visit` for every revocation by `issuer`. */
typedef enum status revocation_visit(void *ctx, const struct revocation *revocation);
enum status revocation_each(struct db *db, const struct id *issuer, revocation_visit *visit, void *ctx);

/* --- writer thread only: this node's own --- */

enum status revocation_list_put(struct db *db, const struct id *list, int64_t now_ms);
enum status revocation_put(struct db *db, const struct revocation *revocation);

#endif
