/* chain.h: statements that lead to others by a StatementRef as their object are found by what those are found
 * by, too (xAPI 1.0.3 part 3 section 2.1.3, "Filter Conditions for StatementRefs"), whichever comes first. */
#ifndef QANAT_NODE_LRS_CHAIN_H
#define QANAT_NODE_LRS_CHAIN_H

#include "node/lrs/lrs.h"
#include "node/lrs/tree.h"

enum {
    CHAIN_LENGTH_MAX = 64,      /* statements from one to the end of its chain that count */
    CHAIN_REFERRERS_MAX = 1000, /* statements that wait for one and are found by it once it comes */
    CHAIN_MEMORY_MAX = 16 * 1024 * 1024,
};

/* All in a job. */

/* Puts the record `id` under the terms of `target` and of what that leads to: appends to `entries` what is
 * for posting_put(). NULL: takes it away from under them. */
enum status chain_link(const struct lrs *lrs, struct db *db, const uint8_t target[LRS_UUID_SIZE], int64_t id,
                       struct buffer *entries);

/* True when anything refers to `uuid`: most statements are referred to by none. */
bool chain_has_referrers(struct db *db, const uint8_t uuid[LRS_UUID_SIZE]);

/* The same for all records that lead to `uuid`, which has just come or is about to go. */
enum status chain_referrers(const struct lrs *lrs, struct db *db, const uint8_t uuid[LRS_UUID_SIZE],
                            struct buffer *entries);

/* True when a stored statement that is no voiding one itself is voided: a voiding statement refers to `uuid`.
 */
bool chain_is_voided(struct db *db, const uint8_t uuid[LRS_UUID_SIZE]);

/* Marks what the voiding statement's target is, where it is here and may be voided. */
enum status chain_void(struct db *db, const uint8_t target[LRS_UUID_SIZE]);

#endif
