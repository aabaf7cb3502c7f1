/* import_members.h: gathers the members of a package on its way in: checks every path and limit, stores every
 * content, keeps the beginnings that the describing child wants to see.
 *
 * Both sources use it: frames of the unpacking child, and a folder being walked. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_MEMBERS_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_MEMBERS_H

#include "node/blob/blob.h"
#include "node/learn/import/import_charset.h"
#include "node/learn/import/import_watch.h"

/* An archive this small may unpack to a MiB at any ratio: a short text repeated is no bomb. */
enum { IMPORT_RATIO_FREE = 1024 * 1024 };

struct import_member {
    struct member member; /* its media type: by its name, and without a character set when it is not UTF-8 */
    struct bytes head; /* the (beginning of the) content kept for the describer; data is NULL when none */
};

struct import_members {
    struct blob_batch *batch;   /* the caller's */
    struct arena *arena;        /* the caller's: paths, chunks, heads */
    uint64_t packed_size;       /* of the archive; 0 for a folder: no ratio then */
    uint64_t size;              /* of all members so far */
    uint64_t entries;           /* files and folders */
    struct buffer list;         /* struct import_member */
    struct blob_writer *writer; /* of the member being read, or NULL */
    struct import_member current;
    struct import_charset charset; /* of the member being read */
    struct buffer head;
    size_t head_max;
    size_t heads_size;
    struct import_watch *watch; /* or NULL */
};

void import_members_init(struct import_members *members, struct blob_batch *batch, struct arena *arena,
                         uint64_t packed_size);
void import_members_release(struct import_members *members);

/* A folder; a file, then its data in pieces, then its end. Each refuses with a report. */
enum status import_members_folder(struct import_members *members, struct bytes path, struct report *report);
enum status import_members_begin(struct import_members *members, struct bytes path, struct report *report);
enum status import_members_data(struct import_members *members, struct bytes data, struct report *report);
enum status import_members_end(struct import_members *members, struct report *report);

/* After the last one: sorts by path; refuses duplicates, paths that differ only in case, and a file where a
 * folder of the same name is needed. */
enum status import_members_finish(struct import_members *members, struct report *report);

size_t import_members_count(const struct import_members *members);
struct import_member *import_members_at(struct import_members *members, size_t index);

#endif
