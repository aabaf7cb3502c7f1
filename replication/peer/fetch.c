#include "replication/peer/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

struct fetch *fetch_find_in(struct objects_in *in, const struct hash *object)
{
    for (size_t i = 0; i < in->count; i++) {
        if (hash_equal(&in->items[i].object, object)) {
            return &in->items[i];
        }
    }
    return NULL;
}

bool fetch_may_take(const struct fetch *fetch, const struct piece *piece)
{
    uint64_t end = (uint64_t)piece->offset + piece->data.size;

    if (piece->size > MEMBER_WHOLE_MAX || (fetch->size > 0 && piece->size != fetch->size)) {
        return false;
    }
    return piece->offset % BLOCK_SIZE == 0 && end <= piece->size &&
           (piece->data.size > 0 || piece->size == 0) && (end == piece->size || end % BLOCK_SIZE == 0);
}

bool fetch_has_room(const struct objects_in *in, const struct fetch *fetch, const struct piece *piece)
{
    return fetch->data || fetch->size > 0 || in->asked_bytes + piece->size <= UNSIZED_MAX;
}

void fetch_open(struct objects_in *in, struct fetch *fetch, const struct piece *piece)
{
    if (fetch->data) {
        return;
    }
    in->asked_bytes += piece->size - fetch->size;
    fetch->size = piece->size;
    fetch->blocks_left = (piece->size + BLOCK_SIZE - 1) / BLOCK_SIZE;
    fetch->data = malloc(piece->size + 1u);
    CHECK(fetch->data);
}

void fetch_fill(struct fetch *fetch, const struct piece *piece)
{
    uint64_t end = (uint64_t)piece->offset + piece->data.size;

    CHECK(fetch->data && end <= fetch->size);
    if (piece->data.size > 0) {
        memcpy(fetch->data + piece->offset, piece->data.data, piece->data.size);
    }
    for (uint64_t at = piece->offset; at < end; at += BLOCK_SIZE) {
        uint64_t block = at / BLOCK_SIZE;
        uint8_t bit = (uint8_t)(1u << (block % 8));
        if (!(fetch->blocks[block / 8] & bit)) {
            fetch->blocks[block / 8] |= bit;
            fetch->blocks_left--;
        }
    }
}

void fetch_hand_over(struct objects_in *in, struct fetch *fetch, uint64_t ticket)
{
    CHECK(ticket != 0 && fetch->ticket == 0);
    CHECK(in->asked_bytes >= fetch->size);
    fetch->ticket = ticket;
    fetch->is_placed = false;
    in->asked_bytes -= fetch->size;
    in->storing_bytes += fetch->size;
    in->unplaced_bytes += fetch->size;
}

static void note_placed(struct objects_in *in, struct fetch *fetch)
{
    CHECK(fetch->ticket != 0);
    if (!fetch->is_placed) {
        CHECK(in->unplaced_bytes >= fetch->size);
        in->unplaced_bytes -= fetch->size;
        fetch->is_placed = true;
    }
}

void fetch_take_back(struct objects_in *in, struct fetch *fetch)
{
    note_placed(in, fetch);
    CHECK(in->storing_bytes >= fetch->size);
    fetch->ticket = 0;
    in->storing_bytes -= fetch->size;
    in->asked_bytes += fetch->size;
}

void fetch_place(struct objects_in *in, uint64_t ticket)
{
    for (size_t i = 0; i < in->count && ticket != 0; i++) {
        if (in->items[i].ticket == ticket) {
            note_placed(in, &in->items[i]);
            return;
        }
    }
}

void fetch_remove(struct objects_in *in, struct fetch *fetch)
{
    size_t at = (size_t)(fetch - in->items);
    uint64_t *bytes = fetch->ticket == 0 ? &in->asked_bytes : &in->storing_bytes;

    CHECK(at < in->count);
    CHECK(*bytes >= fetch->size);
    *bytes -= fetch->size;
    if (fetch->ticket != 0) {
        note_placed(in, fetch);
    }
    free(fetch->data);
    memmove(fetch, fetch + 1, (in->count - at - 1) * sizeof *fetch);
    in->count--;
}

static void leave(struct objects_in *in, struct fetch *fetch)
{
    struct leaving *leaving = reallocarray(in->leaving, in->leaving_count + 1, sizeof *leaving);

    CHECK(leaving);
    in->leaving = leaving;
    leaving[in->leaving_count++] = (struct leaving){fetch->ticket, fetch->data};
    fetch->data = NULL;
}

void fetch_leave_all(struct objects_in *in)
{
    while (in->count > 0) {
        struct fetch *last = &in->items[in->count - 1];
        if (last->ticket != 0) {
            leave(in, last);
        }
        fetch_remove(in, last);
    }
}

bool fetch_drop_left(struct objects_in *in, uint64_t ticket)
{
    for (size_t i = 0; i < in->leaving_count; i++) {
        if (in->leaving[i].ticket == ticket) {
            free(in->leaving[i].data);
            in->leaving[i] = in->leaving[--in->leaving_count];
            return true;
        }
    }
    return false;
}

void fetch_release(struct objects_in *in)
{
    fetch_leave_all(in);
    for (size_t i = 0; i < in->leaving_count; i++) {
        free(in->leaving[i].data);
    }
    free(in->leaving);
    free(in->items);
}
