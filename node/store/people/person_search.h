/* person_search.h: the full-text index of people. Texts and queries come folded (node/learn/search.h). */
#ifndef QANAT_NODE_STORE_PEOPLE_PERSON_SEARCH_H
#define QANAT_NODE_STORE_PEOPLE_PERSON_SEARCH_H

#include "node/store/people/person.h"

/* Up to `max` people who match `query` (FTS5), in the order of their rows, borrowed during the visit; how
 * many were visited. */
size_t person_search(struct db *db, struct bytes query, size_t max, person_visit *visit, void *ctx);

/* --- writer thread only --- */

/* The text of a person, instead of what it was. */
enum status person_search_put(struct db *db, int64_t row, struct bytes text);
enum status person_search_delete(struct db *db, int64_t row);

/* After an erasure: nothing of deleted texts stays in the index. Reads and writes all of it. */
enum status person_search_squeeze(struct db *db);

/* The renewal of texts that a migration asked for (property `renew`): false when none is due; else up to which person.id it came. */
bool person_search_renewal(struct db *db, int64_t *after_out);
enum status person_search_renewal_set(struct db *db, int64_t after);
enum status person_search_renewal_end(struct db *db);

/* Appends up to `max` rows (int64_t, person.id) after `after`, merged people too. */
void person_rows_after(struct db *db, int64_t after, size_t max, struct buffer *rows);

#endif
