#include "node/learn/import/import_items.h"

#include <stdio.h>
#include <stdlib.h>

enum { SUFFIX_MAX = 12 }; /* "~" and a number */

static struct course_item *items_of(const struct import_source *source, size_t *count_out)
{
    *count_out = source->items.size / sizeof(struct course_item);
    return (struct course_item *)(void *)source->items.data;
}

bool import_items_open(const struct import_source *source)
{
    size_t count;
    const struct course_item *items = items_of(source, &count);

    for (size_t i = 0; i < count; i++) {
        if (items[i].entry.size > 0) {
            return true;
        }
    }
    return false;
}

static int compare_item(const void *a, const void *b)
{
    const struct course_item *one = *(struct course_item *const *)a, *other = *(struct course_item *const *)b;
    int order = bytes_compare(one->id, other->id);

    return order != 0 ? order : (one > other) - (one < other); /* of one array: in the order of the manifest */
}

static int compare_id(const void *id, const void *item)
{
    return bytes_compare(*(const struct bytes *)id, (*(struct course_item *const *)item)->id);
}

/* Does one of the sorted items have this id? */
static bool id_is_taken(struct course_item *const *sorted, size_t count, struct bytes id)
{
    return bsearch(&id, sorted, count, sizeof *sorted, compare_id) != NULL;
}

bool import_items_tell_apart(struct import_source *source, const char *manifest)
{
    size_t all, count = 0, shared = 0;
    struct course_item *items = items_of(source, &all);
    struct course_item **sorted = arena_alloc(&source->arena, (all + 1) * sizeof(struct course_item *));
    struct bytes *fresh = arena_alloc(&source->arena, (all + 1) * sizeof *fresh);
    unsigned number = 1;

    for (size_t i = 0; sorted && i < all; i++) {
        if (items[i].entry.size > 0) {
            sorted[count++] = &items[i];
        }
    }
    if (!sorted || !fresh) {
        return false;
    }
    qsort(sorted, count, sizeof(struct course_item *), compare_item);
    for (size_t i = 0; i < count; i++) {
        char text[COURSE_TEXT_MAX + 1];
        struct bytes id = sorted[i]->id;
        bool is_again = i > 0 && bytes_equal(id, sorted[i - 1]->id);

        fresh[i] = id;
        number = is_again ? number : 1;
        for (bool is_taken = is_again || id.size == 0; is_taken; is_taken = id_is_taken(sorted, count, bytes_text(text))) {
            size_t kept = id.size <= COURSE_TEXT_MAX - SUFFIX_MAX ? id.size : utf8_whole_size(bytes_of(id.data, COURSE_TEXT_MAX - SUFFIX_MAX));
            snprintf(text, sizeof text, "%.*s~%u", (int)kept, (const char *)id.data, ++number);
            fresh[i] = bytes_text(text);
        }
        if (fresh[i].data == (const uint8_t *)text) {
            fresh[i] = arena_copy(&source->arena, fresh[i]);
            shared++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i]->id = fresh[i];
    }
    if (shared > 0) {
        import_source_note(source, "%s: %zu item(s) have no identifier, or that of another one: they got ids of their own", manifest, shared);
    }
    return true;
}
