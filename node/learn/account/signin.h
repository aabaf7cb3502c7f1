/* signin.h: one browser that a person has signed in with: its token, its life, its CSRF token.
 *
 * The token is 32 random bytes in base64url, known to the browser alone: the database holds its hash. The
 * CSRF token follows from it, so that it needs no row and changes with it. A sign-in lives SIGNIN_IDLE_MS
 * after its last use, or SIGNIN_KEPT_MS where the browser was asked to remember, and SIGNIN_LIFE_MS at most.
 * Times are this machine's clock. */
#ifndef QANAT_NODE_LEARN_ACCOUNT_SIGNIN_H
#define QANAT_NODE_LEARN_ACCOUNT_SIGNIN_H

#include "node/learn/person/person_row.h"
#include "node/learn/result/result_row.h"
#include "node/learn/vocabulary.h"
#include "node/store/store.h"

#define SIGNIN_IDLE_MS (12 * 3600 * 1000LL)
#define SIGNIN_KEPT_MS (30 * 24 * 3600 * 1000LL)
#define SIGNIN_LIFE_MS (180 * 24 * 3600 * 1000LL)

enum { SIGNIN_TOKEN_SIZE = 44, SIGNIN_CSRF_SIZE = 33 }; /* with NUL */

struct signin {
    int64_t person; /* person.row; 0: nobody */
    char id[PERSON_ID_MAX + 1];
    char name[PERSON_TEXT_MAX + 1];
    char lang[LANG_MAX + 1]; /* of the pages, or "" */
    enum role role;
    char csrf[SIGNIN_CSRF_SIZE];
    struct hash token; /* its hash */
    int64_t expires_ms;
};

/* Makes a sign-in durable and tells its token. Waits: not on the loop thread. */
enum status signin_open(struct store *store, int64_t person, bool is_kept, int64_t now_ms,
                        char token_out[SIGNIN_TOKEN_SIZE]);

/* Who has this token now; false (and person 0) for nobody. Puts the end of its life off, at most once in a
 * twentieth of it. Any thread. */
bool signin_find(struct store *store, const char *token, int64_t now_ms, struct signin *signin_out);

/* Ends it (signed out): durable when it returns. */
enum status signin_close(struct store *store, const struct signin *signin);

#endif
