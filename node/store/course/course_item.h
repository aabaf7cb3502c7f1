/* course_item.h: rows of tables of contents, and the full-text index over courses. */
#ifndef QANAT_NODE_STORE_COURSE_COURSE_ITEM_H
#define QANAT_NODE_STORE_COURSE_COURSE_ITEM_H

#include "node/store/db.h"
#include "replication/package/manifest.h"

enum { COURSE_FOUND_MAX = 1000 }; /* results of one search */

/* Visits the items of a version in their order; the texts are borrowed during the visit. */
typedef void course_item_visit(void *ctx, uint32_t number, const struct course_item *item);
enum status course_item_list(struct db *db, int64_t course, course_item_visit *visit, void *ctx);

/* How many items of a version can be opened. */
int64_t course_item_count(struct db *db, int64_t course);

/* Visits the first item with this id that can be opened; false when there is none. */
bool course_item_find(struct db *db, int64_t course, struct bytes id, course_item_visit *visit, void *ctx);

/* Appends the ids (int64_t) of versions that match an FTS5 query (made by search_query()), the best first. */
enum status course_search_find(struct db *db, struct bytes query, struct buffer *ids);

/* --- writer thread only --- */

enum status course_item_insert(struct db *db, int64_t course, uint32_t number,
                               const struct course_item *item);
enum status course_item_delete_all(struct db *db, int64_t course);

/* Replaces the folded text of a version; empty: takes it out. */
enum status course_search_put(struct db *db, int64_t course, struct bytes text);

#endif
