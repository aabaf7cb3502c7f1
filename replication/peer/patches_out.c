/* Patches out: what was asked for goes into PATCHES frames, many small objects or a part of a large one in
 * each, told by what the other has: bases that it named (ASK_FROM) and that are held here too, or what was
 * told before in this session (sent.h): texts behind the last texts, pictures by a near duplicate.
 *
 * Each frame stands for itself: which part of which objects, against which bases. Where nothing resembles it,
 * or it does not help, the object goes the way of plain pieces, and so does what is asked for once more. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/density.h"
#include "replication/peer/activity.h"
#include "replication/peer/dictionary.h"
#include "replication/peer/short_name.h"

enum {
    GROUP_CONTENT_MAX = 192 * 1024, /* of several small objects in one frame; a large one stands alone */
    GROUP_BASES_MAX = 384 * 1024,
    PATCH_CAPACITY = FRAME_SIZE_MAX - 1024, /* what is left for the patch beside the head of a frame */
    PIECE_COST = 64,                        /* what a piece adds to the frame at most */
    FIT_TRIES_MAX = 8,
    ALIKE_SIZE_MAX = 256 * 1024, /* larger dense contents are chunks of film: not looked at */
    TEXT_BUDGET_MIN = 24 * 1024,
    HASTE_FROM = 1024 * 1024, /* of text told while the line waited for us: less effort is made */
    HASTE_MAX = 4 * HASTE_FROM,
    HASTE_IDLE_TEXT = 16 * 1024, /* per millisecond in which we waited for the line: so much would have been told with full effort */
    CONTENT_PER_CHOSEN = 1024, /* a name costs 32 bytes: one for so much content */
};

/* One frame in the making. */
struct group {
    struct dictionary dictionary;
    struct patched_piece pieces[PATCHED_MAX];
    size_t count;
    enum served_kind kind;
    struct hash chosen[CHOSEN_MAX];
    size_t chosen_count;
    struct buffer content;
};

