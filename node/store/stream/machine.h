/* machine.h: by what a machine knows itself again.
 *
 * A reboot and a copy of the data directory look alike to a database: either way its anchor is gone. What
 * differs is the machine: its id
 * (/etc/machine-id), the addresses of the network cards that are built in, and the data directory itself (its
 * inode and when it was made). When any of these changed, the incarnations of before may be going on
 * elsewhere (past.h). Saying "another" of the same machine costs little, the contrary is what must not
 * happen. */
#ifndef QANAT_NODE_STORE_STREAM_MACHINE_H
#define QANAT_NODE_STORE_STREAM_MACHINE_H

#include "replication/base/bytes.h"
#include "replication/stream/stream.h"

/* A hash of all that; what cannot be read counts as empty. Any thread. */
void machine_print(const char *data_dir, struct id *print_out);

#endif
