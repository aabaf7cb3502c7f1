/* pool.h: which of the slow requests runs in the thread pool, and which waits.
 *
 * Three lines: short requests (a page, a list: milliseconds), those that hash a password or run a command, and those that read all figures or the whole
 * database. When a school signs in at nine o'clock there are seconds of hashing, and who is signed in does not wait behind them; when figures of
 * years are asked for by everybody who has their address, a second each, nobody else does. So the long ones have a few places each (POOL_WORK_MAX,
 * POOL_FIGURES_MAX) however many wait, and at least one is for short ones alone. Of each kind one is never kept out by the others.
 *
 * In each line addresses take turns, and each one's requests are in the order of coming: who sends hundreds at once waits for himself, everybody else behind
 * one of his (start-time fair queueing, Goyal, Vin and Cheng 1996, every request being as long). It starts nothing by itself; loop thread only. */
#ifndef QANAT_NODE_HTTP_POOL_H
#define QANAT_NODE_HTTP_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;

enum pool_line {
    POOL_SHORT,
    POOL_WORK,    /* a password's hash, a command */
    POOL_FIGURES, /* all of them are folded, or all is read */
    POOL_LINES,
};

enum {
    POOL_RUNNING_MAX = 4, /* at once */
    POOL_WORK_MAX = 2,    /* of them */
    POOL_FIGURES_MAX = 1,
    POOL_WAITING_MAX = 512, /* in each line; more get 503 */
};

struct pool_queue {
    struct exchange *first; /* linked by `next`, by their turns */
    uint64_t turn;          /* of the one that was started last */
    unsigned running, waiting;
};

/* All zero: nobody is there. */
struct pool {
    struct pool_queue lines[POOL_LINES];
};

enum pool_place { POOL_STARTS, POOL_WAITS, POOL_IS_FULL };

/* Where the request goes: it is to be started now, it waits until pool_leave() gives it out, or it was not taken. One that waited and must make room for it,
 * the last of an address that has more in the line, is in *ousted_out, else NULL. */
enum pool_place pool_enter(struct pool *pool, struct exchange *exchange, enum pool_line line, struct exchange **ousted_out);

/* One that was started is done. Returns the one to start in its place, counted as running, or NULL; *line_out is its line. */
struct exchange *pool_leave(struct pool *pool, enum pool_line line, enum pool_line *line_out);

bool pool_is_idle(const struct pool *pool);

#endif
