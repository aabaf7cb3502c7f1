/* person_search.h: the full-text index of people. Texts and queries come folded (node/learn/search.h). */
#ifndef QANAT_NODE_STORE_PERSON_SEARCH_H
#define QANAT_NODE_STORE_PERSON_SEARCH_H

#include "node/store/person.h"

/* Up to `max` people who match `query` (FTS5), in the order of their rows, borrowed during the visit; how
 * many were visited. */
size_t person_search(struct db *db, struct bytes query, size_t max, person_visit *visit, void *ctx);

/* --- writer thread only --- */

/* The text of a person, instead of what it was. */
enum status person_search_put(struct db *db, int64_t row, struct bytes text);
enum status person_search_delete(struct db *db, int64_t row);

/* After an erasure: nothing of deleted texts stays in the index. Reads and writes all of it. */
enum status person_search_squeeze(struct db *db);

#endif
