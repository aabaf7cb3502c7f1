#include "node/store/disk/page_sweep.h"

#include <stddef.h>
#include <string.h>

enum {
    FILE_HEADER_SIZE = 100, /* before the first page's own */
    LEAF_HEADER_SIZE = 8,
    INNER_HEADER_SIZE = 12,
    HOLE_HEADER_SIZE = 4, /* where the next hole is, and how large this one */
    INDEX_INNER = 2,
    TABLE_INNER = 5,
    INDEX_LEAF = 10,
    TABLE_LEAF = 13,
};

static unsigned number_at(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* The holes: a chain in the order of the page, each inside the cells' area. With `may_write` they become zeros, but for
 * their headers. */
static bool holes_walk(uint8_t *page, unsigned first, unsigned cells_at, unsigned end, bool may_write)
{
    unsigned before = cells_at;

    for (unsigned at = first; at != 0;) {
        if (at < before || at + HOLE_HEADER_SIZE > end) {
            return false;
        }
        const unsigned next = number_at(page + at), size = number_at(page + at + 2);
        if (size < HOLE_HEADER_SIZE || at + size > end) {
            return false;
        }
        if (may_write) {
            memset(page + at + HOLE_HEADER_SIZE, 0, size - HOLE_HEADER_SIZE);
        }
        before = at + size;
        at = next;
    }
    return true;
}

bool page_sweep(uint8_t page[PAGE_SIZE], uint32_t number, unsigned reserved)
{
    uint8_t *header = page + (number == 1 ? FILE_HEADER_SIZE : 0);
    const unsigned kind = header[0], end = PAGE_SIZE - reserved;
    const bool is_leaf = kind == INDEX_LEAF || kind == TABLE_LEAF;

    if (!is_leaf && kind != INDEX_INNER && kind != TABLE_INNER) {
        return false;
    }
    const unsigned count = number_at(header + 3), cells_at = number_at(header + 5) ? number_at(header + 5) : 65536;
    const unsigned pointers = (unsigned)(header - page) + (is_leaf ? LEAF_HEADER_SIZE : INNER_HEADER_SIZE);
    const unsigned gap = pointers + 2 * count;
    if (gap > cells_at || cells_at > end || header[7] > end - cells_at) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        const unsigned cell = number_at(page + pointers + 2 * (size_t)i);
        if (cell < cells_at || cell >= end) {
            return false;
        }
    }
    if (!holes_walk(page, number_at(header + 1), cells_at, end, false)) {
        return false;
    }
    memset(page + gap, 0, cells_at - gap);
    return holes_walk(page, number_at(header + 1), cells_at, end, true);
}
