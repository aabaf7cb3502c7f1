#include "replication/stream/adoption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

static const char key_name[] = "adopted";

bool adoption_key_parse(struct bytes key, unsigned *page_out)
{
    size_t head = sizeof key_name; /* the name and its separator */
    unsigned page = 0;

    if (key.size <= head || key.size > head + 4 || memcmp(key.data, key_name, head - 1) != 0 ||
        key.data[head - 1] != KEY_SEPARATOR || (key.data[head] == '0' && key.size > head + 1)) {
        return false;
    }
    for (size_t i = head; i < key.size; i++) {
        if (key.data[i] < '0' || key.data[i] > '9') {
            return false;
        }
        page = page * 10 + (unsigned)(key.data[i] - '0');
    }
    *page_out = page;
    return page < ADOPTION_PAGES_MAX;
}

void adoption_key(unsigned page, struct buffer *out)
{
    char digits[12];

    CHECK(page < ADOPTION_PAGES_MAX);
    buffer_clear(out);
    buffer_append(out, key_name, sizeof key_name - 1);
    buffer_append_u8(out, KEY_SEPARATOR);
    int size = snprintf(digits, sizeof digits, "%u", page);
    buffer_append(out, digits, (size_t)size);
}

void adoption_encode(const struct adoption *entries, size_t count, struct buffer *out)
{
    CHECK(count >= 1 && count <= ADOPTION_PAGE_MAX);
    buffer_append_u8(out, CELL_ADOPTED);
    for (size_t i = 0; i < count; i++) {
        CHECK(entries[i].from < entries[i].to && entries[i].to <= SEQ_MAX);
        buffer_append(out, entries[i].incarnation.b, sizeof entries[i].incarnation.b);
        buffer_append_varint(out, entries[i].from);
        buffer_append_varint(out, entries[i].to);
    }
}

enum status adoption_decode(struct bytes value, struct adoption *entries, size_t *count_out)
{
    struct bytes rest = value, part;

    *count_out = 0;
    if (!bytes_take(&rest, 1, &part) || part.data[0] != CELL_ADOPTED || rest.size == 0) {
        return S_INVALID;
    }
    while (rest.size > 0) {
        struct adoption *entry = &entries[*count_out];
        if (*count_out == ADOPTION_PAGE_MAX || !bytes_take(&rest, sizeof entry->incarnation.b, &part)) {
            return S_INVALID;
        }
        memcpy(entry->incarnation.b, part.data, part.size);
        if (!bytes_take_varint(&rest, &entry->from) || !bytes_take_varint(&rest, &entry->to) ||
            entry->from >= entry->to || entry->to > SEQ_MAX) {
            return S_INVALID;
        }
        ++*count_out;
    }
    return S_OK;
}

bool adoption_is_hole(const struct adoption *entry)
{
    return id_is_none(&entry->incarnation);
}

struct adoption adoption_hole(void)
{
    return (struct adoption){.from = 0, .to = 1};
}

uint64_t adoption_page_seq(struct bytes value, const struct id *incarnation)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    size_t count;
    uint64_t seq = 0;

    if (adoption_decode(value, entries, &count) != S_OK) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (!adoption_is_hole(&entries[i]) && id_equal(&entries[i].incarnation, incarnation) && entries[i].to > seq) {
            seq = entries[i].to;
        }
    }
    return seq;
}

bool adoption_is_summed(enum topic topic)
{
    return topic == TOPIC_RESULTS;
}

bool adoption_counts(enum topic topic, uint64_t seq, uint64_t adopted)
{
    return adopted == 0 || (!adoption_covers(seq, adopted) && !adoption_is_summed(topic));
}

void adoption_list_release(struct adoption_list *list)
{
    free(list->entries);
    memset(list, 0, sizeof *list);
}

const struct adoption *adoption_list_overlap(const struct adoption_list *list, const struct adoption *entry)
{
    for (size_t i = 0; i < list->count && !adoption_is_hole(entry); i++) {
        const struct adoption *known = &list->entries[i];
        if (id_equal(&known->incarnation, &entry->incarnation) && entry->from < known->to && known->from < entry->to) {
            return known;
        }
    }
    return NULL;
}

bool adoption_contains(const struct adoption *outer, const struct adoption *inner)
{
    return id_equal(&outer->incarnation, &inner->incarnation) && outer->from <= inner->from && inner->to <= outer->to;
}

enum status adoption_list_add(struct adoption_list *list, enum topic topic, const struct adoption *entry,
                              size_t *changed_out)
{
    CHECK(entry->from < entry->to);
    for (size_t i = 0; i < list->count && !adoption_is_hole(entry); i++) {
        struct adoption *known = &list->entries[i];
        bool is_apart = entry->to < known->from || known->to < entry->from;
        if (!id_equal(&known->incarnation, &entry->incarnation) || is_apart) {
            continue;
        }
        if (adoption_is_summed(topic) && entry->from < known->to && known->from < entry->to) {
            return S_EXISTS;
        }
        known->from = entry->from < known->from ? entry->from : known->from;
        known->to = entry->to > known->to ? entry->to : known->to;
        *changed_out = i;
        return S_OK;
    }
    if (list->count == (size_t)ADOPTION_PAGE_MAX * ADOPTION_PAGES_MAX) {
        return S_TOO_LARGE;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 16;
        list->entries = reallocarray(list->entries, list->capacity, sizeof *list->entries);
        CHECK(list->entries);
    }
    *changed_out = list->count;
    list->entries[list->count++] = *entry;
    return S_OK;
}
