/* lane.h: which of the two connections of a link a frame takes.
 *
 *   rest, a little bulk    everything crosses the one that stands (small.h)
 *   bulk, the other comes  bulk begins on the one that stands: another handshake is six round trips, and that one has learnt the line
 *   bulk, both stand       it stays there, in order, and control moves to the other, where nothing is before it
 *   bulk has rested        control is back: an answer on the connection of the question costs no packet of its own
 *
 * Which connection a frame came over means nothing to who takes it: it is told by its type. So each side decides alone, and
 * earlier versions, which send bulk over the second connection only, understand this one. On a line with a rate bulk waits
 * for the second connection as ever: what waits for the rate at the other side must have no control in it. */
#ifndef QANAT_NODE_LINK_LANE_H
#define QANAT_NODE_LINK_LANE_H

#include "node/link/small.h"
#include "replication/peer/peer.h"

enum {
    LANE_LEAD_MAX = 256 * 1024, /* bytes of bulk that may be before control, not yet arrived, while the second connection is made */
    LANE_CELLS_MAX = 2048, /* more to come than this: the second connection is made without being asked for */
};

/* The second connection. */
enum lane_second { LANE_NONE, LANE_COMING, LANE_STANDS };

enum lane_way {
    LANE_FIRST,
    LANE_SECOND,
    LANE_WAIT, /* until the second connection stands */
};

struct lane_choice {
    enum lane_way way;
    bool is_little; /* it needs no second connection */
    bool is_leading; /* bulk that begins before there is one */
};

struct lane {
    struct small small;
    bool has_led;
    uint64_t led, acked; /* bytes of bulk that went over the first while there was no second; had arrived over it before */
};

/* What is known of the link when a frame wants to leave. `is_sending`, which counts when the second stands: what was given to the first
 * connection has not all arrived. */
struct lane_link {
    enum lane_second second;
    bool is_paced, is_sending;
    uint64_t acked; /* bytes that arrived over the first connection, ever; counts until the second stands */
    uint64_t now_ms;
};

void lane_init(struct lane *lane, uint64_t now_ms);

struct session;

/* `fd` is the first connection's, `session` NULL while it begins. */
struct lane_link lane_look(const struct lane *lane, enum lane_second second, int fd, const struct session *session);

/* Of a frame of `size` bytes. Bulk that is not little makes a second connection worth while. */
struct lane_choice lane_choose(struct lane *lane, enum channel channel, size_t size, const struct lane_link *link);

/* It left so: where bulk begins, packets are filled from now on (congestion.h). */
void lane_sent(struct lane *lane, const struct lane_choice *choice, size_t size, const struct lane_link *link, int fd);

/* Do the two sides differ, or objects move? Then something will flow one way or the other. */
bool lane_is_moving(const struct session *session);

/* Will more come than may cross control? The other side asks for the second connection when it finds so; to foresee it saves a round trip. */
bool lane_foresees(const struct session *session);

#endif
