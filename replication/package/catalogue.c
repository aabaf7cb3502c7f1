#include "replication/package/catalogue.h"

#include <string.h>

#include "replication/base/field.h"
#include "replication/package/chunk_list.h"

/* Field numbers of schema/wire/package.proto. */
enum {
    ENTRY_COURSE = 1,
    ENTRY_LANG = 2,
    ENTRY_VERSION = 3,
    ENTRY_TITLE = 4,
    ENTRY_SERIES = 5,
    ENTRY_LOCALISES = 6,
    ENTRY_FORMAT = 7,
    ENTRY_MANIFEST = 8,
    ENTRY_MANIFEST_SIZE = 9,
    ENTRY_CHUNK_HASHES = 10,
    ENTRY_CHUNK_SIZES = 11,
    ENTRY_SIZE = 12,
    ENTRY_MEMBER_COUNT = 13,
    ENTRY_PUBLISHED = 14,
    ENTRY_WITHDRAWN = 15,
    ENTRY_SOURCE_LANG = 16,
    ENTRY_SOURCE_VERSION = 17,
};

enum { REGISTER_HEAD_SIZE = 1 + 8 }; /* kind and stamp of the cell's value */

enum status catalogue_id_check(struct bytes id, size_t size_max)
{
    if (id.size > size_max) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < id.size; i++) {
        if (id.data[i] < 0x20 || id.data[i] == 0x7f) {
            return S_INVALID;
        }
    }
    return id.size && utf8_is_valid(id) ? S_OK : S_INVALID;
}

static enum status text_check(struct bytes text)
{
    if (text.size > COURSE_TEXT_MAX) {
        return S_TOO_LARGE;
    }
    return utf8_is_valid(text) ? S_OK : S_INVALID;
}

static enum status names_check(const struct catalogue_entry *entry)
{
    enum status status = catalogue_id_check(entry->course, COURSE_ID_MAX);

    if (status == S_OK) {
        status = lang_check(entry->lang);
    }
    return status == S_OK ? catalogue_id_check(entry->version, VERSION_MAX) : status;
}

/* Both or neither. */
static enum status source_check(const struct catalogue_entry *entry)
{
    if (entry->source_lang.size == 0 && entry->source_version.size == 0) {
        return S_OK;
    }
    enum status status = lang_check(entry->source_lang);
    return status == S_OK ? catalogue_id_check(entry->source_version, VERSION_MAX) : status;
}

static enum status entry_check(const struct catalogue_entry *entry)
{
    const struct chunk_list list = {.chunks = entry->manifest_chunks, .count = entry->manifest_chunk_count};
    enum status status = names_check(entry);

    if (status == S_OK) {
        status = text_check(entry->title);
    }
    if (status == S_OK) {
        status = text_check(entry->series);
    }
    if (status == S_OK && entry->localises.size) {
        status = catalogue_id_check(entry->localises, COURSE_ID_MAX);
    }
    if (status == S_OK) {
        status = source_check(entry);
    }
    if (status != S_OK) {
        return status;
    }
    if (entry->manifest_size > MANIFEST_SIZE_MAX || entry->size > (uint64_t)PACKAGE_SIZE_MAX ||
        entry->member_count > PACKAGE_ENTRIES_MAX) {
        return S_TOO_LARGE;
    }
    return entry->format >= 1 ? chunk_list_check(&list, entry->manifest_size) : S_INVALID;
}

enum status catalogue_key(const struct catalogue_entry *entry, struct buffer *out)
{
    const struct bytes segments[] = {bytes_text("course"), entry->course, entry->lang, entry->version};

    buffer_clear(out);
    enum status status = names_check(entry);
    return status == S_OK ? cell_key_join(segments, sizeof segments / sizeof segments[0], out) : status;
}

enum status catalogue_encode(const struct catalogue_entry *entry, struct buffer *out)
{
    const struct chunk_list list = {.chunks = entry->manifest_chunks, .count = entry->manifest_chunk_count};
    size_t size_before = out->size;
    enum status status = entry_check(entry);

