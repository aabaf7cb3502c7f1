#include "node/bundle/envelope.h"

#include <string.h>

#include "replication/base/check.h"

enum { NOTE_HEAD_SIZE = 4 + 1 };

void envelope_begin(struct envelope *envelope)
{
    crypto_aead_xchacha20poly1305_ietf_keygen(envelope->key);
    envelope->number = 0;
    envelope->is_open = true;
}

void envelope_clear(struct envelope *envelope)
{
    sodium_memzero(envelope, sizeof *envelope);
}

/* streams (4) | recipients (1) | for each: node (16), key in a sealed box (80) */
enum status envelope_note_encode(const struct envelope *envelope, const struct roster_node *const *nodes,
                                 size_t count, uint32_t streams, struct buffer *out)
{
    uint8_t box[ENVELOPE_KEY_SIZE + crypto_box_SEALBYTES];

    CHECK(envelope->is_open && count > 0 && count <= ENVELOPE_RECIPIENTS_MAX);
    for (unsigned i = 0; i < 4; i++) {
        buffer_append_u8(out, (uint8_t)(streams >> (8 * i)));
    }
    buffer_append_u8(out, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        if (crypto_box_seal(box, envelope->key, sizeof envelope->key, nodes[i]->curve_public) != 0) {
            return S_INVALID;
        }
        buffer_append(out, nodes[i]->node.b, sizeof nodes[i]->node.b);
        buffer_append(out, box, sizeof box);
    }
    return S_OK;
}

/* With the keys of today, or those of before: who made the file may have known no others. */
static bool entry_open(struct envelope *envelope, const uint8_t *box, const struct identity *self)
{
    const unsigned long long size = ENVELOPE_ENTRY_SIZE - sizeof self->node.b;
    bool is_open = crypto_box_seal_open(envelope->key, box, size, self->curve_public, self->curve_secret) == 0;

    for (size_t i = 0; i < self->former_count && !is_open; i++) {
        is_open = crypto_box_seal_open(envelope->key, box, size, self->former[i].curve_public, self->former[i].curve_secret) == 0;
    }
    return is_open;
}

enum status envelope_note_open(struct envelope *envelope, struct bytes note, const struct identity *self,
                               uint32_t *streams_out)
{
    *streams_out = 0;
    if (note.size < NOTE_HEAD_SIZE ||
        note.size != NOTE_HEAD_SIZE + (size_t)note.data[4] * ENVELOPE_ENTRY_SIZE) {
        return S_INVALID;
    }
    for (unsigned i = 0; i < 4; i++) {
        *streams_out |= (uint32_t)note.data[i] << (8 * i);
    }
    for (size_t i = 0; i < note.data[4]; i++) {
        const uint8_t *entry = note.data + NOTE_HEAD_SIZE + i * ENVELOPE_ENTRY_SIZE;

        if (memcmp(entry, self->node.b, sizeof self->node.b) == 0) {
            envelope->is_open = entry_open(envelope, entry + sizeof self->node.b, self);
            return envelope->is_open ? S_OK : S_INVALID;
        }
    }
    return S_DENIED;
}

static void nonce_of(const uint8_t number[ENVELOPE_NUMBER_SIZE],
                     uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES])
{
    memset(nonce, 0, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    memcpy(nonce, number, ENVELOPE_NUMBER_SIZE);
}

void envelope_seal(struct envelope *envelope, struct bytes frame, struct buffer *out)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], number[ENVELOPE_NUMBER_SIZE];
    uint8_t text[FRAME_SIZE_MAX + crypto_aead_xchacha20poly1305_ietf_ABYTES];
    unsigned long long size;

    CHECK(envelope->is_open && frame.size <= FRAME_SIZE_MAX);
    for (unsigned i = 0; i < sizeof number; i++) {
        number[i] = (uint8_t)(envelope->number >> (8 * i));
    }
    envelope->number++;
    nonce_of(number, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(text, &size, frame.data, frame.size, NULL, 0, NULL, nonce,
                                               envelope->key);
    buffer_clear(out);
    buffer_append(out, number, sizeof number);
    buffer_append(out, text, (size_t)size);
}

enum status envelope_open(const struct envelope *envelope, struct bytes sealed, struct buffer *out)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], text[FRAME_SIZE_MAX];
    unsigned long long size;

    CHECK(envelope->is_open);
    if (sealed.size < ENVELOPE_OVERHEAD || sealed.size > FRAME_SIZE_MAX + ENVELOPE_OVERHEAD) {
        return S_INVALID;
    }
    nonce_of(sealed.data, nonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, &size, NULL, sealed.data + ENVELOPE_NUMBER_SIZE,
                                                   sealed.size - ENVELOPE_NUMBER_SIZE, NULL, 0, nonce,
                                                   envelope->key) != 0) {
        return S_INVALID;
    }
    buffer_clear(out);
    buffer_append(out, text, (size_t)size);
    return S_OK;
}
