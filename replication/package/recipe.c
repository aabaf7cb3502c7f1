#include "replication/package/recipe.h"

#include <string.h>

#include "replication/base/field.h"

/* Field numbers of schema/wire/package.proto. */
enum {
    RECIPE_WRAP_HEAD = 1,
    RECIPE_WRAP_TAIL = 2,
    RECIPE_WRAP_SETTINGS = 3,
    RECIPE_WRAP_BLOCKS = 4,
    RECIPE_SKELETON = 5,
    RECIPE_OFFSET_BASE = 6,
    RECIPE_GAPS = 7,
    RECIPE_SOURCES = 8,
    RECIPE_SETTINGS = 9,
    RECIPE_CRCS = 10,
    RECIPE_PACKED_SIZES = 11,
    RECIPE_PLAIN_SIZES = 12,
    RECIPE_BLOCK_SIZES = 13,
    RECIPE_BLOCKS = 14,
    RECIPE_FIXUPS = 15,
    RECIPE_FIELDS = 16,
};

enum { SETTINGS_STORED = 0, HASH_BITS_FIRST = 15, KIND_SHIFT = 5 };

static uint8_t settings_code(const struct deflate_settings *settings)
{
    return settings->level == 0 ? SETTINGS_STORED
                                : (uint8_t)(settings->level * 2 + (settings->hash_bits - HASH_BITS_FIRST));
}

static struct deflate_settings settings_of(uint64_t code)
{
    return code < 2 ? (struct deflate_settings){0, 0}
                    : (struct deflate_settings){(uint8_t)(code / 2), (uint8_t)(HASH_BITS_FIRST + code % 2)};
}

/* --- writing ------------------------------------------------------------------------------------------ */

struct columns {
    struct buffer fields[RECIPE_FIELDS];
};

static void entry_append(struct columns *columns, const struct recipe_entry *entry, int64_t *expected)
{
    struct buffer *fields = columns->fields;
    int64_t ahead = (int64_t)entry->source - *expected;

    buffer_append_varint(&fields[RECIPE_GAPS], entry->gap);
    buffer_append_varint(&fields[RECIPE_SOURCES], zigzag_encode(ahead) << 1 | entry->is_part);
    buffer_append_u8(&fields[RECIPE_SETTINGS], settings_code(&entry->settings));
    buffer_append_u32(&fields[RECIPE_CRCS], entry->crc);
    if (entry->settings.level > 0) {
        buffer_append_varint(&fields[RECIPE_PACKED_SIZES], entry->packed_size);
        buffer_append_varint(&fields[RECIPE_BLOCK_SIZES], entry->blocks.size);
        buffer_append(&fields[RECIPE_BLOCKS], entry->blocks.data, entry->blocks.size);
    }
    if (entry->is_part) {
        buffer_append_varint(&fields[RECIPE_PLAIN_SIZES], entry->plain_size);
    }
    *expected = entry->is_part ? *expected : (int64_t)entry->source + 1;
}

static enum status fixups_append(struct columns *columns, const struct recipe *recipe)
{
    struct buffer *out = &columns->fields[RECIPE_FIXUPS];
    uint64_t before = 0;
    int64_t expected = 0;

    for (size_t i = 0; i < recipe->fixup_count; i++) {
        const struct recipe_fixup *fixup = &recipe->fixups[i];
        bool is_central = fixup->kind == FIXUP_CENTRAL;

        if (fixup->at < before) {
            return S_INVALID;
        }
        if (is_central && (i == 0 || recipe->fixups[i - 1].kind != FIXUP_CENTRAL)) {
            expected = 0; /* the directory begins again with the first */
        }
        buffer_append_u8(out, (uint8_t)(fixup->kind << KIND_SHIFT | fixup->mask));
        buffer_append_varint(out, fixup->at - before);
        buffer_append_varint(out, zigzag_encode((int64_t)fixup->entry - expected));
        before = fixup->at;
        expected = (int64_t)fixup->entry + (fixup->kind == FIXUP_LOCAL || is_central);
    }
    return S_OK;
}

enum status recipe_encode(const struct recipe *recipe, struct buffer *out)
{
    struct columns columns;
    size_t before = out->size;
    int64_t expected = 0;
    enum status status = recipe->entry_count <= RECIPE_ENTRIES_MAX ? S_OK : S_TOO_LARGE;

