/* audit.h: is what is stored what was written? Finds what SQLite's own check cannot see.
 *
 * integrity_check compares pages, trees and indexes; a flipped bit inside a value is invisible to it (28 % of random flips). So each stream is
 * summed anew from its cells and compared with what its writer signed. Linear in the cells, in the memory of one cell; each stream can be looked
 * at in a read of its own, so that a long look holds up no checkpoint for longer than its largest stream takes. */
#ifndef QANAT_NODE_STORE_STREAM_AUDIT_H
#define QANAT_NODE_STORE_STREAM_AUDIT_H

#include "node/store/store.h"
#include "replication/stream/certificate.h"
#include "replication/stream/lthash.h"
#include "replication/trust/roster.h"

/* What may be wrong with a stream: bits. */
enum audit_fault {
    AUDIT_HEAD = 1,       /* its row cannot be read: whose stream it is, is not known */
    AUDIT_ROWS = 2,       /* a row of its cells cannot be read */
    AUDIT_CELLS = 4,      /* its cells are not those of the certificate: count, last seq or digest differ */
    AUDIT_STATE = 8,      /* the stored sum is not the certified one */
    AUDIT_SIGNATURE = 16, /* the certificate is not signed by the writer */
    AUDIT_WRITER = 32,    /* the writer is not in the roster: the signature could not be checked */
    AUDIT_STRAY = 64,     /* cells of no stream */
};

/* Whose signatures can be checked. */
struct audit_keys {
    struct id federation;
    const struct identity *self;  /* NULL: unknown */
    const struct roster *roster;  /* NULL: unreadable; then signatures of others are taken as they are */
};

struct audit_stream {
    int64_t number;                 /* in this database */
    unsigned faults;                /* of enum audit_fault; 0: sound */
    struct certificate certificate; /* as stored; all zero with AUDIT_HEAD and AUDIT_STRAY */
    struct lthash sum;              /* of the cells that could be read */
    uint64_t count, last_seq;       /* of the same */
};

/* The next number after `after` that has a stream or cells: begin with AUDIT_END, and it ends there. Rows that rot put below all streams
 * come first, as AUDIT_UNPLACED. */
enum { AUDIT_END = -1, AUDIT_UNPLACED = 0 };
int64_t audit_next(struct db *db, int64_t after);

/* Looks at one stream. Errors of the database are faults too, and are forgotten afterwards (db_status). */
void audit_stream(struct db *db, int64_t number, const struct audit_keys *keys, struct audit_stream *out);

/* Runs SQLite's integrity_check and foreign_key_check: `visit` is called for each thing they say, at most
 * AUDIT_PAGES_MAX times. S_OK when they ran to the end, whatever they said. */
enum { AUDIT_PAGES_MAX = 20 };
typedef void audit_page_visit(void *ctx, const char *text);
enum status audit_pages(struct db *db, audit_page_visit *visit, void *ctx);

/* SQLite's quick_check: structure only, without indexes; false also when it could not run. */
bool audit_quick(struct db *db);

/* Schema number of the file, and bytes of the file and of its free pages. */
struct audit_size {
    int64_t schema, size, free_size;
};
void audit_size(struct db *db, struct audit_size *out);

/* --- writer thread only --- */

/* Forgets stream `number`: cells, sum, head and what is staged. Its writer's other streams stay. */
enum status audit_drop(struct db *db, int64_t number);

/* Deletes the rows that rot moved among those of stream `number` from elsewhere; how many in *dropped_out. */
enum status audit_sift(struct db *db, int64_t number, size_t *dropped_out);

/* Stores the sum that audit_stream() found, when it is the certified one: S_BAD_DIGEST otherwise. */
enum status audit_mend_state(struct db *db, const struct audit_stream *stream);

/* Builds every index anew from its table. */
enum status audit_reindex(struct db *db);

#endif