void patches_out_clear(struct peer *peer)
{
    peer->patches_out.count = 0;
    peer->patches_out.offset = 0;
    peer->patches_out.text_budget = TEXT_BUDGET_MIN;
    peer->patches_out.told_ms = peer->patches_out.waited_for = 0;
    peer->patches_out.sent->text_count = peer->patches_out.sent->alike_count = 0;
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

/* Puts an object into the queue; false when it has to go the plain way: it is lacking, there is no room, or
 * it was told by bases of our choice and is asked for again. `ask` NULL: no bases were named. */
static bool serve(struct peer *peer, const struct hash *object, const struct ask_from *ask)
{
    struct patches_out *out = &peer->patches_out;
    uint64_t size;

    if (is_queued(out, object)) {
        return out->offset == 0 || !hash_equal(&out->items[0].object, object) || ask;
    }
    if (out->count == SERVED_PATCHED_MAX || !peer->view->ops->object_find(peer->view->ctx, object, &size) ||
        size == 0 || size > MEMBER_WHOLE_MAX || objects_out_is_queued(peer, object)) {
        return false;
    }
    uint32_t held = ask ? bases_held(peer, ask) : 0;
    if (held == 0 && sent_was_told(out->sent, object)) {
        return false;
    }
    struct served_patched *item = &out->items[out->count++];
    memset(item, 0, sizeof *item);
    item->object = *object;
    item->held = held;
    item->kind = held ? SERVED_NAMED : SERVED_UNKNOWN;
    if (held) {
        memcpy(item->bases, ask->bases, sizeof item->bases);
    }
    return true;
}

/* What is begun here and asked for again goes the plain way from its beginning. */
static void queue_forget(struct patches_out *out, const struct hash *object)
{
    if (out->count > 0 && hash_equal(&out->items[0].object, object)) {
        queue_drop(out, 1);
    }
}

/* Who asks for more while there is something left to send has a line that takes more than we make. Of the time in which nothing was
 * left, we waited for the line. */
static void haste_look(struct peer *peer)
{
    struct patches_out *out = &peer->patches_out;

    if (out->count > 0 || peer->objects_out.count > 0) {
        return;
    }
    uint64_t idle_ms = peer->now_ms - out->told_ms;
    uint64_t spare = idle_ms < HASTE_MAX / HASTE_IDLE_TEXT ? idle_ms * HASTE_IDLE_TEXT : HASTE_MAX;

    out->waited_for -= spare < out->waited_for ? spare : out->waited_for;
    out->told_ms = peer->now_ms;
}

void patches_out_on_ask_from(struct peer *peer, const struct ask_from_message *message)
{
    struct message plain = {.type = MESSAGE_ASK, .hashes.ask = message->ask};
    struct hash *hashes = arena_alloc(&peer->arena, (message->count + 1) * sizeof *hashes);

    haste_look(peer);
    for (size_t i = 0; hashes && i < message->count && i < FETCHES_MAX; i++) {
        if (!serve(peer, &message->asks[i].object, &message->asks[i])) {
            hashes[plain.hashes.count++] = message->asks[i].object;
        }
    }
    plain.hashes.hashes = hashes;
    if (plain.hashes.count > 0) {
        objects_out_on_ask(peer, &plain.hashes);
    }
}

void patches_out_on_ask(struct peer *peer, const struct hashes_message *message)
{
    struct message plain = {.type = MESSAGE_ASK, .hashes.ask = message->ask};
    struct hash *hashes = arena_alloc(&peer->arena, (message->count + 1) * sizeof *hashes);

    haste_look(peer);
    for (size_t i = 0; hashes && i < message->count && i < FETCHES_MAX; i++) {
        if (!serve(peer, &message->hashes[i], NULL)) {
            queue_forget(&peer->patches_out, &message->hashes[i]);
            hashes[plain.hashes.count++] = message->hashes[i];
        }
    }
    plain.hashes.hashes = hashes;
    if (plain.hashes.count > 0) {
        objects_out_on_ask(peer, &plain.hashes);
    }
}

/* --- which way --- */

/* Decides how an object is told, by a look at its beginning. */
static void item_look(struct peer *peer, struct served_patched *item)
{
    const struct view *view = peer->view;
    uint64_t size;

    if (item->kind != SERVED_UNKNOWN) {
        return;
    }
    item->kind = SERVED_PLAIN;
    arena_clear(&peer->scan);
    uint8_t *beginning = arena_alloc(&peer->scan, SKETCH_FROM);
    if (!beginning || !view->ops->object_find(view->ctx, &item->object, &size)) {
        return;
    }
    size_t want = size < SKETCH_FROM ? (size_t)size : SKETCH_FROM;
    if (view->ops->object_read(view->ctx, &item->object, 0, beginning, want) != want) {
        return;
    }
    if (!density_is_high(bytes_of(beginning, want))) {
        item->kind = SERVED_TEXT;
    } else if (size <= ALIKE_SIZE_MAX) {
        sketch_make(bytes_of(beginning, want), &item->sketch);
        item->has_sketch = true;
        if (sent_alike_find(peer->patches_out.sent, &item->object, &item->sketch, &item->alike) &&
            view->ops->object_find(view->ctx, &item->alike, &size)) {
            item->kind = SERVED_ALIKE;
        }
    }
}

/* --- one frame --- */

static void group_begin(struct group *group)
{
    dictionary_init(&group->dictionary);
    group->dictionary.is_unchecked = true;
}

static size_t bases_cost(const struct group *group, const struct view *view,
                         const struct served_patched *item)
{
    size_t total = item->kind == SERVED_ALIKE ? dictionary_cost(&group->dictionary, view, &item->alike) : 0;

    if (total == SIZE_MAX) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < BASES_MAX; i++) {
        size_t cost = item->held & (1u << i) ? dictionary_cost(&group->dictionary, view, &item->bases[i]) : 0;
        if (cost == SIZE_MAX) {
            return SIZE_MAX;
        }
        total += cost;
    }
    return total;
}

/* Adds the bases of one object to the prefix. */
static bool group_add_bases(struct group *group, const struct view *view, const struct served_patched *item)
{
    if (item->kind == SERVED_ALIKE) {
        if (group->chosen_count == CHOSEN_MAX ||
            dictionary_add(&group->dictionary, view, &item->alike) != S_OK) {
            return false;
        }
        group->chosen[group->chosen_count++] = item->alike;
    }
    for (size_t i = 0; i < BASES_MAX; i++) {
        if (item->held & (1u << i) && dictionary_add(&group->dictionary, view, &item->bases[i]) != S_OK) {
            return false;
        }
    }
    return true;
}

