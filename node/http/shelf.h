/* shelf.h: the small course files that a class reads now, in memory, with the right to read them.
 *
 * A class opens the same files within seconds, each learner under a path token of their own. What stands here
 * costs neither a look into the database nor a file to open. Three things stand here: *roots* (what an
 * address begins with, a launch's token or "ID/LANG/VERSION": which version that is, until when), *places*
 * (version and path: which file that is), and the *files* themselves, by hash. A root and a place are
 * believed only while the database is the one that was looked into: each durable commit (store_generation())
 * ends that, so what a removed course, an ended launch or another version changes is seen by the next
 * request, and a file that is still right afterwards is not read again. A file is what its hash says: it was
 * verified when it was taken up, and is never stale. What rots on the disk is found there (scrub), not here.
 * Of a file over SHELF_FILE_MAX only its name stands here.
 *
 * What nobody asked for in SHELF_IDLE_MS is given back to the system, and the longest unasked first when room
 * is short. Loop thread only. */
#ifndef QANAT_NODE_HTTP_SHELF_H
#define QANAT_NODE_HTTP_SHELF_H

#include <microhttpd.h>

#include "replication/base/bytes.h"
#include "replication/package/manifest.h"

enum {
    SHELF_FILE_MAX = 64 * 1024,        /* larger ones are sent from the disk, where the kernel keeps them */
    SHELF_SIZE_MAX = 16 * 1024 * 1024, /* of all that stands here */
    SHELF_IDLE_MS = 60 * 1000,
    SHELF_TIDY_MS = 15 * 1000, /* how often shelf_tidy() wants to be called while something stands here */
};

struct shelf;

/* When something is asked or put. The generation is read before the database is looked into: it may say less
 * than was seen, never more. */
struct shelf_now {
    uint64_t generation;
    uint64_t at_ms; /* local_time_monotonic() */
    int64_t wall_ms;
};

/* Borrowed until the next call with `shelf`; an answer with it holds it as long as it is under way. */
struct shelf_file {
    struct hash hash;
    char media_type[MEDIA_TYPE_MAX + 1];
    uint64_t size;
    const uint8_t *data; /* NULL: it is large, and on the disk */
};

struct shelf *shelf_new(size_t size_max);

/* Answers under way outlive it. */
void shelf_free(struct shelf *shelf);

/* The version (row of a course) that addresses with this root lead to. False when it is not known, not any
 * more, or over. */
bool shelf_find_root(struct shelf *shelf, const char *root, const struct shelf_now *now, int64_t *course_out);
void shelf_put_root(struct shelf *shelf, const char *root, const struct shelf_now *now, int64_t course,
                    int64_t expires_ms);

/* The file of this path (as in the manifest) in the version of row `course`, or NULL. */
struct shelf_file *shelf_find_place(struct shelf *shelf, int64_t course, const char *path,
                                    const struct shelf_now *now);

/* The file with this content and type, or NULL; without a place it does not stay: shelf_put_place() comes
 * next. */
struct shelf_file *shelf_find_file(struct shelf *shelf, const struct hash *hash, const char *media_type);

/* Takes up a copy of `file` at a place; its data has that hash, and is there when it is at most
 * SHELF_FILE_MAX bytes. NULL: the system has no memory to give. */
struct shelf_file *shelf_add(struct shelf *shelf, int64_t course, const char *path,
                             const struct shelf_now *now, const struct shelf_file *file);

/* Says that `file` of this shelf stands at this place (too). */
void shelf_put_place(struct shelf *shelf, int64_t course, const char *path, const struct shelf_now *now,
                     struct shelf_file *file);

/* The answer with the whole file that was last kept for `variant` (what else its headers depend on),
 * borrowed; or NULL. */
struct MHD_Response *shelf_answer(const struct shelf_file *file, const char *variant);

/* A new answer with the whole file (which is not large; its headers are the caller's to add), kept for
 * `variant` instead of the last one. */
struct MHD_Response *shelf_answer_new(struct shelf_file *file, const char *variant);

/* Gives back what was not asked for. False when nothing stands here any more. */
bool shelf_tidy(struct shelf *shelf, uint64_t now_ms);

/* What all that stands here takes. */
size_t shelf_size(const struct shelf *shelf);

#endif
