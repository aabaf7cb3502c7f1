#include "replication/crdt/register.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

void register_fold_init(struct register_fold *fold, uint64_t wall_ms)
{
    memset(fold, 0, sizeof *fold);
    fold->wall_ms = wall_ms;
}

void register_fold_release(struct register_fold *fold)
{
    for (size_t i = 0; i < fold->count; i++) {
        free((void *)fold->entries[i].content.data);
    }
    free(fold->entries);
    register_fold_init(fold, fold->wall_ms);
}

/* Order of the slots: by node, the held one behind. */
static int slot_compare(const struct register_entry *a, const struct register_entry *b)
{
    int order = id_compare(&a->node, &b->node);
    return order ? order : (int)a->is_held - (int)b->is_held;
}

static size_t lower_bound(const struct register_fold *fold, const struct register_entry *entry)
{
    size_t low = 0, high = fold->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slot_compare(&fold->entries[middle], entry) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct bytes content_copy(struct bytes content)
{
    uint8_t *data = malloc(content.size ? content.size : 1);

    CHECK(data);
    if (content.size) {
        memcpy(data, content.data, content.size);
    }
    return bytes_of(data, content.size);
}

static void entry_insert(struct register_fold *fold, size_t at, const struct register_entry *entry)
{
    CHECK(at <= fold->count);
    if (fold->count == fold->capacity) {
        size_t capacity = fold->capacity ? 2 * fold->capacity : 2;
        struct register_entry *entries = reallocarray(fold->entries, capacity, sizeof *entries);
        CHECK(entries);
        fold->entries = entries;
        fold->capacity = capacity;
    }
    memmove(fold->entries + at + 1, fold->entries + at, (fold->count - at) * sizeof *entry);
    fold->entries[at] = *entry;
    fold->entries[at].content = content_copy(entry->content);
    fold->count++;
}

/* Within one slot: the later stamp, then the greater content, so that the order of adding never matters. */
static void entry_add(struct register_fold *fold, const struct register_entry *entry)
{
    size_t at = lower_bound(fold, entry);

    if (at == fold->count || slot_compare(&fold->entries[at], entry) != 0) {
        entry_insert(fold, at, entry);
        return;
    }
    struct register_entry *own = &fold->entries[at];
    if (entry->stamp < own->stamp ||
        (entry->stamp == own->stamp && bytes_compare(entry->content, own->content) <= 0)) {
        return;
    }
    struct bytes content = content_copy(entry->content);
    free((void *)own->content.data);
    own->content = content;
    own->stamp = entry->stamp;
}

enum status register_fold_add(struct register_fold *fold, const struct id *node, struct bytes value)
{
    struct register_entry entry = {.node = *node};

    if (!cell_value_get_register(value, &entry.stamp, &entry.content)) {
        return S_INVALID;
    }
    uint64_t stamp_ms = hlc_wall_ms(entry.stamp);
    entry.is_held = stamp_ms > fold->wall_ms && stamp_ms - fold->wall_ms > SKEW_MAX_MS;
    entry_add(fold, &entry);
    return S_OK;
}

void register_fold_merge(struct register_fold *fold, const struct register_fold *other)
{
    CHECK(fold->wall_ms == other->wall_ms);
    for (size_t i = 0; i < other->count && fold != other; i++) {
        entry_add(fold, &other->entries[i]);
    }
}

static bool entry_beats(const struct register_entry *a, const struct register_entry *b)
{
    if (a->is_held != b->is_held) {
        return b->is_held;
    }
    if (a->stamp != b->stamp) {
        return a->stamp > b->stamp;
    }
    return id_compare(&a->node, &b->node) > 0;
}

const struct register_entry *register_fold_winner(const struct register_fold *fold)
{
    const struct register_entry *winner = NULL;

    for (size_t i = 0; i < fold->count; i++) {
        if (!winner || entry_beats(&fold->entries[i], winner)) {
            winner = &fold->entries[i];
        }
    }
    return winner;
}

size_t register_fold_rivals(const struct register_fold *fold, const struct register_entry **rivals_out,
                            size_t max)
{
    const struct register_entry *winner = register_fold_winner(fold);
    size_t count = 0;

    for (size_t i = 0; i < fold->count; i++) {
        if (bytes_equal(fold->entries[i].content, winner->content)) {
            continue;
        }
        if (count < max) {
            rivals_out[count] = &fold->entries[i];
        }
        count++;
    }
    return count;
}
