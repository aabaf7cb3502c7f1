/* hours.h: what the transfer windows say about a moment: may this node talk to that peer, and when else.
 *
 * A peer with windows of its own goes by them alone, any other by those for all; with no window at all it is
 * always open. Windows that overlap add up. A window whose quota is spent is closed until its next period.
 * Local time comes from the C library, so summer time is kept. */
#ifndef QANAT_NODE_STORE_OPERATION_HOURS_H
#define QANAT_NODE_STORE_OPERATION_HOURS_H

#include "node/store/operation/window.h"

enum { HOURS_TEXT_MAX = 160 };

#define HOURS_NO_LIMIT UINT64_MAX

/* A row and what was spent of it in the period that began at used_start_ms. */
struct hours_line {
    struct window_row row;
    uint64_t used_start_ms, used_bytes;
};

struct hours {
    struct hours_line lines[WINDOWS_MAX];
    size_t count;
    bool is_paused;
    uint64_t revision;
};

enum hours_state {
    HOURS_FREE, /* no window is for this peer */
    HOURS_OPEN,
    HOURS_CLOSED,
    HOURS_SPENT, /* it would be open, but for its quota */
    HOURS_PAUSED,
};

struct hours_answer {
    enum hours_state state;
    uint64_t next_ms; /* when it opens; WINDOW_NEVER while paused; 0 when open */
    size_t line;      /* HOURS_OPEN: the fastest open line; else the one that opens next, when there is one */
    uint8_t classes;  /* enum window_class bits that may pass now */
};

/* Reads rows, pause and what was spent as of `wall_ms`. */
void hours_load(struct db *db, uint64_t wall_ms, struct hours *hours_out);

/* True when the line is one that `peer` goes by. */
bool hours_applies(const struct hours *hours, const struct hours_line *line, const struct id *peer);

/* Open at `wall_ms`, and its quota not spent. */
bool hours_line_is_open(const struct hours_line *line, uint64_t wall_ms);

/* When the period of its quota that holds `wall_ms` began: the same key before and after a change to summer
 * time. */
uint64_t hours_line_start(const struct hours_line *line, uint64_t wall_ms);

/* Bytes of its quota that are left; HOURS_NO_LIMIT without one. */
uint64_t hours_line_left(const struct hours_line *line, uint64_t wall_ms);

/* When a closed or spent line opens next; WINDOW_NEVER when not within two months. */
uint64_t hours_line_next(const struct hours_line *line, uint64_t wall_ms);

void hours_ask(const struct hours *hours, const struct id *peer, uint64_t wall_ms,
               struct hours_answer *answer_out);

/* True when bytes may pass. */
bool hours_is_open(const struct hours_answer *answer);

/* What fits into the window that is open, or opens next. */
struct hours_room {
    uint64_t opens_ms, closes_ms; /* closes_ms: WINDOW_NEVER when it does not */
    uint64_t bytes; /* by its quota, its rate (at most `rate_bits` a second) and its length; HOURS_NO_LIMIT */
    uint64_t rate_bits; /* the lower of both rates */
    bool is_metered;
};

/* For bytes of `class`; where no window is for those, for any. False when no window is for `peer`, or none opens. `rate_bits`: what the link itself carries,
 * above 0. */
bool hours_room(const struct hours *hours, const struct id *peer, enum window_class class, uint64_t wall_ms, uint64_t rate_bits,
                struct hours_room *room_out);

/* How many windows of `peer` opened after `since_ms` and closed by `wall_ms`, HOURS_MISSED_MAX at most: with
 * `since_ms` the last success, those in which nothing came to an end. 0 when `since_ms` is 0. */
enum { HOURS_MISSED_MAX = 60 };
unsigned hours_missed(const struct hours *hours, const struct id *peer, uint64_t since_ms, uint64_t wall_ms);

/* Why not, for people: "outside the window; next window 22:00", "sync is paused"; "" when open. */
void hours_text(const struct hours_answer *answer, uint64_t wall_ms, char out[HOURS_TEXT_MAX]);

#endif
