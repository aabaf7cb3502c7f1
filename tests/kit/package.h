/* package.h: course packages made by tests: archives through libarchive, and a node's directory to import
 * them into. */
#ifndef QANAT_TESTS_KIT_PACKAGE_H
#define QANAT_TESTS_KIT_PACKAGE_H

#include "node/blob/blob.h"
#include "tests/kit/kit.h"

struct archive;

enum kit_archive { KIT_ZIP, KIT_TAR, KIT_TAR_GZ };

/* One file of a package; content NULL: a folder. */
struct kit_file {
    const char *path;
    const char *content;
};

/* Writes `files`, ended by a NULL path. */
void kit_archive_write(const char *path, enum kit_archive kind, const struct kit_file *files);

/* The same by steps, for entries out of the ordinary. */
struct archive *kit_archive_open(const char *path, enum kit_archive kind);
void kit_archive_add(struct archive *archive, const char *name, const void *data, size_t size);
void kit_archive_close(struct archive *archive);

/* Writes `files` as a folder. */
void kit_folder_write(const char *path, const struct kit_file *files);

/* A directory with a store and blobs in it. */
struct kit_node {
    char dir[256];
    struct store *store;
    struct blobs *blobs;
    struct report report;
};

void kit_node_open(struct kit_node *node);
void kit_node_close(struct kit_node *node);

/* How many files lie below `dir`/`name`, at any depth. */
size_t kit_count_files(const char *dir, const char *name);

#endif
