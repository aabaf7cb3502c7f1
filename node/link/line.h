/* line.h: one connection that this node makes: socket, monitor, and the order in which they come and go.
 *
 * A dial (dial.h) has several of them, told apart by a number, which the opening (opening.h) says. Whoever owns it hears
 * what comes and what happens; it may close the line while it is told. Loop thread only. */
#ifndef QANAT_NODE_LINK_LINE_H
#define QANAT_NODE_LINK_LINE_H

#include "node/link/drain.h"
#include "node/link/monitor.h"
#include "node/link/socket.h"

struct line;

struct line_owner {
    void (*packet)(void *ctx, struct line *line, const struct packet *packet);
    void (*event)(void *ctx, struct line *line, const struct monitor_event *event);
    void *ctx;
};

struct line {
    const struct line_owner *owner;
    unsigned number;
    struct socket *socket; /* NULL: closed */
    struct monitor *monitor;
    struct drain_item *socket_item, *monitor_item;
    int fd; /* of the connection once it is there, else -1; the library's */
    uint64_t accounted; /* bytes that arrived as packets, or were forgiven (guard.h) */
    bool is_up;   /* it stands, and has said its opening */
    bool is_left; /* let go (opening.h): its owner's to say */
};

/* Where to, and who from. */
struct line_way {
    struct socket_context *context;
    struct drain *drain;
    const struct curve_pair *own;
    const uint8_t *remote_key; /* CURVE_KEY_SIZE bytes */
    const char *address; /* tcp://ADDR:PORT */
};

/* Closed. `owner` outlives the line. */
void line_init(struct line *line, unsigned number, const struct line_owner *owner);

/* Sets out. False with a report; then it is to be closed. */
bool line_open(struct line *line, const struct line_way *way, struct report *report);

/* Says which connection this is: one packet, first when it stands. False: it broke. */
bool line_say_opening(struct line *line, const uint8_t number[8]);

/* Of one that is closed: nothing. */
void line_close(struct line *line);

/* Once a second, of all lines to `remote`: does one of them bring a message without an end, which the library would keep whole? Then that is counted
 * and told, and they are to be closed. */
bool lines_are_choked(struct line *lines, size_t count, const struct id *remote);

#endif
