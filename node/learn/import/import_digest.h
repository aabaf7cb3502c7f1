/* import_digest.h: the SHA-256 of an archive as it was given, so that an export can be compared with it. It is
 * made on a thread of its own while the archive is unpacked and taken apart: libsodium needs as long for it as
 * the rest of the import. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_DIGEST_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_DIGEST_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

struct import_digest;

/* `fd` is the caller's, and stays open until the end; its position is not moved. Never NULL. */
struct import_digest *import_digest_start(int fd);

/* Waits for it. S_IO: the file could not be read, errno says why. */
enum status import_digest_end(struct import_digest *digest, struct hash *sha256_out, uint64_t *size_out);

/* It is not wanted any more. */
void import_digest_drop(struct import_digest *digest);

#endif
