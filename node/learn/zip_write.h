/* zip_write.h: writes a .zip, file by file, each compressed by deflate.
 *
 * It appears under its name when it is whole and synced (made beside it, then renamed), for its owner alone.
 * Plain names of ASCII, contents below 4 GiB: no zip64. Memory does not grow with the contents.
 * Format: PKWARE APPNOTE 6.3.9, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end). */
#ifndef QANAT_NODE_LEARN_ZIP_WRITE_H
#define QANAT_NODE_LEARN_ZIP_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "replication/base/status.h"

enum { ZIP_WRITE_FILES_MAX = 64, ZIP_WRITE_NAME_MAX = 64, ZIP_WRITE_PATH_MAX = 4096 };

struct zip_write {
    FILE *out;
    const char *path; /* borrowed */
    char temporary[ZIP_WRITE_PATH_MAX];
    uint16_t date, time; /* of every file, as MS-DOS writes them */
    size_t count;
    struct {
        char name[ZIP_WRITE_NAME_MAX];
        uint32_t crc, packed, size, offset;
    } files[ZIP_WRITE_FILES_MAX];
};

/* Begins the archive that will stand at `path`; its files are of the moment `at_ms`. S_IO with a report. */
enum status zip_write_open(struct zip_write *zip, const char *path, int64_t at_ms, struct report *report);

/* Adds all of `content`, from its beginning. S_IO, S_NO_SPACE, S_TOO_LARGE with a report. */
enum status zip_write_file(struct zip_write *zip, const char *name, FILE *content, struct report *report);

/* Ends it: with S_OK the archive is there; with another `status`, or when that fails, nothing is. Returns what
 * went wrong first. Nothing to do for one that could not be opened. */
enum status zip_write_close(struct zip_write *zip, enum status status, struct report *report);

#endif
