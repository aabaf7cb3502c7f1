#include "node/link/record.h"

#include "node/incident.h"

void record_begin(struct record *record, uint64_t wall_ms)
{
    *record = (struct record){.opened_wall_ms = wall_ms, .told_state = PEER_CLOSED};
}

static bool is_lacking(const struct peer_progress *progress)
{
    return progress->we_lack_cells > 0 || progress->we_lack_bytes > 0 || progress->they_lack_cells > 0;
}

/* The clock was put right: what the last row says of it is long ago, or to come. */
static bool has_jumped(const struct record *record)
{
    uint64_t told = record->told_success_ms, now = record->success_wall_ms;

    return told > 0 && (now > told ? now - told : told - now) > 2 * RECORD_EVERY_MS;
}

/* In step or not any more, the end, much or long since the last row. Contents come in step, too: who reads the row is told "behind" while something lacks. */
static bool is_worth_it(struct record *record, const struct peer_progress *now, bool is_over, uint64_t now_ms)
{
    bool is_moving = now->bytes_in - record->told.bytes_in >= RECORD_MOVING_BYTES;
    bool is_end = is_over && !record->is_end_told;

    record->is_end_told = record->is_end_told || is_over;
    if (is_over) {
        return is_end;
    }
    return (now->state == PEER_IN_STEP) != (record->told_state == PEER_IN_STEP) ||
           (now->state == PEER_IN_STEP && is_lacking(&record->told) && !is_lacking(now)) || has_jumped(record) ||
           now_ms - record->told_ms >= (is_moving ? RECORD_MOVING_MS : RECORD_EVERY_MS);
}

bool record_report(struct record *record, const struct peer_progress *now, bool is_over, uint64_t now_ms, struct peer_status *row)
{
    const struct peer_progress *told = &record->told;

    if (!is_worth_it(record, now, is_over, now_ms)) {
        return false;
    }
    row->last_attempt_ms = record->opened_wall_ms;
    row->state = (int)(is_over ? PEER_CLOSED : now->state);
    row->last_success_ms = record->told_success_ms = record->success_wall_ms;
    row->we_lack_cells = now->we_lack_cells, row->we_lack_bytes = now->we_lack_bytes;
    row->they_lack_cells = now->they_lack_cells;
    row->bytes_in = now->bytes_in - told->bytes_in, row->bytes_out = now->bytes_out - told->bytes_out;
    row->refused = now->refused - told->refused;
    row->rate_bits = record->told_ms > 0 && now_ms > record->told_ms && !is_over ? row->bytes_in * 8000 / (now_ms - record->told_ms) : 0;
    row->sessions = record->told_ms == 0;
    row->software = now->remote_software;
    record->told = *now;
    record->told_state = (enum peer_state)row->state;
    record->told_ms = now_ms;
    return true;
}

void record_refused(const struct effect *effect, const struct id *remote)
{
    bool is_late = effect->status == S_STALE && id_is_none(&effect->stream.node); /* objects that it was to bring */
    enum incident incident = is_late ? INCIDENT_MESSAGES : incident_of_message(effect->status);

    incident_add_of(incident, incident == INCIDENT_FORMER_KEYS || incident == INCIDENT_FORKS ? &effect->stream.node : remote, 1);
}
