/* caller.h: connections whose request does not come to its end.
 *
 * A silent connection is closed by the daemon after HTTP_TIMEOUT_S. One that sends a byte now and then is not silent, and would hold its place
 * for ever. So each connection has HTTP_HEAD_MS from its beginning, or from the end of its last request, until the head of the next one is
 * there; then its socket is shut down, and the daemon closes it. A request that is under way is not looked at. */
#ifndef QANAT_NODE_HTTP_CALLER_H
#define QANAT_NODE_HTTP_CALLER_H

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_HEAD_MS = 60 * 1000, HTTP_LOOK_MS = 5 * 1000 };

struct caller {
    struct caller *next, **link;
    int fd; /* the daemon's */
    uint64_t since_ms;
    bool is_served; /* a request is under way */
};

struct callers {
    struct caller *first;
    uint64_t looked_ms;
};

/* Times are those of local_time_monotonic(). */
struct caller *caller_new(struct callers *callers, int fd, uint64_t now_ms);
void caller_free(struct caller *caller);

void caller_begin(struct caller *caller);
void caller_end(struct caller *caller, uint64_t now_ms);

/* Shuts down whose time is over; looks every HTTP_LOOK_MS, however often it is called. Returns how many. */
unsigned callers_look(struct callers *callers, uint64_t now_ms);

#endif
