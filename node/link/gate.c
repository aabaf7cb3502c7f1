#include "node/link/gate.h"

#include <stdlib.h>
#include <string.h>

#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/base/limits.h"
#include "replication/schedule/budget.h"

/* Beside each line of the hours. */
struct flow {
    struct budget budget;
    bool is_open;
    uint64_t pending; /* counted and not yet written */
    uint64_t full_ms; /* monotonic: no course fits its quota until then */
};

struct override {
    struct id remote;
    unsigned count;
};

struct gate {
    struct store *store;
    struct hours hours;
    struct flow flows[WINDOWS_MAX];
    struct override overrides[GATE_OVERRIDES_MAX];
    uint64_t flushed_ms;
    size_t writes; /* on their way */
    bool has_spent;
    bool is_closing;
    uv_timer_t wake; /* a budget can pay again: the loop comes round, and what waits is flushed */
};

/* What was counted, on its way to the store. */
struct count_job {
    struct gate *gate;
    int64_t id;
    uint64_t start_ms, bytes;
};

/* --- writing what was counted
 * ---------------------------------------------------------------------------------- */

static enum status count_run(struct db *db, void *arg)
{
    const struct count_job *job = arg;

    return window_used_add(db, job->id, job->start_ms, job->bytes);
}

static void count_done(void *arg, enum status status)
{
    struct count_job *job = arg;

    if (status != S_OK) {
        log_event(LOG_WARNING, "window_count_lost", "bytes=%llu error=\"%s\"", (unsigned long long)job->bytes,
                  status_text(status));
    }
    CHECK(job->gate->writes > 0);
    job->gate->writes--;
    free(job);
}

static void line_flush(struct gate *gate, size_t index)
{
    struct flow *flow = &gate->flows[index];

    if (flow->pending == 0) {
        return;
    }
    struct count_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct count_job){gate, gate->hours.lines[index].row.id, gate->hours.lines[index].used_start_ms,
                              flow->pending};
    flow->pending = 0;
    gate->writes++;
    store_write(gate->store, count_run, job, count_done);
}

static void gate_flush(struct gate *gate)
{
    for (size_t i = 0; i < gate->hours.count; i++) {
        line_flush(gate, i);
    }
    gate->flushed_ms = local_time_monotonic();
}

/* --- hours
 * ------------------------------------------------------------------------------------------------------- */

size_t gate_cost(size_t size)
{
    return size + size / GATE_SHARE_OVERHEAD + GATE_FRAME_OVERHEAD;
}

uint64_t gate_cost_of_contents(uint64_t size)
{
    return size + size / GATE_SHARE_OVERHEAD + (size / FRAME_SIZE_MAX + 1) * GATE_FRAME_OVERHEAD;
}

/* A part of a second's worth, and never less than a frame. */
uint32_t gate_burst(uint64_t rate_bits)
{
    uint64_t burst = rate_bits / 8 * GATE_BURST_MS / 1000;

    burst = burst > FRAME_SIZE_MAX ? burst : FRAME_SIZE_MAX;
    return (uint32_t)(burst < BUDGET_BURST_MAX ? burst : BUDGET_BURST_MAX);
}

/* Looks at every line as of now; true when one opened or closed. */
static bool lines_look(struct gate *gate)
{
    uint64_t now_ms = local_time_now();
    bool is_changed = false;

    for (size_t i = 0; i < gate->hours.count; i++) {
        bool is_open = hours_line_is_open(&gate->hours.lines[i], now_ms);
        bool was_full = gate->flows[i].full_ms > 0 && local_time_monotonic() >= gate->flows[i].full_ms;
        is_changed = is_changed || was_full || is_open != gate->flows[i].is_open;
        gate->flows[i].is_open = is_open;
        gate->flows[i].full_ms = was_full ? 0 : gate->flows[i].full_ms;
    }
    return is_changed;
}

/* False when they could not be read: then those of before hold on. */
static bool gate_load(struct gate *gate)
{
    struct db *db = store_read_begin(gate->store);
    uint64_t now_ms = local_time_monotonic();
    struct hours hours;

    hours_load(db, local_time_now(), &hours);
    bool is_read = db_status(db) == S_OK;
    store_read_end(gate->store, db);
    if (!is_read) {
        return false;
    }
    gate->hours = hours;
    for (size_t i = 0; i < gate->hours.count; i++) {
        uint64_t rate = gate->hours.lines[i].row.window.rate_bits;
        gate->flows[i] = (struct flow){.is_open = false};
        budget_init(&gate->flows[i].budget, rate, gate_burst(rate), now_ms);
    }
    lines_look(gate);
    return true;
}

