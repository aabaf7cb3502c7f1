#include "node/learn/import/import_description.h"

#include <string.h>

static void put_text(struct buffer *out, struct bytes text)
{
    buffer_append_varint(out, text.size);
    buffer_append(out, text.data, text.size);
}

void import_description_encode(const struct import_description *description, struct buffer *out)
{
    buffer_append_varint(out, (uint64_t)description->format);
    put_text(out, description->title);
    put_text(out, description->lang);
    put_text(out, description->entry);
    buffer_append_varint(out, zigzag_encode(description->mastery_percent));
    put_text(out, description->notes);
    buffer_append_varint(out, description->item_count);
    for (size_t i = 0; i < description->item_count; i++) {
        const struct course_item *item = &description->items[i];

        put_text(out, item->id);
        put_text(out, item->title);
        put_text(out, item->entry);
        buffer_append_varint(out, item->depth);
        buffer_append_varint(out, zigzag_encode(item->mastery_percent));
        put_text(out, item->kind);
        put_text(out, item->details);
    }
}

static bool take_text(struct bytes *in, size_t size_max, struct bytes *out)
{
    uint64_t size;

    return bytes_take_varint(in, &size) && size <= size_max && bytes_take(in, (size_t)size, out) &&
           utf8_is_valid(*out);
}

static bool take_number(struct bytes *in, uint64_t max, uint32_t *out)
{
    uint64_t value;

    if (!bytes_take_varint(in, &value) || value > max) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool take_percent(struct bytes *in, int32_t *out)
{
    uint64_t raw;

    if (!bytes_take_varint(in, &raw)) {
        return false;
    }
    *out = (int32_t)zigzag_decode(raw);
    return zigzag_decode(raw) >= -1 && zigzag_decode(raw) <= 100;
}

static bool take_item(struct bytes *in, struct course_item *item)
{
    return take_text(in, COURSE_TEXT_MAX, &item->id) && take_text(in, COURSE_TEXT_MAX, &item->title) &&
           take_text(in, COURSE_ENTRY_MAX, &item->entry) && take_number(in, COURSE_DEPTH_MAX, &item->depth) &&
           take_percent(in, &item->mastery_percent) && take_text(in, ITEM_KIND_MAX, &item->kind) &&
           take_text(in, ITEM_DETAILS_MAX, &item->details);
}

enum status import_description_decode(struct bytes in, struct arena *arena, struct import_description *out)
{
    uint32_t format, count;

    memset(out, 0, sizeof *out);
    if (!take_number(&in, PACKAGE_H5P, &format) || format < PACKAGE_PLAIN ||
        !take_text(&in, COURSE_TEXT_MAX, &out->title) || !take_text(&in, LANG_MAX, &out->lang) ||
        !take_text(&in, COURSE_ENTRY_MAX, &out->entry) || !take_percent(&in, &out->mastery_percent) ||
        !take_text(&in, NOTES_SIZE_MAX, &out->notes) || !take_number(&in, COURSE_ITEMS_MAX, &count)) {
        return S_INVALID;
    }
    out->format = (enum package_format)format;
    out->items = arena_alloc(arena, (count + 1) * sizeof *out->items);
    if (!out->items) {
        return S_NO_MEMORY;
    }
    for (out->item_count = 0; out->item_count < count; out->item_count++) {
        if (!take_item(&in, &out->items[out->item_count])) {
            return S_INVALID;
        }
    }
    return in.size == 0 ? S_OK : S_INVALID;
}
