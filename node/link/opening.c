#include "node/link/opening.h"

#include <string.h>

void opening_encode(const struct opening *opening, uint8_t out[OPENING_SIZE])
{
    out[0] = 0;
    out[1] = (uint8_t)opening->channel;
    memcpy(out + 2, opening->number, sizeof opening->number);
}

bool opening_decode(struct bytes packet, struct opening *out)
{
    if (packet.size != OPENING_SIZE || packet.data[0] != 0 || packet.data[1] > CHANNEL_BULK) {
        return false;
    }
    out->channel = (enum channel)packet.data[1];
    memcpy(out->number, packet.data + 2, sizeof out->number);
    return true;
}
