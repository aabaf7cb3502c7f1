#include "node/learn/attempt/share_sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/vocabulary.h"
#include "node/store/people/event.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { MONTH_BASE = 50 * 12, TAG_SIZE = 3, DIMS_SIZE = 4, SCORE_MAX = 10000, MONTHS_PER_YEAR = 12 };

#define SECONDS_MAX ((int64_t)1 << 40)

_Static_assert(EVENT_KIND_COUNT <= 16, "a kind has four bits");

int share_month(int64_t at_ms)
{
    char period[PERIOD_SIZE];

    timestamp_period(at_ms, period);
    int year = atoi(period), month = atoi(period + 5);
    return (year - TIMESTAMP_YEAR_MIN) * MONTHS_PER_YEAR + month - 1;
}

static bool month_is_known(int64_t month)
{
    return month >= 0 && month < (TIMESTAMP_YEAR_MAX - TIMESTAMP_YEAR_MIN + 1) * MONTHS_PER_YEAR;
}

int64_t share_month_begin(int month)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t ms = 0;

    CHECK(month_is_known(month));
    snprintf(text, sizeof text, "%04d-%02d-01", TIMESTAMP_YEAR_MIN + month / MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1);
    CHECK(timestamp_parse(bytes_text(text), &ms));
    return ms;
}

/* --- one version ---------------------------------------------------------------------------------------- */

static size_t part_place(const struct share *share, uint32_t tag)
{
    size_t at = 0;

    while (at < share->part_count && share->parts[at].tag < tag) {
        at++;
    }
    return at;
}

/* The part of a launch, made when there is none; the last one when there is no room. */
static struct share_part *part_get(struct share *share, uint32_t tag)
{
    size_t at = part_place(share, tag);

    if (at < share->part_count && share->parts[at].tag == tag) {
        return &share->parts[at];
    }
    if (share->part_count == SHARE_PARTS_MAX) {
        return &share->parts[SHARE_PARTS_MAX - 1];
    }
    memmove(&share->parts[at + 1], &share->parts[at], (share->part_count - at) * sizeof *share->parts);
    share->parts[at] = (struct share_part){.tag = tag};
    share->part_count++;
    return &share->parts[at];
}

void share_add_time(struct share *share, uint32_t tag, int64_t seconds)
{
    if (seconds > 0) {
        part_get(share, tag & 0xffffff)->seconds += seconds;
    }
}

int64_t share_minutes(const struct share *share)
{
    int64_t seconds = 0;

    for (size_t i = 0; i < share->part_count; i++) {
        seconds += share->parts[i].seconds;
    }
    return (seconds * 100 + 30) / 60;
}

bool share_equal(const struct share *a, const struct share *b)
{
    bool is_equal = a->dims == b->dims && a->kind == b->kind && a->month == b->month && a->score == b->score &&
                    a->part_count == b->part_count;

    for (size_t i = 0; is_equal && i < a->part_count; i++) {
        is_equal = a->parts[i].tag == b->parts[i].tag && a->parts[i].seconds == b->parts[i].seconds;
    }
    return is_equal;
}

void share_merge(struct share *share, const struct share *other)
{
    share->month = other->month < share->month ? other->month : share->month;
    share->score = other->score > share->score ? other->score : share->score;
    for (size_t i = 0; i < other->part_count; i++) {
        struct share_part *part = part_get(share, other->parts[i].tag);
        part->seconds = other->parts[i].seconds > part->seconds ? other->parts[i].seconds : part->seconds;
    }
}

/* --- sums ----------------------------------------------------------------------------------------------- */

void share_sum_add(struct share_sum *sum, int sign, const struct share *share)
{
    CHECK(sign == 1 || sign == -1);
    for (size_t i = 0; i < sum->count; i++) {
        if (sum->entries[i].sign == -sign && share_equal(&sum->entries[i].share, share)) {
            sum->entries[i] = sum->entries[--sum->count];
            return;
        }
    }
    if (sum->count == SHARE_ENTRIES_MAX) {
        sum->is_full = true;
        return;
    }
    sum->entries[sum->count++] = (struct share_entry){sign, *share};
}

void share_sum_add_all(struct share_sum *sum, int sign, const struct share_sum *other)
{
    for (size_t i = 0; i < other->count; i++) {
        share_sum_add(sum, sign * other->entries[i].sign, &other->entries[i].share);
    }
    sum->is_full = sum->is_full || other->is_full;
}

