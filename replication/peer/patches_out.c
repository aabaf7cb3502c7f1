/* Patches out: what the other asked for by naming what it holds already (ASK_FROM). Many small objects, or a
 * part of a large one, go into one PATCHES frame, against the bases that are held here too.
 *
 * Nothing is kept but the queue. Each frame stands for itself: which part of which objects, against which
 * bases. Where no base is held here, or the bases do not help, the object goes the way of plain pieces. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/peer/dictionary.h"

enum {
    GROUP_CONTENT_MAX = 192 * 1024, /* of several small objects in one frame; a large one stands alone */
    GROUP_BASES_MAX = 384 * 1024,
    PATCH_CAPACITY = FRAME_SIZE_MAX - 1024, /* what is left for the patch beside the head of a frame */
    PIECE_COST = 64,                        /* what a piece adds to the frame at most */
    FIT_TRIES_MAX = 8,
};

/* One frame in the making. */
struct group {
    struct dictionary dictionary;
    struct patched_piece pieces[PATCHED_MAX];
    size_t count;
    struct buffer content;
};

void patches_out_clear(struct peer *peer)
{
    peer->patches_out.count = 0;
    peer->patches_out.offset = 0;
}

static void queue_drop(struct patches_out *out, size_t count)
{
    CHECK(count <= out->count);
    memmove(out->items, out->items + count, (out->count - count) * sizeof *out->items);
    out->count -= count;
    out->offset = 0;
}

static bool is_queued(const struct patches_out *out, const struct hash *object)
{
    for (size_t i = 0; i < out->count; i++) {
        if (hash_equal(&out->items[i].object, object)) {
            return true;
        }
    }
    return false;
}

/* Which of the bases are held here, and together within the limit. */
static uint32_t bases_held(struct peer *peer, const struct ask_from *ask)
{
    uint32_t held = 0;
    uint64_t total = 0, size;

    for (size_t i = 0; i < ask->base_count; i++) {
        if (!hash_equal(&ask->bases[i], &ask->object) &&
            peer->view->ops->object_find(peer->view->ctx, &ask->bases[i], &size) &&
            size <= PATCH_BASE_MAX - total) {
            held |= 1u << i;
            total += size;
        }
    }
    return held;
}

void patches_out_on_ask(struct peer *peer, const struct ask_from_message *message)
{
    struct patches_out *out = &peer->patches_out;
    struct message plain = {.type = MESSAGE_ASK};
    struct hash *hashes = arena_alloc(&peer->arena, (message->count + 1) * sizeof *hashes);
    uint64_t size;

    for (size_t i = 0; hashes && i < message->count && i < FETCHES_MAX; i++) {
        const struct ask_from *ask = &message->asks[i];
        bool is_held = peer->view->ops->object_find(peer->view->ctx, &ask->object, &size) && size > 0 &&
                       size <= MEMBER_WHOLE_MAX;
        uint32_t held = is_held ? bases_held(peer, ask) : 0;

        if (held == 0 || out->count == SERVED_PATCHED_MAX) {
            hashes[plain.hashes.count++] = ask->object;
        } else if (!is_queued(out, &ask->object)) {
            struct served_patched *item = &out->items[out->count++];
            item->object = ask->object;
            memcpy(item->bases, ask->bases, sizeof item->bases);
            item->held = held;
        }
    }
    plain.hashes.hashes = hashes;
    if (plain.hashes.count > 0) {
        objects_out_on_ask(peer, &plain.hashes);
    }
}

/* --- one frame --- */

static size_t bases_cost(const struct group *group, const struct view *view,
                         const struct served_patched *item)
{
    size_t total = 0;

    for (size_t i = 0; i < BASES_MAX; i++) {
        size_t cost = item->held & (1u << i) ? dictionary_cost(&group->dictionary, view, &item->bases[i]) : 0;
        if (cost == SIZE_MAX) {
            return SIZE_MAX;
        }
        total += cost;
    }
    return total;
}

/* Appends the rest of an object and its bases; false when something of it cannot be read any more. */
static bool group_append(struct group *group, const struct view *view, const struct served_patched *item,
                         uint32_t offset)
{
    struct patched_piece *piece = &group->pieces[group->count];
    uint64_t size;

    if (!view->ops->object_find(view->ctx, &item->object, &size) || size > MEMBER_WHOLE_MAX ||
        offset >= size) {
        return false;
    }
    for (size_t i = 0; i < BASES_MAX; i++) {
        if (item->held & (1u << i) && dictionary_add(&group->dictionary, view, &item->bases[i]) != S_OK) {
            return false;
        }
    }
    *piece =
        (struct patched_piece){item->object, (uint32_t)size, offset, (uint32_t)size - offset, item->held};
    uint8_t *data = buffer_reserve(&group->content, piece->length);
    if (view->ops->object_read(view->ctx, &item->object, offset, data, piece->length) != piece->length) {
        return false;
    }
    group->content.size += piece->length;
    group->count++;
    return true;
}

