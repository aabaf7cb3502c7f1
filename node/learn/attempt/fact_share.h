/* fact_share.h: the share of the living life in a fact that may be revised (share_sum.h), and the figures that follow from it. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_FACT_SHARE_H
#define QANAT_NODE_LEARN_ATTEMPT_FACT_SHARE_H

#include "node/learn/attempt/dims.h"
#include "node/learn/attempt/share_sum.h"
#include "node/learn/result/tally.h"

/* Where changes are gathered; of one job. */
struct fact_figures {
    struct tally *tally;
    struct dims *dims;
};

/* What is counted of one fact, by whom. */
struct fact_standing {
    uint64_t fingerprint;
    struct share_sum others, own;
    bool is_any;       /* some life has a share */
    bool is_recovered; /* others counted what this database did not know */
    bool is_closed;    /* and what it was cannot be read here: it stands as it is */
};

enum status fact_standing_load(struct db *db, struct fact_figures *figures, uint64_t fingerprint, struct fact_standing *out);

/* From now on the fact counts as `wanted` (NULL: not at all). `before` is what figures contain of it besides, by versions that kept no
 * shares, or NULL. */
enum status fact_standing_become(struct db *db, struct fact_figures *figures, const struct fact_standing *standing,
                                 const struct share *wanted, const struct share *before);

/* Something came back that was not held against what is counted here. */
bool fact_is_due(struct db *db);

/* Counts every fact anew, in the living life alone, as what is counted of it in all: the others' shares count for this node no more. What cannot be read
 * here stays as it is. */
enum status fact_count_anew(struct db *db, struct tally *tally);

/* Corrects the figures of everything that came back: counted once, as the best of what was said. In the job in which it came back. */
enum status fact_settle_all(struct db *db, struct tally *tally, size_t *corrected_out);

#endif
