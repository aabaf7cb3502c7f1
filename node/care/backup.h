/* backup.h: one file with all that makes a node, written while it runs.
 *
 * In it (archive.h): about.json, qanat.conf, federation.json, the database as one read transaction sees it, every whole content of courses under
 * its hash, and node.key last. Not in it: authority.key, which belongs on an offline medium and would be multiplied by every backup; the volatile
 * anchor, whose point is that a backup does not reach it; parts of contents, which are fetched again.
 *
 * The file holds the node's key and people's records: keep it as the node itself. */
#ifndef QANAT_NODE_CARE_BACKUP_H
#define QANAT_NODE_CARE_BACKUP_H

#include <jansson.h>
#include <stdio.h>

#include "node/dir.h"
#include "node/store/store.h"

enum { BACKUP_SMALL_MAX = 64 * 1024 };  /* qanat.conf, federation.json, node.key, about.json */

struct backup_request {
    const char *dir;
    const char *path;           /* of the backup; must not exist */
    struct store *store;
    const char *name, *kind;    /* for about.json */
    uint64_t now_ms;            /* wall clock, for about.json */
    bool accepts_damage;        /* back up a damaged node as it is */
};

struct backup_outcome {
    uint64_t size;              /* of the file */
    uint64_t database_size;
    uint64_t contents, contents_size;
    uint64_t left_out;          /* contents that are damaged or gone here: a restored node fetches them again */
    bool has_authority;         /* authority.key lies in the directory, and is not in the backup */
};

/* Writes the backup: durable under its name, or nothing is left. S_CORRUPT when a stream is damaged (unless accepted): a backup of damage is none.
 * S_EXISTS, S_NO_SPACE, S_IO with a report. */
enum status backup_write(const struct backup_request *request, struct backup_outcome *outcome, struct report *report);

#endif
