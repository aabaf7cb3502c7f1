#include "node/http/pool.h"

#include "node/http/exchange.h"
#include "replication/base/check.h"

enum { LINE_SHORT, LINE_LONG };

static unsigned running_count(const struct pool *pool)
{
    return pool->lines[LINE_SHORT].running + pool->lines[LINE_LONG].running;
}

static bool has_place(const struct pool *pool, int line)
{
    return running_count(pool) < POOL_RUNNING_MAX && (line == LINE_SHORT || pool->lines[LINE_LONG].running < POOL_LONG_MAX);
}

enum pool_place pool_enter(struct pool *pool, struct exchange *exchange, bool is_long)
{
    int at = is_long ? LINE_LONG : LINE_SHORT;
    struct pool_line *line = &pool->lines[at];

    if (has_place(pool, at)) {
        line->running++;
        return POOL_STARTS;
    }
    if (line->waiting == POOL_WAITING_MAX) {
        return POOL_IS_FULL;
    }
    exchange->next = NULL;
    if (line->last) {
        line->last->next = exchange;
    } else {
        line->first = exchange;
    }
    line->last = exchange;
    line->waiting++;
    return POOL_WAITS;
}

static struct exchange *line_take(struct pool *pool, int at)
{
    struct pool_line *line = &pool->lines[at];
    struct exchange *exchange = line->first;

    if (!exchange || !has_place(pool, at)) {
        return NULL;
    }
    line->first = exchange->next;
    line->last = line->first ? line->last : NULL;
    line->waiting--;
    line->running++;
    return exchange;
}

/* As nobody waits while there is a place, one that leaves makes room for one. */
struct exchange *pool_leave(struct pool *pool, bool is_long, bool *is_long_out)
{
    int left = is_long ? LINE_LONG : LINE_SHORT;

    CHECK(pool->lines[left].running > 0);
    pool->lines[left].running--;
    int first = pool->lines[LINE_LONG].running == 0 ? LINE_LONG : left;
    struct exchange *exchange = line_take(pool, first);
    *is_long_out = first == LINE_LONG;
    if (!exchange) {
        first = first == LINE_LONG ? LINE_SHORT : LINE_LONG;
        exchange = line_take(pool, first);
        *is_long_out = first == LINE_LONG;
    }
    return exchange;
}

bool pool_is_idle(const struct pool *pool)
{
    return running_count(pool) == 0 && !pool->lines[LINE_SHORT].first && !pool->lines[LINE_LONG].first;
}