/* Appends the rest of an object and its bases; false when something of it cannot be read any more. */
static bool group_append(struct group *group, const struct view *view, const struct served_patched *item,
                         uint32_t offset)
{
    struct patched_piece *piece = &group->pieces[group->count];
    uint64_t size;

    if (!view->ops->object_find(view->ctx, &item->object, &size) || size > MEMBER_WHOLE_MAX ||
        offset >= size || !group_add_bases(group, view, item)) {
        return false;
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

static size_t content_max(const struct group *group, const struct patches_out *out)
{
    return group->kind == SERVED_TEXT ? out->text_budget : GROUP_CONTENT_MAX;
}

/* May another object stand beside those of the group? */
static bool group_has_room(const struct group *group, const struct peer *peer,
                           const struct served_patched *item, size_t cost)
{
    size_t max = content_max(group, &peer->patches_out);
    uint64_t size;

    return item->kind == group->kind && peer->view->ops->object_find(peer->view->ctx, &item->object, &size) &&
           group->content.size < max && (group->kind == SERVED_TEXT || size <= max - group->content.size) &&
           size <= GROUP_CONTENT_MAX && cost <= GROUP_BASES_MAX &&
           group->dictionary.data.size <= GROUP_BASES_MAX - cost;
}

/* Gathers objects of one kind from the front of the queue. What cannot be told as a patch ends the group; at
 * its front it goes the plain way, and the group is empty. */
static void group_fill(struct group *group, struct peer *peer)
{
    const struct patches_out *out = &peer->patches_out;

    while (group->count < out->count && group->count < PATCHED_MAX) {
        struct served_patched *item = &out->items[group->count];

        item_look(peer, item);
        if (group->count == 0) {
            group->kind = item->kind;
        }
        size_t cost = bases_cost(group, peer->view, item);
        if (item->kind == SERVED_PLAIN || (group->count > 0 && !group_has_room(group, peer, item, cost)) ||
            cost == SIZE_MAX || !group_append(group, peer->view, item, group->count == 0 ? out->offset : 0)) {
            return;
        }
    }
}

/* The texts told before, then the beginning of this one: the base of texts. */
static void group_add_window(struct group *group, struct peer *peer)
{
    const struct patches_out *out = &peer->patches_out;
    const struct patched_piece *first = &group->pieces[0];
    uint32_t own = first->offset < SENT_WINDOW_SIZE ? first->offset : SENT_WINDOW_SIZE;
    size_t max = group->content.size / CONTENT_PER_CHOSEN < CHOSEN_MAX - 1
                     ? group->content.size / CONTENT_PER_CHOSEN
                     : CHOSEN_MAX - 1;
    struct hash window[CHOSEN_MAX];
    size_t count = sent_window(out->sent, max, SENT_WINDOW_SIZE - own, window);

    for (size_t i = 0; i < count; i++) {
        if (dictionary_add(&group->dictionary, peer->view, &window[i]) == S_OK) {
            group->chosen[group->chosen_count++] = window[i];
        }
    }
    arena_clear(&peer->scan);
    uint8_t *beginning = own > 0 ? arena_alloc(&peer->scan, own) : NULL;
    if (beginning &&
        peer->view->ops->object_read(peer->view->ctx, &first->object, first->offset - own, beginning, own) ==
            own &&
        dictionary_add_bytes(&group->dictionary, &first->object, bytes_of(beginning, own)) == S_OK) {
        group->chosen[group->chosen_count++] = first->object;
    }
}

/* The other puts the prefix together from the pieces that came: what was gathered for those that were cut off
 * goes. */
static bool group_load_bases(struct group *group, struct peer *peer)
{
    bool is_loaded = true;

    dictionary_release(&group->dictionary);
    group_begin(group);
    group->chosen_count = 0;
    for (size_t i = 0; i < group->count && is_loaded; i++) {
        is_loaded = group_add_bases(group, peer->view, &peer->patches_out.items[i]);
    }
    if (group->kind == SERVED_TEXT && group->count > 0) {
        group_add_window(group, peer);
    }
    return is_loaded;
}

/* Keeps the first `size` bytes or less: parts of objects end at whole blocks. Behind one that is cut comes nothing, though there be room for a small one:
 * its content does not follow, and the rest of the one that is cut would be forgotten. */
static void group_cut(struct group *group, size_t size)
{
    size_t used = 0, i = 0;
    bool is_cut = false;

    while (i < group->count && used < size && !is_cut) {
        struct patched_piece *piece = &group->pieces[i];
        is_cut = piece->length > size - used;
        if (is_cut) {
            piece->length = (uint32_t)((size - used) / BLOCK_SIZE * BLOCK_SIZE);
        }
        used += piece->length;
        i += piece->length > 0;
    }
    group->count = i;
    group->content.size = used;
}

static enum patch_effort group_effort(const struct group *group, const struct peer *peer)
{
    if (group->kind == SERVED_TEXT) {
        return peer->patches_out.waited_for >= HASTE_FROM ? PATCH_TEXT_HASTY : PATCH_TEXT;
    }
    return group->kind == SERVED_ALIKE ? PATCH_DUPLICATE : PATCH_EDIT;
}

/* How much of the content to try next, when all of it made a patch of `size` (0: more than the capacity). */
static size_t group_next(const struct group *group, enum patch_effort effort, int tries, size_t size, size_t room)
{
    struct bytes content = buffer_bytes(&group->content);

    if (group->kind != SERVED_TEXT && tries == 0) {
        return patch_fit(buffer_bytes(&group->dictionary.data), content, effort, room);
    }
    return group->kind == SERVED_TEXT && size > 0 ? content.size * room / size * 15 / 16 : content.size / 2;
}

/* Makes the patch of as much as fits one frame; its size, 0 when not even a block does. */
static size_t group_patch(struct group *group, struct peer *peer, uint8_t *out, size_t capacity)
{
    enum patch_effort effort = group_effort(group, peer);

    for (int i = 0; i < FIT_TRIES_MAX && group->content.size > 0; i++) {
        size_t count = group->count;
        size_t room = PATCH_CAPACITY - count * PIECE_COST - group->chosen_count * sizeof(struct hash);
        size_t size = patch_encode(buffer_bytes(&group->dictionary.data), buffer_bytes(&group->content),
                                   effort, out, capacity);

        if (size > 0 && size <= room) {
            return size;
        }
        size_t fitting = group_next(group, effort, i, size, room);
        size_t certain = room - PIECE_COST; /* fits even when nothing of it can be compressed */
        group_cut(group, i < FIT_TRIES_MAX - 2 && fitting > certain ? fitting : certain);
        if (group->count < count && !group_load_bases(group, peer)) {
            return 0;
        }
    }
    return 0;
}

/* What was told whole may be a base of what follows. */
static void note_told(struct patches_out *out, const struct group *group, size_t whole)
{
    for (size_t i = 0; i < whole; i++) {
        const struct served_patched *item = &out->items[i];

        if (group->kind == SERVED_ALIKE) {
            sent_alike_note(out->sent, &item->object, &item->sketch, true);
        } else {
            sent_text_note(out->sent, &item->object, group->kind == SERVED_TEXT ? group->pieces[i].size : 0);
        }
    }
}

static void group_send(struct peer *peer, const struct group *group, struct bytes patch)
{
    struct message message = {.type = MESSAGE_PATCHES};
    struct patches_out *out = &peer->patches_out;
    const struct patched_piece *last = &group->pieces[group->count - 1];
    bool is_whole = last->offset + last->length == last->size;

    message.patches =
        (struct patches_message){.pieces = group->pieces,
                                 .count = group->count,
                                 .patch = patch,
                                 .chosen = group->chosen,
                                 .chosen_count = group->chosen_count,
                                 .has_short_names = short_name_may(peer, &group->pieces[0].object,
                                                                   sizeof *group->pieces, group->count)};
    effect_send(peer, &message);
    note_told(out, group, is_whole ? group->count : group->count - 1);
    if (group->kind == SERVED_TEXT) {
        out->waited_for += out->waited_for < HASTE_MAX ? group->content.size : 0;
        size_t budget = group->content.size * (PATCH_CAPACITY - PATCH_CAPACITY / 8) / patch.size;
        out->text_budget = budget < TEXT_BUDGET_MIN     ? TEXT_BUDGET_MIN
                           : budget < PATCH_CONTENT_MAX ? budget
                                                        : PATCH_CONTENT_MAX;
    }
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
    const struct served_patched *item = &peer->patches_out.items[0];
    struct hash object = item->object;
    const struct hashes_message plain = {.hashes = &object, .count = 1};

    if (item->has_sketch && peer->patches_out.offset == 0) {
        sent_alike_note(peer->patches_out.sent, &object, &item->sketch, false);
    }

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
    if (group->count > 0 && group->kind == SERVED_TEXT) {
        group_cut(group, peer->patches_out.text_budget);
        (void)group_load_bases(group, peer); /* a window is never needed */
    }
    if (group->count > 0) {
        size = group_patch(group, peer, patch, capacity);
    }
    if (size == 0 || is_useless(peer, group, size)) {
        front_goes_plain(peer);
    } else {
        group_send(peer, group, bytes_of(patch, size));
    }
    free(patch);
}

/* What goes plain leaves the front of the queue. False when there is nothing to tell as a patch now: the base
 * of a near duplicate goes plain itself, and before it. */
static bool front_is_ready(struct peer *peer)
{
    struct patches_out *out = &peer->patches_out;

    while (out->count > 0) {
        item_look(peer, &out->items[0]);
        if (out->items[0].kind != SERVED_PLAIN) {
            return out->items[0].kind != SERVED_ALIKE || !objects_out_is_queued(peer, &out->items[0].alike);
        }
        front_goes_plain(peer);
    }
    return false;
}

unsigned patches_out_continue(struct peer *peer, unsigned frames)
{
    struct patches_out *out = &peer->patches_out;

    if (out->count == 0 || frames == 0 || !front_is_ready(peer)) {
        peer->has_more = peer->has_more || out->count > 0;
        return 0;
    }
    struct group *group = calloc(1, sizeof *group);
    CHECK(group);
    group_begin(group);
    buffer_init(&group->content);
    group_make(peer, group);
    buffer_release(&group->content);
    dictionary_release(&group->dictionary);
    free(group);
    out->told_ms = peer->now_ms;
    peer->has_more = peer->has_more || out->count > 0;
    return 1;
}
