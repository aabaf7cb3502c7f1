#include "replication/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena, size_t size_max)
{
    CHECK(size_max > 0);
    memset(arena, 0, sizeof *arena);
    arena->size_max = size_max;
}

static void blocks_free(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_release(struct arena *arena)
{
    blocks_free(arena->first);
    arena->first = arena->last = NULL;
    arena->used = 0;
}

void arena_clear(struct arena *arena)
{
    if (arena->first) {
        blocks_free(arena->first->next);
        arena->first->next = NULL;
        arena->first->used = 0;
        arena->last = arena->first;
    }
    arena->used = 0;
}

static struct arena_block *block_add(struct arena *arena, size_t size)
{
    size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct arena_block *block = malloc(sizeof *block + capacity);

    CHECK(block);
    block->next = NULL;
    block->used = 0;
    block->capacity = capacity;
    if (arena->last) {
        arena->last->next = block;
    } else {
        arena->first = block;
    }
    arena->last = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t align = alignof(max_align_t);
    struct arena_block *block = arena->last;

    if (size > arena->size_max - arena->used) {
        return NULL;
    }
    size = (size + align - 1) / align * align;
    if (!block || block->capacity - block->used < size) {
        block = block_add(arena, size);
    }
    void *data = block->data + block->used;
    block->used += size;
    arena->used = arena->used + size > arena->size_max ? arena->size_max : arena->used + size;
    return data;
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes)
{
    uint8_t *data = arena_alloc(arena, bytes.size + 1);

    if (!data) {
        return bytes_of(NULL, 0);
    }
    if (bytes.size) {
        memcpy(data, bytes.data, bytes.size);
    }
    data[bytes.size] = 0;
    return bytes_of(data, bytes.size);
}
