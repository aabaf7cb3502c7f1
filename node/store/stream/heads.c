#include "node/store/stream/heads.h"

#include <stdlib.h>

#include "node/store/connection.h"
#include "node/store/stream/head.h"
#include "replication/base/check.h"

enum { HEADS_FIRST = 64 };

void heads_release(struct heads *heads)
{
    free(heads->items);
    *heads = (struct heads){.items = NULL};
}

static void heads_add(struct heads *heads, const struct stream_head *head)
{
    if (heads->count == heads->capacity) {
        heads->capacity = heads->capacity ? 2 * heads->capacity : HEADS_FIRST;
        heads->items = reallocarray(heads->items, heads->capacity, sizeof *heads->items);
        CHECK(heads->items);
    }
    heads->items[heads->count++] = *head;
}

static bool heads_read(struct heads *heads, struct db *db, uint64_t generation)
{
    struct statement *walk = db_statement(db, STATEMENT_stream_walk);
    struct head_row row;

    heads->count = heads->next = 0;
    while (statement_step(walk) && head_row_read(db, walk, &row)) {
        const struct stream_head *head = &row.certificate.head;
        if (heads->count > 0 && stream_id_compare(&head->stream, &heads->items[heads->count - 1].stream) <= 0) { /* a rotten index leads back */
            db_fail(db, S_CORRUPT);
            break;
        }
        heads_add(heads, head);
    }
    statement_reset(walk);
    heads->generation = generation;
    heads->is_current = db_status(db) == S_OK;
    return heads->is_current;
}

/* Where the first one behind `after` stands. */
static size_t heads_behind(const struct heads *heads, const struct stream_id *after)
{
    size_t low = 0, high = heads->count;

    if (heads->next > 0 && heads->next <= heads->count && stream_id_compare(&heads->items[heads->next - 1].stream, after) == 0) {
        return heads->next;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream_id_compare(&heads->items[middle].stream, after) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool heads_next(struct heads *heads, struct db *db, uint64_t generation, const struct stream_id *after, struct stream_head *head_out)
{
    if ((!heads->is_current || heads->generation != generation) && !heads_read(heads, db, generation)) {
        return false;
    }
    size_t at = after ? heads_behind(heads, after) : 0;
    if (at == heads->count) {
        return false;
    }
    *head_out = heads->items[at];
    heads->next = at + 1;
    return true;
}
