#include "replication/package/manifest.h"

#include <string.h>

#include "replication/base/field.h"
#include "replication/package/chunk_list.h"
#include "replication/package/manifest_check.h"

/* Field numbers of schema/wire/package.proto. */
enum {
    MANIFEST_FORMAT = 1,
    MANIFEST_TITLE = 2,
    MANIFEST_LANG = 3,
    MANIFEST_ENTRY = 4,
    MANIFEST_MASTERY = 5,
    MANIFEST_MEMBERS = 6,
    MANIFEST_ITEMS = 7,
    MANIFEST_ORIGINAL_HASH = 8,
    MANIFEST_ORIGINAL_SIZE = 9,
    MANIFEST_PARTS = 10,
};
enum {
    MEMBER_PATH = 1,
    MEMBER_HASH = 2,
    MEMBER_SIZE = 3,
    MEMBER_MEDIA_TYPE = 4,
    MEMBER_CHUNK_HASHES = 5,
    MEMBER_CHUNK_SIZES = 6,
};
enum { ITEM_ID = 1, ITEM_TITLE = 2, ITEM_ENTRY = 3, ITEM_DEPTH = 4, ITEM_MASTERY = 5, ITEM_KIND = 6, ITEM_DETAILS = 7 };

static const struct hash no_hash;

const char *package_format_name(enum package_format format)
{
    switch (format) {
    case PACKAGE_PLAIN:
        return "plain";
    case PACKAGE_SCORM12:
        return "scorm12";
    case PACKAGE_SCORM2004:
        return "scorm2004";
    case PACKAGE_CMI5:
        return "cmi5";
    case PACKAGE_COMMON_CARTRIDGE:
        return "cc";
    case PACKAGE_H5P:
        return "h5p";
    }
    return "?";
}

