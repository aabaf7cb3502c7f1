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
    struct message message = {.type = MESSAGE_ASK_FROM, .ask_from.ask = peer->objects_in.asks};
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

/* What of the first piece's object came before that piece: SENT_WINDOW_SIZE of it at most. */
static enum status add_own_beginning(struct peer *peer, const struct patched_piece *piece,
                                     struct dictionary *dictionary)
{
    const struct fetch *fetch = fetch_find(peer, &piece->object);
    uint32_t from = piece->offset > SENT_WINDOW_SIZE ? piece->offset - SENT_WINDOW_SIZE : 0;

    if (!fetch || !fetch->data || piece->offset % BLOCK_SIZE != 0 || piece->offset > fetch->size) {
        return S_NOT_FOUND;
    }
    for (uint32_t block = from / BLOCK_SIZE; block < piece->offset / BLOCK_SIZE; block++) {
        if (!(fetch->blocks[block / 8] & 1u << block % 8)) {
            return S_NOT_FOUND;
        }
    }
    return dictionary_add_bytes(dictionary, &piece->object,
                                bytes_of(fetch->data + from, piece->offset - from));
}

/* The bases that the other chose: what it told before is on its way into the store here, or in it. */
static enum status dictionary_gather_chosen(struct peer *peer, const struct patches_message *message,
                                            struct dictionary *dictionary)
{
    enum status status = S_OK;

    for (size_t i = 0; i < message->chosen_count && status == S_OK; i++) {
        const struct hash *base = &message->chosen[i];
        const struct fetch *fetch = fetch_find(peer, base);

        if (message->count > 0 && hash_equal(base, &message->pieces[0].object)) {
            status = add_own_beginning(peer, &message->pieces[0], dictionary);
        } else if (fetch && fetch->ticket != 0) {
            status = dictionary_add_bytes(dictionary, base, bytes_of(fetch->data, fetch->size));
        } else {
            status = dictionary_add(dictionary, peer->view, base);
        }
    }
    return status;
}

/* The bases that were asked with the objects. */
static enum status dictionary_gather(struct peer *peer, const struct patches_message *message,
                                     struct dictionary *dictionary)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct patched_piece *piece = &message->pieces[i];
        struct fetch *fetch = fetch_find(peer, &piece->object);

        if (!fetch && piece->bases != 0) {
            return S_NOT_FOUND; /* a double */
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
        struct fetch *fetch = fetch_find(peer, &piece->object);
        if (fetch && message->chosen_count > 0) {
            fetch->is_patched = true;
        }
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
    status = dictionary_gather_chosen(peer, message, dictionary);
    if (status == S_OK) {
        status = dictionary_gather(peer, message, dictionary);
    }
    if (status == S_OK) {
        status = patch_decode(buffer_bytes(&dictionary->data), message->patch, content, size);
        if (status == S_OK) {
            take_pieces(peer, message, content);
        } else {
            effect_refuse(peer, MESSAGE_PATCHES, NULL, status, "a patch that cannot be read");
            restart_all(peer, message);
        }
    } else {
        restart_all(peer, message); /* our own trouble; of a double nothing is left to be asked for */
    }
    dictionary_release(dictionary);
    free(dictionary);
    free(content);
}
