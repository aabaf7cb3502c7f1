#include "node/learn/result/tally.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/own.h"
#include "replication/base/check.h"
#include "replication/crdt/histogram.h"
#include "replication/crdt/people.h"

enum { SLOTS_FIRST = 1024 };

struct tally_group {
    struct bytes prefix; /* owned */
    uint64_t hash;
    int64_t note;
    int64_t number[METRIC_COUNT];
    struct buffer scores;     /* one byte each: 0 to 100 */
    struct buffer scores_out; /* those taken back */
    struct buffer people; /* eight bytes each */
};

struct tally {
    struct tally_group **slots; /* open addressing, a power of two */
    size_t slot_count;
    size_t count;
    struct buffer prefix;
    uint8_t key[crypto_shorthash_KEYBYTES]; /* of the table: texts come from files */
};

struct tally *tally_new(void)
{
    struct tally *tally = calloc(1, sizeof *tally);

    CHECK(tally);
    tally->slot_count = SLOTS_FIRST;
    tally->slots = calloc(tally->slot_count, sizeof *tally->slots);
    CHECK(tally->slots);
    buffer_init(&tally->prefix);
    randombytes_buf(tally->key, sizeof tally->key);
    return tally;
}

static void group_free(struct tally_group *group)
{
    buffer_release(&group->scores);
    buffer_release(&group->scores_out);
    buffer_release(&group->people);
    free(group);
}

void tally_clear(struct tally *tally)
{
    for (size_t i = 0; i < tally->slot_count; i++) {
        if (tally->slots[i]) {
            group_free(tally->slots[i]);
            tally->slots[i] = NULL;
        }
    }
    tally->count = 0;
}

void tally_free(struct tally *tally)
{
    if (tally) {
        tally_clear(tally);
        free(tally->slots);
        buffer_release(&tally->prefix);
        free(tally);
    }
}

/* The slot of a prefix: its group, or the free slot where it belongs. */
static struct tally_group **slot_find(struct tally *tally, uint64_t hash, struct bytes prefix)
{
    size_t at = hash & (tally->slot_count - 1);

    while (tally->slots[at] &&
           (tally->slots[at]->hash != hash || !bytes_equal(tally->slots[at]->prefix, prefix))) {
        at = (at + 1) & (tally->slot_count - 1);
    }
    return &tally->slots[at];
}

static void slots_grow(struct tally *tally)
{
    struct tally_group **old = tally->slots;
    size_t old_count = tally->slot_count;

    tally->slot_count *= 2;
    tally->slots = calloc(tally->slot_count, sizeof *tally->slots);
    CHECK(tally->slots);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i]) {
            *slot_find(tally, old[i]->hash, old[i]->prefix) = old[i];
        }
    }
    free(old);
}

struct tally_group *tally_group(struct tally *tally, const struct bytes part[PART_COUNT])
{
    uint64_t hash;

    figure_prefix(part, &tally->prefix);
    struct bytes prefix = buffer_bytes(&tally->prefix);
    crypto_shorthash((uint8_t *)&hash, prefix.data, prefix.size, tally->key);
    struct tally_group **slot = slot_find(tally, hash, prefix);
    if (*slot) {
        return *slot;
    }
    if (tally->count * 2 >= tally->slot_count) {
        slots_grow(tally);
        slot = slot_find(tally, hash, prefix);
    }
    struct tally_group *group = calloc(1, sizeof *group + prefix.size);
    CHECK(group);
    memcpy(group + 1, prefix.data, prefix.size);
    group->prefix = bytes_of(group + 1, prefix.size);
    group->hash = hash;
    *slot = group;
    tally->count++;
    return group;
}

int64_t *tally_note(struct tally_group *group)
{
    return &group->note;
}

void tally_add(struct tally_group *group, enum metric metric, int64_t change)
{
    CHECK(metric_is_number(metric));
    group->number[metric] += change;
}

void tally_score(struct tally_group *group, int64_t hundredths)
{
    CHECK(hundredths >= 0 && hundredths <= 100 * 100);
    buffer_append_u8(&group->scores, (uint8_t)((hundredths + 50) / 100));
    group->number[METRIC_SCORE_SUM] += hundredths;
}

void tally_score_back(struct tally_group *group, int64_t hundredths)
{
    CHECK(hundredths >= 0 && hundredths <= 100 * 100);
    buffer_append_u8(&group->scores_out, (uint8_t)((hundredths + 50) / 100));
    group->number[METRIC_SCORE_SUM] -= hundredths;
}

void tally_person(struct tally_group *group, uint64_t person)
{
    buffer_append(&group->people, &person, sizeof person);
}

/* --- writing
 * ------------------------------------------------------------------------------------------------ */

static int group_compare(const void *a, const void *b)
{
    const struct tally_group *const *left = a, *const *right = b;
    return bytes_compare((*left)->prefix, (*right)->prefix);
}