/* What is counted in memory and not yet in the store goes into the lines that were just read. */
static void counts_carry(struct gate *gate, const struct hours *before, const struct flow *flows)
{
    for (size_t i = 0; i < gate->hours.count; i++) {
        struct hours_line *line = &gate->hours.lines[i];
        for (size_t j = 0; j < before->count; j++) {
            const struct hours_line *old = &before->lines[j];
            if (old->row.id == line->row.id && old->used_start_ms == line->used_start_ms) {
                line->used_bytes = old->used_bytes > line->used_bytes ? old->used_bytes : line->used_bytes;
                gate->flows[i].budget = flows[j].budget;
            }
        }
    }
}

bool gate_refresh(struct gate *gate)
{
    struct db *db = store_read_begin(gate->store);
    uint64_t revision = window_revision(db);
    bool is_read = db_status(db) == S_OK;

    store_read_end(gate->store, db);
    if (!is_read || revision == gate->hours.revision) {
        return false;
    }
    gate_flush(gate);
    struct hours before = gate->hours;
    struct flow flows[WINDOWS_MAX];
    memcpy(flows, gate->flows, sizeof flows);
    if (!gate_load(gate)) {
        return false; /* asked again after the next change, or the next look */
    }
    counts_carry(gate, &before, flows);
    lines_look(gate);
    log_event(LOG_INFO, "windows_changed", "windows=%zu paused=%d", gate->hours.count, gate->hours.is_paused);
    return true;
}

/* A new period of a quota, or an old one of a clock set back: counted from what the store knows of it. */
static void lines_roll(struct gate *gate)
{
    uint64_t now_ms = local_time_now();

    for (size_t i = 0; i < gate->hours.count; i++) {
        struct hours_line *line = &gate->hours.lines[i];
        uint64_t start_ms = line->row.window.quota_bytes > 0 ? hours_line_start(line, now_ms) : 0;
        if (start_ms != line->used_start_ms) {
            line_flush(gate, i);
            struct db *db = store_read_begin(gate->store);
            uint64_t used = window_used_get(db, line->row.id, start_ms);
            bool is_read = db_status(db) == S_OK;
            store_read_end(gate->store, db);
            if (is_read) { /* else the next tick asks again */
                line->used_bytes = used;
                line->used_start_ms = start_ms;
            }
        }
    }
}

bool gate_tick(struct gate *gate)
{
    uint64_t pending = 0;

    for (size_t i = 0; i < gate->hours.count; i++) {
        pending += gate->flows[i].pending;
    }
    if (pending >= GATE_FLUSH_BYTES ||
        (pending > 0 && local_time_monotonic() - gate->flushed_ms >= GATE_FLUSH_MS)) {
        gate_flush(gate);
    }
    lines_roll(gate);
    return lines_look(gate);
}

bool gate_take_spent(struct gate *gate)
{
    bool has_spent = gate->has_spent;

    gate->has_spent = false;
    if (has_spent) {
        gate_flush(gate); /* others look at it in the store */
    }
    return has_spent;
}

/* --- answers
 * -------------------------------------------------------------------------------------------------------- */

static struct override *override_find(const struct gate *gate, const struct id *remote)
{
    for (size_t i = 0; i < GATE_OVERRIDES_MAX; i++) {
        if (gate->overrides[i].count > 0 && id_equal(&gate->overrides[i].remote, remote)) {
            return (struct override *)&gate->overrides[i];
        }
    }
    return NULL;
}

void gate_override(struct gate *gate, const struct id *remote, bool is_given)
{
    struct override *override = override_find(gate, remote);

    for (size_t i = 0; override == NULL && is_given && i < GATE_OVERRIDES_MAX; i++) {
        override = gate->overrides[i].count == 0 ? &gate->overrides[i] : NULL;
    }
    if (override == NULL) {
        return;
    }
    override->remote = *remote;
    override->count += is_given ? 1 : 0;
    override->count -= is_given ? 0 : 1;
}

void gate_ask(const struct gate *gate, const struct id *remote, struct hours_answer *answer_out)
{
    hours_ask(&gate->hours, remote, local_time_now(), answer_out);
    if (answer_out->state == HOURS_OPEN && !gate_lets_courses(gate, remote)) {
        answer_out->classes &= (uint8_t)~WINDOW_COURSES;
    }
}

/* 0 is no limit: less one it is the greatest. */
static bool is_faster(const struct gate *gate, size_t index, size_t other)
{
    return other == WINDOWS_MAX || gate->hours.lines[index].row.window.rate_bits - 1 > gate->hours.lines[other].row.window.rate_bits - 1;
}

