/* client.h: who speaks xAPI to this node: a program with a key, or launched content with a session's
 * authorization.
 *
 * Both come as HTTP Basic (RFC 7617). A key's secret is 32 random bytes that this node drew, so a plain
 * BLAKE2b of it is kept. */
#ifndef QANAT_NODE_LRS_CLIENT_H
#define QANAT_NODE_LRS_CLIENT_H

#include "node/lrs/session.h"
#include "node/store/people/xapi_client.h"

enum lrs_right { LRS_READ = 1, LRS_WRITE = 2 };

enum { CLIENT_SECRET_SIZE = 65, CLIENT_KEYS_MAX = 1000 }; /* hexadecimal, with NUL */

struct lrs_client {
    bool is_session;
    bool is_over;               /* its cmi5 session said terminated a while ago */
    unsigned rights;            /* enum lrs_right */
    struct lrs_session session; /* of a session */
    struct buffer texts;        /* what the session borrows from */
    struct buffer authority;    /* JSON: the agent that stands behind its statements */
};

/* `authorization` is the header's value, or NULL. S_DENIED when it is not good (any more). client_release()
 * in either case. */
enum status client_open(const struct lrs *lrs, struct db *db, const char *authorization, int64_t now_ms,
                        struct lrs_client *client);
void client_release(struct lrs_client *client);

/* The node itself, or on behalf of a session (copied as it is; may be NULL). */
void client_own(const struct lrs *lrs, const struct lrs_session *session, struct lrs_client *client);

/* The actor of a session as JSON, appended. */
void client_actor_write(const struct lrs *lrs, const struct lrs_session *session, struct buffer *out);

/* Draws a key and its secret for a program called `name`: S_INVALID with a bad name, S_TOO_LARGE when there
 * are CLIENT_KEYS_MAX. */
struct client_key {
    struct xapi_key row;
    char secret[CLIENT_SECRET_SIZE]; /* shown once */
};
enum status client_key_add(struct store *store, const char *name, unsigned rights, int64_t now_ms,
                           struct client_key *key_out, struct report *report);

/* S_NOT_FOUND. */
enum status client_key_remove(struct store *store, const char *key, struct report *report);

/* BLAKE2b of a secret, as it is kept. */
void client_secret_hash(const char *secret, uint8_t out[XAPI_HASH_SIZE]);

#endif
