/* Patches in: puts the same bases together as the sender, decodes, and goes on as if plain pieces had come.
 *
 * A patch is believed as little as plain bytes: the object's hash decides. When that fails, or a base of ours
 * is damaged, the object is asked for once more without bases. */
#include <stdlib.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/peer/dictionary.h"

size_t patches_ask(struct peer *peer, const struct fetch *const *fetches, size_t count)
{
    struct message message = {.type = MESSAGE_ASK_FROM};
    struct ask_from *asks = arena_alloc(&peer->arena, (count + 1) * sizeof *asks);
    size_t hashes = 0, i;

    for (i = 0; asks && i < count; i++) {
        const struct fetch *fetch = fetches[i];
        struct ask_from *ask = &asks[message.ask_from.count];

        if (hashes + 1 + fetch->base_count > ASK_FROM_HASHES_MAX) {
            break;
        }
        hashes += 1 + fetch->base_count;
        ask->object = fetch->object;
        ask->base_count = fetch->base_count;
        for (size_t b = 0; b < fetch->base_count; b++) {
            ask->bases[b] = fetch->bases[b];
        }
        message.ask_from.count++;
    }
    message.ask_from.asks = asks;
    if (message.ask_from.count > 0) {
        effect_send(peer, &message);
    }
    return message.ask_from.count;
}

/* All pieces belong to fetches, else S_NOT_FOUND: a double. */
static enum status dictionary_gather(struct peer *peer, const struct patches_message *message,
                                     struct dictionary *dictionary)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct patched_piece *piece = &message->pieces[i];
        struct fetch *fetch = fetch_find(peer, &piece->object);

        if (!fetch) {
            return S_NOT_FOUND;
        }
        for (size_t b = 0; b < BASES_MAX; b++) {
            enum status status = S_OK;
            if (piece->bases & (1u << b)) {
                status = b < fetch->base_count ? dictionary_add(dictionary, peer->view, &fetch->bases[b])
                                               : S_NOT_FOUND;
            }
            if (status != S_OK) {
                return status;
            }
        }
    }
    return S_OK;
}

static void take_pieces(struct peer *peer, const struct patches_message *message, const uint8_t *content)
{
    struct piece pieces[PATCHED_MAX];
    struct pieces_message plain = {.pieces = pieces, .count = message->count};
    size_t at = 0;

    for (size_t i = 0; i < message->count; i++) {
        const struct patched_piece *piece = &message->pieces[i];
        pieces[i] =
            (struct piece){piece->object, piece->size, piece->offset, bytes_of(content + at, piece->length)};
        at += piece->length;
    }
    objects_in_on_pieces(peer, &plain);
}

static size_t content_size(const struct patches_message *message)
{
    size_t size = 0;

    for (size_t i = 0; i < message->count; i++) {
        size += message->pieces[i].length;
    }
    return size; /* within PATCH_CONTENT_MAX: the codec looked */
}

static void restart_all(struct peer *peer, const struct patches_message *message)
{
    for (size_t i = 0; i < message->count; i++) {
        struct fetch *fetch = fetch_find(peer, &message->pieces[i].object);
        if (fetch && fetch->ticket == 0) {
            objects_in_restart(peer, fetch);
        }
    }
}

void patches_in_on_patches(struct peer *peer, const struct patches_message *message)
{
    struct dictionary *dictionary = malloc(sizeof *dictionary);
    size_t size = content_size(message);
    uint8_t *content = malloc(size + 1);
    enum status status;

    CHECK(dictionary && content && message->count <= PATCHED_MAX);
    dictionary_init(dictionary);
    status = dictionary_gather(peer, message, dictionary);
    if (status == S_OK) {
        status = patch_decode(buffer_bytes(&dictionary->data), message->patch, content, size);
        if (status == S_OK) {
            take_pieces(peer, message, content);
        } else {
            effect_refuse(peer, MESSAGE_PATCHES, NULL, status, "a patch that cannot be read");
            restart_all(peer, message);
        }
    } else if (status != S_NOT_FOUND) {
        restart_all(peer, message); /* our own trouble */
    }
    dictionary_release(dictionary);
    free(dictionary);
    free(content);
}
