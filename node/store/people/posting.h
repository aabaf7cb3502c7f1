/* posting.h: what statements are found by: an inverted index that is written in the order of arrival.
 *
 * A statement has a dozen terms, each on a page of its own in an index ordered by term: half a thousand
 * statements would touch a thousand pages for every commit. So a job appends what its statements are found by
 * to a tail, one row a job; a tail of POSTING_TAIL_MAX bytes is sorted and becomes a segment, written once
 * and in order:
 *
 *   record_tail     rows of entries: record u64 | base u64 | count u32 | count terms u64
 *   record_segment  its number, the lowest and highest record in it
 *   record_posting  (segment, term) -> postings in the order of (record, base): varint step of the record |
 * varint base
 *
 * A search reads the whole tail, then segment by segment from the end it starts at; records come in order
 * although segments may overlap (a clock that was set back, terms that an old record gets from one it leads
 * to). All terms of one (record, base) are in one entry, so in one segment. (The scheme of log-structured
 * merge trees, O'Neil et al. 1996, with one level: a search costs one look a segment, 800 of them at ten
 * million statements.) */
#ifndef QANAT_NODE_STORE_PEOPLE_POSTING_H
#define QANAT_NODE_STORE_PEOPLE_POSTING_H

#include "node/store/db.h"

enum {
    POSTING_TERMS_MAX = 5, /* of one search */
    POSTING_TAIL_MAX = 1024 * 1024,
    POSTING_SCHEMA = 3, /* what posting_gather() belongs to */
};

/* Appends one entry for posting_put() to `entries`: `terms` are `count` uint64_t. */
void posting_entry(struct buffer *entries, int64_t record, int64_t base, struct bytes terms);

/* --- writer thread only --- */

/* Stores the entries of a job; sorts the tail where that has grown enough. */
enum status posting_put(struct db *db, struct bytes entries);

/* Makes a segment of the tail, however small. */
enum status posting_settle(struct db *db);

/* The migration to schema 3: makes one segment of what the table `record_term` holds, and drops it. */
enum status posting_gather(struct db *db);

/* Takes (record, base) out from under these terms, and overwrites the places. */
enum status posting_drop(struct db *db, int64_t record, int64_t base, struct bytes terms);

/* --- searching --- */

/* Records strictly between `above` and `below` that have all terms (one at least) under one base, in the
 * order of ids. An id may come several times in a row. */
struct posting_search {
    int64_t above, below;
    bool is_ascending;
    size_t term_count;
    uint64_t terms[POSTING_TERMS_MAX];
};

/* A search under way; one at a time and connection, ended by posting_close(). */
struct posting_cursor {
    struct db *db;
    struct posting_search search;
    struct buffer hits; /* int64_t in order, the next one last */
    struct statement *segments;
    bool has_segment;
    int64_t segment, edge; /* the next segment, and the record it may begin with */
};

void posting_open(struct posting_cursor *cursor, struct db *db, const struct posting_search *search);
bool posting_next(struct posting_cursor *cursor, int64_t *record_out);
void posting_close(struct posting_cursor *cursor);

/* Whether the record is found by the term, under any base. */
bool posting_has(struct db *db, uint64_t term, int64_t record);

#endif
