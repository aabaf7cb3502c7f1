/* mirror.h: course content over HTTP from the mirrors that the roster names (node/store/course/mirror.h), beside the
 * sessions: what is large and cannot come as a patch is taken from there, so that the nodes above serve less.
 *
 * A mirror is a convenience, never needed and never believed: an object that it lacks, gives wrongly or gives
 * slowly comes over a session instead. Its bytes go by the windows of the node above, into the same rate and
 * the same quota; outside a window not one is asked for. Loop thread only. */
#ifndef QANAT_NODE_LINK_MIRROR_MIRROR_H
#define QANAT_NODE_LINK_MIRROR_MIRROR_H

#include "node/link/session.h"

enum {
    MIRROR_LOADS_MAX = 4,          /* transfers at once, */
    MIRROR_LOADS_PACED = 2,        /* and when a rate is kept */
    MIRROR_OBJECT_MIN = 32 * 1024, /* while a session is there smaller objects come over it, compressed */
    MIRROR_RUN_PIECES = 64,        /* objects of one content in one request, */
    MIRROR_RUN_SIZE = 16 * 1024 * 1024, /* about so many bytes */
    MIRROR_WHOLE_PIECES = 65536,        /* of a server without ranges */
    MIRROR_SCAN_MAX = 1024,             /* wants that are looked at for the next transfer */
    MIRROR_ABSENT_MAX = 512,            /* contents remembered as lacking there */
    MIRROR_ABSENT_MS = 15 * 60 * 1000,
    MIRROR_ABSENT_RUN = 32,         /* so many in a row: the mirror rests */
    MIRROR_QUICK_BITS = 512 * 1000, /* slower than this, sessions share the work; */
    MIRROR_SLOW_BITS = 32 * 1000,   /* slower than this for */
    MIRROR_SLOW_MS = 10 * 1000,     /* so long, it rests */
    MIRROR_REST_MIN_MS = 15 * 1000, /* after a failure, doubled each time */
    MIRROR_REST_MAX_MS = 15 * 60 * 1000,
    MIRROR_REST_LIE_MS = 60 * 60 * 1000,
    MIRROR_TELL_MS = 3000, /* how it goes is written so often */
};

struct mirrors;

/* Reads which mirrors there are. Options outlive it. Never NULL. */
struct mirrors *mirrors_new(const struct session_context *context, const char *proxy);

/* Something changed, a second passed, or a budget can pay again: starts, resumes and ends transfers. */
void mirrors_look(struct mirrors *mirrors);

/* Before the loop blocks: what waits for the rate goes on when it may. */
void mirrors_resume(struct mirrors *mirrors);

/* As mirrors_look(), and what is looked at once a second. */
void mirrors_tick(struct mirrors *mirrors);

/* A session is about to ask for the object: true when a mirror brings it; with `is_far`, as for a node above,
 * also when one will. */
bool mirrors_take(struct mirrors *mirrors, struct db *db, const struct wanted *wanted, bool is_far);

/* Bytes of contents that its transfers were begun for. */
uint64_t mirrors_asked_bytes(const struct mirrors *mirrors);

/* Ends every transfer. */
void mirrors_stop(struct mirrors *mirrors);

/* Nothing of them is on its way to the store. Then mirrors_free(); memory goes when the loop has run. */
bool mirrors_is_idle(const struct mirrors *mirrors);
void mirrors_free(struct mirrors *mirrors);

#endif
