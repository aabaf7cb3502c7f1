#include "node/store/stream/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"

static const char key_head[] = "quarantine\x1f";

static void key_write(const struct id *node, struct buffer *out)
{
    char hex[ID_HEX_SIZE];

    id_hex(node, hex);
    buffer_clear(out);
    buffer_append(out, key_head, sizeof key_head - 1);
    buffer_append(out, hex, ID_HEX_SIZE - 1);
}

static bool key_parse(struct bytes key, struct id *node_out)
{
    char hex[ID_HEX_SIZE] = "";

    if (key.size != sizeof key_head - 1 + ID_HEX_SIZE - 1 || memcmp(key.data, key_head, sizeof key_head - 1) != 0) {
        return false;
    }
    memcpy(hex, key.data + sizeof key_head - 1, ID_HEX_SIZE - 1);
    return hex_decode(hex, node_out->b, sizeof node_out->b);
}

bool quarantine_is_key(struct bytes key)
{
    struct id node;

    return key_parse(key, &node);
}

enum status quarantine_put(struct db *db, const struct id *node, bool is_on, const char *reason, uint64_t now_ms)
{
    struct buffer key, value, content;
    struct bytes stored, before;
    hlc stamp = 0;

    if (strlen(reason) > STATEMENT_REASON_MAX) {
        return S_TOO_LARGE;
    }
    if (!utf8_is_valid(bytes_text(reason))) {
        return S_INVALID;
    }
    buffer_init(&key), buffer_init(&value), buffer_init(&content);
    key_write(node, &key);
    if (own_cell_get(db, TOPIC_ROSTER, buffer_bytes(&key), &stored) == S_OK) {
        (void)cell_value_get_register(stored, &stamp, &before); /* a clock that was set back must not lose the later word */
    }
    buffer_append_u8(&content, is_on);
    buffer_append(&content, reason, strlen(reason));
    cell_value_register(&value, hlc_tick(stamp, now_ms), buffer_bytes(&content));
    enum status status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&key), buffer_release(&value), buffer_release(&content);
    return status;
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* What one node said last about another. */
struct word {
    struct id node, by;
    hlc stamp;
    bool is_on;
    char reason[STATEMENT_REASON_MAX + 1];
};

struct reading {
    const struct roster *roster;
    struct word *words;
    size_t count, capacity;
};

bool quarantine_may(const struct roster *roster, const struct id *by, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, by);

    return member && !member->is_revoked && !id_equal(by, node) &&
           (member->kind == NODE_HUB || roster_is_above(roster, by, node));
}

/* A node says little: a walk over all of them is cheap. NULL: `by` said nothing about `node`. */
static struct word *word_find(const struct reading *reading, const struct id *by, const struct id *node)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (id_equal(&reading->words[i].node, node) && id_equal(&reading->words[i].by, by)) {
            return &reading->words[i];
        }
    }
    return NULL;
}

/* The place of a word; NULL when there are too many. */
static struct word *word_place(struct reading *reading, const struct id *by, const struct id *node)
{
    struct word *found = word_find(reading, by, node);

    if (found || reading->count == QUARANTINE_WORDS_MAX) {
        return found;
    }
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? 2 * reading->capacity : 16;
        reading->words = reallocarray(reading->words, reading->capacity, sizeof *reading->words);
        CHECK(reading->words);
    }
    struct word *word = &reading->words[reading->count++];
    memset(word, 0, sizeof *word);
    word->node = *node;
    word->by = *by;
    return word;
}

static enum status cell_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    struct bytes content;
    struct id node;
    hlc stamp;

    if (!key_parse(cell->key, &node) || !cell_value_get_register(cell->value, &stamp, &content) || content.size < 1 ||
        content.size > 1 + STATEMENT_REASON_MAX || !quarantine_may(reading->roster, &head->stream.node, &node)) {
        return S_OK;
    }
    struct word *word = word_place(reading, &head->stream.node, &node);
    if (word && stamp > word->stamp) {
        word->stamp = stamp;
        word->is_on = content.data[0] != 0;
        memcpy(word->reason, content.data + 1, content.size - 1);
        word->reason[content.size - 1] = '\0';
    }
    return S_OK;
}

/* True when `later` takes back what `word` set aside. */
static bool is_lifted_by(const struct reading *reading, const struct word *word, const struct word *later)
{
    if (later->is_on || !id_equal(&later->node, &word->node) || later->stamp <= word->stamp) {
        return false;
    }
    const struct roster_node *by = roster_find(reading->roster, &later->by);
    return id_equal(&later->by, &word->by) || by->kind == NODE_HUB || roster_is_above(reading->roster, &later->by, &word->by);
}

static bool word_stands(const struct reading *reading, const struct word *word)
{
    for (size_t i = 0; word->is_on && i < reading->count; i++) {
        if (is_lifted_by(reading, word, &reading->words[i])) {
            return false;
        }
    }
    return word->is_on;
}

static int quarantine_compare(const void *a, const void *b)
{
    const struct quarantine *left = a, *right = b;

    return id_compare(&left->node, &right->node);
}

static void list_add(struct quarantine_list *list, const struct word *word)
{
    struct quarantine item = {.node = word->node, .by = word->by, .since_ms = hlc_wall_ms(word->stamp)};

    memcpy(item.reason, word->reason, sizeof item.reason);
    for (size_t i = 0; i < list->count; i++) {
        if (id_equal(&list->items[i].node, &word->node)) {
            if (item.since_ms > list->items[i].since_ms) {
                list->items[i] = item;
            }
            return;
        }
    }
    if (list->count < QUARANTINES_MAX) {
        list->items[list->count++] = item;
    }
}

static void list_make(const struct reading *reading, struct quarantine_list *list)
{
    if (reading->count > 0) {
        list->items = calloc(reading->count < QUARANTINES_MAX ? reading->count : QUARANTINES_MAX, sizeof *list->items);
        CHECK(list->items);
    }
    for (size_t i = 0; i < reading->count; i++) {
        if (word_stands(reading, &reading->words[i])) {
            list_add(list, &reading->words[i]);
        }
    }
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof *list->items, quarantine_compare);
    }
}

enum status quarantine_load(struct db *db, const struct roster *roster, struct quarantine_list *list_out)
{
    struct reading reading = {.roster = roster};

    *list_out = (struct quarantine_list){.items = NULL};
    enum status status = stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    list_make(&reading, list_out);
    free(reading.words);
    return status;
}

enum status quarantine_room(struct db *db, const struct roster *roster, const struct quarantine_wish *wish, struct quarantine_list *list_out)
{
    struct reading reading = {.roster = roster};

    *list_out = (struct quarantine_list){.items = NULL};
    enum status status = stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    list_make(&reading, list_out);
    bool is_one_more_word = reading.count == QUARANTINE_WORDS_MAX && !word_find(&reading, &wish->by, &wish->node);
    bool is_one_more_node = wish->is_on && list_out->count == QUARANTINES_MAX && !quarantine_find(list_out, &wish->node);
    free(reading.words);
    return status == S_OK && (is_one_more_word || is_one_more_node) ? S_TOO_LARGE : status;
}

void quarantine_free(struct quarantine_list *list)
{
    free(list->items);
    *list = (struct quarantine_list){.items = NULL};
}

const struct quarantine *quarantine_find(const struct quarantine_list *list, const struct id *node)
{
    for (size_t i = 0; i < list->count; i++) {
        if (id_equal(&list->items[i].node, node)) {
            return &list->items[i];
        }
    }
    return NULL;
}
