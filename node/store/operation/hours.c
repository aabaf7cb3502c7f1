#include "node/store/operation/hours.h"

#include <stdio.h>
#include <string.h>

#include "node/local_time.h"

enum { SEARCH_DAYS = 62 };

#define MINUTE_MS 60000ULL
#define DAY_MS    (WINDOW_DAY_MINUTES * MINUTE_MS)

void hours_load(struct db *db, uint64_t wall_ms, struct hours *hours_out)
{
    struct window_row rows[WINDOWS_MAX];

    memset(hours_out, 0, sizeof *hours_out);
    hours_out->revision = window_revision(db);
    hours_out->is_paused = window_is_paused(db);
    hours_out->count = window_row_list(db, rows);
    for (size_t i = 0; i < hours_out->count; i++) {
        struct hours_line *line = &hours_out->lines[i];
        line->row = rows[i];
        if (line->row.window.quota_bytes > 0) {
            line->used_start_ms = hours_line_start(line, wall_ms);
            line->used_bytes = window_used_get(db, line->row.id, line->used_start_ms);
        }
    }
}

bool hours_applies(const struct hours *hours, const struct hours_line *line, const struct id *peer)
{
    if (!line->row.is_for_all) {
        return id_equal(&line->row.peer, peer);
    }
    for (size_t i = 0; i < hours->count; i++) {
        if (!hours->lines[i].row.is_for_all && id_equal(&hours->lines[i].row.peer, peer)) {
            return false;
        }
    }
    return true;
}

/* --- one line
 * -------------------------------------------------------------------------------------------------- */

uint64_t hours_line_start(const struct hours_line *line, uint64_t wall_ms)
{
    int offset = local_time_offset(wall_ms);
    uint64_t start_ms = window_quota_start(&line->row.window, wall_ms, offset);
    int64_t moved_ms =
        (offset - local_time_offset(start_ms)) * (int64_t)MINUTE_MS; /* summer time began or ended since */

    return moved_ms < 0 && start_ms < (uint64_t)-moved_ms ? 0 : start_ms + (uint64_t)moved_ms;
}

uint64_t hours_line_left(const struct hours_line *line, uint64_t wall_ms)
{
    const struct window *window = &line->row.window;

    if (window->quota_bytes == 0) {
        return HOURS_NO_LIMIT;
    }
    if (hours_line_start(line, wall_ms) != line->used_start_ms) {
        return window->quota_bytes; /* another period: nothing counted yet */
    }
    return line->used_bytes < window->quota_bytes ? window->quota_bytes - line->used_bytes : 0;
}

bool hours_line_is_open(const struct hours_line *line, uint64_t wall_ms)
{
    return window_is_open(&line->row.window, wall_ms, local_time_offset(wall_ms)) &&
           hours_line_left(line, wall_ms) > 0;
}

/* The moment of a local minute of a day since 1970, by the offset that holds then. */
static uint64_t moment_of(uint64_t day, unsigned minute, int offset_guess)
{
    int64_t local = (int64_t)(day * DAY_MS + minute * MINUTE_MS);
    int64_t guess = local - offset_guess * (int64_t)MINUTE_MS;
    int64_t moment = local - local_time_offset(guess < 0 ? 0 : (uint64_t)guess) * (int64_t)MINUTE_MS;

    return moment < 0 ? 0 : (uint64_t)moment;
}

uint64_t hours_line_next(const struct hours_line *line, uint64_t wall_ms)
{
    int offset = local_time_offset(wall_ms);
    int64_t local = (int64_t)wall_ms + offset * (int64_t)MINUTE_MS;
    uint64_t today = local < 0 ? 0 : (uint64_t)local / DAY_MS;

    /* It opens at its first hour, or, when a quota of days or months comes back, at midnight. */
    for (uint64_t day = today; day <= today + SEARCH_DAYS; day++) {
        const unsigned minutes[] = {0, line->row.window.start_minute};
        for (int i = 0; i < 2; i++) {
            uint64_t moment = moment_of(day, minutes[i], offset);
            if (moment > wall_ms && hours_line_is_open(line, moment)) {
                return moment;
            }
        }
    }
    return WINDOW_NEVER;
}

/* --- all lines
 * ------------------------------------------------------------------------------------------------- */

static bool is_faster(const struct window *one, const struct window *other)
{
    return other->rate_bits != 0 && (one->rate_bits == 0 || one->rate_bits > other->rate_bits);
}

static void line_weigh(const struct hours *hours, size_t index, uint64_t wall_ms, struct hours_answer *answer)
{
    const struct hours_line *line = &hours->lines[index];

    if (hours_line_is_open(line, wall_ms)) {
        if (answer->state != HOURS_OPEN ||
            is_faster(&line->row.window, &hours->lines[answer->line].row.window)) {
            answer->line = index;
        }
        answer->state = HOURS_OPEN;
        answer->classes |= line->row.window.classes;
        return;
    }
    if (answer->state == HOURS_OPEN) {
        return;
    }
    uint64_t next_ms = hours_line_next(line, wall_ms);
    if (answer->state == HOURS_FREE || next_ms < answer->next_ms) {
        answer->next_ms = next_ms;
        answer->line = index;
    }
    bool is_spent = window_is_open(&line->row.window, wall_ms, local_time_offset(wall_ms));
    answer->state = is_spent || answer->state == HOURS_SPENT ? HOURS_SPENT : HOURS_CLOSED;
}

