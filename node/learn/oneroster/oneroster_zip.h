/* oneroster_zip.h: the files of a OneRoster export that comes as one .zip.
 *
 * Whoever sent it is not trusted: it is unpacked in the sandboxed child (import_child.h), and what comes out of
 * there is checked here: paths, the number of entries, the size and the ratio. The files the import reads stand
 * in the archive's top or in one folder, where users.csv is; everything else in it is passed over. They are
 * kept without a name in the node's tmp/, so nothing of them stays. */
#ifndef QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_ZIP_H
#define QANAT_NODE_LEARN_ONEROSTER_ONEROSTER_ZIP_H

#include <stdint.h>
#include <stdio.h>

#include "replication/base/status.h"

/* Of one archive: entries, and bytes of all of them unpacked. A school system writes some 25 files; a million
 * people with twenty classes each are about a GiB. */
enum { ONEROSTER_ENTRIES_MAX = 1000 };
#define ONEROSTER_SIZE_MAX (2LL * 1024 * 1024 * 1024)

struct oneroster_zip;

/* Reads the archive at `path`; `node_dir` is the node's directory. S_OK; S_NOT_FOUND when there is no such
 * file or no users.csv in it, S_INVALID or S_TOO_LARGE for an archive that is refused, each with a report. */
enum status oneroster_zip_open(const char *path, const char *node_dir, struct oneroster_zip **zip_out,
                               struct report *report);

/* May `size` bytes come out of `packed_size`, of all entries together? S_OK, or S_TOO_LARGE with a report. */
enum status oneroster_zip_size_check(uint64_t size, uint64_t packed_size, struct report *report);

/* The file `name` at its beginning, open until the archive is closed; NULL when there is none. */
FILE *oneroster_zip_find(struct oneroster_zip *zip, const char *name);

void oneroster_zip_close(struct oneroster_zip *zip); /* NULL: nothing */

#endif
