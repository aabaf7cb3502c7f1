/* limits.h: what the system grants this process, looked at once, at the start.
 *
 * A library that is refused a descriptor, a thread or a page at the wrong moment ends the process without a word (libzmq aborts). So soft
 * limits are raised to the hard ones, threads get a stack that does not depend on the shell's, and below the least that a session with a peer
 * needs nothing is begun. */
#ifndef QANAT_NODE_LIMITS_H
#define QANAT_NODE_LIMITS_H

#include "replication/base/status.h"

enum {
    LIMIT_FILES_MIN = 32,       /* of a sync: 26; a node that listens takes more as peers come, and turns away whom it has none for */
    LIMIT_FILES_WANTED = 65536,
    LIMIT_MEMORY_MIN_MIB = 256, /* of address space: threads reserve far more than they touch */
    LIMIT_STACK_MIN_KIB = 1024,
    LIMIT_STACK_MIB = 8,        /* of each thread */
};

/* Raises what may be raised. S_DENIED with a report that names the limit, what it is and what is needed. Before any thread is made. */
enum status limits_take(struct report *report);

#endif