    memset(&columns, 0, sizeof columns);
    if (status == S_OK) {
        status = fixups_append(&columns, recipe);
    }
    for (size_t i = 0; i < recipe->entry_count && status == S_OK; i++) {
        entry_append(&columns, &recipe->entries[i], &expected);
    }
    if (status == S_OK && recipe->is_wrapped) {
        field_append_bytes(out, RECIPE_WRAP_HEAD, recipe->wrap_head);
        field_append_bytes(out, RECIPE_WRAP_TAIL, recipe->wrap_tail);
        field_append_number(out, RECIPE_WRAP_SETTINGS, settings_code(&recipe->wrap_settings));
        field_append_bytes(out, RECIPE_WRAP_BLOCKS, recipe->wrap_blocks);
    }
    if (status == S_OK) {
        field_append_bytes(out, RECIPE_SKELETON, recipe->skeleton);
        field_append_number(out, RECIPE_OFFSET_BASE, recipe->offset_base);
        for (uint32_t number = RECIPE_GAPS; number < RECIPE_FIELDS; number++) {
            field_append_bytes(out, number, buffer_bytes(&columns.fields[number]));
        }
    }
    for (size_t i = 0; i < RECIPE_FIELDS; i++) {
        buffer_release(&columns.fields[i]);
    }
    if (out->size - before > RECIPE_SIZE_MAX) {
        status = S_TOO_LARGE;
    }
    out->size = status == S_OK ? out->size : before;
    return status;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static bool entry_take(struct bytes fields[RECIPE_FIELDS], uint64_t *expected, struct recipe_entry *out)
{
    uint64_t source, block_size = 0;
    struct bytes code, crc;

    memset(out, 0, sizeof *out);
    if (!bytes_take_varint(&fields[RECIPE_GAPS], &out->gap) ||
        !bytes_take_varint(&fields[RECIPE_SOURCES], &source) ||
        !bytes_take(&fields[RECIPE_SETTINGS], 1, &code) || !bytes_take(&fields[RECIPE_CRCS], 4, &crc)) {
        return false;
    }
    out->is_part = source & 1;
    source = *expected + (uint64_t)zigzag_decode(source >> 1); /* wraps: checked against the manifest later */
    out->source = source > UINT32_MAX ? UINT32_MAX : (uint32_t)source;
    *expected = out->is_part ? *expected : (uint64_t)out->source + 1;
    out->settings = settings_of(code.data[0]);
    out->crc =
        crc.data[0] | (uint32_t)crc.data[1] << 8 | (uint32_t)crc.data[2] << 16 | (uint32_t)crc.data[3] << 24;
    if (code.data[0] == 1 || out->settings.level > 9 || (out->is_part && out->settings.level > 0)) {
        return false;
    }
    if (out->settings.level > 0 &&
        (!bytes_take_varint(&fields[RECIPE_PACKED_SIZES], &out->packed_size) ||
         !bytes_take_varint(&fields[RECIPE_BLOCK_SIZES], &block_size) || block_size > SIZE_MAX ||
         !bytes_take(&fields[RECIPE_BLOCKS], (size_t)block_size, &out->blocks))) {
        return false;
    }
    return out->packed_size <= (uint64_t)PACKAGE_SIZE_MAX &&
           (!out->is_part || bytes_take_varint(&fields[RECIPE_PLAIN_SIZES], &out->plain_size));
}

static enum status entries_decode(struct bytes fields[RECIPE_FIELDS], struct arena *arena, struct recipe *out)
{
    size_t count = fields[RECIPE_SETTINGS].size;
    uint64_t expected = 0;

    if (count > RECIPE_ENTRIES_MAX) {
        return S_TOO_LARGE;
    }
    struct recipe_entry *entries = arena_alloc(arena, (count + 1) * sizeof *entries);
    if (!entries) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!entry_take(fields, &expected, &entries[i])) {
            return S_INVALID;
        }
    }
    out->entries = entries;
    out->entry_count = count;
    for (int number = RECIPE_GAPS; number < RECIPE_FIXUPS; number++) {
        if (fields[number].size > 0) {
            return S_INVALID;
        }
    }
    return S_OK;
}

static enum status fixups_decode(struct bytes in, struct arena *arena, struct recipe *out)
{
    size_t max = in.size / 3 + 1; /* three bytes each at least */
    struct recipe_fixup *fixups = arena_alloc(arena, max * sizeof *fixups);
    uint64_t before = 0, expected = 0;
    size_t count = 0;

    if (!fixups) {
        return S_TOO_LARGE;
    }
    while (in.size > 0) {
        struct bytes code;
        uint64_t ahead, entry;

        if (!bytes_take(&in, 1, &code) || !bytes_take_varint(&in, &ahead) ||
            !bytes_take_varint(&in, &entry) || ahead > RECIPE_SIZE_MAX || before > RECIPE_SIZE_MAX) {
            return S_INVALID;
        }
        unsigned kind = code.data[0] >> KIND_SHIFT;
        if (kind < FIXUP_LOCAL || kind > FIXUP_END) {
            return S_INVALID;
        }
        if (kind == FIXUP_CENTRAL && (count == 0 || fixups[count - 1].kind != FIXUP_CENTRAL)) {
            expected = 0;
        }
        entry = expected + (uint64_t)zigzag_decode(entry);
        if (entry > out->entry_count || (kind != FIXUP_END && entry == out->entry_count)) {
            return S_INVALID;
        }
        before += ahead;
        fixups[count++] = (struct recipe_fixup){
            (enum recipe_fixup_kind)kind, code.data[0] & ((1u << KIND_SHIFT) - 1), (uint32_t)entry, before};
        expected = entry + (kind == FIXUP_LOCAL || kind == FIXUP_CENTRAL);
    }
    out->fixups = fixups;
    out->fixup_count = count;
    return S_OK;
}

