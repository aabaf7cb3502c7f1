/* signin.h: rows of who is signed in. What they mean is decided in node/learn/account. */
#ifndef QANAT_NODE_STORE_PEOPLE_SIGNIN_H
#define QANAT_NODE_STORE_PEOPLE_SIGNIN_H

#include "node/store/db.h"

struct signin_row {
    struct hash token; /* of the cookie's value */
    int64_t created_ms, expires_ms;
    bool is_kept;
    /* of the person; the texts are borrowed during the visit */
    int64_t person;
    struct bytes id, name, lang;
    int role;
};

/* Gives the row to `take`; false when there is none, or no such person any more. */
typedef void signin_row_take(void *ctx, const struct signin_row *row);
bool signin_row_find(struct db *db, const struct hash *token, signin_row_take *take, void *ctx);

/* --- writer thread only --- */

enum status signin_row_insert(struct db *db, const struct signin_row *row);
enum status signin_row_extend(struct db *db, const struct hash *token, int64_t expires_ms);
enum status signin_row_delete(struct db *db, const struct hash *token);

/* All of a person, but `except` (NULL: none is left). */
enum status signin_row_delete_of(struct db *db, int64_t person, const struct hash *except);

/* Those that ended before `now_ms`. */
enum status signin_row_sweep(struct db *db, int64_t now_ms);

#endif
