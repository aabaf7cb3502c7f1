/* roster.h: who belongs to the federation, with which keys and rights.
 *
 * The roster is a set of signed statements (statement.h) folded to one result that depends on the set alone,
 * not on the order: admissions signed by the authority or by a delegated ancestor, and revocations (the rules: roster_fold.h).
 * Statements travel as register cells of the roster topic. A roster belongs to one thread: the fold is done by the first
 * question after an addition. After roster_settle() and until the next roster_add() several threads may ask. */
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

/* How often a node may change its keys (rekey.h). */
enum { ROSTER_TURNS_MAX = 64 };

/* Keys that a node had before. */
struct roster_key {
    struct id node;
    uint8_t sign_public[SIGN_PUBLIC_SIZE];
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    uint64_t until_ms;    /* stamp of the REKEY that replaced them */
    struct bytes closing; /* the CLOSE that ended them; empty: they still count beside the new ones */
};

/* One member of the federation as the roster states it. */
struct roster_node {
    struct id node;
    struct id parent; /* zero for a root */
    struct id stated_parent; /* as its admission says; another one when the authority moved it */
    enum node_kind kind;
    char name[NODE_NAME_MAX + 1];   /* UTF-8, unique in the federation */
    char country[COUNTRY_SIZE];     /* ISO 3166-1 alpha-2, or "" */
    char region[NODE_NAME_MAX + 1]; /* as the federation names it, or "" */
    uint8_t sign_public[SIGN_PUBLIC_SIZE]; /* the present ones */
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    const struct roster_key *former; /* those before, the first ones first; borrowed until the next roster_add() */
    size_t former_count;             /* so this is the turn of the present ones */
    uint64_t keys_since_ms;          /* stamp of the GRANT of the present keys, or admitted_ms */
    char endpoint[ENDPOINT_MAX]; /* where it listens, or "" */
    uint64_t admitted_ms;        /* wall clock of the admitting node */
    uint64_t placed_ms;          /* when the authority put it where it is; 0: it did not */
    bool is_revoked;
    struct id successor;     /* of a revoked node: who took over its name and figures; zero: nobody */
    struct bytes revocation; /* the one that says where its streams end, as long as the roster is not added to; empty: none does */
    uint8_t token_public[CURVE_PUBLIC_SIZE]; /* of the join token, or zero */
    uint8_t consent[SIGNATURE_SIZE];         /* the node's own signature (consent.h), or zero */
};

/* Statements without effect (their signer is unknown, or has no right to them) that are kept for later; all together; levels below a root. */
enum { ROSTER_IDLE_MAX = NODES_MAX, ROSTER_IDLE_BYTES_MAX = 32 * 1024 * 1024 };
enum { ROSTER_STATEMENTS_MAX = 4 * NODES_MAX };
enum { ROSTER_DEPTH_MAX = 16 };

struct roster;

/* An empty roster of `federation`, whose authority key is `authority_public`. NULL never: aborts without memory. */
struct roster *roster_new(const struct id *federation, const uint8_t authority_public[SIGN_PUBLIC_SIZE]);
void roster_free(struct roster *roster);

struct roster *roster_copy(const struct roster *roster); /* with the same statements, none of which is checked again */
/* Before the first roster_add(): the AUTHORITY statement at which to begin (authority.h); all zero: the founding key. */
void roster_anchor(struct roster *roster, const struct hash *anchor);

const struct authority *roster_authority(const struct roster *roster); /* as it stands now; borrowed until the next roster_add() */

/* How many different keys of the present authority signed the statement `hash`. */
uint32_t roster_signatures(const struct roster *roster, const struct hash *hash);

/* Adds one statement (the content of a roster cell). S_OK also for one already known, and for one whose
 * signer has no right to it yet: it is kept and counts as soon as other statements give the right. Otherwise
 * S_INVALID, S_VERSION (a kind of a newer version), S_BAD_SIGNATURE, S_DENIED (another federation, or a node
 * about itself), S_TOO_LARGE (a limit above). */
enum status roster_add(struct roster *roster, struct bytes statement, struct report *report);
/* The same for bytes that roster_add() took before, in this federation: no signature is checked again. */
enum status roster_add_proved(struct roster *roster, struct bytes statement, struct report *report);

/* Folds what was added, so that the questions below only read. */
void roster_settle(const struct roster *roster);

const struct id *roster_federation(const struct roster *roster);

/* A set hash over what is in effect, the present authority included: equal on nodes that know the same. */
uint64_t roster_version(const struct roster *roster);

/* The statements in effect, one admission a member and its revocations, and the authority's chain: what a newcomer is
 * given. Borrowed until the next roster_add(). */
size_t roster_statement_count(const struct roster *roster);
struct bytes roster_statement_at(const struct roster *roster, size_t index);

/* Members in the order of their ids, revoked ones included. Of members with one name the one not revoked, then the one nearer to
 * the root, then the one admitted first (roster_fold.h), keeps it; the others are called name~xxxxxxxx after the first four bytes
 * of their id. Borrowed until the next roster_add(). */
size_t roster_count(const struct roster *roster);
const struct roster_node *roster_at(const struct roster *roster, size_t index);

/* Who counts now for `node`: itself, or whoever took over last below the same parent or is that parent (promoted since); NULL for an unknown node. */
const struct roster_node *roster_standing(const struct roster *roster, const struct id *node);

/* NULL when there is none. Names compare byte for byte. A CURVE key of before is found until it is ended. */
const struct roster_node *roster_find(const struct roster *roster, const struct id *node);
const struct roster_node *roster_find_name(const struct roster *roster, const char *name);
const struct roster_node *roster_find_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE]);

/* The parent of `node`, when it is a member; NULL for a root, an unknown node or an unknown parent. */
const struct roster_node *roster_uplink(const struct roster *roster, const struct id *node);

/* True when an admission signed by `signer` now, of a node of `kind` below `parent`, would count. */
bool roster_may_admit(const struct roster *roster, const struct id *signer, const struct id *parent, enum node_kind kind);

/* True when `ancestor` is above `node` (not itself); bounded by the roster's size, safe on cycles. */
bool roster_is_above(const struct roster *roster, const struct id *ancestor, const struct id *node);

/* True when `holder` may hold streams of `topic` written by `origin`: roster, catalogue and credentials go everywhere, results
 * go to the origin itself, who took over from it, its ancestors and hubs. A revoked holder may hold nothing new. */
bool roster_may_hold(const struct roster *roster, const struct id *holder, const struct id *origin, enum topic topic);

/* True for a former hub: a member that is none now, and was one by an admission that is known. It keeps what it held (peer/legacy.h). Not so
 * one that was revoked, or that the authority left without its address, as a hub that is lost (qanat promote --old-hub lost). */
bool roster_was_hub(const struct roster *roster, const struct id *node);

const char *node_kind_name(enum node_kind kind);
#define NODE_KINDS "hub|national|training|regional|campus" /* as an option names them */
/* False when `text` names no kind. */
bool node_kind_parse(const char *text, enum node_kind *kind_out);

/* S_OK, S_INVALID, S_TOO_LARGE. The rule is for people, with NODE_NAME_MAX. */
#define NODE_NAME_RULE "a name has 1 to %d bytes of UTF-8, no control characters, no '~' and no blank at its ends"
enum status node_name_check(struct bytes name);
bool country_take(char country[COUNTRY_SIZE]); /* false unless it is empty or two letters, which become capitals */

/* S_OK when all texts, the kind and the keys of `node` are within the format; S_INVALID or S_TOO_LARGE, with the field in `report`. */
enum status roster_node_check(const struct roster_node *node, struct report *report);

#endif
