#include "node/link/together.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

enum { SIZE_SIZE_MAX = 2, VARINT_BYTE_MAX = 0x7f };

_Static_assert(TOGETHER_SIZE_MAX < 1 << 14, "the size of a frame takes two bytes at most");

bool together_add(struct together *together, struct bytes frame)
{
    size_t start = together->count == 0 ? 1 : together->size;

    if (frame.size < 2 || message_is_bulk(frame.data[1]) || together->count == TOGETHER_FRAMES_MAX || frame.size > TOGETHER_SIZE_MAX - SIZE_SIZE_MAX ||
        start > TOGETHER_SIZE_MAX - SIZE_SIZE_MAX - frame.size) {
        return false;
    }
    together->packet[0] = TOGETHER;
    if (frame.size > VARINT_BYTE_MAX) {
        together->packet[start++] = (uint8_t)(frame.size | 0x80);
        together->packet[start++] = (uint8_t)(frame.size >> 7);
    } else {
        together->packet[start++] = (uint8_t)frame.size;
    }
    memcpy(together->packet + start, frame.data, frame.size);
    together->first = together->count == 0 ? start : together->first;
    together->size = start + frame.size;
    together->count++;
    return true;
}

bool together_take(struct together *together, struct bytes *packet_out)
{
    size_t from = together->count == 1 ? together->first : 0;
    bool has_any = together->count > 0;

    CHECK(together->size >= from);
    *packet_out = bytes_of(together->packet + from, together->size - from);
    together->count = together->size = 0;
    return has_any;
}

bool together_is(struct bytes packet)
{
    return packet.size > 0 && packet.data[0] == TOGETHER;
}

size_t together_split(struct bytes packet, struct bytes frames_out[TOGETHER_FRAMES_MAX])
{
    struct bytes head;
    size_t count = 0;
    uint64_t size;

    if (packet.size > TOGETHER_SIZE_MAX || !together_is(packet) || !bytes_take(&packet, 1, &head)) {
        return 0;
    }
    while (packet.size > 0) {
        struct bytes *frame = &frames_out[count];
        if (count == TOGETHER_FRAMES_MAX || !bytes_take_varint(&packet, &size) || size > packet.size ||
            !bytes_take(&packet, (size_t)size, frame) || frame->size < 2 || frame->data[0] != WIRE_VERSION ||
            message_is_bulk(frame->data[1])) {
            return 0;
        }
        count++;
    }
    return count >= 2 ? count : 0;
}
