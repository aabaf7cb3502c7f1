/* account.h: what a person does with their own account: sign in, choose a language, change the password,
 * register with a code.
 *
 * Everything here waits for the database, and most of it hashes a password: thread pool only. */
#ifndef QANAT_NODE_LEARN_ACCOUNT_ACCOUNT_H
#define QANAT_NODE_LEARN_ACCOUNT_ACCOUNT_H

#include "node/learn/account/signin.h"
#include "node/learn/account/throttle.h"

struct account_context {
    struct store *store;
    struct throttle *throttle;
    struct bytes address; /* of who asks */
    int64_t now_ms;       /* wall clock */
    int64_t monotonic_ms;
};

/* Signs in. S_DENIED for a wrong person or password, which take the same time; S_BUSY after too many tries:
 * *wait_s_out is when to come again. */
enum status account_sign_in(const struct account_context *context, struct bytes person, struct bytes password,
                            bool is_kept, char token_out[SIGNIN_TOKEN_SIZE], unsigned *wait_s_out);

/* A new person who knows `code`, which must be the node's own (empty: nobody may). Fields as in a people's
 * file. S_DENIED for a wrong code, S_EXISTS, S_INVALID (which field), S_BUSY. */
struct account_registration {
    const char *code_wanted;
    struct bytes code, id, name, gender, lang, password;
};
enum status account_register(const struct account_context *context,
                             const struct account_registration *registration, unsigned *wait_s_out,
                             struct report *report);

/* Changes the password and ends all other sign-ins. S_DENIED when `old` is wrong, S_INVALID for an unfit new
 * one, S_BUSY. */
enum status account_change_password(const struct account_context *context, const struct signin *signin,
                                    struct bytes old, struct bytes password, unsigned *wait_s_out);

/* S_INVALID for what is no language tag; empty: the browser's own. */
enum status account_set_lang(const struct account_context *context, const struct signin *signin,
                             struct bytes lang);

#endif
