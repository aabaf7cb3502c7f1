#include "node/link/opening.h"

#include <string.h>

void opening_encode(const struct opening *opening, uint8_t out[OPENING_SIZE])
{
    out[0] = 0;
    out[1] = (uint8_t)opening->line;
    memcpy(out + 2, opening->number, sizeof opening->number);
}

bool opening_decode(struct bytes packet, struct opening *out)
{
    if (packet.size != OPENING_SIZE || packet.data[0] != 0 || packet.data[1] >= OPENING_LINES_MAX) {
        return false;
    }
    out->line = packet.data[1];
    memcpy(out->number, packet.data + 2, sizeof out->number);
    return true;
}
