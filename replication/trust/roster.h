/* roster.h: who belongs to the federation, with which keys and rights.
 *
 * The roster is a set of signed statements (statement.h) folded in any order to one result: admissions signed by the authority or
 * by a delegated ancestor, and revocations. Statements travel as register cells of the roster topic. */
#ifndef QANAT_TRUST_ROSTER_H
#define QANAT_TRUST_ROSTER_H

#include "replication/base/limits.h"
#include "replication/base/status.h"
#include "replication/stream/certificate.h"
#include "replication/stream/stream.h"

enum node_kind {
    NODE_HUB = 1,
    NODE_NATIONAL = 2,
    NODE_TRAINING = 3,
    NODE_REGIONAL = 4,
    NODE_CAMPUS = 5,
};

enum { CURVE_PUBLIC_SIZE = 32, COUNTRY_SIZE = 3 };

/* One member of the federation as the roster states it. */
struct roster_node {
    struct id node;
    struct id parent;               /* zero for the first hub */
    enum node_kind kind;
    char name[NODE_NAME_MAX + 1];   /* UTF-8, unique in the federation */
    char country[COUNTRY_SIZE];     /* ISO 3166-1 alpha-2, or "" */
    char region[NODE_NAME_MAX + 1]; /* as the federation names it, or "" */
    uint8_t sign_public[SIGN_PUBLIC_SIZE];
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    char endpoint[ENDPOINT_MAX];    /* where it listens, or "" */
    uint64_t admitted_ms;           /* wall clock of the admitting node */
    bool is_revoked;
};

struct roster;

/* An empty roster of `federation`, whose authority key is `authority_public`. NULL never: aborts without memory. */
struct roster *roster_new(const struct id *federation, const uint8_t authority_public[SIGN_PUBLIC_SIZE]);
void roster_free(struct roster *roster);

/* Adds one statement (the content of a roster cell). Order does not matter: statements whose signer is not known yet are kept and tried again.
 * S_OK also for one already known; S_INVALID, S_BAD_SIGNATURE, S_DENIED, S_TOO_LARGE otherwise. */
enum status roster_add(struct roster *roster, struct bytes statement, struct report *report);

const struct id *roster_federation(const struct roster *roster);

/* The first 8 bytes of a set hash over all accepted statements: equal on nodes that know the same. */
uint64_t roster_version(const struct roster *roster);

/* Members in the order of their ids, revoked ones included. */
size_t roster_count(const struct roster *roster);
const struct roster_node *roster_at(const struct roster *roster, size_t index);

/* NULL when there is none. Names compare byte for byte. */
const struct roster_node *roster_find(const struct roster *roster, const struct id *node);
const struct roster_node *roster_find_name(const struct roster *roster, const char *name);
const struct roster_node *roster_find_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE]);

/* True when `ancestor` is above `node` (not itself); bounded by the roster's size, safe on cycles. */
bool roster_is_above(const struct roster *roster, const struct id *ancestor, const struct id *node);

/* True when `holder` may hold streams of `topic` written by `origin`: roster, catalogue and credentials go everywhere, results go
 * to the origin itself, its ancestors and hubs. A revoked holder may hold nothing new. */
bool roster_may_hold(const struct roster *roster, const struct id *holder, const struct id *origin, enum topic topic);

const char *node_kind_name(enum node_kind kind);

/* False when `text` names no kind. */
bool node_kind_parse(const char *text, enum node_kind *kind_out);

#endif
