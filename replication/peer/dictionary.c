#include "replication/peer/dictionary.h"

void dictionary_init(struct dictionary *dictionary)
{
    buffer_init(&dictionary->data);
    dictionary->count = 0;
    dictionary->is_unchecked = false;
}

void dictionary_release(struct dictionary *dictionary)
{
    buffer_release(&dictionary->data);
}

static bool is_in(const struct dictionary *dictionary, const struct hash *base)
{
    for (size_t i = 0; i < dictionary->count; i++) {
        if (hash_equal(&dictionary->bases[i], base)) {
            return true;
        }
    }
    return false;
}

size_t dictionary_cost(const struct dictionary *dictionary, const struct view *view, const struct hash *base)
{
    uint64_t size;

    if (is_in(dictionary, base)) {
        return 0;
    }
    if (!view->ops->object_find(view->ctx, base, &size) || dictionary->count == DICTIONARY_BASES_MAX ||
        size > PATCH_BASE_MAX - dictionary->data.size) {
        return SIZE_MAX;
    }
    return (size_t)size;
}

enum status dictionary_add(struct dictionary *dictionary, const struct view *view, const struct hash *base)
{
    uint64_t size;

    if (is_in(dictionary, base)) {
        return S_OK;
    }
    if (!view->ops->object_find(view->ctx, base, &size)) {
        return S_NOT_FOUND;
    }
    if (dictionary->count == DICTIONARY_BASES_MAX || size > PATCH_BASE_MAX - dictionary->data.size) {
        return S_TOO_LARGE;
    }
    uint8_t *data = buffer_reserve(&dictionary->data, (size_t)size + 1);
    if (view->ops->object_read(view->ctx, base, 0, data, (size_t)size) != size) {
        return S_NOT_FOUND;
    }
    if (!dictionary->is_unchecked) {
        struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(data, (size_t)size));
        if (!hash_equal(&found, base)) {
            return S_CORRUPT;
        }
    }
    dictionary->data.size += (size_t)size;
    dictionary->bases[dictionary->count++] = *base;
    return S_OK;
}

enum status dictionary_add_bytes(struct dictionary *dictionary, const struct hash *base, struct bytes data)
{
    if (is_in(dictionary, base)) {
        return S_OK;
    }
    if (dictionary->count == DICTIONARY_BASES_MAX || data.size > PATCH_BASE_MAX - dictionary->data.size) {
        return S_TOO_LARGE;
    }
    buffer_append(&dictionary->data, data.data, data.size);
    dictionary->bases[dictionary->count++] = *base;
    return S_OK;
}
