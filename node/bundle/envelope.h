/* envelope.h: results in a bundle, readable by those entitled to them alone. For the files of this room only.
 *
 * A fresh key for each file, in a note before the first sealed frame: for every entitled node its id and the
 * key in a sealed box for its X25519 key (libsodium crypto_box_seal). A sealed frame is a number (8 bytes,
 * the nonce) and the frame under XChaCha20-Poly1305. The file's signature binds all of it together. */
#ifndef QANAT_NODE_BUNDLE_ENVELOPE_H
#define QANAT_NODE_BUNDLE_ENVELOPE_H

#include <sodium.h>

#include "replication/base/limits.h"
#include "replication/trust/identity.h"
#include "replication/trust/roster.h"

enum {
    ENVELOPE_RECIPIENTS_MAX = 64,
    ENVELOPE_NUMBER_SIZE = 8,
    ENVELOPE_OVERHEAD = ENVELOPE_NUMBER_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    ENVELOPE_KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    ENVELOPE_ENTRY_SIZE = 16 + ENVELOPE_KEY_SIZE + crypto_box_SEALBYTES,
};

struct envelope {
    uint8_t key[ENVELOPE_KEY_SIZE];
    uint64_t number; /* of the next frame */
    bool is_open;    /* this node has the key */
};

/* Draws a key. */
void envelope_begin(struct envelope *envelope);

/* Appends the note for up to ENVELOPE_RECIPIENTS_MAX nodes; `streams` are sealed in this file. S_INVALID when
 * a node's key is no point that can be sealed to. */
enum status envelope_note_encode(const struct envelope *envelope, const struct roster_node *const *nodes,
                                 size_t count, uint32_t streams, struct buffer *out);

/* Takes the key out of a note. S_DENIED: it is not for this node, but *streams_out says how many streams are
 * sealed; S_INVALID. */
enum status envelope_note_open(struct envelope *envelope, struct bytes note, const struct identity *self,
                               uint32_t *streams_out);

/* Replaces `out` by the sealed frame. */
void envelope_seal(struct envelope *envelope, struct bytes frame, struct buffer *out);

/* Replaces `out` by the frame. S_INVALID: altered, or not sealed with this key. */
enum status envelope_open(const struct envelope *envelope, struct bytes sealed, struct buffer *out);

void envelope_clear(struct envelope *envelope);

#endif
