/* minisign.h: signatures and public keys in the format of minisign (https://jedisct1.github.io/minisign/), so
 * that anybody can verify a bundle with what Debian ships, without a node.
 *
 * The signature is of the prehashed kind "ED": Ed25519 over the BLAKE2b-512 of the file, with a trusted
 * comment under a signature of its own. The key id is the beginning of the node's id. */
#ifndef QANAT_NODE_BUNDLE_MINISIGN_H
#define QANAT_NODE_BUNDLE_MINISIGN_H

#include "replication/base/bytes.h"
#include "replication/stream/certificate.h"

enum { MINISIGN_HASH_SIZE = 64, MINISIGN_COMMENT_MAX = 700, MINISIGN_TEXT_MAX = 1400 };

/* What a file FILE.minisig holds. `comment`: one line of at most MINISIGN_COMMENT_MAX bytes. */
void minisign_signature(const struct id *node, const uint8_t secret[SIGN_SECRET_SIZE],
                        const uint8_t hash[MINISIGN_HASH_SIZE], const char *comment,
                        char out[MINISIGN_TEXT_MAX]);

/* What a file minisign.pub holds. `comment`: one line. */
void minisign_key(const struct id *node, const uint8_t public_key[SIGN_PUBLIC_SIZE], const char *comment,
                  char out[MINISIGN_TEXT_MAX]);

#endif
