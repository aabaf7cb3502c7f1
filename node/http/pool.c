#include "node/http/pool.h"

#include <stddef.h>
#include <string.h>

#include "node/http/caller.h"
#include "node/http/exchange.h"
#include "replication/base/check.h"

static const unsigned running_max[POOL_LINES] = {
    [POOL_SHORT] = POOL_RUNNING_MAX, [POOL_WORK] = POOL_WORK_MAX, [POOL_FIGURES] = POOL_FIGURES_MAX};

_Static_assert(POOL_WORK_MAX + POOL_FIGURES_MAX < POOL_RUNNING_MAX, "one place is for short ones alone");

static unsigned running_count(const struct pool *pool)
{
    unsigned count = 0;

    for (int line = 0; line < POOL_LINES; line++) {
        count += pool->lines[line].running;
    }
    return count;
}

static bool has_place(const struct pool *pool, enum pool_line line)
{
    return running_count(pool) < POOL_RUNNING_MAX && pool->lines[line].running < running_max[line];
}

/* Requests that nobody's connection is known of are one's. */
static bool is_of_one_address(const struct exchange *one, const struct exchange *other)
{
    if (!one->caller || !other->caller) {
        return one->caller == other->caller;
    }
    return memcmp(one->caller->address, other->caller->address, sizeof one->caller->address) == 0;
}

/* Behind as many turns as its address has requests here. */
static void queue_put(struct pool_queue *queue, struct exchange *exchange)
{
    struct exchange **at = &queue->first;

    exchange->turn = queue->turn + 1;
    for (const struct exchange *other = queue->first; other; other = other->next) {
        exchange->turn += is_of_one_address(other, exchange);
    }
    while (*at && (*at)->turn <= exchange->turn) {
        at = &(*at)->next;
    }
    exchange->next = *at;
    *at = exchange;
    queue->waiting++;
}

static struct exchange *last_take(struct pool_queue *queue)
{
    struct exchange **at = &queue->first, *last;

    while ((*at)->next) {
        at = &(*at)->next;
    }
    last = *at;
    *at = NULL;
    queue->waiting--;
    return last;
}

enum pool_place pool_enter(struct pool *pool, struct exchange *exchange, enum pool_line line, struct exchange **ousted_out)
{
    struct pool_queue *queue = &pool->lines[line];

    *ousted_out = NULL;
    if (has_place(pool, line)) {
        queue->running++;
        return POOL_STARTS;
    }
    queue_put(queue, exchange);
    if (queue->waiting > POOL_WAITING_MAX) {
        struct exchange *last = last_take(queue);
        if (last == exchange) {
            return POOL_IS_FULL;
        }
        *ousted_out = last;
    }
    return POOL_WAITS;
}

static struct exchange *queue_take(struct pool_queue *queue)
{
    struct exchange *exchange = queue->first;

    queue->first = exchange->next;
    queue->turn = exchange->turn;
    queue->waiting--;
    queue->running++;
    return exchange;
}

/* As nobody waits who has a place, one that leaves makes room for one: for a line of which nobody runs, then for its own, then for any. */
struct exchange *pool_leave(struct pool *pool, enum pool_line left, enum pool_line *line_out)
{
    int best = -1, best_rank = 0;

    CHECK(pool->lines[left].running > 0);
    pool->lines[left].running--;
    for (int line = 0; line < POOL_LINES; line++) {
        const struct pool_queue *queue = &pool->lines[line];
        int rank = queue->running == 0 ? 3 : line == (int)left ? 2 : 1;
        if (queue->first && has_place(pool, (enum pool_line)line) && rank > best_rank) {
            best = line;
            best_rank = rank;
        }
    }
    if (best < 0) {
        return NULL;
    }
    *line_out = (enum pool_line)best;
    return queue_take(&pool->lines[best]);
}

bool pool_is_idle(const struct pool *pool)
{
    for (int line = 0; line < POOL_LINES; line++) {
        if (pool->lines[line].running > 0 || pool->lines[line].first) {
            return false;
        }
    }
    return true;
}