static bool head_take(const struct field *field, struct recipe *out)
{
    switch (field->number) {
    case RECIPE_WRAP_HEAD:
        out->is_wrapped = true;
        out->wrap_head = field->bytes;
        return field->type == FIELD_BYTES;
    case RECIPE_WRAP_TAIL:
        out->wrap_tail = field->bytes;
        return field->type == FIELD_BYTES;
    case RECIPE_WRAP_SETTINGS:
        out->wrap_settings = settings_of(field->value);
        return field->type == FIELD_VARINT && field->value < 2 * 10;
    case RECIPE_WRAP_BLOCKS:
        out->wrap_blocks = field->bytes;
        return field->type == FIELD_BYTES;
    case RECIPE_SKELETON:
        out->skeleton = field->bytes;
        return field->type == FIELD_BYTES;
    case RECIPE_OFFSET_BASE:
        out->offset_base = field->value;
        return field->type == FIELD_VARINT;
    }
    return true;
}

static bool gaps_fit(const struct recipe *recipe)
{
    uint64_t left = recipe->skeleton.size;

    for (size_t i = 0; i < recipe->entry_count; i++) {
        if (recipe->entries[i].gap > left) {
            return false;
        }
        left -= recipe->entries[i].gap;
    }
    return true;
}

enum status recipe_decode(struct bytes in, struct arena *arena, struct recipe *out)
{
    struct bytes fields[RECIPE_FIELDS];
    struct field field;
    enum status status;

