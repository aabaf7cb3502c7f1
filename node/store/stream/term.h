/* term.h: the dictionary of cell key segments: a text has one number for ever.
 *
 * Each connection caches what it has seen, up to TERMS_BYTES_MAX; then it starts again. Only the writer adds.
 */
#ifndef QANAT_NODE_STORE_STREAM_TERM_H
#define QANAT_NODE_STORE_STREAM_TERM_H

#include "node/store/db.h"

enum { TERMS_BYTES_MAX = 16 * 1024 * 1024 };

struct terms;

struct terms *terms_new(void);
void terms_free(struct terms *terms);

/* The number of `text`; a text without one is given the next number when `may_add`. 0: there is none, or an
 * error (db_status). */
int64_t term_number(struct db *db, struct bytes text, bool may_add);

/* The text of `number`, borrowed until the next call; data is NULL when there is none. */
struct bytes term_text(struct db *db, int64_t number);

/* The transaction was undone, in part or whole: numbers given in it may be given again, to other texts. */
void terms_undo(struct db *db);

/* The transaction is durable. */
void terms_keep(struct db *db);

#endif
