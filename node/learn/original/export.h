/* export.h: the imported archive as a file again, byte for byte. */
#ifndef QANAT_NODE_LEARN_ORIGINAL_EXPORT_H
#define QANAT_NODE_LEARN_ORIGINAL_EXPORT_H

#include "node/learn/course/course.h"

struct original {
    uint64_t size;
    struct hash sha256;
};

/* Writes the archive of a held version to `file`, which is replaced only by a whole one whose SHA-256 is that
 * of the import. S_NOT_FOUND: it was imported from a folder; S_CORRUPT, S_NO_SPACE, S_IO. */
enum status original_export(struct blobs *blobs, const struct course_row *row, const char *file,
                            struct original *original_out, struct report *report);

#endif
