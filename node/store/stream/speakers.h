/* speakers.h: which streams of a writer speak of its other streams (adopted.h says what they say).
 *
 * Few do, however many streams a writer has, and each stream that comes asks for them: so each connection remembers the
 * speakers of the writers it asked about last. What is remembered may name streams that are gone since, never too few. */
#ifndef QANAT_NODE_STORE_STREAM_SPEAKERS_H
#define QANAT_NODE_STORE_STREAM_SPEAKERS_H

#include "node/store/db.h"
#include "replication/stream/stream.h"

enum { SPEAKERS_REMEMBERED_MAX = 16 }; /* writers and topics, by each connection */

struct speakers;

struct speakers *speakers_new(void);
void speakers_free(struct speakers *speakers);

/* The numbers of the streams of `stream`'s writer and topic that hold a page of sentences, or did; *count_out of them, borrowed until
 * the next call. Errors are in db_status(). */
const int64_t *speakers_find(struct db *db, const struct stream_id *stream, size_t *count_out);

/* A reader is about to take its snapshot. */
void speakers_begin(struct db *db);

/* --- writer thread only --- */

/* The stream with this number is given a page. */
void speakers_note(struct db *db, int64_t number);

/* What stands under this number came as a whole: perhaps with a page. */
void speakers_look(struct db *db, int64_t number);

/* It is dropped. */
void speakers_drop(struct db *db, int64_t number);

/* The transaction was undone, in part or whole. */
void speakers_undo(struct db *db);

/* The transaction is durable: readers look anew if a stream speaks that did not. */
void speakers_keep(struct db *db);

/* The database was opened or built anew: everybody looks anew. */
void speakers_anew(struct db *db);

#endif
