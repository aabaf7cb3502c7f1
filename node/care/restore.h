/* restore.h: from a backup to a node in a new directory.
 *
 * Everything is read, hashed and looked at before the directory is a node: its key is written last. The node has the identity of the one that was
 * backed up, so that one must not run any more; it writes on under a fresh incarnation, and what was acknowledged after the backup comes back
 * from peers as the streams of the incarnation before. */
#ifndef QANAT_NODE_CARE_RESTORE_H
#define QANAT_NODE_CARE_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "node/care/finding.h"
#include "replication/base/status.h"

struct restore_outcome {
    char node[65], written[32];  /* as about.json says */
    uint64_t streams, cells;
    uint64_t contents;
    uint64_t lacking;            /* contents that the backup did not hold: they are fetched again */
};

/* Restores `path` into `dir`, which must be absent or empty. On failure it is as before. `findings` gets what is wrong inside the backup: then
 * S_CORRUPT, unless `accepts_damage`. S_EXISTS, S_NO_SPACE, S_IO, S_INVALID, S_VERSION with a report. */
enum status restore_run(const char *dir, const char *path, bool accepts_damage, struct findings *findings, struct restore_outcome *outcome,
                        struct report *report);

#endif