/* The line that bytes of `class` to `remote` go over: the fastest open one that is for them, or else the fastest open one (what a session cannot do
 * without passes in any); WINDOWS_MAX: none. *has_lines_out: it goes by windows at all. */
static size_t line_find(const struct gate *gate, const struct id *remote, enum window_class class, bool *has_lines_out)
{
    size_t best = WINDOWS_MAX, any = WINDOWS_MAX;

    *has_lines_out = false;
    for (size_t i = 0; i < gate->hours.count; i++) {
        if (!hours_applies(&gate->hours, &gate->hours.lines[i], remote)) {
            continue;
        }
        *has_lines_out = true;
        if (gate->flows[i].is_open) {
            bool is_for_it = (gate->hours.lines[i].row.window.classes & class) != 0;
            any = is_faster(gate, i, any) ? i : any;
            best = is_for_it && is_faster(gate, i, best) ? i : best;
        }
    }
    return best < WINDOWS_MAX ? best : any;
}

bool gate_is_open(const struct gate *gate, const struct id *remote)
{
    bool has_lines;

    if (gate->hours.count == 0 && !gate->hours.is_paused) {
        return true;
    }
    if (override_find(gate, remote) != NULL) {
        return true;
    }
    return !gate->hours.is_paused && (line_find(gate, remote, WINDOW_RESULTS, &has_lines) < WINDOWS_MAX || !has_lines);
}

uint32_t gate_retry_ms(const struct gate *gate, const struct id *remote)
{
    uint64_t now_ms = local_time_now(), wait_ms = GATE_RETRY_PAUSED_MS;
    struct hours_answer answer;

    gate_ask(gate, remote, &answer);
    if (answer.next_ms != WINDOW_NEVER) {
        wait_ms = answer.next_ms > now_ms ? answer.next_ms - now_ms : 0;
    }
    wait_ms = wait_ms < GATE_RETRY_MAX_MS ? wait_ms : GATE_RETRY_MAX_MS;
    return (uint32_t)(wait_ms > GATE_RETRY_MIN_MS ? wait_ms : GATE_RETRY_MIN_MS);
}

bool gate_lets_courses(const struct gate *gate, const struct id *remote)
{
    bool has_lines = false;

    if (gate->hours.count == 0 || override_find(gate, remote) != NULL) {
        return true;
    }
    for (size_t i = 0; i < gate->hours.count; i++) {
        const struct hours_line *line = &gate->hours.lines[i];
        bool applies = hours_applies(&gate->hours, line, remote);
        has_lines = has_lines || applies;
        bool is_full = local_time_monotonic() < gate->flows[i].full_ms;
        if (applies && gate->flows[i].is_open && !is_full && (line->row.window.classes & WINDOW_COURSES)) {
            return true;
        }
    }
    return !has_lines;
}

/* The open line that holds for them; WINDOWS_MAX: none does. */
static size_t line_holding(const struct gate *gate, const struct id *remote, enum window_class class)
{
    bool has_lines;

    return gate->hours.count == 0 || override_find(gate, remote) != NULL ? WINDOWS_MAX : line_find(gate, remote, class, &has_lines);
}

/* The flow whose rate holds for them; NULL: no limit. */
static struct flow *flow_limiting(struct gate *gate, const struct id *remote, enum window_class class)
{
    size_t line = line_holding(gate, remote, class);

    return line < WINDOWS_MAX ? &gate->flows[line] : NULL;
}

/* The same, where it has a quota. */
static size_t line_limiting(const struct gate *gate, const struct id *remote, enum window_class class)
{
    size_t line = line_holding(gate, remote, class);

    return line < WINDOWS_MAX && gate->hours.lines[line].row.window.quota_bytes > 0 ? line : WINDOWS_MAX;
}

static uint64_t line_left(const struct hours_line *line)
{
    uint64_t quota = line->row.window.quota_bytes, used = line->used_bytes;
    uint64_t reserve = quota / GATE_RESERVE_SHARE < GATE_RESERVE_MAX ? quota / GATE_RESERVE_SHARE : GATE_RESERVE_MAX;

    return used + reserve < quota ? quota - used - reserve : 0;
}

uint64_t gate_left(const struct gate *gate, const struct id *remote, enum window_class class)
{
    size_t index = line_limiting(gate, remote, class);

    return index < WINDOWS_MAX ? line_left(&gate->hours.lines[index]) : GATE_NO_QUOTA;
}