/* Of the lines that are for any of `classes`. */
static void ask_for(const struct hours *hours, const struct id *peer, unsigned classes, uint64_t wall_ms, struct hours_answer *answer_out)
{
    *answer_out = (struct hours_answer){.state = HOURS_FREE};
    for (size_t i = 0; i < hours->count; i++) {
        if ((hours->lines[i].row.window.classes & classes) && hours_applies(hours, &hours->lines[i], peer)) {
            line_weigh(hours, i, wall_ms, answer_out);
        }
    }
    if (answer_out->state == HOURS_FREE) {
        answer_out->classes = WINDOW_RESULTS | WINDOW_COURSES;
    }
    if (hours_is_open(answer_out)) {
        answer_out->next_ms = 0;
    }
    if (hours->is_paused) {
        answer_out->state = HOURS_PAUSED;
        answer_out->next_ms = WINDOW_NEVER;
        answer_out->classes = 0;
    }
}

void hours_ask(const struct hours *hours, const struct id *peer, uint64_t wall_ms, struct hours_answer *answer_out)
{
    ask_for(hours, peer, WINDOW_RESULTS | WINDOW_COURSES, wall_ms, answer_out);
}

bool hours_is_open(const struct hours_answer *answer)
{
    return answer->state == HOURS_FREE || answer->state == HOURS_OPEN;
}

bool hours_room(const struct hours *hours, const struct id *peer, enum window_class class, uint64_t wall_ms, uint64_t rate_bits,
                struct hours_room *room_out)
{
    struct hours_answer answer;

    ask_for(hours, peer, class, wall_ms, &answer);
    if (answer.state == HOURS_FREE) {
        hours_ask(hours, peer, wall_ms, &answer);
    }
    if (answer.state == HOURS_FREE || answer.next_ms == WINDOW_NEVER) {
        return false;
    }
    const struct hours_line *line = &hours->lines[answer.line];
    const struct window *window = &line->row.window;
    room_out->opens_ms = answer.next_ms > 0 ? answer.next_ms : wall_ms;
    room_out->closes_ms =
        window_next_change(window, room_out->opens_ms, local_time_offset(room_out->opens_ms));
    room_out->rate_bits =
        window->rate_bits > 0 && window->rate_bits < rate_bits ? window->rate_bits : rate_bits;
    room_out->is_metered = window->is_metered;
    room_out->bytes = hours_line_left(line, room_out->opens_ms);
    if (room_out->closes_ms != WINDOW_NEVER) {
        uint64_t carried = (room_out->closes_ms - room_out->opens_ms) / 1000 * (room_out->rate_bits / 8);
        room_out->bytes = carried < room_out->bytes ? carried : room_out->bytes;
    }
    return true;
}

/* When the window that is open at `wall_ms` closes. */
static uint64_t line_closes(const struct hours_line *line, uint64_t wall_ms)
{
    return window_next_change(&line->row.window, wall_ms, local_time_offset(wall_ms));
}

static unsigned line_missed(const struct hours_line *line, uint64_t since_ms, uint64_t wall_ms)
{
    bool was_open = window_is_open(&line->row.window, since_ms, local_time_offset(since_ms));
    uint64_t at_ms = was_open ? line_closes(line, since_ms) : since_ms; /* that one was of use */
    unsigned missed = 0;

    while (missed < HOURS_MISSED_MAX && at_ms < wall_ms) {
        uint64_t opens_ms = hours_line_next(line, at_ms);
        uint64_t closes_ms = opens_ms < wall_ms ? line_closes(line, opens_ms) : WINDOW_NEVER;
        if (closes_ms > wall_ms) {
            break;
        }
        missed++;
        at_ms = closes_ms;
    }
    return missed;
}

unsigned hours_missed(const struct hours *hours, const struct id *peer, uint64_t since_ms, uint64_t wall_ms)
{
    unsigned missed = 0;

    for (size_t i = 0; since_ms > 0 && i < hours->count; i++) {
        struct hours_line line = hours->lines[i];

        line.row.window.quota_bytes = 0; /* one whose quota was spent is not missed */
        if (hours_applies(hours, &line, peer)) {
            missed += line_missed(&line, since_ms, wall_ms);
        }
    }
    return missed < HOURS_MISSED_MAX ? missed : HOURS_MISSED_MAX;
}

void hours_text(const struct hours_answer *answer, uint64_t wall_ms, char out[HOURS_TEXT_MAX])
{
    char next[LOCAL_TIME_SIZE] = "not within two months";

    if (answer->next_ms != WINDOW_NEVER) {
        local_time_text(answer->next_ms, wall_ms, next);
    }
    switch (answer->state) {
    case HOURS_FREE:
    case HOURS_OPEN:
        out[0] = '\0';
        return;
    case HOURS_CLOSED:
        snprintf(out, HOURS_TEXT_MAX, "outside the window; next window %s", next);
        return;
    case HOURS_SPENT:
        snprintf(out, HOURS_TEXT_MAX, "the window's quota is spent; next window %s", next);
        return;
    case HOURS_PAUSED:
        snprintf(out, HOURS_TEXT_MAX, "sync is paused; qanat sync resume goes on");
        return;
    }
}
