/* batch.h: statements on their way in: decoded and checked on the thread of the request, stored together or
 * not at all on the writer thread.
 *
 * Everything that costs time is done while decoding: rules, normal form, signatures, hashes of attachments,
 * terms, and the text that is stored, in which only the stored time is filled in later. */
#ifndef QANAT_NODE_LRS_BATCH_H
#define QANAT_NODE_LRS_BATCH_H

#include "node/lrs/client.h"
#include "node/lrs/multipart.h"
#include "node/lrs/tree.h"

enum {
    BATCH_BODY_MAX = 8 * 1024 * 1024, /* statements and attachments of one request */
    BATCH_STATEMENTS_MAX = 20000,
    BATCH_MEMORY_MAX = 64 * 1024 * 1024, /* of the trees of one request */
};

struct batch_item {
    uint8_t id[LRS_UUID_SIZE];
    struct tree *tree;
    size_t body_at, body_size; /* in `bodies` */
    size_t stored_at,
        timestamp_at;           /* in `bodies`; timestamp_at is SIZE_MAX when the statement brings its own */
    size_t term_at, term_count; /* in `terms` */
    size_t note_at, note_count; /* in `notes` */
    bool is_reference, is_voiding;
    uint8_t target[LRS_UUID_SIZE];
    bool is_whole; /* it brought its own id and timestamp */
    bool is_new;   /* after storing */
    int64_t record;
};

/* An activity that a statement defines, or a name under which an agent appears. */
struct batch_note {
    uint64_t key;
    int64_t hash;                  /* of the definition */
    const struct tree *definition; /* NULL: it is a name */
    struct bytes name;
};

struct batch {
    const struct lrs *lrs;
    const struct lrs_client *client;
    enum lrs_version version;
    bool is_old; /* what comes is of before 1.0 (old.h); false after the opening */
    struct arena arena;
    struct batch_item *items;
    size_t count;
    struct buffer bodies, terms, notes;
    const struct multipart *parts; /* the first is the statements; NULL: none */
    bool is_part_used[MULTIPART_PARTS_MAX];
    struct report *report;
    struct buffer scratch;
};

void lrs_batch_open(struct batch *batch, const struct lrs *lrs, const struct lrs_client *client,
                enum lrs_version version);
void lrs_batch_close(struct batch *batch);

/* Reads one statement or an array of them; with `id` exactly one, which gets or has this id (PUT). `parts`
 * and `id` may be NULL; they, `json` and the client must stay as long as the batch. S_INVALID, S_TOO_LARGE
 * with a report. */
enum status lrs_batch_decode(struct batch *batch, struct bytes json, const struct multipart *parts,
                         const uint8_t *id, struct report *report);

/* In a job: all of it, or an error with a report and nothing: S_EXISTS (another statement has an id),
 * S_DENIED (not for this session). The same statement again changes nothing. */
enum status lrs_batch_store(struct batch *batch, struct db *db, int64_t now_ms, struct report *report);

#endif
