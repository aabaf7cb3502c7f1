/* lrs.h: the learning record store: what the rest of the node needs of it.
 *
 * xAPI 1.0.3 and 2.0 (IEEE 9274.1.1). Statements, documents and clients are people's data: they live in this
 * database alone and are never replicated. This room stands below node/learn and sees no HTTP:
 * node/http/routes_xapi.c speaks it, node/learn opens sessions (session.h) and listens to stored statements
 * through the observer below.
 *
 * Functions that take a `struct db` and write run inside a job on the writer thread (store.h); so what they
 * write and what the caller writes become durable together. */
#ifndef QANAT_NODE_LRS_LRS_H
#define QANAT_NODE_LRS_LRS_H

#include "node/store/store.h"
#include "replication/base/bytes.h"

enum {
    LRS_HOME_SIZE = 80,
    LRS_UUID_SIZE = 16,
    LRS_UUID_TEXT_SIZE = 37,
};

enum lrs_version { LRS_1_0_3, LRS_2_0 };

struct lrs_session; /* session.h */

/* A statement that is about to become durable. Everything is borrowed for the call. */
struct lrs_event {
    const struct lrs_session
        *session;              /* under which it came; NULL: from a client with a key, or from this node */
    struct bytes person;       /* id of the person of this node that the actor is; empty: somebody else */
    struct bytes verb;         /* IRI */
    struct bytes activity;     /* IRI of the object when that is an activity, else empty */
    struct bytes registration; /* 16 bytes, or empty */
    struct bytes statement;    /* JSON as stored, with id, stored, authority */
    uint8_t id[LRS_UUID_SIZE];
    int64_t stored_ms, timestamp_ms;
    bool has_scaled, has_raw, has_min, has_max, has_success, has_completion;
    double scaled, raw, min, max; /* of result.score */
    bool success, completion;
    int64_t duration_ms; /* of result.duration; -1: none */
    double progress;     /* cmi5's result extension "progress", 0 to 100; -1: none */
};

/* Called on the writer thread, in the transaction and after the row was written, once for each statement that
 * was not here before. Anything but S_OK undoes the whole batch. */
typedef enum status lrs_observe(void *ctx, struct db *db, const struct lrs_event *event);

/* What the functions of this room share; filled by lrs_init(), then read only. */
struct lrs {
    struct store *store;
    char home[LRS_HOME_SIZE]; /* homePage of this node's accounts: an IRI that neither a new address nor a new
                                 key of the node changes */
    uint8_t key[LRS_UUID_SIZE]; /* of the terms that statements are found by; of the database */
    lrs_observe *observe;       /* may be NULL */
    void *observe_ctx;
};

/* Before the loop runs, or on a command's thread: may write once and wait for it. */
void lrs_init(struct lrs *lrs, struct store *store, const struct identity *identity);

/* The same from inside a job or a read, without observer; false where lrs_init() never ran: then nothing was
 * stored either. */
bool lrs_load(struct lrs *lrs, struct db *db);

/* The actor of a person of this node:
 * {"objectType":"Agent","name":...,"account":{"homePage":home,"name":id}}. Appended to `out`. */
void lrs_actor_write(const struct lrs *lrs, struct bytes person, struct bytes name, struct buffer *out);

/* The same IRI for the same course or item on every node, where a package brings none of its own:
 * "https://qanat.invalid/course/ID/item/ITEM"
 * (`item` may be empty). Appended to `out`. */
void lrs_activity_write(struct bytes course, struct bytes item, struct buffer *out);

/* A random UUID (RFC 9562, version 4). */
void lrs_uuid_make(uint8_t out[LRS_UUID_SIZE]);
void lrs_uuid_text(const uint8_t uuid[LRS_UUID_SIZE], char out[LRS_UUID_TEXT_SIZE]);
bool lrs_uuid_parse(struct bytes text, uint8_t out[LRS_UUID_SIZE]);

/* --- inside a job --- */

/* Checks and stores one statement (JSON object; 2.0 rules) that this node makes itself or takes for a session
 * (may be NULL). S_INVALID and S_DENIED with a report; S_EXISTS when its id is taken by another statement.
 * The same statement again is S_OK and changes nothing. */
enum status lrs_statement_say(const struct lrs *lrs, struct db *db, const struct lrs_session *session,
                              struct bytes json, struct report *report);

/* Takes a person out: statements of which they are the actor or the object, their state, agent profiles,
 * attachments, sessions. Where another statement names them (instructor, team, authority) it goes, too.
 * *count_out is how many statements. */
enum status lrs_person_erase(const struct lrs *lrs, struct db *db, struct bytes person, int64_t *count_out);

#endif
