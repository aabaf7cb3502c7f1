#include "node/http/range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Takes a decimal number off the front; false when there is none. One that does not fit is behind the end of
 * every file. */
static bool number_take(const char **text, uint64_t *value_out)
{
    char *end;

    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    *value_out = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

/* "-500": the last 500 bytes. */
static enum range_kind suffix_parse(const char *text, uint64_t size, uint64_t *first_out,
                                    uint64_t *length_out)
{
    uint64_t length;

    if (!number_take(&text, &length) || *text) {
        return RANGE_WHOLE;
    }
    if (length == 0 || size == 0) {
        return RANGE_OUTSIDE;
    }
    *length_out = length < size ? length : size;
    *first_out = size - *length_out;
    return RANGE_PART;
}

enum range_kind range_parse(const char *header, uint64_t size, uint64_t *first_out, uint64_t *length_out)
{
    uint64_t first, last = UINT64_MAX;

    if (!header || strncasecmp(header, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    header += 6;
    if (*header == '-') {
        return suffix_parse(header + 1, size, first_out, length_out);
    }
    if (!number_take(&header, &first) || *header++ != '-') {
        return RANGE_WHOLE;
    }
    if (*header && !number_take(&header, &last)) {
        return RANGE_WHOLE;
    }
    if (*header || last < first) {
        return RANGE_WHOLE; /* several ranges, or nonsense: the whole is a correct answer */
    }
    if (first >= size) {
        return RANGE_OUTSIDE;
    }
    *first_out = first;
    *length_out = (last < size - 1 ? last : size - 1) - first + 1;
    return RANGE_PART;
}