    memset(out, 0, sizeof *out);
    memset(fields, 0, sizeof fields);
    if (in.size > RECIPE_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    while (in.size > 0) {
        if (!field_take(&in, &field) || !head_take(&field, out)) {
            return S_INVALID;
        }
        if (field.number >= RECIPE_GAPS && field.number < RECIPE_FIELDS) {
            if (field.type != FIELD_BYTES || fields[field.number].size > 0) {
                return S_INVALID;
            }
            fields[field.number] = field.bytes;
        }
    }
    status = entries_decode(fields, arena, out);
    if (status == S_OK) {
        status = fixups_decode(fields[RECIPE_FIXUPS], arena, out);
    }
    return status == S_OK && !gaps_fit(out) ? S_INVALID : status;
}

enum status recipe_check(const struct recipe *recipe, struct recipe_entry *entries,
                         const struct manifest *manifest)
{
    uint64_t total = recipe->skeleton.size;

    for (size_t i = 0; i < recipe->entry_count; i++) {
        struct recipe_entry *entry = &entries[i];

        *entry = recipe->entries[i];
        size_t count = entry->is_part ? manifest->part_count : manifest->member_count;
        if (entry->source >= count) {
            return S_INVALID;
        }
        uint64_t size =
            entry->is_part ? manifest->parts[entry->source].size : manifest->members[entry->source].size;
        if (entry->settings.level == 0) {
            entry->packed_size = size;
        }
        if (!entry->is_part) {
            entry->plain_size = size;
        }
        total += entry->packed_size;
        if (total > (uint64_t)PACKAGE_SIZE_MAX) {
            return S_TOO_LARGE;
        }
    }
    return S_OK;
}

/* --- fixups ------------------------------------------------------------------------------------------- */

/* Where in the archive a byte of the skeleton comes to lie: fixups ascend, and so do the calls. */
struct layout {
    const struct recipe *recipe;
    size_t entry;     /* streams before the place */
    uint64_t gap_end; /* where in the skeleton its stream stands */
    uint64_t streams; /* bytes of streams before */
};

static void layout_begin(struct layout *layout, const struct recipe *recipe)
{
    *layout = (struct layout){.recipe = recipe};
    layout->gap_end = recipe->entry_count > 0 ? recipe->entries[0].gap : UINT64_MAX;
}

static uint64_t place_of(struct layout *layout, uint64_t at)
{
    const struct recipe *recipe = layout->recipe;

    while (layout->entry < recipe->entry_count && layout->gap_end <= at) {
        layout->streams += recipe->entries[layout->entry++].packed_size;
        layout->gap_end += layout->entry < recipe->entry_count ? recipe->entries[layout->entry].gap : 0;
    }
    return at + layout->streams;
}

struct filling {
    uint8_t *skeleton;
    size_t size;
    bool is_probing;
    uint8_t agreed; /* probing: the fields that hold what would be filled in */
};

/* One field of four bytes; false when it lies outside. */
static bool fill_number(struct filling *filling, uint8_t field, uint64_t at, uint64_t value)
{
    uint8_t bytes[4];

    if (at > filling->size || filling->size - at < sizeof bytes) {
        return false;
    }
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
    if (!filling->is_probing) {
        memcpy(filling->skeleton + at, bytes, sizeof bytes);
    } else if (value <= UINT32_MAX && memcmp(filling->skeleton + at, bytes, sizeof bytes) == 0) {
        memset(filling->skeleton + at, 0, sizeof bytes);
        filling->agreed |= field;
    }
    return true;
}

/* The three fields that stand together in every kind of header. */
static bool fill_sizes(struct filling *filling, uint64_t at, const struct recipe_fixup *fixup,
                       const struct recipe_entry *entry)
{
    return (!(fixup->mask & FIXUP_CRC) || fill_number(filling, FIXUP_CRC, at, entry->crc)) &&
           (!(fixup->mask & FIXUP_PACKED) ||
            fill_number(filling, FIXUP_PACKED, at + 4, entry->packed_size)) &&
           (!(fixup->mask & FIXUP_PLAIN) || fill_number(filling, FIXUP_PLAIN, at + 8, entry->plain_size));
}

/* What the directory says of itself and of local headers. */
struct directory {
    uint64_t start, end; /* in the archive */
    uint64_t *locals;    /* of each entry: where its local header lies */
};

static bool fill_one(struct filling *filling, const struct recipe *recipe, const struct recipe_fixup *fixup,
                     const struct directory *directory)
{
    const struct recipe_entry *entry = fixup->kind == FIXUP_END ? NULL : &recipe->entries[fixup->entry];
    uint64_t base = recipe->offset_base;

    switch (fixup->kind) {
    case FIXUP_LOCAL:
        return fill_sizes(filling, fixup->at + 14, fixup, entry);
    case FIXUP_DESCRIPTOR:
        return fill_sizes(filling, fixup->at, fixup, entry);
    case FIXUP_CENTRAL:
        return fill_sizes(filling, fixup->at + 16, fixup, entry) &&
               (!(fixup->mask & FIXUP_OFFSET) ||
                fill_number(filling, FIXUP_OFFSET, fixup->at + 42, directory->locals[fixup->entry] - base));
    case FIXUP_END:
        return (!(fixup->mask & FIXUP_SIZE) ||
                fill_number(filling, FIXUP_SIZE, fixup->at + 12, directory->end - directory->start)) &&
               (!(fixup->mask & FIXUP_OFFSET) ||
                fill_number(filling, FIXUP_OFFSET, fixup->at + 16, directory->start - base));
    }
    return false;
}

/* `fixups` is NULL, or where to put what agreed. */
static enum status fill_all(const struct recipe *recipe, struct filling *filling, struct recipe_fixup *fixups)
{
    struct directory directory = {.start = UINT64_MAX};
    struct layout layout;
    struct buffer locals;
    bool is_sound = true;

    buffer_init(&locals);
    size_t size = (recipe->entry_count + 1) * sizeof(uint64_t);
    directory.locals = memset(buffer_reserve(&locals, size), 0, size);
    layout_begin(&layout, recipe);
    for (size_t i = 0; i < recipe->fixup_count && is_sound; i++) {
        const struct recipe_fixup *fixup = &recipe->fixups[i];
        uint64_t place = place_of(&layout, fixup->at);

        if (fixup->kind == FIXUP_LOCAL) {
            directory.locals[fixup->entry] = place;
        } else if (fixup->kind == FIXUP_CENTRAL && directory.start == UINT64_MAX) {
            directory.start = place;
        } else if (fixup->kind == FIXUP_END) {
            directory.end = place;
        }
        filling->agreed = 0;
        is_sound = fill_one(filling, recipe, fixup, &directory);
        if (fixups) {
            fixups[i].mask = filling->agreed;
        }
    }
    buffer_release(&locals);
    return is_sound ? S_OK : S_INVALID;
}

enum status recipe_fill(const struct recipe *recipe, uint8_t *skeleton)
{
    struct filling filling = {.skeleton = skeleton, .size = recipe->skeleton.size};

    return fill_all(recipe, &filling, NULL);
}

enum status recipe_probe(const struct recipe *recipe, struct recipe_fixup *fixups, uint8_t *skeleton)
{
    struct filling filling = {.skeleton = skeleton, .size = recipe->skeleton.size, .is_probing = true};

    return fill_all(recipe, &filling, fixups);
}
