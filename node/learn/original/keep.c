#include "node/learn/original/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/import/import_child.h"
#include "replication/base/check.h"
#include "replication/package/recipe.h"

enum { COPY_SIZE = 64 * 1024, WHY_MAX = 200 };

struct keeping {
    struct import_package *package;
    struct blob_batch *batch;
    struct buffer parts; /* struct member: streams, as they come */
    struct buffer contents, recipe;
    struct import_watch *watch;
    char why[WHY_MAX]; /* it cannot be taken apart */
};

static enum status add_part(struct keeping *keeping, struct blob_writer *writer)
{
    struct member part;
    enum status status = blob_writer_finish(writer, &part);

    if (status == S_OK) {
        buffer_append(&keeping->parts, &part, sizeof part);
    }
    return status;
}

/* --- the child's answer --- */

/* The data up to ENTRY_END, into a blob or a buffer. */
static enum status take_data(struct import_reader *reader, struct blob_writer *writer, struct buffer *buffer)
{
    enum import_frame type;
    struct bytes data;
    enum status status;

    while ((status = import_frame_read(reader, &type, &data)) == S_OK && type == IMPORT_FRAME_DATA) {
        if (writer) {
            status = blob_writer_write(writer, data);
        } else if (data.size <= RECIPE_SIZE_MAX - buffer->size) {
            buffer_append(buffer, data.data, data.size);
        } else {
            status = S_TOO_LARGE;
        }
        if (status != S_OK) {
            return status;
        }
    }
    return status == S_OK && type != IMPORT_FRAME_ENTRY_END ? S_INVALID : status;
}

static enum status take_part(struct keeping *keeping, struct import_reader *reader)
{
    struct blob_writer *writer;
    enum status status;

    if (keeping->parts.size / sizeof(struct member) + 1 >= MANIFEST_PARTS_MAX) {
        return S_TOO_LARGE;
    }
    writer = blob_writer_open(keeping->batch);
    status = take_data(reader, writer, NULL);
    if (status == S_OK) {
        status = add_part(keeping, writer);
    }
    blob_writer_close(writer);
    return status;
}

static void take_progress(struct keeping *keeping, struct bytes payload)
{
    uint64_t size = 0;

    for (size_t i = 0; i < payload.size && i < sizeof size; i++) {
        size |= (uint64_t)payload.data[i] << 8 * i;
    }
    import_watch_scanned(keeping->watch, size);
}

/* S_NOT_FOUND: it cannot be taken apart. Other faults are of this node. */
static enum status take_answer(struct keeping *keeping, struct import_reader *reader)
{
    enum import_frame type;
    struct bytes payload;

    for (;;) {
        enum status status = import_frame_read(reader, &type, &payload);

        if (status != S_OK) {
            return S_NOT_FOUND;
        }
        switch (type) {
        case IMPORT_FRAME_PART:
            status = take_part(keeping, reader);
            break;
        case IMPORT_FRAME_CONTENTS:
            status = take_data(reader, NULL, &keeping->contents);
            break;
        case IMPORT_FRAME_RECIPE:
            status = take_data(reader, NULL, &keeping->recipe);
            break;
        case IMPORT_FRAME_PROGRESS:
            take_progress(keeping, payload);
            break;
        case IMPORT_FRAME_DONE:
            return S_OK;
        case IMPORT_FRAME_FAULT:
            import_text_take(payload, keeping->why, sizeof keeping->why);
            return S_NOT_FOUND;
        case IMPORT_FRAME_ENTRY:
        case IMPORT_FRAME_FOLDER:
        case IMPORT_FRAME_DATA:
        case IMPORT_FRAME_ENTRY_END:
        case IMPORT_FRAME_MEMBER:
        case IMPORT_FRAME_FILE:
        case IMPORT_FRAME_DESCRIPTION:
            return S_NOT_FOUND;
        }
        if (status != S_OK) {
            return status == S_NO_SPACE || status == S_IO ? status : S_NOT_FOUND;
        }
    }
}

/* --- contents by number become members --- */

struct named {
    struct hash hash;
    uint32_t member;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = memcmp(x->hash.b, y->hash.b, sizeof x->hash.b);

    return order ? order : (x->member > y->member) - (x->member < y->member);
}

static struct named *named_all(const struct manifest *manifest)
{
    struct named *list = malloc((manifest->member_count + 1) * sizeof *list);

    CHECK(list);
    for (size_t i = 0; i < manifest->member_count; i++) {
        list[i] = (struct named){manifest->members[i].hash, (uint32_t)i};
    }
    qsort(list, manifest->member_count, sizeof *list, compare_named);
    return list;
}

/* The member with this content; of several the `expected` one. False when there is none. */
static bool find_member(const struct manifest *manifest, const struct named *list, const struct hash *hash,
                        uint32_t expected, uint32_t *out)
{
    size_t low = 0, high = manifest->member_count;

    if (expected < manifest->member_count && hash_equal(&manifest->members[expected].hash, hash)) {
        *out = expected;
        return true;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(list[middle].hash.b, hash->b, sizeof hash->b) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == manifest->member_count || !hash_equal(&list[low].hash, hash)) {
        return false;
    }
    *out = list[low].member;
    return true;
}

/* S_INVALID when the child named what is not there. */
static enum status name_sources(struct keeping *keeping, const struct recipe *recipe,
                                struct recipe_entry *entries)
{
    const struct manifest *manifest = &keeping->package->manifest;
    const struct hash *contents = (const struct hash *)(void *)keeping->contents.data;
    size_t content_count = keeping->contents.size / sizeof *contents;
    size_t part_count = keeping->parts.size / sizeof(struct member);
    struct named *list = named_all(manifest);
    uint32_t expected = 0;
    enum status status = S_OK;

