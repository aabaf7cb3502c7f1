/* draft.h: a file that appears whole under its name, or not at all: also when whoever writes it is killed.
 *
 * Where the file system can, the file has no name until draft_publish() (O_TMPFILE, then linkat): a kill
 * leaves nothing. Elsewhere (FAT, some network ones) it is FILE.part, locked by its writer; one that nobody
 * locks was left by a process that is gone, and is removed by the next who writes FILE. Functions return
 * false with errno. */
#ifndef QANAT_NODE_DRAFT_H
#define QANAT_NODE_DRAFT_H

#include <stdbool.h>
#include <stdio.h>

#include "node/dir.h"

enum { DRAFT_NAME_SIZE = DIR_PATH_MAX + 8 };

struct draft {
    int fd; /* open for reading and writing, 0600; -1 */
    bool is_named;
    char path[DIR_PATH_MAX], part[DRAFT_NAME_SIZE];
};

/* Begins the file that will stand at `path` (a link to a file means that file). ENAMETOOLONG; EBUSY: another
 * process writes it; EEXIST, EISDIR: there is something that is no file, and stays. Ends with draft_close().
 */
bool draft_open(struct draft *draft, const char *path);

/* The same without asking the file system what it can: for tests of the second way. */
bool draft_open_named(struct draft *draft, const char *path);

/* A stream that writes the file, closed by the caller; NULL. */
FILE *draft_stream(const struct draft *draft);

/* The file, its name and its folder are on the disk. EEXIST when there is one and `replaces` is false. */
bool draft_publish(struct draft *draft, bool replaces);

/* Without draft_publish() nothing is left. Nothing to do for one that could not be opened. */
void draft_close(struct draft *draft);

/* Removes `path` when it is a file that nobody locks; false when it stays. */
bool draft_leftover_remove(const char *path);

#endif
