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
    struct share_sum base; /* of the others */
    bool is_any;       /* some life has a share */
    bool is_recovered; /* others counted what this database did not know */
    bool is_closed;    /* and what it was cannot be read here: it stands as it is */
    bool has_base;     /* what versions that kept no shares counted of it is said, */
    bool is_frozen;    /* and is not known: that stands as it is, and shares add up to nothing */
};

enum status fact_standing_load(struct db *db, struct fact_figures *figures, uint64_t fingerprint, struct fact_standing *out);

/* From now on the fact counts as `wanted` (NULL: not at all). `before` is what figures contain of it besides, by versions that kept no
 * shares, or NULL. */
enum status fact_standing_become(struct db *db, struct fact_figures *figures, const struct fact_standing *standing,
                                 const struct share *wanted, const struct share *before);

/* Versions before counted the fact as `base`, and kept no share (NULL: as what is not known here). Before anything else is said of it: what it counts as
 * can be revised from then on, and comes back after a loss. */
enum status fact_base_put(struct db *db, uint64_t fingerprint, const struct share *base);

/* A fingerprint came back that versions before published of an attendance (now `net` times): *has_share_out when there is a share of it, which goes before.
 * Where that does not know of what they counted, that stands, and the shares are taken back. */
enum status fact_fingerprint_settle(struct db *db, struct tally *tally, uint64_t fingerprint, int net, bool *has_share_out);

/* Something came back that was not held against what is counted here. */
bool fact_is_due(struct db *db);

/* Counts every fact anew, in the living life alone, so that in all it is counted as it is: no share counts for this node any more but those that are counted
 * elsewhere (known_leave()). What cannot be read here stays as it is. */
enum status fact_count_anew(struct db *db, struct tally *tally);

/* Corrects the figures of everything that came back: counted once, as the best of what was said. In the job in which it came back. */
enum status fact_settle_all(struct db *db, struct tally *tally, size_t *corrected_out);

#endif
