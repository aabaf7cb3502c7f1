/* record.h: statements of the learning record store in the database. Rows only: what a statement means is
 * node/lrs's affair. */
#ifndef QANAT_NODE_STORE_PEOPLE_RECORD_H
#define QANAT_NODE_STORE_PEOPLE_RECORD_H

#include "node/store/db.h"

enum {
    RECORD_UUID_SIZE = 16,
    RECORD_TIME_SHIFT = 11, /* id = stored time in ms << 11 | number */
    RECORD_KEY_SIZE = 16,
    RECORD_HOME_SIZE = 80,
};

struct record {
    int64_t id;
    uint8_t uuid[RECORD_UUID_SIZE];
    bool is_voided;
    struct bytes body;
};

/* The body goes into `body` (cleared first) and is borrowed from it; false when there is no such record. */
bool record_find(struct db *db, const uint8_t uuid[RECORD_UUID_SIZE], struct buffer *body,
                 struct record *record_out);
bool record_get(struct db *db, int64_t id, struct buffer *body, struct record *record_out);

int64_t record_count(struct db *db);

/* Records strictly between `above` and `below` that are not voided, in the order of ids; by terms: posting.h.
 * One page at a time and connection, ended by statement_reset(); record_get() may be called meanwhile. */
struct statement *record_page_begin(struct db *db, int64_t above, int64_t below, bool is_ascending);
bool record_page_next(struct statement *statement, int64_t *id_out);

/* Which records refer to `target`, with ids above `after`: at most `max`, how many they were. */
struct record_reference {
    int64_t id;
    bool is_voiding;
};
size_t record_references(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t after, size_t max,
                         struct record_reference *out);

/* Data of an attachment: calls `visit` once; false when it is not here. */
typedef void record_attachment_visit(void *ctx, struct bytes media_type, struct bytes body);
bool record_attachment_find(struct db *db, struct bytes sha2, record_attachment_visit *visit, void *ctx);

/* The canonical definition of an activity, appended to `definition` (may be NULL); *last_out is of what was
 * merged last. False when there is none. */
bool record_activity_find(struct db *db, uint64_t activity, int64_t *last_out, struct buffer *definition);

typedef void record_name_visit(void *ctx, struct bytes name);
void record_names(struct db *db, uint64_t agent, record_name_visit *visit, void *ctx);

/* The secret that keys the terms and the home page of this node's accounts, the same for the life of the
 * database; false before record_place_make(). */
struct record_place {
    uint8_t key[RECORD_KEY_SIZE];
    char home[RECORD_HOME_SIZE];
};
bool record_place_get(struct db *db, struct record_place *place_out);

/* --- writer thread only --- */

enum status record_place_make(struct db *db, const char *home);

/* A free id of the time `now_ms` or, where that is full, the next free one after it. */
int64_t record_id_free(struct db *db, int64_t now_ms);

/* *is_new_out is false when the UUID is taken; then nothing changes. */
enum status record_insert(struct db *db, const struct record *record, bool *is_new_out);
enum status record_void(struct db *db, int64_t id);

/* Deletes the row and what it alone used of attachments, and overwrites their places in the file. Terms and
 * references are the caller's. */
enum status record_delete(struct db *db, int64_t id);

enum status record_reference_put(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t id,
                                 bool is_voiding);
enum status record_reference_drop(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t id);
enum status record_attachment_put(struct db *db, struct bytes sha2, struct bytes media_type,
                                  struct bytes body);
enum status record_attachment_use(struct db *db, int64_t id, struct bytes sha2);
enum status record_activity_put(struct db *db, uint64_t activity, int64_t last, struct bytes definition);
enum status record_name_put(struct db *db, uint64_t agent, struct bytes name);
enum status record_names_drop(struct db *db, uint64_t agent);

#endif
