/* caller.h: connections whose request does not come to its end.
 *
 * A silent connection is closed by the daemon after HTTP_TIMEOUT_S. One that sends a byte now and then is not silent, and would hold its place
 * for ever. So each connection has HTTP_HEAD_MS from its beginning, or from the end of its last request, until the head of the next one is
 * there, and while its body comes each HTTP_BODY_MS must bring HTTP_BODY_MIN bytes of it (512 a second: the slowest modem does better); else its
 * socket is shut down, and the daemon closes it. A request whose body is here, or that waits for this node, is not looked at. */
#ifndef QANAT_NODE_HTTP_CALLER_H
#define QANAT_NODE_HTTP_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More connections than this without a request: the one that has been so for longest goes, so that idle ones keep nobody out. */
enum { HTTP_IDLE_MAX = 2304 };

enum { HTTP_HEAD_MS = 60 * 1000, HTTP_BODY_MS = 60 * 1000, HTTP_BODY_MIN = 30 * 1024, HTTP_LOOK_MS = 5 * 1000 };

enum caller_phase { CALLER_HEAD, CALLER_BODY, CALLER_SERVED };

struct caller {
    struct caller *next, **link;
    struct callers *callers;
    int fd; /* the daemon's */
    bool is_shut;
    enum caller_phase phase;
    const char *uri_end; /* of the request's address as it came: the NUL that ends it (on_uri) */
    uint64_t since_ms;  /* of this head, or of this stretch of the body */
    uint64_t body_size; /* that came in this stretch */
};

struct callers {
    struct caller *first;
    uint64_t looked_ms;
    unsigned idle; /* in CALLER_HEAD, and not shut down yet */
};

/* Times are those of local_time_monotonic(). A new one may end the longest idle one (HTTP_IDLE_MAX). */
struct caller *caller_new(struct callers *callers, int fd, uint64_t now_ms);
void caller_free(struct caller *caller);

/* What it is at from now on. NULL for a connection that nobody knows: nothing. */
void caller_enter(struct caller *caller, enum caller_phase phase, uint64_t now_ms);

/* `size` bytes of the body came. */
void caller_take(struct caller *caller, size_t size);

/* Shuts down whose time is over; looks every HTTP_LOOK_MS, however often it is called. Returns how many. */
unsigned callers_look(struct callers *callers, uint64_t now_ms);

#endif