const struct member *manifest_find(const struct manifest *manifest, struct bytes path)
{
    size_t low = 0, high = manifest->member_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bytes_compare(manifest->members[middle].path, path);
        if (order == 0) {
            return &manifest->members[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* --- writing ------------------------------------------------------------------------------------------ */

static void member_append(const struct member *member, uint32_t number, struct buffer *scratch,
                          struct buffer *out)
{
    const struct chunk_list list = {.chunks = member->chunks, .count = member->chunk_count};

    buffer_clear(scratch);
    field_append_bytes(scratch, MEMBER_PATH, member->path);
    field_append_bytes(scratch, MEMBER_HASH, bytes_of(member->hash.b, sizeof member->hash.b));
    field_append_number(scratch, MEMBER_SIZE, member->size);
    field_append_bytes(scratch, MEMBER_MEDIA_TYPE, member->media_type);
    chunk_list_append(&list, MEMBER_CHUNK_HASHES, MEMBER_CHUNK_SIZES, scratch);
    field_append_element(out, number, buffer_bytes(scratch));
}

static void item_append(const struct course_item *item, struct buffer *scratch, struct buffer *out)
{
    buffer_clear(scratch);
    field_append_bytes(scratch, ITEM_ID, item->id);
    field_append_bytes(scratch, ITEM_TITLE, item->title);
    field_append_bytes(scratch, ITEM_ENTRY, item->entry);
    field_append_number(scratch, ITEM_DEPTH, item->depth);
    field_append_number(scratch, ITEM_MASTERY, (uint64_t)(item->mastery_percent + 1));
    field_append_bytes(scratch, ITEM_KIND, item->kind);
    field_append_bytes(scratch, ITEM_DETAILS, item->details);
    field_append_element(out, MANIFEST_ITEMS, buffer_bytes(scratch));
}

enum status manifest_encode(const struct manifest *manifest, struct buffer *out)
{
    enum status status = manifest_check(manifest);
    size_t size_before = out->size;
    struct buffer scratch;

    if (status != S_OK) {
        return status;
    }
    buffer_init(&scratch);
    field_append_number(out, MANIFEST_FORMAT, manifest->format);
    field_append_bytes(out, MANIFEST_TITLE, manifest->title);
    field_append_bytes(out, MANIFEST_LANG, manifest->lang);
    field_append_bytes(out, MANIFEST_ENTRY, manifest->entry);
    field_append_number(out, MANIFEST_MASTERY, (uint64_t)(manifest->mastery_percent + 1));
    for (size_t i = 0; i < manifest->member_count; i++) {
        member_append(&manifest->members[i], MANIFEST_MEMBERS, &scratch, out);
    }
    for (size_t i = 0; i < manifest->item_count; i++) {
        item_append(&manifest->items[i], &scratch, out);
    }
    if (!hash_equal(&manifest->original_hash, &no_hash)) {
        field_append_bytes(out, MANIFEST_ORIGINAL_HASH,
                           bytes_of(manifest->original_hash.b, sizeof(struct hash)));
    }
    field_append_number(out, MANIFEST_ORIGINAL_SIZE, manifest->original_size);
    for (size_t i = 0; i < manifest->part_count; i++) {
        member_append(&manifest->parts[i], MANIFEST_PARTS, &scratch, out);
    }
    buffer_release(&scratch);
    if (out->size - size_before > MANIFEST_SIZE_MAX) {
        out->size = size_before;
        return S_TOO_LARGE;
    }
    return S_OK;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static bool take_bytes(const struct field *field, struct bytes *out)
{
    *out = field->bytes;
    return field->type == FIELD_BYTES;
}

static bool take_number(const struct field *field, uint64_t max, uint64_t *out)
{
    *out = field->value;
    return field->type == FIELD_VARINT && field->value <= max;
}

static bool take_mastery(const struct field *field, int32_t *out)
{
    uint64_t number;
    bool is_taken = take_number(field, 101, &number);

    *out = is_taken ? (int32_t)number - 1 : -1;
    return is_taken;
}

/* The two halves of a chunk list, until both are there. */
struct chunk_fields {
    struct bytes hashes;
    struct bytes sizes;
};

static bool member_take(const struct field *field, struct member *out, struct chunk_fields *chunks)
{
    switch (field->number) {
    case MEMBER_PATH:
        return take_bytes(field, &out->path);
    case MEMBER_HASH:
        return field_get_raw(field, out->hash.b, sizeof out->hash.b);
    case MEMBER_SIZE:
        return take_number(field, UINT64_MAX, &out->size);
    case MEMBER_MEDIA_TYPE:
        return take_bytes(field, &out->media_type);
    case MEMBER_CHUNK_HASHES:
        return take_bytes(field, &chunks->hashes);
    case MEMBER_CHUNK_SIZES:
        return take_bytes(field, &chunks->sizes);
    }
    return true;
}

static enum status member_decode(struct bytes in, struct arena *arena, struct member *out)
{
    struct chunk_fields fields = {{0}, {0}};
    struct chunk_list list;
    struct field field;

    memset(out, 0, sizeof *out);
    while (in.size) {
        if (!field_take(&in, &field) || !member_take(&field, out, &fields)) {
            return S_INVALID;
        }
    }
    enum status status = chunk_list_decode(fields.hashes, fields.sizes, arena, &list);
    out->chunks = list.chunks;
    out->chunk_count = list.count;
    return status;
}

static bool item_take(const struct field *field, struct course_item *out)
{
    uint64_t number;

    switch (field->number) {
    case ITEM_ID:
        return take_bytes(field, &out->id);
    case ITEM_TITLE:
        return take_bytes(field, &out->title);
    case ITEM_ENTRY:
        return take_bytes(field, &out->entry);
    case ITEM_DEPTH:
        if (!take_number(field, UINT32_MAX, &number)) {
            return false;
        }
        out->depth = (uint32_t)number;
        return true;
    case ITEM_MASTERY:
        return take_mastery(field, &out->mastery_percent);
    case ITEM_KIND:
        return take_bytes(field, &out->kind);
    case ITEM_DETAILS:
        return take_bytes(field, &out->details);
    }
    return true;
}

static enum status item_decode(struct bytes in, struct course_item *out)
{
    struct field field;

    *out = (struct course_item){.mastery_percent = -1};
    while (in.size) {
        if (!field_take(&in, &field) || !item_take(&field, out)) {
            return S_INVALID;
        }
    }
    return S_OK;
}

/* The arrays that manifest_decode() fills; `out` sees them as const. */
struct manifest_parts {
    struct member *members;
    struct course_item *items;
    struct member *parts;
};

/* Counts members and items and makes room for them. */
static enum status parts_count(struct bytes in, struct arena *arena, struct manifest *out,
                               struct manifest_parts *parts)
{
    struct field field;

    while (in.size) {
        if (!field_take(&in, &field)) {
            return S_INVALID;
        }
        out->member_count += field.number == MANIFEST_MEMBERS;
        out->item_count += field.number == MANIFEST_ITEMS;
        out->part_count += field.number == MANIFEST_PARTS;
    }
    if (out->member_count > PACKAGE_ENTRIES_MAX || out->item_count > COURSE_ITEMS_MAX ||
        out->part_count > MANIFEST_PARTS_MAX) {
        return S_TOO_LARGE;
    }
    parts->members = arena_alloc(arena, (out->member_count + 1) * sizeof *parts->members);
    parts->items = arena_alloc(arena, (out->item_count + 1) * sizeof *parts->items);
    parts->parts = arena_alloc(arena, (out->part_count + 1) * sizeof *parts->parts);
    out->members = parts->members;
    out->items = parts->items;
    out->parts = parts->parts;
    return parts->members && parts->items && parts->parts ? S_OK : S_TOO_LARGE;
}

static bool head_take(const struct field *field, struct manifest *out)
{
    uint64_t number;

    switch (field->number) {
    case MANIFEST_FORMAT:
        if (!take_number(field, UINT8_MAX, &number)) {
            return false;
        }
        out->format = (enum package_format)number;
        return true;
    case MANIFEST_TITLE:
        return take_bytes(field, &out->title);
    case MANIFEST_LANG:
        return take_bytes(field, &out->lang);
    case MANIFEST_ENTRY:
        return take_bytes(field, &out->entry);
    case MANIFEST_MASTERY:
        return take_mastery(field, &out->mastery_percent);
    case MANIFEST_ORIGINAL_HASH:
        return field_get_raw(field, out->original_hash.b, sizeof out->original_hash.b);
    case MANIFEST_ORIGINAL_SIZE:
        return take_number(field, UINT64_MAX, &out->original_size);
    }
    return true;
}

static enum status parts_decode(struct bytes in, struct arena *arena, struct manifest *out,
                                const struct manifest_parts *parts)
{
    size_t member_count = 0, item_count = 0, part_count = 0;
    struct field field;

    while (in.size) {
        enum status status = S_OK;
        if (!field_take(&in, &field)) {
            return S_INVALID;
        }
        bool is_part = field.number == MANIFEST_MEMBERS || field.number == MANIFEST_ITEMS ||
                       field.number == MANIFEST_PARTS;
        if (is_part && field.type != FIELD_BYTES) {
            return S_INVALID;
        }
        if (field.number == MANIFEST_MEMBERS) {
            status = member_decode(field.bytes, arena, &parts->members[member_count++]);
        } else if (field.number == MANIFEST_ITEMS) {
            status = item_decode(field.bytes, &parts->items[item_count++]);
        } else if (field.number == MANIFEST_PARTS) {
            status = member_decode(field.bytes, arena, &parts->parts[part_count++]);
        } else if (!head_take(&field, out)) {
            status = S_INVALID;
        }
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

enum status manifest_decode(struct bytes in, struct arena *arena, struct manifest *out)
{
    struct manifest_parts parts;

    *out = (struct manifest){.mastery_percent = -1};
    if (in.size > MANIFEST_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    enum status status = parts_count(in, arena, out, &parts);
    if (status == S_OK) {
        status = parts_decode(in, arena, out, &parts);
    }
    return status == S_OK ? manifest_check(out) : status;
}
