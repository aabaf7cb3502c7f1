/* status_list.h: the Bitstring Status List (W3C vc-bitstring-status-list 1.0): one bit a credential, set when
 * it is revoked.
 *
 * Inside the federation a revocation is a cell of its own (node/store/people/credential.h); this is the form for
 * everybody else. */
#ifndef QANAT_NODE_BADGE_STATUS_LIST_H
#define QANAT_NODE_BADGE_STATUS_LIST_H

#include <jansson.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"
#include "replication/trust/identity.h"

/* The least that the specification allows: a credential hides among so many. */
enum { STATUS_LIST_BITS = 131072, STATUS_LIST_BYTES = STATUS_LIST_BITS / 8 };

/* The most significant bit of the first byte is index 0. */
void status_list_set(uint8_t bits[STATUS_LIST_BYTES], uint32_t index);
bool status_list_get(const uint8_t bits[STATUS_LIST_BYTES], uint32_t index);

/* GZIP, base64url, 'u' in front; appended to `out`, with a NUL that does not count. */
void status_list_encode(const uint8_t bits[STATUS_LIST_BYTES], struct buffer *out);

/* False for anything else, or another length. */
bool status_list_decode(const char *text, uint8_t bits_out[STATUS_LIST_BYTES]);

/* The signed list credential `id` of the issuer `identity`, as of `now_ms`; NULL never. */
json_t *status_list_document(const char *id, const uint8_t bits[STATUS_LIST_BYTES],
                             const struct identity *identity, int64_t now_ms);

#endif
