#include "replication/peer/short_name.h"

#include <string.h>

#include "replication/peer/activity.h"

static bool begins_alike(const struct hash *a, const struct hash *b)
{
    return memcmp(a->b, b->b, SHORT_NAME_SIZE) == 0;
}

/* Does another object that waits to be sent begin like this one? */
static bool is_alone(const struct peer *peer, const struct hash *object)
{
    for (size_t i = 0; i < peer->objects_out.count; i++) {
        const struct hash *other = &peer->objects_out.items[i];
        if (begins_alike(other, object) && !hash_equal(other, object)) {
            return false;
        }
    }
    for (size_t i = 0; i < peer->patches_out.count; i++) {
        const struct hash *other = &peer->patches_out.items[i].object;
        if (begins_alike(other, object) && !hash_equal(other, object)) {
            return false;
        }
    }
    return true;
}

bool short_name_may(const struct peer *peer, const struct hash *objects, size_t stride, size_t count)
{
    const uint8_t *at = (const uint8_t *)objects;
    bool may = (peer->progress.remote_abilities & ABILITY_SHORT_NAMES) != 0;

    for (size_t i = 0; i < count && may; i++) {
        may = is_alone(peer, (const struct hash *)(const void *)(at + i * stride));
    }
    return may;
}

/* The whole name of the object under way that begins so; what none or several begin with stays as it is, and
 * is the name of nothing that was asked for. */
static void resolve(const struct peer *peer, struct hash *name)
{
    const struct hash *found = NULL;

    for (size_t i = 0; i < peer->objects_in.count; i++) {
        const struct fetch *fetch = &peer->objects_in.items[i];
        if (fetch->ticket == 0 && begins_alike(&fetch->object, name)) {
            if (found) {
                return;
            }
            found = &fetch->object;
        }
    }
    if (found) {
        *name = *found;
    }
}

const struct pieces_message *short_name_pieces(struct peer *peer, const struct pieces_message *message)
{
    struct pieces_message *whole = arena_alloc(&peer->arena, sizeof *whole);
    struct piece *pieces = arena_alloc(&peer->arena, message->count * sizeof *pieces + 1);

    if (!message->has_short_names || !whole || !pieces) {
        return message; /* without memory nothing is found: it is asked for again */
    }
    for (size_t i = 0; i < message->count; i++) {
        pieces[i] = message->pieces[i];
        resolve(peer, &pieces[i].object);
    }
    *whole = *message;
    whole->pieces = pieces;
    return whole;
}

const struct patches_message *short_name_patches(struct peer *peer, const struct patches_message *message)
{
    struct patches_message *whole = arena_alloc(&peer->arena, sizeof *whole);
    struct patched_piece *pieces = arena_alloc(&peer->arena, message->count * sizeof *pieces + 1);

    if (!message->has_short_names || !whole || !pieces) {
        return message;
    }
    for (size_t i = 0; i < message->count; i++) {
        pieces[i] = message->pieces[i];
        resolve(peer, &pieces[i].object);
    }
    *whole = *message;
    whole->pieces = pieces;
    return whole;
}
