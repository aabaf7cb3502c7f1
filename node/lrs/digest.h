/* digest.h: the hashes and the signatures that xAPI asks for and libsodium does not have: SHA-1, all of
 * SHA-2, RSA PKCS #1 v1.5.
 *
 * GnuTLS does them: libmicrohttpd brings it into this process anyway, so no further library is loaded.
 * gnutls.h lives in digest.c alone. */
#ifndef QANAT_NODE_LRS_DIGEST_H
#define QANAT_NODE_LRS_DIGEST_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { DIGEST_HEX_MAX = 129 };

/* Lower-case hexadecimal digits. */
void digest_sha1(struct bytes data, char out[DIGEST_HEX_MAX]);

/* The SHA-2 whose hexadecimal form has `digits` digits: 56, 64, 96 or 128. */
bool digest_sha2(struct bytes data, size_t digits, char out[DIGEST_HEX_MAX]);

/* Checks an RS256, RS384 or RS512 signature over `data` against an X.509 certificate (DER): S_BAD_SIGNATURE,
 * S_INVALID when the certificate cannot be read. */
enum status digest_rsa_check(const char *algorithm, struct bytes certificate, struct bytes data,
                             struct bytes signature);

#endif
