#include "replication/schedule/budget.h"

#include "replication/base/check.h"

enum { LEVEL_PER_BYTE = 8000 };

static void budget_fill(struct budget *budget, uint64_t now_ms)
{
    if (now_ms <= budget->at_ms) {
        return;
    }
    uint64_t elapsed_ms = now_ms - budget->at_ms, room = (uint64_t)(budget->burst_level - budget->level);
    budget->at_ms = now_ms;
    if (budget->rate_bits == 0) {
        return;
    }
    if (elapsed_ms > room / budget->rate_bits) {
        budget->level = budget->burst_level;
    } else {
        budget->level += (int64_t)(elapsed_ms * budget->rate_bits);
    }
}

void budget_init(struct budget *budget, uint64_t rate_bits, uint32_t burst_bytes, uint64_t now_ms)
{
    CHECK(rate_bits <= BUDGET_RATE_MAX);
    CHECK(burst_bytes > 0 && burst_bytes <= BUDGET_BURST_MAX);
    budget->rate_bits = rate_bits;
    budget->burst_level = (int64_t)burst_bytes * LEVEL_PER_BYTE;
    budget->level = budget->burst_level;
    budget->at_ms = now_ms;
}

void budget_set_rate(struct budget *budget, uint64_t rate_bits, uint64_t now_ms)
{
    CHECK(rate_bits <= BUDGET_RATE_MAX);
    budget_fill(budget, now_ms);
    budget->rate_bits = rate_bits;
}

uint64_t budget_available(struct budget *budget, uint64_t now_ms)
{
    budget_fill(budget, now_ms);
    if (budget->rate_bits == 0) {
        return BUDGET_NEVER_SHORT;
    }
    return budget->level > 0 ? (uint64_t)budget->level / LEVEL_PER_BYTE : 0;
}

bool budget_spend(struct budget *budget, size_t size, uint64_t now_ms)
{
    CHECK(size <= BUDGET_BURST_MAX);
    if (budget_available(budget, now_ms) == 0) {
        return false;
    }
    if (budget->rate_bits) {
        budget->level -= (int64_t)size * LEVEL_PER_BYTE;
    }
    return true;
}

uint64_t budget_wait_ms(struct budget *budget, uint64_t now_ms)
{
    if (budget_available(budget, now_ms) > 0) {
        return 0;
    }
    CHECK(budget->rate_bits > 0 && budget->level < LEVEL_PER_BYTE);
    uint64_t lacking = (uint64_t)(LEVEL_PER_BYTE - budget->level);
    return (lacking + budget->rate_bits - 1) / budget->rate_bits;
}
