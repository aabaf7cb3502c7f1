#include "replication/base/percent.h"

#include <string.h>

#include "replication/base/check.h"

static bool is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F') || (byte >= 'a' && byte <= 'f');
}

void percent_append_byte(struct buffer *out, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";
    const char code[3] = {'%', digits[byte >> 4], digits[byte & 15]};

    buffer_append(out, code, sizeof code);
}

void percent_append(struct buffer *out, struct bytes text, const char *plain)
{
    bool is_plain[256] = {false};

    for (; *plain; plain++) {
        CHECK((uint8_t)*plain < 0x80);
        is_plain[(uint8_t)*plain] = true;
    }
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        const bool encodes = text.size - i > 2 && is_hex(text.data[i + 1]) && is_hex(text.data[i + 2]);

        if (is_plain[byte] && (byte != '%' || encodes)) {
            buffer_append_u8(out, byte);
        } else {
            percent_append_byte(out, byte);
        }
    }
}
