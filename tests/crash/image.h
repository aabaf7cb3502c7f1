/* image.h: what a disk may hold after a crash, built from what was recorded (recorder.h).
 *
 * What was synced before the crash is there. Of what was not, some plan decides: kept, lost, torn, out of
 * order. Names (files made, renamed, removed) are made durable by a sync of their folder; file systems with a
 * journal keep them in order, POSIX does not promise it: plans try both. */
#ifndef QANAT_TESTS_CRASH_IMAGE_H
#define QANAT_TESTS_CRASH_IMAGE_H

#include "tests/crash/recorder.h"

enum image_kind {
    IMAGE_KILLED,    /* the process died, the machine did not: everything is there */
    IMAGE_DROPPED,   /* power cut: nothing that was not synced */
    IMAGE_TORN,      /* power cut: unsynced writes in order up to one that is there in part */
    IMAGE_REORDERED, /* power cut: each unsynced write is there or not */
    IMAGE_SHREDDED,  /* power cut: of each unsynced write some sectors */
    IMAGE_KINDS,
};

struct image_plan {
    enum image_kind kind;
    size_t at;     /* operations before this one happened */
    uint64_t seed; /* of what is left to chance */
};

/* Writes the files of the image below `root`, which is made anew; with `without` (may be NULL) a folder that
 * did not survive. Returns the highest mark that was set before the crash, 0 for none. */
uint32_t image_make(const struct disk_op *ops, const struct image_plan *plan, const char *root,
                    const char *without);

const char *image_kind_name(enum image_kind kind);

#endif
