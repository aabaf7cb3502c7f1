#include "node/bundle/parcel.h"

#include <string.h>

#include "replication/base/check.h"

/* Where the next frame starts. */
struct position {
    size_t object;
    uint32_t offset;
};

void parcel_init(struct parcel *parcel, parcel_emit *emit, void *ctx)
{
    parcel->count = 0;
    buffer_init(&parcel->data);
    buffer_init(&parcel->frame);
    parcel->budget = PARCEL_BUDGET_MIN;
    parcel->emit = emit;
    parcel->ctx = ctx;
}

void parcel_release(struct parcel *parcel)
{
    buffer_release(&parcel->data);
    buffer_release(&parcel->frame);
}

/* Lays pieces from `at` on, as far as the budget goes; returns how many and moves `at` behind them. */
static size_t pieces_lay(struct parcel *parcel, struct position *at)
{
    size_t used = 0, count = 0;

    while (at->object < parcel->count && count < PIECES_MAX && used + PARCEL_PIECE_COST < parcel->budget) {
        const struct parcel_object *object = &parcel->objects[at->object];
        size_t left = object->size - at->offset;
        size_t room = (parcel->budget - used - PARCEL_PIECE_COST) / PARCEL_BLOCK * PARCEL_BLOCK;
        size_t part = left < room ? left : room;

        if (part == 0 && left > 0) {
            break;
        }
        parcel->pieces[count++] =
            (struct piece){object->object, object->size, at->offset,
                           bytes_of(parcel->data.data + object->start + at->offset, part)};
        used += part + PARCEL_PIECE_COST;
        at->offset += (uint32_t)part;
        if (at->offset == object->size) {
            *at = (struct position){at->object + 1, 0};
        }
    }
    return count;
}

/* Compressible content fills a frame with more than its size: the budget follows what fits. */
static enum status frame_send(struct parcel *parcel, struct position *at)
{
    struct message message = {.type = MESSAGE_PIECES};
    struct position end;

    for (;;) {
        end = *at;
        message.pieces.count = pieces_lay(parcel, &end);
        message.pieces.pieces = parcel->pieces;
        CHECK(message.pieces.count > 0);
        buffer_clear(&parcel->frame);
        if (message_encode(&message, &parcel->frame) == S_OK) {
            break;
        }
        if (parcel->budget == PARCEL_BUDGET_MIN) {
            return S_INTERNAL;
        }
        parcel->budget = PARCEL_BUDGET_MIN;
    }
    *at = end;
    if (parcel->frame.size < FRAME_SIZE_MAX / 2) {
        size_t more = parcel->budget * 3 / 2;
        parcel->budget = more < PARCEL_BUDGET_MAX ? more : PARCEL_BUDGET_MAX;
    }
    return parcel->emit(parcel->ctx, buffer_bytes(&parcel->frame));
}

enum status parcel_flush(struct parcel *parcel)
{
    struct position at = {0, 0};
    enum status status = S_OK;

    while (status == S_OK && at.object < parcel->count) {
        status = frame_send(parcel, &at);
    }
    parcel->count = 0;
    buffer_clear(&parcel->data);
    return status;
}

enum status parcel_add(struct parcel *parcel, const struct hash *object, struct bytes data)
{
    CHECK(data.size <= MEMBER_WHOLE_MAX && parcel->count < PARCEL_OBJECTS_MAX);
    parcel->objects[parcel->count++] =
        (struct parcel_object){*object, (uint32_t)data.size, parcel->data.size};
    buffer_append(&parcel->data, data.data, data.size);
    if (parcel->count == PARCEL_OBJECTS_MAX || parcel->data.size >= 2 * PARCEL_BUDGET_MAX) {
        return parcel_flush(parcel);
    }
    return S_OK;
}

uint64_t parcel_cost(uint64_t size)
{
    return size + 2 * PARCEL_PIECE_COST + (size / (PARCEL_BUDGET_MIN / 2) + 1) * PARCEL_PIECE_COST;
}

uint64_t parcel_pending_cost(const struct parcel *parcel)
{
    uint64_t cost = 0;

    for (size_t i = 0; i < parcel->count; i++) {
        cost += parcel_cost(parcel->objects[i].size);
    }
    return cost;
}
