/* import.h: brings a course package in: an archive or a folder becomes stored members and a manifest.
 *
 * Nothing of the package is parsed in this process: a sandboxed child unpacks (import_unpack.h), another
 * describes (import_describe.h). On refusal nothing stays: the batch of blobs was never stored. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_H

#include "node/blob/blob.h"
#include "node/learn/import/import_watch.h"
#include "replication/package/manifest.h"

/* Paths, chunk lists and the beginnings of pages of one package. */
#define IMPORT_ARENA_MAX ((size_t)512 * 1024 * 1024)

struct import_package {
    struct arena arena;
    struct manifest manifest; /* complete; everything in the arena */
    uint64_t size;            /* sum of the members */
    struct bytes notes;       /* oddities that did not stop it, one per line */
};

/* Reads the package at `path` (a .zip, .tar or .tar.gz, or a folder) and writes its members into `batch`,
 * which the caller then stores or drops. `lang` is the tag that it is imported under. `watch` may be NULL. */
enum status import_package_read(struct import_package *package, struct blob_batch *batch, const char *path, const char *lang,
                                struct import_watch *watch, struct report *report);

void import_package_release(struct import_package *package);

#endif
