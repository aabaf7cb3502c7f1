/* authority_key.h: the files in which the presidents of a federation keep its highest keys.
 *
 * "qanat authority key 1", newline, 64 hex digits of the Ed25519 seed, newline; mode 0600. The files of the first versions, 32
 * raw bytes, are read too. */
#ifndef QANAT_NODE_CMD_AUTHORITY_KEY_H
#define QANAT_NODE_CMD_AUTHORITY_KEY_H

#include "node/cmd/command.h"
#include "replication/trust/statement.h"

/* The keys that a command was given. */
struct authority_keys {
    struct signer signers[AUTHORITY_KEYS_MAX];
    uint8_t public_keys[AUTHORITY_KEYS_MAX][SIGN_PUBLIC_SIZE];
    size_t count;
};

/* Draws a key and writes it to `path`, which must not be there: S_EXISTS. */
enum status authority_key_make(const char *path, uint8_t public_out[SIGN_PUBLIC_SIZE], uint8_t secret_out[SIGN_SECRET_SIZE],
                               struct report *report);

/* Reads one and adds it. S_NOT_FOUND, S_CORRUPT, S_EXISTS for one that is there, S_TOO_LARGE for too many. */
enum status authority_keys_load(struct authority_keys *keys, const char *path, struct report *report);

/* Takes every --key FILE of the command; S_USAGE when there is none. Clear the keys afterwards, whatever it returns. */
enum status authority_keys_take(struct command_context *context, struct authority_keys *keys);
void authority_keys_clear(struct authority_keys *keys);

#endif
