/* password.h: argon2id, bounded so that a whole country's teachers can be imported and a small box can sign
 * people in.
 *
 * 19 MiB and 2 passes (OWASP's minimum for argon2id): about 20 ms on one core, so 324,000 passwords take
 * about an hour on two. Only rows that bring a password pay; people who sign in otherwise have none. Never
 * called on the writer or loop thread. */
#ifndef QANAT_NODE_LEARN_PERSON_PASSWORD_H
#define QANAT_NODE_LEARN_PERSON_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "replication/base/bytes.h"

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 128, PASSWORD_HASH_SIZE = 128, PASSWORD_THREADS_MAX = 4 };

/* One password to hash. `stored` is the hash on record or "": it is kept when it fits the password, so that
 * the same row again changes nothing. */
struct password_task {
    struct bytes password;
    char stored[PASSWORD_HASH_SIZE];
    char hash[PASSWORD_HASH_SIZE]; /* out; "" when memory is short */
};

/* Hashes all tasks on up to PASSWORD_THREADS_MAX threads; false when one could not be done. */
bool password_hash_all(struct password_task *tasks, size_t count);

/* True when `password` is the one that `stored` was made of. */
bool password_verify(struct bytes password, const char *stored);

#endif
