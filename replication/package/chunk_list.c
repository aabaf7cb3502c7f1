#include "replication/package/chunk_list.h"

#include <string.h>

#include "replication/base/field.h"

enum { HASH_SIZE = sizeof(struct hash) };

enum status chunk_list_check(const struct chunk_list *list, uint64_t size)
{
    uint64_t sum = 0;

    if (size <= MEMBER_WHOLE_MAX) {
        return list->count == 0 ? S_OK : S_INVALID;
    }
    for (size_t i = 0; i < list->count; i++) {
        uint32_t each = list->chunks[i].size;
        bool is_last = i + 1 == list->count;
        if (each > CHUNK_SIZE_MAX || each < (is_last ? 1 : CHUNK_SIZE_MIN)) {
            return S_INVALID;
        }
        sum += each;
    }
    return sum == size ? S_OK : S_INVALID;
}

void chunk_list_append(const struct chunk_list *list, uint32_t hashes_number, uint32_t sizes_number,
                       struct buffer *out)
{
    struct buffer packed;

    buffer_init(&packed);
    for (size_t i = 0; i < list->count; i++) {
        buffer_append(&packed, list->chunks[i].hash.b, HASH_SIZE);
    }
    field_append_bytes(out, hashes_number, buffer_bytes(&packed));
    buffer_clear(&packed);
    for (size_t i = 0; i < list->count; i++) {
        buffer_append_varint(&packed, list->chunks[i].size);
    }
    field_append_bytes(out, sizes_number, buffer_bytes(&packed));
    buffer_release(&packed);
}

enum status chunk_list_decode(struct bytes hashes, struct bytes sizes, struct arena *arena,
                              struct chunk_list *out)
{
    size_t count = hashes.size / HASH_SIZE;

    *out = (struct chunk_list){0};
    if (hashes.size % HASH_SIZE) {
        return S_INVALID;
    }
    if (count == 0) {
        return sizes.size ? S_INVALID : S_OK;
    }
    struct chunk *chunks = arena_alloc(arena, count * sizeof *chunks);
    if (!chunks) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t size;
        if (!bytes_take_varint(&sizes, &size) || size > CHUNK_SIZE_MAX) {
            return S_INVALID;
        }
        memcpy(chunks[i].hash.b, hashes.data + i * HASH_SIZE, HASH_SIZE);
        chunks[i].size = (uint32_t)size;
    }
    *out = (struct chunk_list){.chunks = chunks, .count = count};
    return sizes.size ? S_INVALID : S_OK;
}