    for (size_t i = 0; i < recipe->entry_count && status == S_OK; i++) {
        entries[i] = recipe->entries[i];
        if (entries[i].is_part) {
            status = entries[i].source < part_count ? S_OK : S_INVALID;
            entries[i].source++; /* the recipe comes first */
        } else if (entries[i].source >= content_count ||
                   !find_member(manifest, list, &contents[entries[i].source], expected, &entries[i].source)) {
            status = S_INVALID;
        } else {
            expected = entries[i].source + 1;
        }
    }
    free(list);
    return status;
}

/* --- into the manifest --- */

static enum status write_recipe(struct keeping *keeping, const struct recipe *recipe)
{
    struct import_package *package = keeping->package;
    size_t streams = keeping->parts.size / sizeof(struct member);
    struct member *parts = arena_alloc(&package->arena, (streams + 1) * sizeof *parts);
    struct blob_writer *writer;
    struct buffer encoding;
    enum status status = parts ? S_OK : S_NO_MEMORY;

    buffer_init(&encoding);
    if (status == S_OK) {
        status = recipe_encode(recipe, &encoding);
    }
    if (status == S_OK) {
        writer = blob_writer_open(keeping->batch);
        status = blob_writer_write(writer, buffer_bytes(&encoding));
        if (status == S_OK) {
            status = blob_writer_finish(writer, &parts[0]);
        }
        blob_writer_close(writer);
    }
    if (status == S_OK) {
        if (streams > 0) {
            memcpy(parts + 1, keeping->parts.data, keeping->parts.size);
        }
        package->manifest.parts = parts;
        package->manifest.part_count = streams + 1;
    }
    buffer_release(&encoding);
    return status;
}

/* S_NOT_FOUND: what the child said does not hold together. */
static enum status take_recipe(struct keeping *keeping)
{
    struct arena arena;
    struct recipe recipe;
    struct recipe_entry *entries;
    enum status status;

    arena_init(&arena, 2 * (size_t)RECIPE_ARENA_MAX);
    status = recipe_decode(buffer_bytes(&keeping->recipe), &arena, &recipe);
    entries = arena_alloc(&arena, (recipe.entry_count + 1) * sizeof *entries);
    if (status == S_OK && entries) {
        status = name_sources(keeping, &recipe, entries);
        recipe.entries = entries;
    }
    if (status != S_OK || !entries) {
        snprintf(keeping->why, sizeof keeping->why, "its parts are not those that were unpacked");
        status = S_NOT_FOUND;
    } else {
        status = write_recipe(keeping, &recipe);
    }
    arena_release(&arena);
    return status;
}

static enum status copy_archive(int fd, struct blob_writer *writer)
{
    uint8_t data[COPY_SIZE];
    uint64_t at = 0;
    enum status status = S_OK;

    while (status == S_OK) {
        ssize_t size = pread(fd, data, sizeof data, (off_t)at);

        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return size == 0 ? S_OK : S_IO;
        }
        status = blob_writer_write(writer, bytes_of(data, (size_t)size));
        at += (uint64_t)size;
    }
    return status;
}

/* The archive is the only part of its recipe. */
static enum status keep_whole(struct keeping *keeping, int fd)
{
    struct import_package *package = keeping->package;
    const struct recipe_entry entry = {.is_part = true, .source = 1};
    const struct recipe recipe = {.entries = &entry, .entry_count = 1};
    struct blob_writer *writer = blob_writer_open(keeping->batch);
    struct buffer notes;
    enum status status = copy_archive(fd, writer);

    buffer_clear(&keeping->parts);
    if (status == S_OK) {
        status = add_part(keeping, writer);
    }
    blob_writer_close(writer);
    if (status == S_OK) {
        status = write_recipe(keeping, &recipe);
    }
    buffer_init(&notes);
    buffer_append(&notes, package->notes.data, package->notes.size);
    const char *said[] = {"the archive is kept whole beside its files, for the export of the original: ",
                          keeping->why[0] ? keeping->why : "it cannot be taken apart", "\n"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        buffer_append(&notes, said[i], strlen(said[i]));
    }
    package->notes = arena_copy(&package->arena, buffer_bytes(&notes));
    buffer_release(&notes);
    return status;
}

enum status original_scan_start(struct original_scan *scan, int fd, struct report *report)
{
    scan->fd = fd;
    return import_child_start(IMPORT_TASK_SCAN, "", fd, &scan->child, report);
}

void original_scan_drop(struct original_scan *scan)
{
    struct report dropped = {.status = S_STALE};

    import_child_end(&scan->child, &dropped);
}

enum status original_keep(struct import_package *package, struct blob_batch *batch,
                          struct original_scan *scan, struct import_watch *watch, struct report *report)
{
    struct keeping keeping = {.package = package, .batch = batch, .watch = watch};
    struct report ended = {.status = S_OK};
    enum status status = take_answer(&keeping, &scan->child.reader);

    ended.status = status; /* what it still does is of no use after a fault */
    import_child_end(&scan->child, &ended);
    if (status == S_OK) {
        status = take_recipe(&keeping);
    }
    if (status == S_NOT_FOUND) {
        status = keep_whole(&keeping, scan->fd);
    }
    buffer_release(&keeping.parts);
    buffer_release(&keeping.contents);
    buffer_release(&keeping.recipe);
    return status == S_OK || report->status != S_OK
               ? report->status
               : report_set(report, status, "cannot keep what makes the archive again: %s",
                            status_text(status));
}
