#include "node/stats/group.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { SLOTS_FIRST = 256 };

struct group_table {
    const struct stats_request *request;
    struct arena *texts;
    struct group **slots; /* open addressing, a power of two */
    size_t slot_count, count;
    struct group **sorted;
    struct group *last; /* cells come in key order: mostly the same group again */
    struct buffer key, last_key;
    uint64_t unreadable;
    bool is_full;
    uint8_t secret[crypto_shorthash_KEYBYTES]; /* keys come from other nodes */
};

struct group_table *group_table_new(const struct stats_request *request, struct arena *texts)
{
    struct group_table *table = calloc(1, sizeof *table);

    CHECK(table);
    table->request = request;
    table->texts = texts;
    table->slot_count = SLOTS_FIRST;
    table->slots = calloc(table->slot_count, sizeof *table->slots);
    CHECK(table->slots);
    randombytes_buf(table->secret, sizeof table->secret);
    return table;
}

static void scores_free(struct histogram **scores)
{
    if (*scores) {
        histogram_release(*scores);
        free(*scores);
        *scores = NULL;
    }
}

void group_table_free(struct group_table *table)
{
    if (!table) {
        return;
    }
    for (size_t i = 0; i < table->slot_count; i++) {
        if (table->slots[i]) {
            scores_free(&table->slots[i]->scores);
            scores_free(&table->slots[i]->scores_out);
            people_release(&table->slots[i]->people);
            free(table->slots[i]);
        }
    }
    free(table->slots);
    free(table->sorted);
    buffer_release(&table->key);
    buffer_release(&table->last_key);
    free(table);
}

/* --- the texts of a cell
 * ------------------------------------------------------------------------------------ */

static struct bytes dimension_of(enum dimension dimension, const struct place *place,
                                 const struct figure *figure)
{
    switch (dimension) {
    case DIMENSION_CENTRE:
        return bytes_text(place->centre);
    case DIMENSION_NODE:
        return bytes_text(place->node);
    case DIMENSION_COUNTRY:
        return bytes_text(place->country);
    case DIMENSION_REGION:
        return bytes_text(place->region);
    case DIMENSION_COURSE:
        return figure->part[PART_COURSE];
    case DIMENSION_LANG:
        return figure->part[PART_LANG];
    case DIMENSION_VERSION:
        return figure->part[PART_VERSION];
    case DIMENSION_COHORT:
        return figure->part[PART_COHORT];
    case DIMENSION_ROLE:
        return figure->part[PART_ROLE];
    case DIMENSION_GENDER:
        return figure->part[PART_GENDER];
    case DIMENSION_PERIOD:
        return figure->part[PART_PERIOD];
    case DIMENSION_COUNT:
        break;
    }
    CHECK(false);
    return bytes_of(NULL, 0);
}

/* A filter holds when the text is the same; a year also holds for its months. */
static bool is_wanted(const struct stats_request *request, const struct place *place,
                      const struct figure *figure)
{
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        if (!request->only[i]) {
            continue;
        }
        struct bytes only = bytes_text(request->only[i]);
        struct bytes text = dimension_of((enum dimension)i, place, figure);
        if (i == DIMENSION_PERIOD && only.size == 4 && text.size > 4) {
            text.size = 4;
        }
        if (!bytes_equal(only, text)) {
            return false;
        }
    }
    return true;
}

/* --- the table
 * ---------------------------------------------------------------------------------------------- */

/* The texts of a group, joined as in `key`: each ends with the separator. */
static bool is_group(const struct group *group, const struct stats_request *request, struct bytes key)
{
    for (size_t i = 0; i < request->by_count; i++) {
        size_t size = strlen(group->by[i]);
        if (key.size < size + 1 || memcmp(key.data, group->by[i], size) != 0 ||
            key.data[size] != KEY_SEPARATOR) {
            return false;
        }
        key = bytes_of(key.data + size + 1, key.size - size - 1);
    }
    return key.size == 0;
}

static struct group **slot_find(struct group_table *table, uint64_t hash, struct bytes key)
{
    size_t at = hash & (table->slot_count - 1);

    while (table->slots[at] &&
           (table->slots[at]->hash != hash || !is_group(table->slots[at], table->request, key))) {
        at = (at + 1) & (table->slot_count - 1);
    }
    return &table->slots[at];
}

static void slots_grow(struct group_table *table)
{
    struct group **old = table->slots;
    size_t old_count = table->slot_count;

    table->slot_count *= 2;
    table->slots = calloc(table->slot_count, sizeof *table->slots);
    CHECK(table->slots);
    for (size_t i = 0; i < old_count; i++) {
        if (!old[i]) {
            continue;
        }
        size_t at = old[i]->hash & (table->slot_count - 1);
        while (table->slots[at]) {
            at = (at + 1) & (table->slot_count - 1);
        }
        table->slots[at] = old[i];
    }
    free(old);
}

