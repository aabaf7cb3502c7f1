/* want.h: objects that are still needed, in the order in which a session asks for them. */
#ifndef QANAT_NODE_STORE_COURSE_WANT_H
#define QANAT_NODE_STORE_COURSE_WANT_H

#include "node/store/db.h"
#include "replication/peer/view.h"

enum want_rank { WANT_MANIFEST, WANT_SMALL, WANT_CHUNK, WANT_ASKED };

/* Where a want stands among those of its rank: course by course, and in each in the order of its files, so
 * that what resembles each other comes together and chunks fill one file after the other. Equal places go by
 * size. */
enum { WANT_PLACE_BITS = 56 };

/* `place` is below 2^WANT_PLACE_BITS. An object that is wanted already keeps its better place. */
enum status want_put(struct db *db, const struct hash *object, uint64_t size, enum want_rank rank,
                     uint64_t place);
enum status want_drop(struct db *db, const struct hash *object);
enum status want_drop_all(struct db *db);

bool want_find(struct db *db, const struct hash *object);

/* See view_ops.wanted_scan. */
size_t want_scan(struct db *db, size_t skip, size_t max, struct wanted *wanted_out);

/* Notes what is held here and resembles a wanted object, the best first; again replaces. Nothing when
 * `object` is not wanted. They go with the want. */
enum status want_set_bases(struct db *db, const struct hash *object, const struct hash *bases, size_t count);

/* See view_ops.bases_scan. */
size_t want_bases(struct db *db, const struct hash *object, size_t max, struct hash *bases_out);

void want_totals(struct db *db, uint64_t *count_out, uint64_t *size_out);

#endif
