#include "replication/wire/column.h"

#include "replication/base/check.h"

void cuts_add(struct cuts *cuts, size_t offset)
{
    size_t last = cuts->count ? cuts->at[cuts->count - 1] : 0;

    CHECK(offset >= last);
    if (cuts->count < CUTS_MAX && offset - last >= CUT_DISTANCE_MIN) {
        cuts->at[cuts->count++] = offset;
    }
}

void column_put(struct buffer *out, const int64_t *values, size_t count, struct cuts *cuts)
{
    int64_t low, high;
    size_t width = 0;

    if (count == 0) {
        return;
    }
    low = high = values[0];
    for (size_t i = 1; i < count; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    for (uint64_t range = (uint64_t)high - (uint64_t)low; range > 0; range >>= 8) {
        width++;
    }
    buffer_append_varint(out, zigzag_encode(low));
    buffer_append_u8(out, (uint8_t)width);
    uint8_t *planes = buffer_reserve(out, width * count);
    for (size_t plane = 0; plane < width; plane++) {
        cuts_add(cuts, out->size);
        for (size_t i = 0; i < count; i++) {
            planes[plane * count + i] = (uint8_t)(((uint64_t)values[i] - (uint64_t)low) >> (8 * plane));
        }
        out->size += count;
    }
    cuts_add(cuts, out->size);
}

bool column_take(struct bytes *in, size_t count, struct column *out)
{
    struct bytes width, planes;
    uint64_t base;

    *out = (struct column){.count = count};
    if (count == 0) {
        return true;
    }
    if (!bytes_take_varint(in, &base) || !bytes_take(in, 1, &width) || width.data[0] > COLUMN_WIDTH_MAX ||
        !bytes_take(in, width.data[0] * count, &planes)) {
        return false;
    }
    out->base = (uint64_t)zigzag_decode(base);
    out->width = width.data[0];
    out->planes = planes.data;
    return true;
}
