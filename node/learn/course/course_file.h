/* course_file.h: reading what is held: one file for a learner, the whole for an export or a verification. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_FILE_H
#define QANAT_NODE_LEARN_COURSE_COURSE_FILE_H

#include "node/learn/course/course.h"

/* One open file of a package. */
struct course_file {
    int fd; /* -1: not open; else the caller closes it */
    uint64_t size;
    struct hash hash; /* of its content: an ETag */
    char media_type[MEDIA_TYPE_MAX + 1];
};

/* What `path` (decoded, as in the manifest, or with letters in parts that are composed there, or in other case) of the version in row `course` is; it is not
 * opened (fd -1). S_NOT_FOUND. */
enum status course_file_find(struct db *db, int64_t course, struct bytes path, struct course_file *file_out);

/* Opens what was found: S_CORRUPT when it is gone from the disk, or has another size; S_BUSY without descriptors. */
enum status course_file_open_found(struct blobs *blobs, struct course_file *file);

/* Opens a content by its hash: a file or the manifest of a version that is in the catalogue and held here, so
 * anybody may have it. S_NOT_FOUND, also for contents of versions that are not published. */
enum status course_blob_open(struct blobs *blobs, struct db *db, const struct hash *hash,
                             struct course_file *file_out);

/* The manifest of a held version; everything lives in `arena` and `encoding`, which the caller releases. */
enum status course_manifest_load(struct blobs *blobs, const struct course_row *row, struct arena *arena,
                                 struct buffer *encoding, struct manifest *manifest_out,
                                 struct report *report);

/* Told for each file: `status` is S_OK, S_NOT_FOUND, S_CORRUPT or S_IO. */
typedef void course_file_told(void *ctx, const struct member *member, enum status status);

struct course_tally {
    uint64_t files, bytes, faults;
};

/* Hashes every file of a held version. S_CORRUPT when one is damaged or missing. `told` may be NULL. */
enum status course_verify(struct blobs *blobs, const struct course_row *row, course_file_told *told,
                          void *ctx, struct course_tally *tally_out, struct report *report);

/* Writes every file below folder `to`, which is made; each is verified while it is copied, and a damaged one
 * is removed again. Existing files of the same names are replaced. */
enum status course_export(struct blobs *blobs, const struct course_row *row, const char *to,
                          struct course_tally *tally_out, struct report *report);

#endif
