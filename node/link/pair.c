#include "node/link/pair.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

enum { SIZE_SIZE = 3 }; /* of a size from PAIR_FRAME_MIN to FRAME_SIZE_MAX */

_Static_assert(PAIR_FRAME_MIN >= 1 << 14 && FRAME_SIZE_MAX < 1 << 21,
               "the size of the first frame takes three bytes");

void pair_release(struct pair *pair)
{
    free(pair->packet);
    *pair = (struct pair){.packet = NULL};
}

bool pair_wait(struct pair *pair, struct bytes frame)
{
    if (pair->first.size > 0 || frame.size < PAIR_FRAME_MIN) {
        return false;
    }
    pair->first = frame;
    return true;
}

bool pair_join(struct pair *pair, struct bytes second, struct bytes *packet_out)
{
    struct bytes first = pair->first;

    if (first.size == 0 || second.size < PAIR_FRAME_MIN ||
        1 + SIZE_SIZE + first.size + second.size > PAIR_SIZE_MAX) {
        return false;
    }
    if (pair->packet == NULL) {
        pair->packet = malloc(PAIR_SIZE_MAX);
        CHECK(pair->packet != NULL);
    }
    pair->packet[0] = PAIR;
    pair->packet[1] = (uint8_t)(first.size | 0x80);
    pair->packet[2] = (uint8_t)(first.size >> 7 | 0x80);
    pair->packet[3] = (uint8_t)(first.size >> 14);
    memcpy(pair->packet + 1 + SIZE_SIZE, first.data, first.size);
    memcpy(pair->packet + 1 + SIZE_SIZE + first.size, second.data, second.size);
    *packet_out = bytes_of(pair->packet, 1 + SIZE_SIZE + first.size + second.size);
    pair->first = bytes_of(NULL, 0);
    return true;
}

bool pair_take(struct pair *pair, struct bytes *frame_out)
{
    *frame_out = pair->first;
    pair->first = bytes_of(NULL, 0);
    return frame_out->size > 0;
}

bool pair_is(struct bytes packet)
{
    return packet.size > 0 && packet.data[0] == PAIR;
}

static bool is_large(struct bytes frame)
{
    return frame.size >= PAIR_FRAME_MIN && frame.size <= FRAME_SIZE_MAX && frame.data[0] == WIRE_VERSION &&
           message_is_bulk(frame.data[1]);
}

bool pair_split(struct bytes packet, struct bytes frames_out[2])
{
    struct bytes head;
    uint64_t size;

    if (packet.size > PAIR_SIZE_MAX || !pair_is(packet) || !bytes_take(&packet, 1, &head) ||
        !bytes_take_varint(&packet, &size) || size > packet.size ||
        !bytes_take(&packet, (size_t)size, &frames_out[0])) {
        return false;
    }
    frames_out[1] = packet;
    return is_large(frames_out[0]) && is_large(frames_out[1]);
}