/* Gathers from the front of the queue. What cannot be told as a patch ends the group; at its front it goes
 * the plain way, and the group is empty. */
static void group_fill(struct group *group, struct peer *peer)
{
    const struct patches_out *out = &peer->patches_out;
    uint64_t size;

    while (group->count < out->count && group->count < PATCHED_MAX) {
        const struct served_patched *item = &out->items[group->count];
        size_t cost = bases_cost(group, peer->view, item);

        if (group->count > 0 &&
            (!peer->view->ops->object_find(peer->view->ctx, &item->object, &size) ||
             size > GROUP_CONTENT_MAX || group->content.size > GROUP_CONTENT_MAX - size ||
             cost > GROUP_BASES_MAX || group->dictionary.data.size > GROUP_BASES_MAX - cost)) {
            return;
        }
        if (cost == SIZE_MAX || !group_append(group, peer->view, item, group->count == 0 ? out->offset : 0)) {
            return;
        }
    }
}

/* Keeps the first `size` bytes or less: parts of objects end at whole blocks. */
static void group_cut(struct group *group, size_t size)
{
    size_t used = 0, i;

    for (i = 0; i < group->count && used < size; i++) {
        struct patched_piece *piece = &group->pieces[i];
        if (piece->length > size - used) {
            piece->length = (uint32_t)((size - used) / BLOCK_SIZE * BLOCK_SIZE);
        }
        if (piece->length == 0) {
            break;
        }
        used += piece->length;
    }
    group->count = i;
    group->content.size = used;
}

/* Makes the patch of as much as fits one frame; its size, 0 when not even a block does. */
static size_t group_patch(struct group *group, uint8_t *out, size_t capacity)
{
    struct bytes base = buffer_bytes(&group->dictionary.data);

    for (int i = 0; i < FIT_TRIES_MAX && group->content.size > 0; i++) {
        struct bytes content = buffer_bytes(&group->content);
        size_t room = PATCH_CAPACITY - group->count * PIECE_COST;
        size_t size = patch_encode(base, content, out, capacity);

        if (size > 0 && size <= room) {
            return size;
        }
        size_t fitting = i == 0 ? patch_fit(base, content, room) : content.size / 2;
        size_t certain = room - PIECE_COST; /* fits even when nothing of it can be compressed */
        group_cut(group, i < FIT_TRIES_MAX - 2 && fitting > certain ? fitting : certain);
    }
    return 0;
}

static void group_send(struct peer *peer, const struct group *group, struct bytes patch)
{
    struct message message = {.type = MESSAGE_PATCHES};
    struct patches_out *out = &peer->patches_out;
    const struct patched_piece *last = &group->pieces[group->count - 1];
    bool is_whole = last->offset + last->length == last->size;

    message.patches = (struct patches_message){group->pieces, group->count, patch};
    effect_send(peer, &message);
    if (is_whole) {
        queue_drop(out, group->count);
        return;
    }
    uint32_t offset = last->offset + last->length;
    queue_drop(out, group->count - 1);
    out->offset = offset;
}

/* The object at the front is better told without a base. */
static void front_goes_plain(struct peer *peer)
{
    struct hash object = peer->patches_out.items[0].object;
    const struct hashes_message plain = {.hashes = &object, .count = 1};

    queue_drop(&peer->patches_out, 1);
    objects_out_on_ask(peer, &plain);
}

/* The bases save less than a tenth, and nothing of it was sent so. */
static bool is_useless(const struct peer *peer, const struct group *group, size_t patch_size)
{
    return group->count == 1 && peer->patches_out.offset == 0 &&
           patch_size > group->content.size - group->content.size / 10;
}

static void group_make(struct peer *peer, struct group *group)
{
    size_t capacity = PATCH_CONTENT_MAX + PATCH_CONTENT_MAX / 128;
    uint8_t *patch = malloc(capacity);
    size_t size = 0;

    CHECK(patch);
    group_fill(group, peer);
    if (group->count > 0) {
        size = group_patch(group, patch, capacity);
    }
    if (size == 0 || is_useless(peer, group, size)) {
        front_goes_plain(peer);
    } else {
        group_send(peer, group, bytes_of(patch, size));
    }
    free(patch);
}

unsigned patches_out_continue(struct peer *peer, unsigned frames)
{
    struct patches_out *out = &peer->patches_out;

    if (out->count == 0 || frames == 0) {
        return 0;
    }
    struct group *group = malloc(sizeof *group);
    CHECK(group);
    dictionary_init(&group->dictionary);
    buffer_init(&group->content);
    group->count = 0;
    group_make(peer, group);
    buffer_release(&group->content);
    dictionary_release(&group->dictionary);
    free(group);
    peer->has_more = peer->has_more || out->count > 0;
    return 1;
}
