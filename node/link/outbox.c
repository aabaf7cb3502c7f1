#include "node/link/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

void outbox_init(struct outbox *outbox)
{
    memset(outbox, 0, sizeof *outbox);
}

void outbox_release(struct outbox *outbox)
{
    while (outbox->count > 0) {
        outbox_drop_first(outbox);
    }
    free(outbox->frames);
    outbox_init(outbox);
}

enum status outbox_put(struct outbox *outbox, struct bytes frame)
{
    if (outbox->count == OUTBOX_FRAMES_MAX || outbox->bytes + frame.size > OUTBOX_BYTES_MAX) {
        return S_BUSY;
    }
    if (outbox->frames == NULL) {
        outbox->frames = calloc(OUTBOX_FRAMES_MAX, sizeof *outbox->frames);
        CHECK(outbox->frames != NULL);
    }
    uint8_t *copy = malloc(frame.size > 0 ? frame.size : 1);
    CHECK(copy != NULL);
    if (frame.size > 0) {
        memcpy(copy, frame.data, frame.size);
    }
    outbox->frames[(outbox->first + outbox->count) % OUTBOX_FRAMES_MAX] = bytes_of(copy, frame.size);
    outbox->count++;
    outbox->bytes += frame.size;
    return S_OK;
}

bool outbox_first(const struct outbox *outbox, struct bytes *frame_out)
{
    if (outbox->count == 0) {
        return false;
    }
    *frame_out = outbox->frames[outbox->first];
    return true;
}

void outbox_drop_first(struct outbox *outbox)
{
    CHECK(outbox->count > 0);
    struct bytes frame = outbox->frames[outbox->first];
    free((void *)(uintptr_t)frame.data);
    outbox->bytes -= frame.size;
    outbox->first = (outbox->first + 1) % OUTBOX_FRAMES_MAX;
    outbox->count--;
}
