/* xapi_client.h: keys of xAPI clients and sessions of launched content in the database. Rows only: what they
 * may do is node/lrs's affair. */
#ifndef QANAT_NODE_STORE_PEOPLE_XAPI_CLIENT_H
#define QANAT_NODE_STORE_PEOPLE_XAPI_CLIENT_H

#include "node/store/db.h"

enum { XAPI_HASH_SIZE = 32, XAPI_KEY_MAX = 64, XAPI_NAME_MAX = 128 };

struct xapi_key {
    char key[XAPI_KEY_MAX + 1];
    char name[XAPI_NAME_MAX + 1];
    uint8_t secret[XAPI_HASH_SIZE];
    unsigned rights;
    int64_t made_ms;
};

bool xapi_key_find(struct db *db, struct bytes key, struct xapi_key *key_out);

/* Fills up to `max` of them, by name; how many there were. */
size_t xapi_key_list(struct db *db, struct xapi_key *out, size_t max);

/* A session's row. Texts are borrowed: of the caller when written, of the buffer when read. */
struct xapi_session {
    int64_t row;
    uint8_t uuid[16], registration[16];
    uint8_t token[XAPI_HASH_SIZE], secret[XAPI_HASH_SIZE];
    int64_t launch;
    struct bytes person, activity, details;
    unsigned said;
    bool was_fetched;
    int64_t initialized_ms, last_ms, expires_ms;
    int64_t volume; /* bytes stored under it; 0 when inserted */
};

/* The texts go into `texts` (cleared first). `token` is not read. */
bool xapi_session_get(struct db *db, int64_t row, struct buffer *texts, struct xapi_session *session_out);

/* Rows by what names them; 0 when there is none. */
int64_t xapi_session_by_token(struct db *db, const uint8_t token[XAPI_HASH_SIZE]);
int64_t xapi_session_by_uuid(struct db *db, const uint8_t uuid[16]);
int64_t xapi_session_newest(struct db *db, const uint8_t registration[16], struct bytes activity);

/* Of a registration, the newest before row `before` that has not ended. */
int64_t xapi_session_living(struct db *db, const uint8_t registration[16], int64_t before, int64_t now_ms);

/* All that other sessions of this activity and registration have said, joined. */
unsigned xapi_session_said(struct db *db, const struct xapi_session *session);

/* --- writer thread only --- */

/* *is_new_out is false when the key is taken. */
enum status xapi_key_insert(struct db *db, const struct xapi_key *key, bool *is_new_out);

/* *count_out is 0 when there was no such key. */
enum status xapi_key_delete(struct db *db, struct bytes key, int64_t *count_out);

enum status xapi_session_insert(struct db *db, const struct xapi_session *session, int64_t *row_out);

/* Writes said, was_fetched, times, volume and secret. */
enum status xapi_session_update(struct db *db, const struct xapi_session *session);
enum status xapi_session_delete_person(struct db *db, struct bytes person);

#endif
