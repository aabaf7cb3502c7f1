#include "node/learn/original/scan.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/import/import_bare.h"

enum { COPY_SIZE = 64 * 1024 };

/* Not in the middle of a part: the data of one stands together. */
static void tell(struct scan *scan, uint64_t offset)
{
    struct buffer payload;

    if (offset < scan->told + SCAN_TELL_SIZE || scan->is_in_part) {
        return;
    }
    scan->told = offset;
    buffer_init(&payload);
    buffer_append_u64(&payload, offset);
    (void)(import_writer_put(&scan->out, IMPORT_FRAME_PROGRESS, buffer_bytes(&payload)) &&
           import_writer_flush(&scan->out));
    buffer_release(&payload);
}

bool scan_read(struct scan *scan, uint64_t offset, uint8_t *out, size_t size)
{
    size_t have = 0;

    if (offset > scan->size || size > scan->size - offset) {
        return false;
    }
    while (have < size) {
        ssize_t n = pread(scan->fd, out + have, size - have, (off_t)(offset + have));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        have += (size_t)n;
    }
    tell(scan, offset);
    return true;
}

bool scan_literal(struct scan *scan, struct bytes data)
{
    if (data.size > SCAN_SKELETON_MAX - scan->skeleton.size) {
        scan->fault = "too much of it is neither a file nor a header";
        return false;
    }
    buffer_append(&scan->skeleton, data.data, data.size);
    scan->gap += data.size;
    return true;
}

bool scan_literal_range(struct scan *scan, uint64_t from, uint64_t to)
{
    uint8_t data[COPY_SIZE];

    while (from < to) {
        size_t size = to - from < sizeof data ? (size_t)(to - from) : sizeof data;

        if (!scan_read(scan, from, data, size) || !scan_literal(scan, bytes_of(data, size))) {
            return false;
        }
        from += size;
    }
    return true;
}

static bool enter(struct scan *scan, const struct recipe_entry *entry, uint32_t source, bool is_part)
{
    struct recipe_entry entered = *entry;

    if (scan->entries.size / sizeof entered >= RECIPE_ENTRIES_MAX) {
        scan->fault = "it has too many entries";
        return false;
    }
    entered.gap = scan->gap;
    entered.source = source;
    entered.is_part = is_part;
    scan->gap = 0;
    buffer_append(&scan->entries, &entered, sizeof entered);
    return true;
}

bool scan_entry(struct scan *scan, const struct recipe_entry *entry, const struct hash *content)
{
    uint32_t number = (uint32_t)(scan->hashes.size / sizeof *content);

    buffer_append(&scan->hashes, content, sizeof *content);
    return enter(scan, entry, number, false);
}

bool scan_part(struct scan *scan, const struct recipe_entry *entry, uint64_t from, uint64_t to)
{
    uint8_t data[IMPORT_DATA_MAX];

    if (!import_writer_put(&scan->out, IMPORT_FRAME_PART, bytes_of(NULL, 0))) {
        return false;
    }
    scan->is_in_part = true;
    while (from < to) {
        size_t size = to - from < sizeof data ? (size_t)(to - from) : sizeof data;

        if (!scan_read(scan, from, data, size) ||
            !import_writer_put(&scan->out, IMPORT_FRAME_DATA, bytes_of(data, size))) {
            return false;
        }
        from += size;
    }
    scan->is_in_part = false;
    return import_writer_put(&scan->out, IMPORT_FRAME_ENTRY_END, bytes_of(NULL, 0)) &&
           enter(scan, entry, scan->part_count++, true);
}

void scan_fixup(struct scan *scan, enum recipe_fixup_kind kind, uint64_t at, uint32_t entry)
{
    struct recipe_fixup fixup = {kind, FIXUP_CRC | FIXUP_PACKED | FIXUP_PLAIN | FIXUP_OFFSET | FIXUP_SIZE,
                                 entry, at};

    buffer_append(&scan->fixups, &fixup, sizeof fixup);
}

bool scan_hash(struct scan *scan, uint64_t from, uint64_t to, struct hash *hash_out)
{
    crypto_generichash_state state;
    uint8_t data[COPY_SIZE];

    crypto_generichash_init(&state, NULL, 0, sizeof hash_out->b);
    while (from < to) {
        size_t size = to - from < sizeof data ? (size_t)(to - from) : sizeof data;

        if (!scan_read(scan, from, data, size)) {
            return false;
        }
        crypto_generichash_update(&state, data, size);
        from += size;
    }
    crypto_generichash_final(&state, hash_out->b, sizeof hash_out->b);
    return true;
}

