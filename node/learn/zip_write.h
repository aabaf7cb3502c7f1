/* zip_write.h: writes a .zip by libarchive, file by file, each compressed by deflate.
 *
 * It appears under its name when it is whole and synced (made beside it, then renamed), for its owner alone.
 * Memory does not grow with the contents. */
#ifndef QANAT_NODE_LEARN_ZIP_WRITE_H
#define QANAT_NODE_LEARN_ZIP_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "replication/base/status.h"

enum { ZIP_WRITE_PATH_MAX = 4096 };

struct archive; /* of libarchive */

struct zip_write {
    FILE *out;
    struct archive *archive;
    const char *path; /* borrowed */
    char temporary[ZIP_WRITE_PATH_MAX];
    int64_t at_ms; /* of every file */
};

/* Begins the archive that will stand at `path`; its files are of the moment `at_ms`. S_IO with a report. */
enum status zip_write_open(struct zip_write *zip, const char *path, int64_t at_ms, struct report *report);

/* Adds all of `content`, from its beginning. S_IO, S_NO_SPACE with a report. */
enum status zip_write_file(struct zip_write *zip, const char *name, FILE *content, struct report *report);

/* Ends it: with S_OK the archive is there; with another `status`, or when that fails, nothing is. Returns what
 * went wrong first. Nothing to do for one that could not be opened. */
enum status zip_write_close(struct zip_write *zip, enum status status, struct report *report);

#endif
