/* import_pack.h: the other way than import_unpack.h: our own files into a .zip, each compressed by deflate.
 *
 * Here, because libarchive lives in these files. The archive appears under its name when it is whole and synced
 * (node/draft.h), for its owner alone. Memory does not grow with the contents. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_PACK_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_PACK_H

#include <stdint.h>
#include <stdio.h>

#include "node/draft.h"
#include "replication/base/status.h"

struct archive; /* of libarchive */

struct import_pack {
    FILE *out;
    struct archive *archive;
    const char *path; /* borrowed */
    struct draft draft;
    int64_t at_ms; /* of every file */
};

/* Begins the archive that will stand at `path`; its files are of the moment `at_ms`. S_IO with a report. */
enum status import_pack_open(struct import_pack *zip, const char *path, int64_t at_ms, struct report *report);

/* Adds all of `content`, from its beginning. S_IO, S_NO_SPACE with a report. */
enum status import_pack_file(struct import_pack *zip, const char *name, FILE *content, struct report *report);

/* Ends it: with S_OK the archive is there; with another `status`, or when that fails, nothing is. Returns what
 * went wrong first. Nothing to do for one that could not be opened. */
enum status import_pack_close(struct import_pack *zip, enum status status, struct report *report);

#endif
