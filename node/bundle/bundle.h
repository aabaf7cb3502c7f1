/* bundle.h: a sync by USB stick: what one node lacks, in one signed file (replication/wire/bundle.h).
 *
 * Inside are the frames that a session would send, and they are believed for the same reasons: certificates
 * signed by their writers, objects whose hash is their name, rights from the roster. Importing twice changes
 * nothing. Both run on a command's thread, never on the loop or writer thread. */
#ifndef QANAT_NODE_BUNDLE_BUNDLE_H
#define QANAT_NODE_BUNDLE_BUNDLE_H

#include "node/learn/course/course.h"
#include "replication/wire/bundle.h"

#define BUNDLE_CLOCK_MIN_MS (1767225600ULL * 1000) /* 2026-01-01T00:00:00Z: none was made before; who says so has a clock without a battery */

/* Whose bundle; everything is borrowed. */
struct bundle_node {
    struct store *store;
    struct courses *courses;
    const struct identity *identity;
    const struct federation *federation;
    const char *dir; /* of the keys that this node is to change to, if it has any (node.key.next) */
};

struct bundle_order {
    const char *path;
    const char *target;  /* the name of the node it is for */
    uint64_t size_max;   /* bytes in all; 0: no limit */
    uint64_t volume_max; /* bytes in one file, then it goes on in FILE.2, FILE.3, ...; 0: no limit */
    bool is_resumed;     /* volumes that are complete stay; what they lack goes into further ones */
    bool is_whole;       /* everything, also what the target is known to hold */
    uint64_t created_ms; /* wall clock */
};

struct bundle_exported {
    struct bundle_counts counts;
    uint64_t size;          /* of the files made now */
    unsigned volumes, kept; /* made now, and left as they were */
    unsigned dropped;       /* of a former bundle of this name, behind the last */
    uint64_t object_bytes;
};

/* Writes the files, or, but for volumes that were complete by then, nothing. S_NOT_FOUND (no such node),
 * S_DENIED (it is revoked), S_TOO_LARGE (figures alone pass size_max), S_NO_SPACE, S_IO. */
enum status bundle_export(const struct bundle_node *node, const struct bundle_order *order,
                          struct bundle_exported *exported, struct report *report);

enum { BUNDLE_PROBLEM_MAX = 160, BUNDLE_WAITING_MAX = COURSE_ID_MAX + VERSION_MAX + COURSE_PROBLEM_MAX + 16 };

struct bundle_imported {
    struct bundle_head head;
    struct bundle_counts counts; /* what the file says of itself */
    char from[NODE_NAME_MAX + 1];
    char target[NODE_NAME_MAX + 1];
    bool is_for_us;
    uint64_t streams, cells, receipts, objects, object_bytes; /* taken */
    uint64_t known_streams, known_objects;                    /* here already */
    uint64_t skipped_streams;                                 /* not this node's to hold, sealed ones too */
    uint64_t skipped_objects;                                 /* not wanted here */
    uint64_t gaps;    /* streams that start above what is held here: another bundle must come first */
    uint64_t refused; /* failed a check that an honest node's would pass */
    char problem[BUNDLE_PROBLEM_MAX]; /* the last refusal */
    char waiting[BUNDLE_WAITING_MAX]; /* a course that is subscribed and in it, for which there is no room here; "": none */
};

/* Verifies the whole file, then takes what is new. S_INVALID, S_VERSION, S_BAD_DIGEST, S_BAD_SIGNATURE,
 * S_DENIED (another federation, an unknown or revoked sender): nothing was changed. S_PARTIAL: see gaps and
 * refused. */
enum status bundle_import(const struct bundle_node *node, const char *path, struct bundle_imported *imported,
                          struct report *report);

#endif
