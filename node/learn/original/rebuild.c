#include "node/learn/original/rebuild.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "replication/package/recipe.h"

enum { COPY_SIZE = 64 * 1024 };

struct rebuilding {
    struct blobs *blobs;
    const struct manifest *manifest;
    struct recipe recipe;
    int fd;
    uint64_t written;
    crypto_hash_sha256_state state;
    struct deflate_remake *wrap; /* of gzip around it, or NULL */
    enum status status;          /* the first fault of a sink */
};

/* What goes into the file; false when it cannot, or would be more than the archive. */
static bool put_file(void *ctx, struct bytes data)
{
    struct rebuilding *rebuilding = ctx;

    if (data.size > rebuilding->manifest->original_size - rebuilding->written) {
        rebuilding->status = S_CORRUPT;
        return false;
    }
    crypto_hash_sha256_update(&rebuilding->state, data.data, data.size);
    rebuilding->written += data.size;
    while (data.size > 0) {
        ssize_t n = write(rebuilding->fd, data.data, data.size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            rebuilding->status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
            return false;
        }
        data = bytes_of(data.data + n, data.size - (size_t)n);
    }
    return true;
}

/* The archive inside of gzip, or the archive. */
static bool put(void *ctx, struct bytes data)
{
    struct rebuilding *rebuilding = ctx;

    if (!rebuilding->wrap) {
        return put_file(rebuilding, data);
    }
    enum status status = deflate_remake_put(rebuilding->wrap, data);
    if (status != S_OK && rebuilding->status == S_OK) {
        rebuilding->status = status;
    }
    return status == S_OK;
}

/* A stored blob goes into the archive as it is, or through `remake`. */
static enum status put_blob(struct rebuilding *rebuilding, const struct member *member,
                            struct deflate_remake *remake)
{
    uint8_t data[COPY_SIZE];
    uint64_t size, done = 0;
    int fd = blob_open(rebuilding->blobs, &member->hash, &size);
    enum status status = fd >= 0 && size == member->size ? S_OK : S_CORRUPT;

    while (status == S_OK && done < size) {
        ssize_t n = read(fd, data, sizeof data);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            status = S_CORRUPT;
        } else if (remake) {
            status = deflate_remake_put(remake, bytes_of(data, (size_t)n));
        } else if (!put(rebuilding, bytes_of(data, (size_t)n))) {
            status = S_PARTIAL;
        }
        done += n > 0 ? (uint64_t)n : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static enum status put_entry(struct rebuilding *rebuilding, const struct recipe_entry *entry)
{
    const struct manifest *manifest = rebuilding->manifest;
    const struct member *source =
        entry->is_part ? &manifest->parts[entry->source] : &manifest->members[entry->source];
    struct deflate_remake *remake;
    enum status status;

    if (entry->settings.level == 0) {
        return put_blob(rebuilding, source, NULL);
    }
    remake = deflate_remake_open(&entry->settings, entry->blocks, put, rebuilding);
    if (!remake) {
        return S_INVALID;
    }
    status = put_blob(rebuilding, source, remake);
    if (status == S_OK) {
        status = deflate_remake_end(remake);
    }
    deflate_remake_close(remake);
    return status;
}

static enum status put_all(struct rebuilding *rebuilding, const struct recipe_entry *entries,
                           struct bytes skeleton)
{
    struct bytes gap;
    enum status status = S_OK;

    for (size_t i = 0; i < rebuilding->recipe.entry_count && status == S_OK; i++) {
        if (!bytes_take(&skeleton, (size_t)entries[i].gap, &gap)) {
            return S_INVALID;
        }
        status = put(rebuilding, gap) ? put_entry(rebuilding, &entries[i]) : S_PARTIAL;
    }
    if (status == S_OK && !put(rebuilding, skeleton)) {
        status = S_PARTIAL;
    }
    return status;
}

static enum status put_wrapped(struct rebuilding *rebuilding, const struct recipe_entry *entries,
                               struct bytes skeleton)
{
    const struct recipe *recipe = &rebuilding->recipe;
    enum status status;

    if (!recipe->is_wrapped) {
        return put_all(rebuilding, entries, skeleton);
    }
    rebuilding->wrap = deflate_remake_open(&recipe->wrap_settings, recipe->wrap_blocks, put_file, rebuilding);
    if (!rebuilding->wrap) {
        return S_INVALID;
    }
    status = put_file(rebuilding, recipe->wrap_head) ? put_all(rebuilding, entries, skeleton) : S_PARTIAL;
    if (status == S_OK) {
        status = deflate_remake_end(rebuilding->wrap);
    }
    if (status == S_OK && !put_file(rebuilding, recipe->wrap_tail)) {
        status = S_PARTIAL;
    }
    deflate_remake_close(rebuilding->wrap);
    return status;
}

static bool is_the_original(struct rebuilding *rebuilding)
{
    struct hash found;

    crypto_hash_sha256_final(&rebuilding->state, found.b);
    return rebuilding->written == rebuilding->manifest->original_size &&
           hash_equal(&found, &rebuilding->manifest->original_hash);
}

static enum status rebuild(struct rebuilding *rebuilding, struct arena *arena, struct bytes encoding)
{
    struct recipe *recipe = &rebuilding->recipe;
    struct recipe_entry *entries;
    enum status status = recipe_decode(encoding, arena, recipe);
    uint8_t *skeleton;

    if (status != S_OK) {
        return S_INVALID;
    }
    entries = arena_alloc(arena, (recipe->entry_count + 1) * sizeof *entries);
    skeleton = (uint8_t *)(uintptr_t)arena_copy(arena, recipe->skeleton).data;
    if (!entries || !skeleton || recipe_check(recipe, entries, rebuilding->manifest) != S_OK) {
        return S_INVALID;
    }
    recipe->entries = entries;
    if (recipe_fill(recipe, skeleton) != S_OK) {
        return S_INVALID;
    }
    status = put_wrapped(rebuilding, entries, bytes_of(skeleton, recipe->skeleton.size));
    if (rebuilding->status != S_OK) {
        return rebuilding->status;
    }
    return status == S_OK && !is_the_original(rebuilding) ? S_CORRUPT : status;
}

enum status original_rebuild(struct blobs *blobs, const struct manifest *manifest, int fd)
{
    struct rebuilding rebuilding = {.blobs = blobs, .manifest = manifest, .fd = fd};
    struct buffer encoding;
    struct arena arena;
    enum status status;

    if (manifest->part_count == 0) {
        return S_NOT_FOUND;
    }
    crypto_hash_sha256_init(&rebuilding.state);
    buffer_init(&encoding);
    arena_init(&arena, 2 * (size_t)RECIPE_ARENA_MAX);
    status = blob_load(blobs, &manifest->parts[0].hash, RECIPE_SIZE_MAX, &encoding);
    status = status == S_OK ? rebuild(&rebuilding, &arena, buffer_bytes(&encoding)) : S_CORRUPT;
    arena_release(&arena);
    buffer_release(&encoding);
    return status;
}
