/* spare.h: descriptors that a listener keeps for the moment when there are none.
 *
 * Without one libzmq would try to take the waiting connection again and again, and serve nobody meanwhile. It gets these, and whoever
 * comes is turned away. (To stop listening is no way: the numbers of descriptors are used again, and a listener must not be taken for a
 * connection that is cut.) */
#ifndef QANAT_NODE_LINK_SPARE_H
#define QANAT_NODE_LINK_SPARE_H

#include <stdbool.h>

enum { SPARE_MAX = 8 };

struct spare {
    int fds[SPARE_MAX]; /* -1: given up */
    bool is_starved;    /* given up, and not all taken back yet: nobody is welcome */
};

void spare_init(struct spare *spare);
void spare_release(struct spare *spare);

/* No descriptor is left: gives them up. */
void spare_give(struct spare *spare);

/* Takes them back, as far as that goes; with all of them connections are welcome again. */
void spare_take(struct spare *spare);

#endif
