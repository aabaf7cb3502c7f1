/* share_sum.h: what figures contain of one fact, as a sum of counted versions of it.
 *
 * A fact counts as one version: under which dimensions, in which month, with which score and how much time. Figures only ever get whole
 * versions added and taken back, so what any life of the node contributed (node/store/stream/share.h) is a sum of versions with signs, and so is
 * what all lives contributed together. Counted once means: together they are one version with the sign +.
 *
 * From that follows all that is to be done after a loss: the living life's share is the version that should count, less all that the other
 * lives contributed, whatever that is.
 *
 *   content  varint(number of entries) entries
 *   entry    varint(zigzag(month - 2020-01) << 6 | kind << 2 | has score << 1 | is taken back) dims(4) [varint(score)] varint(parts) parts
 *   part     tag(3) varint(seconds): time by launch, so that a launch that is told again counts once and another one beside it
 *
 * Pure. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_SHARE_SUM_H
#define QANAT_NODE_LEARN_ATTEMPT_SHARE_SUM_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum {
    SHARE_PARTS_MAX = 64,   /* launches told apart in a month; what is more is added to the last */
    SHARE_ENTRIES_MAX = 12, /* more lives than that never count one fact without being corrected */
};

struct share_part {
    uint32_t tag;
    int64_t seconds;
};

struct share {
    uint32_t dims; /* a hash of the dimensions */
    int kind;      /* enum event_kind */
    int month;     /* since 1970-01 */
    int64_t score; /* hundredths of a point, or EVENT_NO_SCORE */
    size_t part_count;
    struct share_part parts[SHARE_PARTS_MAX]; /* by tag, which are different */
};

struct share_sum {
    size_t count;
    struct share_entry {
        int sign;
        struct share share;
    } entries[SHARE_ENTRIES_MAX];
    bool is_full; /* something did not fit: nothing can be said */
};

/* The month of a moment, and the first moment of a month. */
int share_month(int64_t at_ms);
int64_t share_month_begin(int month);

/* Time of one launch more; none is passed over. */
void share_add_time(struct share *share, uint32_t tag, int64_t seconds);

/* Hundredths of a minute, half up. */
int64_t share_minutes(const struct share *share);

bool share_equal(const struct share *a, const struct share *b);

/* What counts when both are said: the dimensions of `share`, the earlier month, the better score, of each launch the longer time. */
void share_merge(struct share *share, const struct share *other);

/* Adds `sign` times one version: equal ones of opposite signs are gone. */
void share_sum_add(struct share_sum *sum, int sign, const struct share *share);

/* Adds `sign` times another sum. */
void share_sum_add_all(struct share_sum *sum, int sign, const struct share_sum *other);

/* Adds a share's content; false when it is none, and `sum` is as before. */
bool share_sum_decode(struct bytes content, struct share_sum *sum);
void share_sum_encode(const struct share_sum *sum, struct buffer *out);

/* Everything that is counted, as one version; false when nothing is. */
bool share_sum_counted(const struct share_sum *sum, struct share *share_out);

/* The sum is nothing, or one version counted once. */
bool share_sum_is_single(const struct share_sum *sum);

#endif
