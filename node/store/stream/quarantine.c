#include "node/store/stream/quarantine.h"

#include <search.h>
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

bool quarantine_key_parse(struct bytes key, struct id *node_out)
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

    return quarantine_key_parse(key, &node);
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

/* All words, one of each node about each, in the order of word_compare(). */
struct reading {
    const struct roster *roster;
    void *tree;      /* of tsearch(): owns the words */
    size_t count[2]; /* of others, and of hubs */
};

/* Whose limits hold: hubs have their own, so that nobody with many nodes below it can take the room of their words. */
static bool is_of_hub(const struct reading *reading, const struct id *by)
{
    const struct roster_node *member = roster_find(reading->roster, by);

    return member && member->kind == NODE_HUB;
}

static size_t words_count(const struct reading *reading)
{
    return reading->count[false] + reading->count[true];
}

bool quarantine_may(const struct roster *roster, const struct id *by, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, by);

    return member && !member->is_revoked && !id_equal(by, node) &&
           (member->kind == NODE_HUB || roster_is_above(roster, by, node));
}

/* Words about one node stand side by side. */
static int word_compare(const void *a, const void *b)
{
    const struct word *left = a, *right = b;
    int order = id_compare(&left->node, &right->node);

    return order != 0 ? order : id_compare(&left->by, &right->by);
}

/* NULL: `by` said nothing about `node`. */
static struct word *word_find(const struct reading *reading, const struct id *by, const struct id *node)
{
    const struct word wanted = {.node = *node, .by = *by};
    struct word *const *found = tfind(&wanted, &reading->tree, word_compare);

    return found ? *found : NULL;
}

/* The place of a word; NULL when there are too many. */
static struct word *word_place(struct reading *reading, const struct id *by, const struct id *node)
{
    struct word *word = word_find(reading, by, node);
    bool is_hub = is_of_hub(reading, by);

    if (word || reading->count[is_hub] == QUARANTINE_WORDS_MAX) {
        return word;
    }
    word = calloc(1, sizeof *word);
    CHECK(word);
    word->node = *node;
    word->by = *by;
    CHECK(tsearch(word, &reading->tree, word_compare));
    reading->count[is_hub]++;
    return word;
}

static enum status cell_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    struct bytes content;
    struct id node;
    hlc stamp;

    if (!quarantine_key_parse(cell->key, &node) || !cell_value_get_register(cell->value, &stamp, &content) || content.size < 1 ||
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

/* True when `later`, about the same node, takes back what `word` set aside. */
static bool is_lifted_by(const struct reading *reading, const struct word *word, const struct word *later)
{
    if (later->is_on || later->stamp <= word->stamp) {
        return false;
    }
    const struct roster_node *by = roster_find(reading->roster, &later->by);
    return id_equal(&later->by, &word->by) || by->kind == NODE_HUB || roster_is_above(reading->roster, &later->by, &word->by);
}

/* The words about one node. */
struct words {
    const struct word **items;
    size_t count;
};

static bool word_stands(const struct reading *reading, const struct words *words, const struct word *word)
{
    for (size_t i = 0; word->is_on && i < words->count; i++) {
        if (is_lifted_by(reading, word, words->items[i])) {
            return false;
        }
    }
    return word->is_on;
}

/* Is `word`, which stands, told rather than `told`? A hub's rather than another's, then the later one. */
static bool is_rather(const struct reading *reading, const struct word *word, const struct word *told)
{
    bool is_hub = is_of_hub(reading, &word->by), was_hub = told && is_of_hub(reading, &told->by);

    return !told || (is_hub != was_hub ? is_hub : word->stamp > told->stamp);
}

/* Of the words that stand one is told. */
static void list_add(const struct reading *reading, const struct words *words, struct quarantine_list *list, size_t counts[2])
{
    const struct word *told = NULL;

    for (size_t i = 0; i < words->count; i++) {
        if (word_stands(reading, words, words->items[i]) && is_rather(reading, words->items[i], told)) {
            told = words->items[i];
        }
    }
    bool is_hub = told && is_of_hub(reading, &told->by);
    if (told && counts[is_hub] < QUARANTINES_MAX) {
        counts[is_hub]++;
        struct quarantine *item = &list->items[list->count++];
        *item = (struct quarantine){.node = told->node, .by = told->by, .since_ms = hlc_wall_ms(told->stamp)};
        memcpy(item->reason, told->reason, sizeof item->reason);
    }
}

static void word_collect(const void *node, VISIT visit, void *ctx)
{
    struct words *all = ctx;

    if (visit == postorder || visit == leaf) { /* search.h calls the order of keys so */
        all->items[all->count++] = *(struct word *const *)node;
    }
}

/* Sorted by node, as the words are. */
static void list_make(const struct reading *reading, struct quarantine_list *list)
{
    struct words all = {.items = NULL};
    size_t count = words_count(reading), counts[2] = {0};

    if (count == 0) {
        return;
    }
    all.items = calloc(count, sizeof *all.items);
    list->items = calloc(count < 2 * QUARANTINES_MAX ? count : 2 * QUARANTINES_MAX, sizeof *list->items);
    CHECK(all.items && list->items);
    twalk_r(reading->tree, word_collect, &all);
    for (size_t i = 0, end; i < all.count; i = end) {
        for (end = i + 1; end < all.count && id_equal(&all.items[end]->node, &all.items[i]->node); end++) {
        }
        list_add(reading, &(struct words){all.items + i, end - i}, list, counts);
    }
    free(all.items);
}

/* The latest word of one about another. */
struct own_word {
    const struct id *by, *node;
    hlc stamp;
    bool is_on;
};

static enum status own_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct own_word *word = ctx;
    struct bytes content;
    struct id node;
    hlc stamp;

    if (id_equal(&head->stream.node, word->by) && quarantine_key_parse(cell->key, &node) && id_equal(&node, word->node) &&
        cell_value_get_register(cell->value, &stamp, &content) && content.size > 0 && stamp >= word->stamp) {
        word->stamp = stamp;
        word->is_on = content.data[0] == 1;
    }
    return S_OK;
}

bool quarantine_is_said(struct db *db, const struct id *by, const struct id *node)
{
    struct own_word word = {.by = by, .node = node};

    return stream_cells_each(db, TOPIC_ROSTER, own_take, &word) == S_OK && word.is_on;
}

enum status quarantine_load(struct db *db, const struct roster *roster, struct quarantine_list *list_out)
{
    struct reading reading = {.roster = roster};

    *list_out = (struct quarantine_list){.items = NULL};
    enum status status = stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    list_make(&reading, list_out);
    tdestroy(reading.tree, free);
    return status;
}

/* How many a hub, or others, set aside. */
static size_t list_by(const struct reading *reading, const struct quarantine_list *list, bool is_hub)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        count += is_of_hub(reading, &list->items[i].by) == is_hub;
    }
    return count;
}

enum status quarantine_room(struct db *db, const struct roster *roster, const struct quarantine_wish *wish, struct quarantine_list *list_out)
{
    struct reading reading = {.roster = roster};

    *list_out = (struct quarantine_list){.items = NULL};
    enum status status = stream_cells_each(db, TOPIC_ROSTER, cell_take, &reading);
    list_make(&reading, list_out);
    bool is_hub = is_of_hub(&reading, &wish->by);
    bool is_one_more_word = reading.count[is_hub] == QUARANTINE_WORDS_MAX && !word_find(&reading, &wish->by, &wish->node);
    bool is_one_more_node = wish->is_on && list_by(&reading, list_out, is_hub) >= QUARANTINES_MAX && !quarantine_find(list_out, &wish->node);
    tdestroy(reading.tree, free);
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
