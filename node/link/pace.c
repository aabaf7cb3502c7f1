#include "node/link/pace.h"

#include "node/link/pair.h"
#include "node/link/together.h"
#include "node/local_time.h"
#include "replication/wire/message.h"

void pace_init(struct pace *pace, struct gate *gate, const struct id *remote)
{
    *pace = (struct pace){.gate = gate, .remote = *remote};
    budget_init(&pace->theirs, 0, gate_burst(0), local_time_monotonic());
}

uint32_t pace_ours(const struct pace *pace)
{
    uint64_t kbit = (gate_rate(pace->gate, &pace->remote) + 999) / 1000;

    return kbit < UINT32_MAX ? (uint32_t)kbit : UINT32_MAX;
}

bool pace_has_rate(const struct pace *pace)
{
    return pace->theirs_kbit > 0 || pace_ours(pace) > 0;
}

void pace_fit(const struct pace *pace, struct peer_options *options)
{
    uint64_t rate_bits = gate_rate(pace->gate, &pace->remote);
    uint64_t credit = rate_bits / 8 * PACE_CREDIT_S, left = gate_left(pace->gate, &pace->remote, WINDOW_RESULTS);

    options->rate_kbit = pace_ours(pace);
    if (left < options->credit_bytes) { /* what is under way when a quota is spent comes all the same */
        options->credit_bytes = left > PACE_CREDIT_MIN ? (uint32_t)left : PACE_CREDIT_MIN;
    }
    if (rate_bits == 0 || credit >= options->credit_bytes) {
        return;
    }
    options->credit_bytes = credit > PACE_CREDIT_MIN ? (uint32_t)credit : PACE_CREDIT_MIN;
    uint64_t carry_ms = options->credit_bytes * 8000ULL / rate_bits;
    if (2 * carry_ms > options->retry_ms) {
        options->retry_ms = 2 * carry_ms < PACE_RETRY_SLOW_MS ? (uint32_t)(2 * carry_ms) : PACE_RETRY_SLOW_MS;
        options->idle_ms =
            options->idle_ms > 4 * options->retry_ms ? options->idle_ms : 4 * options->retry_ms;
    }
}

void pace_set_theirs(struct pace *pace, uint32_t rate_kbit)
{
    uint64_t rate_bits =
        (uint64_t)rate_kbit * 1000 < BUDGET_RATE_MAX ? (uint64_t)rate_kbit * 1000 : BUDGET_RATE_MAX;

    if (rate_kbit != pace->theirs_kbit) {
        pace->theirs_kbit = rate_kbit;
        budget_init(&pace->theirs, rate_bits, gate_burst(rate_bits), local_time_monotonic());
    }
}

/* Contents of courses, or anything else. */
static enum window_class class_of(struct bytes packet)
{
    bool is_frame = packet.size > 1 && !together_is(packet);
    bool is_content = pair_is(packet) || (is_frame && (packet.data[1] == MESSAGE_PIECES || packet.data[1] == MESSAGE_PATCHES));

    return is_content ? WINDOW_COURSES : WINDOW_RESULTS;
}

bool pace_is_void(const struct pace *pace, struct bytes packet)
{
    return class_of(packet) == WINDOW_COURSES && !gate_lets_courses(pace->gate, &pace->remote);
}

bool pace_may_take(struct pace *pace, struct bytes frame)
{
    return gate_may_move(pace->gate, &pace->remote, class_of(frame));
}

bool pace_may_send(struct pace *pace, struct bytes packet)
{
    if (!gate_is_open(pace->gate, &pace->remote) || !gate_may_move(pace->gate, &pace->remote, class_of(packet))) {
        return false; /* a quota that is spent ends the session when the loop comes round */
    }
    uint64_t wait_ms = budget_wait_ms(&pace->theirs, local_time_monotonic());
    if (wait_ms > 0) {
        gate_wake(pace->gate, wait_ms);
    }
    return wait_ms == 0 && gate_fits(pace->gate, &pace->remote, class_of(packet), packet.size);
}

void pace_sent(struct pace *pace, struct bytes packet)
{
    gate_spend(pace->gate, &pace->remote, class_of(packet), packet.size);
    (void)budget_spend(&pace->theirs, gate_cost(packet.size), local_time_monotonic());
}

void pace_taken(struct pace *pace, struct bytes frame)
{
    gate_spend(pace->gate, &pace->remote, class_of(frame), frame.size);
}

void pace_count(struct pace *pace, struct bytes packet)
{
    gate_count(pace->gate, &pace->remote, class_of(packet), packet.size);
}
