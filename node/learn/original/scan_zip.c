/* zip: the directory says where each local header lies; the stream stands behind it. PKWARE APPNOTE 6.3.9,
 * sections 4.3.7 (local header), 4.3.9 (data descriptor), 4.3.12 (directory), 4.5.3 (zip64). */
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_zip.h"
#include "node/learn/original/scan.h"

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    DESCRIPTOR_SIZE = 16,
    DESCRIPTOR_FLAG = 8,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    ZIP64_FIELD = 1,
};

/* One entry of the directory. */
struct zip_entry {
    uint64_t central; /* where it stands in the archive */
    uint64_t local;
    uint64_t packed_size, plain_size;
    uint32_t crc;
    uint16_t method, flags;
    uint32_t order; /* among those with a stream, once they are sorted by place */
    bool has_stream;
};

static uint64_t number_at(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << 8 * i;
    }
    return value;
}

/* The 64-bit numbers of an entry stand in an extra field, in this order, each only when its place says all
 * ones. */
static void refine_by_zip64(struct bytes extra, struct zip_entry *entry)
{
    uint64_t *const numbers[] = {&entry->plain_size, &entry->packed_size, &entry->local};
    struct bytes head, field, number;

    while (bytes_take(&extra, 4, &head) && bytes_take(&extra, (size_t)number_at(head.data + 2, 2), &field)) {
        for (size_t i = 0; number_at(head.data, 2) == ZIP64_FIELD && i < 3; i++) {
            if (*numbers[i] == UINT32_MAX && bytes_take(&field, 8, &number)) {
                *numbers[i] = number_at(number.data, 8);
            }
        }
    }
}

static bool read_central(struct scan *scan, uint64_t at, uint64_t base, struct zip_entry *entry,
                         uint64_t *size_out)
{
    uint8_t head[CENTRAL_SIZE], extra[UINT16_MAX];

    if (!scan_read(scan, at, head, sizeof head) || memcmp(head, "PK\1\2", 4) != 0) {
        return false;
    }
    size_t name_size = (size_t)number_at(head + 28, 2), extra_size = (size_t)number_at(head + 30, 2);
    *entry = (struct zip_entry){
        .central = at,
        .flags = (uint16_t)number_at(head + 8, 2),
        .method = (uint16_t)number_at(head + 10, 2),
        .crc = (uint32_t)number_at(head + 16, 4),
        .packed_size = number_at(head + 20, 4),
        .plain_size = number_at(head + 24, 4),
        .local = number_at(head + 42, 4),
    };
    *size_out = sizeof head + name_size + extra_size + number_at(head + 32, 2);
    if (!scan_read(scan, at + sizeof head + name_size, extra, extra_size)) {
        return false;
    }
    refine_by_zip64(bytes_of(extra, extra_size), entry);
    entry->local += base;
    return true;
}

static bool read_directory(struct scan *scan, const struct zip_directory *directory, struct buffer *list)
{
    uint64_t at = 0, size;
    struct zip_entry entry;

    while (at < directory->size) {
        if (!read_central(scan, directory->offset + at, directory->base, &entry, &size)) {
            scan->fault = "the directory of the zip cannot be read";
            return false;
        }
        at += size;
        buffer_append(list, &entry, sizeof entry);
        if (list->size / sizeof entry > RECIPE_ENTRIES_MAX) {
            scan->fault = "the zip has too many entries";
            return false;
        }
    }
    return true;
}

static int compare_places(const void *a, const void *b)
{
    const struct zip_entry *x = a, *y = b;
    return (x->local > y->local) - (x->local < y->local);
}

static int compare_centrals(const void *a, const void *b)
{
    const struct zip_entry *x = a, *y = b;
    return (x->central > y->central) - (x->central < y->central);
}

/* The stream of an entry that was compressed. */
static bool scan_deflated(struct scan *scan, const struct zip_entry *zip, uint64_t start,
                          struct recipe_entry *entry)
{
    struct scan_stream stream;
    uint64_t end = start + zip->packed_size;

