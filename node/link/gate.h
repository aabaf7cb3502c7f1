/* gate.h: whether bytes may pass between this node and a peer now, how fast, and what they cost.
 *
 * Made from the transfer windows (node/store/operation/hours.h). Everything that dials, takes a connection or moves
 * frames asks here. Of several lines that are open, bytes of a class (results, courses) go over the fastest that
 * is for that class: its rate holds for them. They are counted against the quota of that line, with an allowance for
 * CURVE and TCP; counts reach the store every few seconds, so a kill may forget the last of them. Hours are
 * looked at again every second: a clock that jumps is noticed. Without any window nothing is counted or
 * limited. Loop thread only. */
#ifndef QANAT_NODE_LINK_GATE_H
#define QANAT_NODE_LINK_GATE_H

#include <uv.h>

#include "node/store/operation/hours.h"
#include "node/store/store.h"

enum {
    GATE_FRAME_OVERHEAD = 64,       /* bytes a frame costs beside itself, */
    GATE_SHARE_OVERHEAD = 40,       /* and one of so many for the headers of its packets */
    GATE_BURST_MS = 250,            /* what a rate may save up */
    GATE_FLUSH_MS = 10 * 1000,      /* counts are written so often, */
    GATE_FLUSH_BYTES = 1024 * 1024, /* or after so many bytes */
    GATE_OVERRIDES_MAX = 64,
    GATE_RESERVE_MAX = 2048,        /* bytes of a quota, or this share of it, for what ends a session; bulk is not sent into them */
    GATE_RESERVE_SHARE = 64,
    GATE_FULL_MS = 60 * 1000,       /* when no course fits what is left of a quota, that is looked at again */
    GATE_RETRY_MIN_MS = 1000,              /* what a peer outside its window is told, at least */
    GATE_RETRY_MAX_MS = 24 * 3600 * 1000,  /* and at most */
    GATE_RETRY_PAUSED_MS = 15 * 60 * 1000, /* while paused: nobody knows until when */
};

#define GATE_NO_QUOTA UINT64_MAX

struct gate;

/* Reads the windows. Never NULL. */
struct gate *gate_new(uv_loop_t *loop, struct store *store);

/* Writes what was counted. */
void gate_stop(struct gate *gate);

/* Nothing is on its way to the store. Then gate_free(); memory goes when the loop has run. */
bool gate_is_idle(const struct gate *gate);
void gate_free(struct gate *gate);

/* Reads the windows again when they changed; true when they had. */
bool gate_refresh(struct gate *gate);

/* Once a second: hours and quotas are looked at again; true when a line opened or closed. */
bool gate_tick(struct gate *gate);

/* True once after a quota ran out: sessions have to be looked at. */
bool gate_take_spent(struct gate *gate);

/* What the windows say, the override aside. */
void gate_ask(const struct gate *gate, const struct id *remote, struct hours_answer *answer_out);

/* True when bytes may pass: open, or overridden. Cheap. */
bool gate_is_open(const struct gate *gate, const struct id *remote);

/* How long `remote` should stay away: milliseconds until the opening. */
uint32_t gate_retry_ms(const struct gate *gate, const struct id *remote);

/* `sync --now`: lets everything pass to `remote` until it is taken back as often as it was given. */
void gate_override(struct gate *gate, const struct id *remote, bool is_given);

/* Course files may pass, not only results. */
bool gate_lets_courses(const struct gate *gate, const struct id *remote);

/* What is left of the quota of the line that bytes of a class go over now; GATE_NO_QUOTA also when it is overridden. */
uint64_t gate_left(const struct gate *gate, const struct id *remote, enum window_class class);

/* Nothing of the courses that are wanted fits what is left: they do not pass for GATE_FULL_MS; results do. */
void gate_refuse_courses(struct gate *gate, const struct id *remote);

/* May a bulk packet of that size be sent within the quota? If not, what is left of it, less than a packet, counts as spent. */
bool gate_fits(struct gate *gate, const struct id *remote, enum window_class class, size_t size);

/* The rate in bits a second at which bytes of a class may pass now; 0: no limit. */
uint64_t gate_rate_of(struct gate *gate, const struct id *remote, enum window_class class);

/* The least of those that may pass: what the other is told, who knows of one rate alone. */
uint64_t gate_rate(struct gate *gate, const struct id *remote);

/* True when a bulk frame of that class may move now; otherwise the loop is woken when it may. */
bool gate_may_move(struct gate *gate, const struct id *remote, enum window_class class);

/* Wakes the loop in `wait_ms`, or before. */
void gate_wake(struct gate *gate, uint64_t wait_ms);

/* What a frame of `size` bytes costs on the wire, about; contents of `size` bytes in as many frames as they take; and what a rate may save up, in bytes. */
size_t gate_cost(size_t size);
uint64_t gate_cost_of_contents(uint64_t size);
uint32_t gate_burst(uint64_t rate_bits);

/* A bulk frame of `size` bytes moved, either way. */
void gate_spend(struct gate *gate, const struct id *remote, enum window_class class, size_t size);

/* A frame of `size` bytes left or arrived. */
void gate_count(struct gate *gate, const struct id *remote, enum window_class class, size_t size);

#endif