    if (status != S_OK) {
        return status;
    }
    field_append_bytes(out, ENTRY_COURSE, entry->course);
    field_append_bytes(out, ENTRY_LANG, entry->lang);
    field_append_bytes(out, ENTRY_VERSION, entry->version);
    field_append_bytes(out, ENTRY_TITLE, entry->title);
    field_append_bytes(out, ENTRY_SERIES, entry->series);
    field_append_bytes(out, ENTRY_LOCALISES, entry->localises);
    field_append_number(out, ENTRY_FORMAT, entry->format);
    field_append_bytes(out, ENTRY_MANIFEST, bytes_of(entry->manifest.b, sizeof entry->manifest.b));
    field_append_number(out, ENTRY_MANIFEST_SIZE, entry->manifest_size);
    chunk_list_append(&list, ENTRY_CHUNK_HASHES, ENTRY_CHUNK_SIZES, out);
    field_append_number(out, ENTRY_SIZE, entry->size);
    field_append_number(out, ENTRY_MEMBER_COUNT, entry->member_count);
    field_append_number(out, ENTRY_PUBLISHED, entry->published_ms);
    field_append_number(out, ENTRY_WITHDRAWN, entry->is_withdrawn);
    field_append_bytes(out, ENTRY_SOURCE_LANG, entry->source_lang);
    field_append_bytes(out, ENTRY_SOURCE_VERSION, entry->source_version);
    if (out->size - size_before > CELL_VALUE_MAX - REGISTER_HEAD_SIZE) {
        out->size = size_before;
        return S_TOO_LARGE;
    }
    return S_OK;
}

static bool take_bytes(const struct field *field, struct bytes *out)
{
    *out = field->bytes;
    return field->type == FIELD_BYTES;
}

static bool take_number(const struct field *field, uint64_t *out)
{
    *out = field->value;
    return field->type == FIELD_VARINT;
}

struct chunk_fields {
    struct bytes hashes;
    struct bytes sizes;
};

static bool number_take(const struct field *field, struct catalogue_entry *out)
{
    switch (field->number) {
    case ENTRY_FORMAT:
        out->format = (enum package_format)(field->value & UINT8_MAX);
        return field->type == FIELD_VARINT && field->value <= UINT8_MAX;
    case ENTRY_MANIFEST_SIZE:
        return take_number(field, &out->manifest_size);
    case ENTRY_SIZE:
        return take_number(field, &out->size);
    case ENTRY_MEMBER_COUNT:
        return take_number(field, &out->member_count);
    case ENTRY_PUBLISHED:
        return take_number(field, &out->published_ms);
    case ENTRY_WITHDRAWN:
        out->is_withdrawn = field->value != 0;
        return field->type == FIELD_VARINT;
    }
    return true;
}

static bool entry_take(const struct field *field, struct catalogue_entry *out, struct chunk_fields *chunks)
{
    switch (field->number) {
    case ENTRY_COURSE:
        return take_bytes(field, &out->course);
    case ENTRY_LANG:
        return take_bytes(field, &out->lang);
    case ENTRY_VERSION:
        return take_bytes(field, &out->version);
    case ENTRY_TITLE:
        return take_bytes(field, &out->title);
    case ENTRY_SERIES:
        return take_bytes(field, &out->series);
    case ENTRY_LOCALISES:
        return take_bytes(field, &out->localises);
    case ENTRY_SOURCE_LANG:
        return take_bytes(field, &out->source_lang);
    case ENTRY_SOURCE_VERSION:
        return take_bytes(field, &out->source_version);
    case ENTRY_MANIFEST:
        return field_get_raw(field, out->manifest.b, sizeof out->manifest.b);
    case ENTRY_CHUNK_HASHES:
        return take_bytes(field, &chunks->hashes);
    case ENTRY_CHUNK_SIZES:
        return take_bytes(field, &chunks->sizes);
    }
    return number_take(field, out);
}

enum status catalogue_decode(struct bytes in, struct arena *arena, struct catalogue_entry *out)
{
    struct chunk_fields fields = {{0}, {0}};
    struct chunk_list list;
    struct field field;

    memset(out, 0, sizeof *out);
    if (in.size > CELL_VALUE_MAX) {
        return S_TOO_LARGE;
    }
    while (in.size) {
        if (!field_take(&in, &field) || !entry_take(&field, out, &fields)) {
            return S_INVALID;
        }
    }
    enum status status = chunk_list_decode(fields.hashes, fields.sizes, arena, &list);
    out->manifest_chunks = list.chunks;
    out->manifest_chunk_count = list.count;
    return status == S_OK ? entry_check(out) : status;
}