    if (!scan_stream(scan, start, end, NULL, NULL, &stream) || stream.packed_size != zip->packed_size ||
        stream.plain_size != zip->plain_size || stream.settings.level == 0) {
        return scan_part(scan, entry, start, end);
    }
    entry->settings = stream.settings;
    entry->blocks = stream.blocks;
    return scan_entry(scan, entry, &stream.hash);
}

/* One entry with content, at the place that was reached in the archive; *reached_out is behind it. */
static bool scan_one(struct scan *scan, struct zip_entry *zip, uint64_t *reached)
{
    uint8_t head[LOCAL_SIZE], descriptor[DESCRIPTOR_SIZE];
    struct recipe_entry entry = {
        .crc = zip->crc, .packed_size = zip->packed_size, .plain_size = zip->plain_size};
    struct hash hash;

    if (!scan_read(scan, zip->local, head, sizeof head) || memcmp(head, "PK\3\4", 4) != 0) {
        scan->fault = "a local header is not where the directory says";
        return false;
    }
    uint64_t start = zip->local + sizeof head + number_at(head + 26, 2) + number_at(head + 28, 2);
    uint64_t end = start + zip->packed_size;
    if (zip->local < *reached || start > scan->size || zip->packed_size > scan->size - start) {
        scan->fault = "entries overlap";
        return false;
    }
    uint64_t header_at = scan->skeleton.size + (zip->local - *reached);
    if (!scan_literal_range(scan, *reached, start)) {
        return false;
    }
    bool is_stored = zip->method == METHOD_STORED && zip->packed_size == zip->plain_size;
    bool is_taken = is_stored ? scan_hash(scan, start, end, &hash) && scan_entry(scan, &entry, &hash)
                    : zip->method == METHOD_DEFLATED ? scan_deflated(scan, zip, start, &entry)
                                                     : scan_part(scan, &entry, start, end);
    scan_fixup(scan, FIXUP_LOCAL, header_at, zip->order);
    if (is_taken && (zip->flags & DESCRIPTOR_FLAG) && scan_read(scan, end, descriptor, sizeof descriptor)) {
        bool is_signed = memcmp(descriptor, "PK\7\10", 4) == 0;
        scan_fixup(scan, FIXUP_DESCRIPTOR, scan->skeleton.size + (is_signed ? 4 : 0), zip->order);
    }
    *reached = end;
    return is_taken;
}

static bool scan_all(struct scan *scan, const struct zip_directory *directory, struct zip_entry *list,
                     size_t count)
{
    uint64_t reached = 0;
    uint32_t order = 0;

    qsort(list, count, sizeof *list, compare_places);
    for (size_t i = 0; i < count; i++) {
        list[i].has_stream = list[i].packed_size > 0 && list[i].plain_size > 0;
        list[i].order = list[i].has_stream ? order++ : 0;
        if (list[i].has_stream && !scan_one(scan, &list[i], &reached)) {
            return false;
        }
    }
    if (directory->offset < reached || !scan_literal_range(scan, reached, scan->size)) {
        scan->fault = scan->fault ? scan->fault : "the directory of the zip overlaps its entries";
        return false;
    }
    /* The directory and its end, in the skeleton. */
    uint64_t ahead = scan->size - scan->skeleton.size;
    qsort(list, count, sizeof *list, compare_centrals);
    for (size_t i = 0; i < count; i++) {
        if (list[i].has_stream) {
            scan_fixup(scan, FIXUP_CENTRAL, list[i].central - ahead, list[i].order);
        }
    }
    scan_fixup(scan, FIXUP_END, directory->end_at - ahead, 0);
    return true;
}

bool scan_zip(struct scan *scan)
{
    struct zip_directory directory;
    struct buffer list;

    if (!import_zip_directory(scan->fd, &directory)) {
        scan->fault = "it is no zip";
        return false;
    }
    buffer_init(&list);
    scan->recipe.offset_base = directory.base;
    bool is_done = read_directory(scan, &directory, &list) &&
                   scan_all(scan, &directory, (struct zip_entry *)(void *)list.data,
                            list.size / sizeof(struct zip_entry));
    buffer_release(&list);
    return is_done;
}
