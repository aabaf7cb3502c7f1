#include "replication/wire/batch.h"

#include "replication/base/check.h"
#include "replication/wire/batch_format.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

/* Aim a little below the frame's limit, so that the next guess rarely has to be taken back; a frame this full
 * is full enough. */
enum {
    GUESS_FIRST = 4096,
    FILL_AIM = FRAME_SIZE_MAX / 100 * 96,
    FILL_ENOUGH = FRAME_SIZE_MAX / 100 * 80,
    TRIES_MAX = 40
};

/* The first `count` cells of `batch` as a frame into `frame`; *size_out is its size also when it does not
 * fit, 0 when unknown. */
static enum status cells_frame(const struct batch *batch, size_t count, struct buffer *body,
                               struct buffer *frame, size_t *size_out)
{
    struct batch part = *batch;
    struct cuts cuts;

    part.count = count;
    part.has_certificate = batch->has_certificate && count == batch->count;
    *size_out = 0;
    buffer_clear(body);
    buffer_clear(frame);
    enum status status = batch_encode_columns(&part, body, &cuts);
    if (status == S_OK) {
        status =
            frame_encode_columns(MESSAGE_BATCH, buffer_bytes(body), cuts.at, cuts.count, frame, size_out);
    }
    return status;
}

/* How many cells fill a frame when `count` made `size` bytes. */
static size_t count_for(size_t count, size_t size, size_t limit)
{
    size_t aim = (size_t)((uint64_t)count * FILL_AIM / (size ? size : 1));

    aim = aim > limit ? limit : aim;
    return aim > 0 ? aim : 1;
}

/* How many of the first `count` cells a decoder affords. */
static size_t count_affordable(const struct batch *batch, size_t count)
{
    size_t cost = 0, i = 0;

    for (; i < count; i++) {
        const struct cell *cell = &batch->cells[i];
        cost += batch_row_cost(cell->key.size, cell->value.size, batch_segments(cell->key));
        if (cost > BATCH_COST_MAX) {
            break;
        }
    }
    return i;
}

enum status batch_frame(const struct batch *batch, size_t *guess, struct buffer *out, size_t *taken_out)
{
    size_t limit = batch->count < BATCH_CELLS_MAX ? batch->count : BATCH_CELLS_MAX;
    size_t count = *guess ? *guess : GUESS_FIRST;
    size_t fitted = 0, size;
    struct buffer body, frame, best;
    enum status status = S_TOO_LARGE;

    buffer_init(&body);
    buffer_init(&frame);
    buffer_init(&best);
    count = count > limit ? limit : count;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        enum status now = cells_frame(batch, count, &body, &frame, &size);
        if (now == S_OK) {
            struct buffer swap = best;
            best = frame;
            frame = swap;
            fitted = count;
            status = S_OK;
            *guess = count_for(count, size, BATCH_CELLS_MAX);
            if (count == limit || size >= FILL_ENOUGH || tries > 2) {
                break;
            }
            count = count_for(count, size, limit);
        } else if (now != S_TOO_LARGE || count <= 1) {
            status = fitted ? S_OK : now;
            break;
        } else if (fitted) {
            break; /* what fitted before is good enough */
        } else {
            size_t affordable = count_affordable(batch, count);
            limit = affordable < count ? affordable : count - 1;
            count = size ? count_for(count, size, limit) : affordable < count ? affordable : count / 2;
        }
    }
    if (status == S_OK) {
        buffer_append(out, best.data, best.size);
        *taken_out = fitted;
    }
    buffer_release(&body);
    buffer_release(&frame);
    buffer_release(&best);
    return status;
}