bool share_sum_counted(const struct share_sum *sum, struct share *share_out)
{
    bool is_any = false;

    for (size_t i = 0; i < sum->count; i++) {
        if (sum->entries[i].sign < 0) {
            continue;
        }
        if (is_any) {
            share_merge(share_out, &sum->entries[i].share);
        } else {
            *share_out = sum->entries[i].share;
        }
        is_any = true;
    }
    return is_any;
}

bool share_sum_is_single(const struct share_sum *sum)
{
    return sum->count == 0 || (sum->count == 1 && sum->entries[0].sign > 0);
}

/* --- as bytes ------------------------------------------------------------------------------------------- */

static void number_append(uint64_t number, size_t size, struct buffer *out)
{
    for (size_t i = 0; i < size; i++) {
        buffer_append_u8(out, (uint8_t)(number >> (8 * i)));
    }
}

static bool number_take(struct bytes *in, size_t size, uint32_t *number_out)
{
    struct bytes bytes;

    *number_out = 0;
    if (!bytes_take(in, size, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        *number_out |= (uint32_t)bytes.data[i] << (8 * i);
    }
    return true;
}

static void entry_encode(const struct share_entry *entry, struct buffer *out)
{
    const struct share *share = &entry->share;
    bool has_score = share->score != EVENT_NO_SCORE;

    buffer_append_varint(out, zigzag_encode(share->month - MONTH_BASE) << 6 | (uint64_t)share->kind << 2 | (uint64_t)has_score << 1 |
                                  (entry->sign < 0));
    number_append(share->dims, DIMS_SIZE, out);
    if (has_score) {
        buffer_append_varint(out, (uint64_t)share->score);
    }
    buffer_append_varint(out, share->part_count);
    for (size_t i = 0; i < share->part_count; i++) {
        number_append(share->parts[i].tag, TAG_SIZE, out);
        buffer_append_varint(out, (uint64_t)share->parts[i].seconds);
    }
}

void share_sum_encode(const struct share_sum *sum, struct buffer *out)
{
    buffer_append_varint(out, sum->count);
    for (size_t i = 0; i < sum->count; i++) {
        entry_encode(&sum->entries[i], out);
    }
}

static bool parts_decode(struct bytes *in, struct share *share)
{
    uint64_t count, seconds;

    if (!bytes_take_varint(in, &count) || count > SHARE_PARTS_MAX) {
        return false;
    }
    share->part_count = (size_t)count;
    for (size_t i = 0; i < share->part_count; i++) {
        struct share_part *part = &share->parts[i];
        bool is_read = number_take(in, TAG_SIZE, &part->tag) && bytes_take_varint(in, &seconds) && seconds <= (uint64_t)SECONDS_MAX;
        if (!is_read || (i > 0 && share->parts[i - 1].tag >= part->tag)) {
            return false;
        }
        part->seconds = (int64_t)seconds;
    }
    return true;
}

static bool entry_decode(struct bytes *in, struct share_entry *entry)
{
    struct share *share = &entry->share;
    uint64_t head, score = 0;

    if (!bytes_take_varint(in, &head) || !number_take(in, DIMS_SIZE, &share->dims)) {
        return false;
    }
    entry->sign = head & 1 ? -1 : 1;
    share->kind = (int)(head >> 2 & 15);
    int64_t month = zigzag_decode(head >> 6);
    if ((head & 2) && (!bytes_take_varint(in, &score) || score > SCORE_MAX)) {
        return false;
    }
    share->score = head & 2 ? (int64_t)score : EVENT_NO_SCORE;
    if (share->kind >= EVENT_KIND_COUNT || month < -MONTH_BASE || !month_is_known(month + MONTH_BASE)) {
        return false;
    }
    share->month = (int)month + MONTH_BASE;
    return parts_decode(in, share);
}

bool share_sum_decode(struct bytes content, struct share_sum *sum)
{
    struct share_sum read = *sum;
    struct share_entry entry;
    uint64_t count;

    if (!bytes_take_varint(&content, &count) || count > SHARE_ENTRIES_MAX) {
        return false;
    }
    for (; count > 0; count--) {
        if (!entry_decode(&content, &entry)) {
            return false;
        }
        share_sum_add(&read, entry.sign, &entry.share);
    }
    if (content.size > 0) {
        return false;
    }
    *sum = read;
    return true;
}
