#include "node/software.h"

#include <stdio.h>

#include "replication/base/bytes.h"

uint32_t software_parse(const char *text)
{
    unsigned major, minor, patch;
    char rest;

    if (sscanf(text, "%3u.%3u.%3u%c", &major, &minor, &patch, &rest) != 3 || major > UINT8_MAX ||
        minor > UINT8_MAX || patch > UINT8_MAX) {
        return 0;
    }
    return major << 16 | minor << 8 | patch;
}

uint32_t software_number(void)
{
    return software_parse(PACKAGE_VERSION);
}

void software_text(uint32_t number, char out[SOFTWARE_TEXT_SIZE])
{
    out[0] = '\0';
    if (number > 0) {
        snprintf(out, SOFTWARE_TEXT_SIZE, "%u.%u.%u", (unsigned)(number >> 16 & UINT8_MAX),
                 (unsigned)(number >> 8 & UINT8_MAX), (unsigned)(number & UINT8_MAX));
    }
}
