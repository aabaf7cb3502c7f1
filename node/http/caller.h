/* caller.h: connections that hold a place or memory without coming to an end.
 *
 * A silent connection is closed by the daemon after HTTP_TIMEOUT_S. One that sends a byte now and then, or takes its answer so slowly, is not silent, and
 * would hold its place for ever. So each connection has HTTP_HEAD_MS from its beginning, or from the end of its last request, until the head of the next one
 * is there, and while its body comes each HTTP_BODY_MS must bring HTTP_BODY_MIN bytes of it (512 a second: the slowest modem does better); else its
 * socket is shut down, and the daemon closes it.
 *
 * That alone would leave every place to whoever opens thousands of them from a few addresses. So of the connections whose turn it is (they send, or take
 * an answer; not those that wait for this node) there are HTTP_WAITING_MAX at most, and of the bodies that come so many bytes in memory as their share
 * holds: for one more goes another, of the address that holds most the one that has been at it for longest; of connections first one that has been idle for
 * HTTP_IDLE_MS, whose browser opens it again. An address of IPv6 is its network of 64 bits. */
#ifndef QANAT_NODE_HTTP_CALLER_H
#define QANAT_NODE_HTTP_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { HTTP_WAITING_MAX = 2304, HTTP_IDLE_MS = 5 * 1000, CALLER_ADDRESS_SIZE = 16 };

enum { HTTP_HEAD_MS = 60 * 1000, HTTP_BODY_MS = 60 * 1000, HTTP_BODY_MIN = 30 * 1024, HTTP_LOOK_MS = 5 * 1000 };

enum caller_phase { CALLER_HEAD, CALLER_BODY, CALLER_SERVED, CALLER_TAKES };

/* Whose bodies a piece of memory is for, so that nobody's are kept out by those of others: anybody's where they are small, anybody's where a route takes large
 * ones, and those of who is signed in. */
enum caller_share { SHARE_SMALL, SHARE_OPEN, SHARE_SIGNED_IN, SHARES };

struct caller {
    struct caller *next, **link;
    struct callers *callers;
    int fd; /* the daemon's */
    uint8_t address[CALLER_ADDRESS_SIZE];
    bool is_shut;
    enum caller_phase phase;
    const char *uri_end; /* of the request's address as it came: the NUL that ends it (on_uri) */
    uint64_t since_ms;  /* of this head, of this stretch of the body, or of the answer */
    uint64_t body_size; /* that came in this stretch */
    enum caller_share share;
    size_t held;        /* bytes of its body in memory */
};

struct callers {
    struct caller *first;
    uint64_t looked_ms;
    unsigned waiting;     /* of which it is the turn, and not shut down yet */
    unsigned waiting_max; /* 0: HTTP_WAITING_MAX */
    size_t held[SHARES];
    size_t held_max[SHARES];
};

/* Times are those of local_time_monotonic(). `from` may be NULL. A new one may end another. */
struct caller *caller_new(struct callers *callers, int fd, const struct sockaddr *from, uint64_t now_ms);
void caller_free(struct caller *caller);

/* What it is at from now on. NULL for a connection that nobody knows: nothing. */
void caller_enter(struct caller *caller, enum caller_phase phase, uint64_t now_ms);

/* `size` bytes of the body came. */
void caller_take(struct caller *caller, size_t size);

/* So many more are to be kept in memory, of a body that is of that share as a whole: may end others. False when there is no room, since what fills it waits
 * for this node, or since its own connection was ended. */
bool caller_hold(struct caller *caller, enum caller_share share, size_t size);

/* Nothing of its body is in memory any more. */
void caller_let_go(struct caller *caller);

/* Shuts down whose time is over; looks every HTTP_LOOK_MS, however often it is called. Returns how many. */
unsigned callers_look(struct callers *callers, uint64_t now_ms);

#endif
