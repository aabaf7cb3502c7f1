/* budget.h: a token bucket of bytes, by which a window's rate is kept.
 *
 * Tokens come in at the rate, up to a burst. Whole frames are sent: spending may run into debt, and then
 * nothing more goes until the debt is paid off. Time is the driver's monotonic milliseconds; a clock that
 * stands still or goes back adds nothing. */
#ifndef QANAT_SCHEDULE_BUDGET_H
#define QANAT_SCHEDULE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUDGET_BURST_MAX = 1 << 30 };

#define BUDGET_RATE_MAX    1000000000000ULL /* bits a second */
#define BUDGET_NEVER_SHORT UINT64_MAX

struct budget {
    uint64_t rate_bits;  /* a second; 0: no limit */
    int64_t burst_level; /* full, in 1/8000 bytes: what one bit a second brings in a millisecond */
    int64_t level;       /* now; below 0: debt */
    uint64_t at_ms;
};

/* Starts full. `rate_bits` up to BUDGET_RATE_MAX, `burst_bytes` 1 to BUDGET_BURST_MAX. */
void budget_init(struct budget *budget, uint64_t rate_bits, uint32_t burst_bytes, uint64_t now_ms);

/* Changes the rate from now on; what was saved or owed stays. */
void budget_set_rate(struct budget *budget, uint64_t rate_bits, uint64_t now_ms);

/* Bytes that may be sent now without debt; BUDGET_NEVER_SHORT without a limit. */
uint64_t budget_available(struct budget *budget, uint64_t now_ms);

/* Takes `size` bytes (at most BUDGET_BURST_MAX) when there is no debt and at least one byte; false, and
 * nothing taken, otherwise. */
bool budget_spend(struct budget *budget, size_t size, uint64_t now_ms);

/* Milliseconds until budget_spend() will say yes; 0: it does now. */
uint64_t budget_wait_ms(struct budget *budget, uint64_t now_ms);

#endif