static bool send_large(struct scan *scan, enum import_frame type, struct bytes data)
{
    bool is_sent = import_writer_put(&scan->out, type, bytes_of(NULL, 0));

    while (is_sent && data.size > 0) {
        size_t size = data.size < IMPORT_DATA_MAX ? data.size : IMPORT_DATA_MAX;

        is_sent = import_writer_put(&scan->out, IMPORT_FRAME_DATA, bytes_of(data.data, size));
        data = bytes_of(data.data + size, data.size - size);
    }
    return is_sent && import_writer_put(&scan->out, IMPORT_FRAME_ENTRY_END, bytes_of(NULL, 0));
}

/* Clears what can be filled in, and looks that filling it in gives the skeleton again. */
static bool settle_skeleton(struct scan *scan)
{
    struct recipe *recipe = &scan->recipe;
    struct recipe_fixup *fixups = (struct recipe_fixup *)(void *)scan->fixups.data;
    struct buffer check;

    recipe->entries = (const struct recipe_entry *)(void *)scan->entries.data;
    recipe->entry_count = scan->entries.size / sizeof(struct recipe_entry);
    recipe->fixups = fixups;
    recipe->fixup_count = scan->fixups.size / sizeof *fixups;
    buffer_init(&check);
    buffer_append(&check, scan->skeleton.data, scan->skeleton.size);
    recipe->skeleton = buffer_bytes(&scan->skeleton);
    bool is_settled = recipe_probe(recipe, fixups, scan->skeleton.data) == S_OK;
    struct buffer filled;
    buffer_init(&filled);
    buffer_append(&filled, scan->skeleton.data, scan->skeleton.size);
    is_settled = is_settled && recipe_fill(recipe, filled.data) == S_OK &&
                 bytes_equal(buffer_bytes(&filled), buffer_bytes(&check));
    buffer_release(&filled);
    buffer_release(&check);
    if (!is_settled) {
        scan->fault = "its headers do not hang together";
    }
    return is_settled;
}

static bool send_recipe(struct scan *scan)
{
    struct buffer encoding;

    buffer_init(&encoding);
    bool is_sent = settle_skeleton(scan) && recipe_encode(&scan->recipe, &encoding) == S_OK &&
                   send_large(scan, IMPORT_FRAME_CONTENTS, buffer_bytes(&scan->hashes)) &&
                   send_large(scan, IMPORT_FRAME_RECIPE, buffer_bytes(&encoding)) &&
                   import_writer_put(&scan->out, IMPORT_FRAME_DONE, bytes_of(NULL, 0));
    buffer_release(&encoding);
    return is_sent;
}

/* A manifest without an archive is one content from its beginning to its end. */
static bool scan_bare(struct scan *scan)
{
    const struct recipe_entry entry = {.packed_size = scan->size, .plain_size = scan->size};
    struct hash hash;

    return scan_hash(scan, 0, scan->size, &hash) && scan_entry(scan, &entry, &hash);
}

/* As the unpacker decides: gzip by its first bytes, a tar by its first header, a manifest by its first element, else a zip. */
static bool scan_any(struct scan *scan)
{
    uint8_t magic[2] = {0};

    (void)scan_read(scan, 0, magic, sizeof magic);
    if (magic[0] == 0x1f && magic[1] == 0x8b) {
        return scan_tar_gz(scan);
    }
    if (scan_is_tar(scan)) {
        return scan_tar(scan);
    }
    return import_bare_name(scan->fd) ? scan_bare(scan) : scan_zip(scan);
}

bool original_scan(int in_fd, int out_fd)
{
    static struct scan scan;
    struct stat stat;
    bool is_done;

    memset(&scan, 0, sizeof scan);
    scan.fd = in_fd;
    scan.size = fstat(in_fd, &stat) == 0 && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
    import_writer_init(&scan.out, out_fd);
    arena_init(&scan.arena, RECIPE_ARENA_MAX);
    is_done = scan_any(&scan) && send_recipe(&scan);
    if (!is_done) {
        const char *fault = scan.fault ? scan.fault : "it cannot be read again";
        struct buffer text;

        buffer_init(&text);
        buffer_append_u8(&text, S_INVALID);
        buffer_append(&text, fault, strlen(fault));
        (void)import_writer_put(&scan.out, IMPORT_FRAME_FAULT, buffer_bytes(&text));
        buffer_release(&text);
    }
    is_done = import_writer_flush(&scan.out) && is_done;
    import_writer_release(&scan.out);
    arena_release(&scan.arena);
    buffer_release(&scan.skeleton);
    buffer_release(&scan.entries);
    buffer_release(&scan.fixups);
    buffer_release(&scan.hashes);
    return is_done;
}
