/* key.h: cell keys as the database keeps them: short, ordered by stream, without loss.
 *
 * number(stream) then, for each segment (split at KEY_SEPARATOR), number(term), or 0, number(size) and the
 * bytes themselves
 *
 * A segment of 32 bytes or more that is only hex digits and dashes (a hash, a node, a UUID) is written out:
 * it is not shared by many. This depends on the segment alone, so that one key has one form. Numbers are
 * written most significant byte first, the length in the first bits, so that bytes compare like the numbers
 * and a new key mostly comes last in the index. */
#ifndef QANAT_NODE_STORE_STREAM_KEY_H
#define QANAT_NODE_STORE_STREAM_KEY_H

#include "node/store/db.h"
#include "replication/base/limits.h"

enum {
    KEY_NUMBER_SIZE = 5,
    KEY_WRITTEN_OUT_MIN = 32,
    KEY_PACKED_MAX = KEY_NUMBER_SIZE * (CELL_KEY_MAX + 2), /* at worst every byte is a separator */
};

/* The packed form of `key` (1 to CELL_KEY_MAX bytes, of any content). Without `may_add` a key with an unknown
 * term is S_NOT_FOUND: no such cell can be stored. */
enum status key_pack(struct db *db, int64_t stream, struct bytes key, bool may_add, struct buffer *out);

/* The stream number a packed key begins with; 0 when there is none. */
int64_t key_stream(struct bytes packed);

/* The key again, into `out`; S_CORRUPT when the bytes are not of key_pack(). The stream number is skipped. */
enum status key_unpack(struct db *db, struct bytes packed, uint8_t out[CELL_KEY_MAX], size_t *size_out);

#endif
