/* archives.h: the tests of node/learn/original: what an import keeps of an archive, and what comes out again.
 */
#ifndef QANAT_TESTS_NODE_LEARN_ORIGINAL_ARCHIVES_H
#define QANAT_TESTS_NODE_LEARN_ORIGINAL_ARCHIVES_H

#include "node/learn/original/export.h"
#include "tests/kit/courses.h"

/* A package with a page, a text that compresses, noise that does not, an empty file; `changed` alters a
 * sentence. */
void archives_write(const char *path, enum kit_archive kind, int changed);

/* Imports what lies at node->path as version `version` of "c". */
void archives_import(struct kit_courses *node, const char *version, struct course_imported *imported_out);

/* Exports that version and compares it with the file at node->path. */
void archives_same(struct kit_courses *node, const char *version);

/* The manifest of that version, for `look`. */
void archives_manifest(struct kit_courses *node, const char *version,
                       void (*look)(void *ctx, const struct manifest *manifest), void *ctx);

/* Runs original_scan() here, without a child, on the file; its answers lie in `answers` from the beginning.
 */
bool archives_scan(const char *path, const char *answers);

#endif
