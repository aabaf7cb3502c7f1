/* doctor.h: is this node in a state to do its work? Clock, disk, files, database, ports, the way to the node above, its own standing.
 *
 * Changes nothing and works on a node in any state, running or not. Quick: seconds at most, most of them spent waiting for the node above. For
 * damage inside the data there is inspect.h. */
#ifndef QANAT_NODE_CARE_DOCTOR_H
#define QANAT_NODE_CARE_DOCTOR_H

#include <stdbool.h>
#include <sys/statvfs.h>

#include "node/care/inspect.h"

#define DOCTOR_RECOVERED_MS (90ULL * 24 * 3600 * 1000) /* so long it is said that ids were lost */

enum {
    DOCTOR_CONNECT_MS = 5000,            /* for the node above to answer */
    DOCTOR_SKEW_MS = 3600 * 1000,        /* stamps of others this far ahead of our clock are told */
    DOCTOR_FILES_MIN = 1024,             /* open files a node may need; a hub DOCTOR_FILES_HUB */
    DOCTOR_FILES_HUB = 4096,
    DOCTOR_WAL_MIB = 128,
    DOCTOR_COURSES_MAX = 10,             /* of those that wait, and of those refused; of more their number is told */
};

struct doctor {
    struct inspection *inspection;       /* begun; its findings get ours */
    bool is_running;                     /* a node runs on the directory */
    uint64_t now_ms;                     /* wall clock */
};

/* A node greets with 64 bytes (ZMTP 3.1, section 4.1) that name CURVE. */
enum { DOCTOR_GREETING_SIZE = 64 };

/* Each looks at one thing and notes it. doctor_machine.c: */
void doctor_clock(const struct doctor *doctor);
void doctor_disk(const struct doctor *doctor);
/* What it says of the room there, of bytes and of files. */
void doctor_room(const struct doctor *doctor, const struct statvfs *vfs);
void doctor_files(const struct doctor *doctor);
void doctor_database(const struct doctor *doctor);
void doctor_limits(const struct doctor *doctor);
/* Is the node that runs the program that asks? */
void doctor_program(const struct doctor *doctor);
/* doctor_owner.c: what the directory's user may not read or write, told to them and to root, who may. */
void doctor_owner(const struct doctor *doctor);
/* doctor_network.c: */
void doctor_ports(const struct doctor *doctor);
void doctor_uplink(const struct doctor *doctor);
/* doctor_standing.c: own row in the roster, last success with the node above. */
void doctor_roster(const struct doctor *doctor);
void doctor_sync(const struct doctor *doctor);
/* Transfer windows: paused, never open, missed. */
void doctor_schedule(const struct doctor *doctor);
/* Peers that run another version of the program. */
void doctor_versions(const struct doctor *doctor);
/* Nodes that two machines write as, and streams that were adopted too early. */
void doctor_writers(const struct doctor *doctor);
/* A change of keys that is admitted and waits. */
void doctor_keys(const struct doctor *doctor);
/* doctor_courses.c: wanted, and without room, or refused. */
void doctor_courses(const struct doctor *doctor);
/* doctor_figures.c: figures of nodes that can hardly be right. */
void doctor_figures(const struct doctor *doctor);

#endif
