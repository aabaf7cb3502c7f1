/* blob.h: the rows of blobs, their chunks and strays. Files are the affair of node/blob, which alone
 * writes here.
 *
 * Errors stay in db_status(); functions that write return it. */
#ifndef QANAT_NODE_STORE_COURSE_BLOB_H
#define QANAT_NODE_STORE_COURSE_BLOB_H

#include "node/store/db.h"
#include "replication/package/manifest.h"

struct blob_row {
    int64_t id;
    struct hash hash;
    uint64_t size;
    bool is_whole;
};

bool blob_row_find(struct db *db, const struct hash *hash, struct blob_row *row_out);
bool blob_row_get(struct db *db, int64_t id, struct blob_row *row_out);
/* Is the content here whole? */
bool blob_row_is_whole(struct db *db, const struct hash *hash);
/* The first row with an id above `after` (0: the very first); false at the end. */
bool blob_row_next(struct db *db, int64_t after, struct blob_row *row_out);
/* The same of those that are not whole. */
bool blob_row_next_unfinished(struct db *db, int64_t after, struct blob_row *row_out);

/* The blob after row `after` that has all its chunks and is not whole: its check is under way, or was lost. */
bool blob_row_next_complete(struct db *db, int64_t after, struct blob_row *row_out);
enum status blob_row_insert(struct db *db, const struct hash *hash, uint64_t size, bool is_whole,
                            int64_t *id_out);
enum status blob_row_set_whole(struct db *db, int64_t id, bool is_whole);
enum status blob_row_delete(struct db *db, int64_t id);

/* Adds the chunks of a blob, in order; `is_held` for all of them. */
enum status blob_row_insert_chunks(struct db *db, int64_t id, const struct chunk *chunks, size_t count,
                                   bool is_held);
enum status blob_row_set_chunk_held(struct db *db, int64_t id, int64_t number, bool is_held);
enum status blob_row_set_all_held(struct db *db, int64_t id, bool is_held);
bool blob_row_lacks_chunk(struct db *db, int64_t id);

struct chunk_row {
    int64_t blob;
    int64_t number;
    struct hash hash;
    uint64_t start;
    uint32_t size;
    bool is_held;
};

/* The first chunk of `blob` with a number above `after` (-1: the very first); false at the end. */
bool chunk_row_next(struct db *db, int64_t blob, int64_t after, struct chunk_row *row_out);

/* Some place where the chunk `hash` is missing. */
bool chunk_row_find_missing(struct db *db, const struct hash *hash, struct chunk_row *row_out);

/* Some place where it can be read: in the file of *blob_out from row_out->start. */
bool chunk_row_find_held(struct db *db, const struct hash *hash, struct chunk_row *row_out,
                         struct blob_row *blob_out);

enum status stray_row_insert(struct db *db, const struct hash *hash);
enum status stray_row_delete(struct db *db, const struct hash *hash);
/* In the order of their hashes, `after` NULL: the first; false when there is no more. */
bool stray_row_next(struct db *db, const struct hash *after, struct hash *hash_out);

void blob_row_totals(struct db *db, uint64_t *count_out, uint64_t *size_out);

/* Bytes of all blobs, of those under way what is here. Looks at every row. */
uint64_t blob_row_weight(struct db *db);

#endif
