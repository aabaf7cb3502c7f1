/* braid.h: contents over several connections, where loss starves one.
 *
 * Where the kernel has no BBR (congestion.h) each lost packet halves what TCP keeps under way: at 1 % loss and 150 ms one connection
 * carries 0.9 Mbit/s, whatever the line has (Mathis et al., CCR 27-3, 1997: 1.2 segments / (rtt * sqrt(loss))). Several carry as many times that.
 *
 *   one connection        until packets are seen to be lost while none waits in the line: the time there and back is near the least that was
 *                         ever seen. Where most are lost while packets wait the line is full, and more connections would only push others aside
 *   BRAID_SOME more       are asked for, and all when that is seen once more, or at once when much is lost
 *   thirty seconds rest   they are let go
 *
 * Over the others go pieces of objects (PIECES) alone: each says which bytes of which object it brings, so their order means nothing.
 * All else stays on the connection that bulk crosses anyway, in order. Each connection is given about what it can have
 * under way, the rest waits in the session: a connection that stands behind a lost packet holds up little. Rates and quotas
 * are kept before (session.c), of all together. This is the bookkeeping of who sends; dial.c and listener.c have the connections. */
#ifndef QANAT_NODE_LINK_BRAID_H
#define QANAT_NODE_LINK_BRAID_H

#include "node/link/gate.h"
#include "node/link/opening.h"
#include "node/link/traffic.h"
#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum {
    BRAID_FIRST = 2, /* the number (opening.h) of the first one more; before it are control and bulk */
    BRAID_MORE_MAX = OPENING_LINES_MAX - BRAID_FIRST,
    BRAID_SOME = 3,
    BRAID_LOOK_MS = 10,        /* what found no room tries again so soon, */
    BRAID_RTT_MIN_US = 20000,  /* and nearer than this no braid is needed: a loss is told and mended before it is felt */
    BRAID_LOSSES_MIN = 2,      /* in one window of time, */
    BRAID_LOSS_SHARE = 500,    /* and one segment in so many: fewer leave a connection two thirds of a fast line */
    BRAID_LOSS_MUCH = 200,     /* one in so many is much */
    BRAID_ROOM = 1250,         /* thousandths of what it may have under way: with less before it, it has room for a frame */
    BRAID_QUIET_US = 10000,    /* nobody waits in a line that takes half as long again as at best, and this */
    BRAID_WINDOW_MIN_MS = 300,
    BRAID_WINDOW_MS = 3000,
    BRAID_REST_MS = 30 * 1000,
};

typedef bool braid_look(int fd, struct traffic_state *out);

struct braid_line {
    bool is_open;
    bool is_steady; /* loss does not slow it: BBR */
    int fd;
    uint64_t sent, base; /* bytes of packets with their heads, given to the library; what TCP had carried before */
};

struct braid_window {
    uint64_t since_ms;  /* 0: none */
    uint32_t segments;  /* that had been sent when it began, */
    uint32_t repeated;  /* of which again, at the last look; since it began */
    uint32_t lost_quiet, lost_queued; /* while none waited in the line, and while some did */
};

struct braid {
    braid_look *look;
    struct braid_line lines[OPENING_LINES_MAX];
    struct braid_window window;
    unsigned wanted; /* connections more: 0, BRAID_SOME, BRAID_MORE_MAX */
    uint64_t used_ms; /* something crossed one of them last, either way */
};

/* The connections of one link, to be had and to be used. */
struct braid_wire {
    enum status (*put)(void *ctx, unsigned line, struct bytes packet); /* a packet leaves over one: S_OK, S_BUSY, S_UNREACHABLE */
    void (*want)(void *ctx, unsigned count); /* so many more are wanted now: makes them, or asks for them */
    void *ctx;
    bool is_able;      /* the other side knows what a braid is */
    struct gate *gate; /* woken in BRAID_LOOK_MS when there is room nowhere; NULL: nobody is */
};

/* `look`: traffic_look(), or a test's. */
void braid_init(struct braid *braid, braid_look *look);

/* A connection stands: from now on what it is given counts. One that goes by BBR needs no others. */
void braid_up(struct braid *braid, unsigned line, int fd, bool is_steady);
void braid_down(struct braid *braid, unsigned line);

/* A packet left over `line` beside braid_send(). */
void braid_count(struct braid *braid, unsigned line, size_t size);

/* Sends a packet of bulk that would go over `first`, by that one or another. S_BUSY: there is room nowhere; look again in BRAID_LOOK_MS. Says
 * when more connections are wanted. */
enum status braid_send(struct braid *braid, unsigned first, struct bytes packet, const struct braid_wire *wire, uint64_t now_ms);

/* Something came over one of the others. */
void braid_heard(struct braid *braid, uint64_t now_ms);

/* Has none of the others been used of late? */
bool braid_has_rested(const struct braid *braid, uint64_t now_ms);

/* They were let go: begins anew. */
void braid_rest(struct braid *braid);

#endif
