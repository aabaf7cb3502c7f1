/* roster_fold.h: from a set of statements to the members of the federation, whatever the order.
 *
 * The rules. An admission of X below parent P, signed by S, counts when
 *   - S is the authority; or
 *   - S is a member that is no campus, S is P or above P, the admission is not stamped later than a
 *     revocation of S, and X is a hub only if S is one.
 *
 * What is the authority's own, and which admissions it adopted below another parent, authority.h decides before.
 *
 * Of several that count for X the first in this order is in effect: signed or adopted by the authority; with X's own
 * consent (consent.h); the latest stamp (of the adoption, where that is later); the smaller hash. So a parent corrects an entry by signing a later
 * one, and nobody can draw away a node that did not agree.
 *
 * A revocation of X counts when it is signed by the authority or a member above X that is no campus, not
 * stamped later than a revocation of that member. X stays in the list, revoked for good; what X signed with a
 * later stamp than the earliest revocation is void. Where the streams of X end, the earliest of those says that name ends;
 * who follows X, the latest of those that name somebody; of equal stamps the smaller hash.
 *
 * A node's keys change by turns (rekey.h): a GRANT counts when an admission of the node by the same signer would; what a key signed
 * that was ended counts only as far as the CLOSE keeps it. A signer is found by its first key, or by the REKEY that names the key.
 *
 * How. Members settle from the top down in rounds; a round sees only the rounds before. A node waits for the
 * parent that its best admission names; when all that are left wait for each other (a cycle, or a parent that
 * is unknown) a round of second-best choices breaks the knot, and after that one in which the authority's
 * admissions hold without their parent. The statements in effect alone fold to the same members. Chains are
 * at most ROSTER_DEPTH_MAX long. */
#ifndef QANAT_TRUST_ROSTER_FOLD_H
#define QANAT_TRUST_ROSTER_FOLD_H

#include "replication/trust/statement.h"

/* One statement whose signature holds. `raw` owns the bytes as received. */
struct roster_entry {
    enum statement_kind kind;
    enum node_kind node_kind;
    bool by_authority;  /* and the next three: set by authority_judge() */
    uint64_t rank_ms;   /* its stamp, or that of its adoption */
    struct id parent;   /* as stated, or where an adoption puts it */
    struct roster_entry *adopted_by;
    bool has_consent;   /* and it was verified */
    bool has_ends;      /* a revocation that says where streams end */
    struct id successor; /* a revocation; zero: names nobody */
    bool is_in_effect;  /* set by roster_fold_run() */
    uint32_t parent_at; /* set by roster_fold_run(): which node, or ROSTER_NONE */
    uint32_t signer_at;
    uint32_t turn;      /* REKEY, CLOSE; and of which turn the signing key is: set by roster_fold_run() */
    uint32_t signer_turn;
    uint64_t at_ms;
    uint64_t generation; /* of the authority that signs, or of an AUTHORITY */
    struct id node;
    struct id stated_parent;
    struct id signer;
    uint8_t signer_public[SIGN_PUBLIC_SIZE];
    uint8_t subject_public[SIGN_PUBLIC_SIZE]; /* REKEY: the new signing key */
    struct hash about; /* COSIGN, GRANT: what is signed; AUTHORITY: its predecessor */
    struct hash hash;
    size_t size;
    uint8_t raw[];
};

#define ROSTER_NONE UINT32_MAX

/* What decides between members that claim one name, or one transport key. Who admits chooses the stamp, and may choose an early one for a node that
 * takes a name or a key away from somebody. So the node nearer to the root has it, and a claim is no older than the nodes below the root through
 * which it was made. */
struct roster_rank {
    uint32_t depth;    /* below the root */
    uint64_t above_ms; /* the latest admission of those above it, but the root's */
};

/* A claim of the member at that index, since then by its own statements. */
struct roster_claim {
    size_t at;
    uint64_t since_ms;
};

/* The members in the order of their ids, and a set hash of the entries in effect. */
struct roster_fold {
    struct roster_node *members; /* owned */
    struct roster_rank *ranks;   /* owned: of each of them */
    size_t count;
    struct roster_key *former; /* owned: the keys of before of all members */
    size_t former_count;
    uint64_t version;
};

/* Sorts `entries` and fills `out` (released first). Allocates; aborts without memory. */
void roster_fold_run(struct roster_fold *out, struct roster_entry **entries, size_t count);
void roster_fold_release(struct roster_fold *fold);

/* Below zero: `a` is meant. Who is not revoked, then the rank, then the stamp, then the smaller id. */
int roster_claim_compare(const struct roster_fold *fold, const struct roster_claim *a, const struct roster_claim *b);

#endif
