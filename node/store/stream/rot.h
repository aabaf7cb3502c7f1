/* rot.h: the one rotten byte of a stream, found by its sum and put back.
 *
 * The running sum beside a stream (LtHash) is certified by its digest. When it is intact and one byte of one row is not, the sum less the sums of all
 * rows as they are is the difference of two elements: the row's true one and its damaged one. So each bit of each row is tried until the
 * difference is met, and then each other value of each byte; that it is the right one is proven by the writer's signature. It needs no peer, and a
 * stream of this node that nobody else holds is whole again. Linear in the bytes of the stream, 255 times two microseconds each. */
#ifndef QANAT_NODE_STORE_STREAM_ROT_H
#define QANAT_NODE_STORE_STREAM_ROT_H

#include "node/store/stream/audit.h"
#include "replication/base/bytes.h"

enum { ROT_TRIES_MAX = 5 * 1000 * 1000 };   /* values of bytes; about ten seconds: ten thousand cells by bits, some hundred by bytes */

/* A row as it was before it rotted; `key` is packed. */
struct rot {
    int64_t dot;
    struct buffer key, value;
};

void rot_init(struct rot *rot);
void rot_release(struct rot *rot);

/* Looks for the byte in stream `number`: S_OK, S_NOT_FOUND when no single byte explains the damage, S_TOO_LARGE when there are more than `tries_max`
 * to try, S_CORRUPT when the sum itself is not the certified one. */
enum status rot_find(struct db *db, int64_t number, uint64_t tries_max, const struct audit_keys *keys, struct rot *rot_out);

/* Puts the row back. Writer thread; audit_stream() has the last word. */
enum status rot_mend(struct db *db, const struct rot *rot);

#endif
