/* owner.h: whose the files of a data directory are.
 *
 * A node runs as a user of its own (conf/qanat.service), and root types commands beside it. A command that a running node executes makes its files as that
 * user; one that root runs itself, the node stopped, would make them root's, and the node could neither read the courses nor take the next one. So the
 * thread of such a command makes files as the directory's owner (setfsuid: Linux) and keeps root's right to read and write everywhere. */
#ifndef QANAT_NODE_OWNER_H
#define QANAT_NODE_OWNER_H

#include <sys/types.h>

/* Root in another user's directory: what this thread, and threads that it makes from now on, create belongs to that user. Otherwise, or where root may not
 * do that, or without the directory, nothing changes. */
void owner_act(const char *dir);

/* The user to whom new files belong: of this process, unless owner_act() changed it. */
uid_t owner_user(void);

#endif
