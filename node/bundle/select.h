/* select.h: what goes into a bundle for one node. For the files of this room only. */
#ifndef QANAT_NODE_BUNDLE_SELECT_H
#define QANAT_NODE_BUNDLE_SELECT_H

#include "node/bundle/bundle.h"
#include "node/store/stream/held.h"

struct selected_stream {
    struct stream_id stream;
    uint64_t after_seq;
};

struct selected_object {
    struct hash object;
    uint64_t size;
};

/* Appends a struct selected_stream for each stream that `target` may hold, in topic order, above what it is
 * known to hold (`is_whole`: above nothing). The roster goes whole: it lets a courier, or a node that has not
 * heard of the maker yet, read the file. */
enum status select_streams(struct db *db, const struct roster *roster, const struct id *target, bool is_whole,
                           struct buffer *out);

/* Appends a struct held for what this node holds of `target` and the nodes below it, and when it is above
 * `target` what it knows that hubs hold of them. */
enum status select_receipts(struct db *db, const struct roster *roster, const struct id *self,
                            const struct id *target, uint64_t now_ms, struct buffer *out);

/* Appends the row ids (int64_t) of versions that are in the catalogue and held here, those served first,
 * without `target`'s own. */
enum status select_courses(struct db *db, const struct id *target, struct buffer *ids);

/* Appends a struct selected_object for the manifest and then the members of a version: themselves or their
 * chunks, as far as they are here. */
enum status select_objects(struct db *db, int64_t course, struct buffer *out);

#endif
