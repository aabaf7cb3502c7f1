/* pool.h: which of the slow requests runs in the thread pool, and which waits.
 *
 * Two lines: short requests (a page, a list: milliseconds) and long ones (the hash of a password, the federation's figures, a command that reads the whole
 * database). When a school signs in at nine o'clock there are seconds of hashing, and who is signed in does not wait behind them: long requests have
 * POOL_LONG_MAX places at most, and the others are for short ones alone. One place is kept for long ones when short ones take all others. Each line is in
 * the order of coming. It starts nothing by itself; loop thread only. */
#ifndef QANAT_NODE_HTTP_POOL_H
#define QANAT_NODE_HTTP_POOL_H

#include <stdbool.h>

struct exchange;

enum {
    POOL_RUNNING_MAX = 4,   /* at once */
    POOL_LONG_MAX = 2,      /* of them */
    POOL_WAITING_MAX = 512, /* in each line; more get 503 */
};

struct pool_line {
    struct exchange *first, *last; /* linked by `next` */
    unsigned running, waiting;
};

/* All zero: nobody is there. */
struct pool {
    struct pool_line lines[2]; /* short, long */
};

enum pool_place { POOL_STARTS, POOL_WAITS, POOL_IS_FULL };

/* Where the request goes: it is to be started now, it waits until pool_leave() gives it out, or it was not taken. */
enum pool_place pool_enter(struct pool *pool, struct exchange *exchange, bool is_long);

/* One that was started is done. Returns the one to start in its place, counted as running, or NULL; *is_long_out says in which line it was. */
struct exchange *pool_leave(struct pool *pool, bool is_long, bool *is_long_out);

bool pool_is_idle(const struct pool *pool);

#endif