/* A new group with the texts in `key`; NULL when they are no text, or there are too many (then is_full). */
static struct group *group_new(struct group_table *table, struct bytes key)
{
    table->is_full = table->count >= (table->request->rows_max ? table->request->rows_max : STATS_ROWS_MAX);
    if (table->is_full || !utf8_is_valid(key)) {
        return NULL;
    }
    struct group *group = calloc(1, sizeof *group);
    CHECK(group);
    people_init(&group->people);
    for (size_t i = 0; i < table->request->by_count; i++) {
        const uint8_t *end = memchr(key.data, KEY_SEPARATOR, key.size);
        CHECK(end);
        struct bytes text = arena_copy(table->texts, bytes_of(key.data, (size_t)(end - key.data)));
        if (!text.data) {
            table->is_full = true;
            free(group);
            return NULL;
        }
        group->by[i] = (const char *)text.data;
        key = bytes_of(end + 1, key.size - text.size - 1);
    }
    return group;
}

static struct group *group_of(struct group_table *table, const struct place *place,
                              const struct figure *figure)
{
    uint64_t hash;

    buffer_clear(&table->key);
    for (size_t i = 0; i < table->request->by_count; i++) {
        struct bytes text = dimension_of(table->request->by[i], place, figure);
        buffer_append(&table->key, text.data, text.size);
        buffer_append_u8(&table->key, KEY_SEPARATOR);
    }
    struct bytes key = buffer_bytes(&table->key);
    if (table->last && bytes_equal(key, buffer_bytes(&table->last_key))) {
        return table->last;
    }
    crypto_shorthash((uint8_t *)&hash, key.data, key.size, table->secret);
    struct group **slot = slot_find(table, hash, key);
    if (!*slot) {
        struct group *group = group_new(table, key);
        if (!group) {
            return NULL;
        }
        group->hash = hash;
        *slot = group;
        table->last = group;
        table->count++;
        if (table->count * 2 >= table->slot_count) {
            slots_grow(table);
        }
    } else {
        table->last = *slot;
    }
    buffer_clear(&table->last_key);
    buffer_append(&table->last_key, key.data, key.size);
    return table->last;
}

/* --- folding
 * ------------------------------------------------------------------------------------------------ */

static bool scores_fold(struct histogram **scores, struct bytes value)
{
    if (!*scores) {
        *scores = malloc(sizeof **scores);
        CHECK(*scores);
        histogram_init(*scores, CELL_SCORES);
    }
    return histogram_merge_value(*scores, value) == S_OK;
}

static bool value_fold(struct group *group, enum metric metric, struct bytes value)
{
    int64_t number;

    if (value.size && (value.data[0] == CELL_SUPPRESSED || value.data[0] == CELL_MISSING)) {
        group->is_withheld[metric] = true;
        return true;
    }
    if (metric == METRIC_PEOPLE) {
        return people_merge_value(&group->people, value) == S_OK;
    }
    if (metric == METRIC_SCORE) {
        return scores_fold(&group->scores, value);
    }
    if (metric == METRIC_SCORE_OUT) {
        return scores_fold(&group->scores_out, value);
    }
    if (!cell_value_get_number(value, &number)) {
        return false;
    }
    group->number[metric] += number;
    return true;
}

enum status group_table_add(struct group_table *table, const struct place *place, struct bytes key,
                            struct bytes value)
{
    struct figure figure;

    if (!figure_parse(key, &figure) || !is_wanted(table->request, place, &figure)) {
        return S_OK;
    }
    struct group *group = group_of(table, place, &figure);
    if (!group && table->is_full) {
        return S_TOO_LARGE;
    }
    if (!group || !value_fold(group, figure.metric, value)) {
        table->unreadable++;
    }
    return S_OK;
}

size_t group_table_count(const struct group_table *table)
{
    return table->count;
}

int64_t group_number(const struct group *group, enum metric metric)
{
    __int128 number = group->number[metric];

    if (number > INT64_MAX) {
        return INT64_MAX;
    }
    return number < INT64_MIN ? INT64_MIN : (int64_t)number;
}

uint64_t group_table_unreadable(const struct group_table *table)
{
    return table->unreadable;
}

/* Scores that were corrected are not counted under their old value. */
static void scores_settle(struct group *group)
{
    if (group->scores && group->scores_out) {
        histogram_subtract(group->scores, group->scores_out);
        scores_free(&group->scores_out);
    }
    group->is_withheld[METRIC_SCORE] = group->is_withheld[METRIC_SCORE] || group->is_withheld[METRIC_SCORE_OUT];
}

static int group_compare(const void *a, const void *b, void *arg)
{
    const struct group *left = *(struct group *const *)a, *right = *(struct group *const *)b;
    const size_t *by_count = arg;

    for (size_t i = 0; i < *by_count; i++) {
        int order = strcmp(left->by[i], right->by[i]);
        if (order) {
            return order;
        }
    }
    return 0;
}

const struct group *const *group_table_sorted(struct group_table *table)
{
    struct place nowhere = {.node = ""};
    struct figure nothing = {.metric = METRIC_ACTIVE};
    size_t count = 0;

    if (table->count == 0 && table->request->by_count == 0) {
        struct group *group = group_of(table, &nowhere, &nothing);
        CHECK(group);
    }
    free(table->sorted);
    table->sorted = malloc((table->count + 1) * sizeof *table->sorted);
    CHECK(table->sorted);
    for (size_t i = 0; i < table->slot_count; i++) {
        if (table->slots[i]) {
            scores_settle(table->slots[i]);
            table->sorted[count++] = table->slots[i];
        }
    }
    size_t by_count = table->request->by_count;
    qsort_r(table->sorted, count, sizeof *table->sorted, group_compare, &by_count);
    return (const struct group *const *)table->sorted;
}