void gate_refuse_courses(struct gate *gate, const struct id *remote)
{
    size_t index = line_limiting(gate, remote, WINDOW_COURSES);

    if (index < WINDOWS_MAX) {
        gate->flows[index].full_ms = local_time_monotonic() + GATE_FULL_MS;
    }
}

bool gate_fits(struct gate *gate, const struct id *remote, enum window_class class, size_t size)
{
    size_t index = line_limiting(gate, remote, class);

    if (index == WINDOWS_MAX || gate_cost(size) <= line_left(&gate->hours.lines[index])) {
        return true;
    }
    struct hours_line *line = &gate->hours.lines[index];
    if (line->used_bytes < line->row.window.quota_bytes) {
        gate->flows[index].pending += line->row.window.quota_bytes - line->used_bytes;
        line->used_bytes = line->row.window.quota_bytes;
    }
    gate->flows[index].is_open = false;
    gate->has_spent = true;
    return false;
}

uint64_t gate_rate_of(struct gate *gate, const struct id *remote, enum window_class class)
{
    const struct flow *flow = flow_limiting(gate, remote, class);

    return flow != NULL ? flow->budget.rate_bits : 0;
}

uint64_t gate_rate(struct gate *gate, const struct id *remote)
{
    uint64_t results = gate_rate_of(gate, remote, WINDOW_RESULTS);
    uint64_t courses = gate_lets_courses(gate, remote) ? gate_rate_of(gate, remote, WINDOW_COURSES) : results;

    return courses - 1 < results - 1 ? courses : results;
}

/* --- bytes
 * ------------------------------------------------------------------------------------------------------------
 */

static void on_wake(uv_timer_t *timer)
{
    (void)timer; /* the loop is awake: what waits is flushed before it blocks again */
}

void gate_wake(struct gate *gate, uint64_t wait_ms)
{
    if (!gate->is_closing &&
        (!uv_is_active((uv_handle_t *)&gate->wake) || uv_timer_get_due_in(&gate->wake) > wait_ms)) {
        uv_update_time(gate->wake.loop);
        uv_timer_start(&gate->wake, on_wake, wait_ms, 0);
    }
}

bool gate_may_move(struct gate *gate, const struct id *remote, enum window_class class)
{
    struct flow *flow = flow_limiting(gate, remote, class);

    if (flow == NULL) {
        return true;
    }
    uint64_t wait_ms = budget_wait_ms(&flow->budget, local_time_monotonic());
    if (wait_ms == 0) {
        return true;
    }
    gate_wake(gate, wait_ms);
    return false;
}

void gate_spend(struct gate *gate, const struct id *remote, enum window_class class, size_t size)
{
    struct flow *flow = flow_limiting(gate, remote, class);

    if (flow != NULL) {
        (void)budget_spend(&flow->budget, gate_cost(size), local_time_monotonic());
    }
}

void gate_count(struct gate *gate, const struct id *remote, enum window_class class, size_t size)
{
    bool has_lines;

    if (gate->hours.count == 0) {
        return;
    }
    size_t index = line_find(gate, remote, class, &has_lines);
    for (size_t i = 0; index == WINDOWS_MAX && has_lines && i < gate->hours.count; i++) {
        /* Outside every window, by an override: paid for all the same. */
        index = hours_applies(&gate->hours, &gate->hours.lines[i], remote) ? i : index;
    }
    if (index == WINDOWS_MAX || gate->hours.lines[index].row.window.quota_bytes == 0) {
        return;
    }
    struct hours_line *line = &gate->hours.lines[index];
    struct flow *flow = &gate->flows[index];
    flow->pending += gate_cost(size);
    line->used_bytes += gate_cost(size);
    if (flow->is_open && line->used_bytes >= line->row.window.quota_bytes) {
        flow->is_open = false;
        gate->has_spent = true;
    }
}

/* --- the life of a gate
 * ------------------------------------------------------------------------------------------------- */

struct gate *gate_new(uv_loop_t *loop, struct store *store)
{
    struct gate *gate = calloc(1, sizeof *gate);

    CHECK(gate != NULL);
    gate->store = store;
    gate->flushed_ms = local_time_monotonic();
    uv_timer_init(loop, &gate->wake);
    gate->wake.data = gate;
    gate_load(gate);
    return gate;
}

void gate_stop(struct gate *gate)
{
    gate->is_closing = true;
    uv_timer_stop(&gate->wake);
    gate_flush(gate);
}

bool gate_is_idle(const struct gate *gate)
{
    return gate->writes == 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void gate_free(struct gate *gate)
{
    CHECK(gate_is_idle(gate));
    uv_close((uv_handle_t *)&gate->wake, on_closed);
}
