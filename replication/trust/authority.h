/* authority.h: who speaks with the federation's highest voice now: the chain of generations.
 *
 * Generation 0 is the one key that the federation was founded with. An AUTHORITY statement names the next one: n keys, of
 * which `threshold` sign, the statement before it, and the hashes of the authority's own statements that stay in effect. It
 * counts when enough keys of the generation before signed it (given) and enough of its own did too (taken: nobody hands the
 * federation to keys that were mistyped). Each further signature is a COSIGN statement of its own, so that any subset may
 * arrive, in any order, by any path.
 *
 * What counts as the authority's word is decided by content, never by a stamp or by what came first: a statement counts when
 * enough keys of the *present* generation signed it under that generation's number, or when the present generation keeps it
 * by its hash. So a former president's key signs nothing any more, backdated or not; and an older AUTHORITY statement that
 * is played again names a generation that is past.
 *
 * Two successors of one generation (its keys signed both) are a dispute. Keys that signed both count for neither; then more
 * signatures win, then the earlier stamp, then the smaller hash: everybody decides the same, and everybody is told
 * (`rivals`). Below half of the keys cannot win against a handover that the others signed, so let all n sign, not k only. A
 * generation of a single key has no such majority: who holds it can always make a rival. Against that stands the anchor: a
 * node that is told (at its join, or by its operator) at which AUTHORITY statement to begin looks at nothing before it.
 *
 * An ADOPT makes admissions that others signed the authority's own, below a parent that it names: one statement moves up to
 * AUTHORITY_ADOPT_MAX nodes (`promote`). Revocations it may adopt too, so that they outlive their signer's standing.
 * Of several about one admission the latest stamp holds, then the smaller hash.
 *
 * Bounds: AUTHORITY_GENERATION_MAX generations, AUTHORITY_CHAIN_KEYS_MAX keys remembered of former ones (to tell people of
 * what they still sign), AUTHORITY_RIVALS_MAX rivals named. */
#ifndef QANAT_TRUST_AUTHORITY_H
#define QANAT_TRUST_AUTHORITY_H

#include "replication/trust/roster_fold.h"

enum { AUTHORITY_RIVALS_MAX = 8, AUTHORITY_CHAIN_KEYS_MAX = 256 };

struct authority_rival {
    uint64_t generation;
    uint64_t at_ms;
    struct hash hash;
};

struct authority {
    uint64_t generation;
    uint64_t at_ms;   /* stamp of its statement; 0 for generation 0 */
    struct hash hash; /* of its statement; authority_genesis() for generation 0 */
    uint32_t threshold;
    size_t key_count;
    uint8_t keys[AUTHORITY_KEYS_MAX][SIGN_PUBLIC_SIZE]; /* ascending */
    size_t ratified_count;
    struct hash ratified[AUTHORITY_RATIFIED_MAX]; /* ascending */
    size_t rival_count; /* valid successors that are not followed, all of them */
    struct authority_rival rivals[AUTHORITY_RIVALS_MAX];
    size_t left_count;    /* statements of former generations that the present one does not keep: replaced, or not known to it */
    size_t late_count;    /* of these, stamped later than the handover: somebody still signs */
    size_t waiting_count; /* statements of the present generation that lack signatures */
    size_t former_key_count;
    uint8_t former_keys[AUTHORITY_CHAIN_KEYS_MAX][SIGN_PUBLIC_SIZE];
};

/* What stands for the AUTHORITY statement of generation 0. */
struct hash authority_genesis(const uint8_t founding_key[SIGN_PUBLIC_SIZE]);

/* Orders the entries so that those about members stand first; returns how many these are. */
size_t authority_part(struct roster_entry **entries, size_t count);

/* Finds the present generation and sets by_authority, parent, rank_ms of the members' entries, and is_in_effect of the
 * others as far as it is known before the fold. `entries` as authority_part() left them, `anchor` all zero for none (or
 * one that is not there: then from generation 0). Allocates; aborts without memory. */
void authority_judge(struct authority *out, const uint8_t founding_key[SIGN_PUBLIC_SIZE], const struct hash *anchor,
                     struct roster_entry **entries, size_t plain_count, size_t count);

/* After the fold: which ADOPT and COSIGN are in effect. Returns what the authority adds to the roster's version. */
uint64_t authority_settle(const struct authority *authority, struct roster_entry **entries, size_t plain_count, size_t count);

/* True when `key` is one of the present generation. */
bool authority_has_key(const struct authority *authority, const uint8_t key[SIGN_PUBLIC_SIZE]);

/* True when `statement` (about members, or ADOPT) is kept by the present generation, or signed under it by one of its keys:
 * of those in effect, the authority's own. */
bool authority_speaks(const struct authority *authority, const struct statement *statement);

/* How many different keys of the present generation signed the statement `hash`, whose own signer is `signer`. */
uint32_t authority_signatures(const struct authority *authority, struct roster_entry *const *special, size_t count,
                              const struct hash *hash, const uint8_t signer[SIGN_PUBLIC_SIZE]);

#endif