/* The number stored and the change, as a new value. */
static enum status number_merge(struct bytes old, enum metric metric, int64_t change, struct buffer *value)
{
    int64_t total = 0;

    if (old.size && !cell_value_get_number(old, &total)) {
        return S_CORRUPT;
    }
    if (__builtin_add_overflow(total, change, &total)) {
        return S_TOO_LARGE;
    }
    cell_value_number(value, metric_cell_kind(metric), total);
    return S_OK;
}

static enum status scores_merge(struct bytes old, struct bytes scores, struct buffer *value)
{
    struct histogram histogram;
    enum status status = S_OK;

    histogram_init(&histogram, CELL_SCORES);
    if (old.size && histogram_merge_value(&histogram, old) != S_OK) {
        status = S_CORRUPT;
    }
    for (size_t i = 0; i < scores.size && status == S_OK; i++) {
        status = histogram_add(&histogram, scores.data[i], 1);
    }
    if (status == S_OK) {
        status = histogram_encode(&histogram, value);
    }
    histogram_release(&histogram);
    return status;
}

static enum status people_join(struct bytes old, struct bytes hashes, struct buffer *value)
{
    struct people people;
    enum status status = S_OK;

    people_init(&people);
    if (old.size && people_merge_value(&people, old) != S_OK) {
        status = S_CORRUPT;
    }
    for (size_t at = 0; at < hashes.size && status == S_OK; at += sizeof(uint64_t)) {
        uint64_t hash;
        memcpy(&hash, hashes.data + at, sizeof hash);
        people_add(&people, hash);
    }
    if (status == S_OK) {
        people_encode(&people, value);
    }
    people_release(&people);
    return status;
}

static bool has_change(const struct tally_group *group, enum metric metric)
{
    if (metric == METRIC_SCORE) {
        return group->scores.size > 0;
    }
    if (metric == METRIC_SCORE_OUT) {
        return group->scores_out.size > 0;
    }
    if (metric == METRIC_PEOPLE) {
        return group->people.size > 0;
    }
    return group->number[metric] != 0;
}

/* Reads one own cell, adds what was gathered for it, and puts it. */
static enum status metric_flush(const struct tally_group *group, enum metric metric, struct buffer scratch[2],
                                struct db *db)
{
    struct buffer *key = &scratch[0], *value = &scratch[1];
    struct bytes old = bytes_of(NULL, 0);

    buffer_clear(key);
    buffer_clear(value);
    buffer_append(key, group->prefix.data, group->prefix.size);
    buffer_append(key, metric_text(metric), strlen(metric_text(metric)));
    enum status status = own_cell_get(db, TOPIC_RESULTS, buffer_bytes(key), &old);
    if (status != S_OK && status != S_NOT_FOUND) {
        return status;
    }
    if (status == S_NOT_FOUND) {
        old = bytes_of(NULL, 0);
    }
    if (metric == METRIC_SCORE) {
        status = scores_merge(old, buffer_bytes(&group->scores), value);
    } else if (metric == METRIC_SCORE_OUT) {
        status = scores_merge(old, buffer_bytes(&group->scores_out), value);
    } else if (metric == METRIC_PEOPLE) {
        status = people_join(old, buffer_bytes(&group->people), value);
    } else {
        status = number_merge(old, metric, group->number[metric], value);
    }
    return status == S_OK ? own_cell_put(db, TOPIC_RESULTS, buffer_bytes(key), buffer_bytes(value)) : status;
}

/* The groups in key order; the caller frees the array. */
static struct tally_group **groups_sorted(const struct tally *tally)
{
    struct tally_group **groups = malloc((tally->count + 1) * sizeof *groups);
    size_t count = 0;

    CHECK(groups);
    for (size_t i = 0; i < tally->slot_count; i++) {
        if (tally->slots[i]) {
            groups[count++] = tally->slots[i];
        }
    }
    CHECK(count == tally->count);
    qsort(groups, count, sizeof *groups, group_compare);
    return groups;
}

enum status tally_flush(struct tally *tally, struct db *db)
{
    struct tally_group **groups = groups_sorted(tally);
    struct buffer scratch[2];
    enum status status = S_OK;

    buffer_init(&scratch[0]);
    buffer_init(&scratch[1]);
    for (size_t i = 0; i < tally->count && status == S_OK; i++) {
        for (int metric = 0; metric < METRIC_COUNT && status == S_OK; metric++) {
            if (has_change(groups[i], (enum metric)metric)) {
                status = metric_flush(groups[i], (enum metric)metric, scratch, db);
            }
        }
    }
    free(groups);
    buffer_release(&scratch[0]);
    buffer_release(&scratch[1]);
    tally_clear(tally);
    return status;
}
