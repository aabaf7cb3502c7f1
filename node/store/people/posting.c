#include "node/store/people/posting.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "replication/base/check.h"

enum { ENTRY_HEAD_SIZE = 20, TERM_SIZE = 8 };

/* One place of a term: what the tail is sorted into. */
struct place {
    uint64_t term;
    int64_t record, base;
};

/* An entry of the tail as it is read. */
struct entry {
    int64_t record, base;
    struct bytes terms;
};

void posting_entry(struct buffer *entries, int64_t record, int64_t base, struct bytes terms)
{
    CHECK(terms.size % TERM_SIZE == 0);
    buffer_append_u64(entries, (uint64_t)record);
    buffer_append_u64(entries, (uint64_t)base);
    buffer_append_u32(entries, (uint32_t)(terms.size / TERM_SIZE));
    for (size_t at = 0; at < terms.size; at += TERM_SIZE) {
        uint64_t term;
        memcpy(&term, terms.data + at, sizeof term);
        buffer_append_u64(entries, term);
    }
}

static uint64_t number_read(const uint8_t *at, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

/* The next entry of a row; false at its end (or where a page is rotten). */
static bool entry_take(struct bytes *row, struct entry *entry)
{
    struct bytes head;

    if (!bytes_take(row, ENTRY_HEAD_SIZE, &head)) {
        return false;
    }
    entry->record = (int64_t)number_read(head.data, 8);
    entry->base = (int64_t)number_read(head.data + 8, 8);
    return bytes_take(row, (size_t)number_read(head.data + 16, 4) * TERM_SIZE, &entry->terms);
}

static bool entry_has(const struct entry *entry, uint64_t term)
{
    for (size_t at = 0; at < entry->terms.size; at += TERM_SIZE) {
        if (number_read(entry->terms.data + at, TERM_SIZE) == term) {
            return true;
        }
    }
    return false;
}

/* --- lists --- */

static int place_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return x->term != y->term ? ((int64_t)x->term < (int64_t)y->term ? -1 : 1) /* as the table is ordered */
           : x->record != y->record ? (x->record < y->record ? -1 : 1)
           : x->base != y->base     ? (x->base < y->base ? -1 : 1)
                                    : 0;
}

/* Writes places of one term, in order, each once. */
static void list_write(const struct place *places, size_t count, struct buffer *out)
{
    int64_t last = 0;

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && place_order(&places[i - 1], &places[i]) == 0) {
            continue;
        }
        buffer_append_varint(out, (uint64_t)places[i].record - (uint64_t)last);
        buffer_append_varint(out, (uint64_t)places[i].base);
        last = places[i].record;
    }
}

/* Appends the places of `term` in a segment to `places`. */
static void list_read(struct db *db, int64_t segment, uint64_t term, struct buffer *places)
{
    struct statement *find = db_statement(db, STATEMENT_record_posting_find);
    struct place place = {.term = term};
    uint64_t step, base;

    statement_bind_int(find, 1, segment);
    statement_bind_int(find, 2, (int64_t)term);
    if (statement_step(find)) {
        struct bytes list = statement_blob(find, 0);
        while (bytes_take_varint(&list, &step) && bytes_take_varint(&list, &base)) {
            place.record = (int64_t)((uint64_t)place.record + step);
            place.base = (int64_t)base;
            buffer_append(places, &place, sizeof place);
        }
    }
    statement_reset(find);
}

static size_t place_count(const struct buffer *places)
{
    return places->size / sizeof(struct place);
}

static struct place *place_at(const struct buffer *places, size_t i)
{
    return (struct place *)(void *)(places->data + i * sizeof(struct place));
}

static enum status list_put(struct db *db, int64_t segment, uint64_t term, struct bytes list)
{
    struct statement *put = db_statement(db, STATEMENT_record_posting_put);

    statement_bind_int(put, 1, segment);
    statement_bind_int(put, 2, (int64_t)term);
    statement_bind_blob(put, 3, list);
    return statement_run(put);
}

/* --- the tail --- */

static int64_t tail_size(struct db *db)
{
    struct statement *last = db_statement(db, STATEMENT_record_tail_last);
    int64_t size = statement_step(last) ? statement_int(last, 0) : 0;

    statement_reset(last);
    return size;
}

static void tail_read(struct db *db, struct buffer *places)
{
    struct statement *list = db_statement(db, STATEMENT_record_tail_list);
    struct entry entry;

    while (statement_step(list)) {
        struct bytes row = statement_blob(list, 0);
        while (entry_take(&row, &entry)) {
            struct place place = {.record = entry.record, .base = entry.base};
            for (size_t at = 0; at < entry.terms.size; at += TERM_SIZE) {
                place.term = number_read(entry.terms.data + at, TERM_SIZE);
                buffer_append(places, &place, sizeof place);
            }
        }
    }
    statement_reset(list);
}

/* A number for a segment over the records of these places. */
static enum status segment_add(struct db *db, const struct buffer *places, int64_t *segment_out)
{
    struct statement *add = db_statement(db, STATEMENT_record_segment_insert);
    int64_t first = INT64_MAX, last = INT64_MIN;

    for (size_t i = 0; i < place_count(places); i++) {
        int64_t record = place_at(places, i)->record;
        first = record < first ? record : first;
        last = record > last ? record : last;
    }
    statement_bind_int(add, 1, first);
    statement_bind_int(add, 2, last);
    enum status status = statement_run(add);
    *segment_out = db_last_id(db);
    return status;
}

static enum status places_put(struct db *db, const struct buffer *places)
{
    size_t count = place_count(places), end;
    struct buffer list;
    int64_t segment;
    enum status status = segment_add(db, places, &segment);

    buffer_init(&list);
    for (size_t at = 0; at < count && status == S_OK; at = end) {
        uint64_t term = place_at(places, at)->term;
        for (end = at + 1; end < count && place_at(places, end)->term == term; end++) {
        }
        buffer_clear(&list);
        list_write(place_at(places, at), end - at, &list);
        status = list_put(db, segment, term, buffer_bytes(&list));
    }
    buffer_release(&list);
    return status;
}

enum status posting_settle(struct db *db)
{
    struct buffer places;
    enum status status = S_OK;

    buffer_init(&places);
    tail_read(db, &places);
    if (places.size > 0) {
        qsort(places.data, place_count(&places), sizeof(struct place), place_order);
        status = places_put(db, &places);
        status = status == S_OK ? statement_run(db_statement(db, STATEMENT_record_tail_clear)) : status;
    }
    buffer_release(&places);
    return status == S_OK ? db_status(db) : status;
}

enum status posting_put(struct db *db, struct bytes entries)
{
    int64_t size = tail_size(db) + (int64_t)entries.size;

    if (entries.size == 0) {
        return S_OK;
    }
    struct statement *insert = db_statement(db, STATEMENT_record_tail_insert);
    statement_bind_int(insert, 1, size);
    statement_bind_blob(insert, 2, entries);
    enum status status = statement_run(insert);
    return status == S_OK && size >= POSTING_TAIL_MAX ? posting_settle(db) : status;
}

/* --- from the schema before --- */

struct gathering {
    struct db *db;
    struct buffer places, list; /* of one term */
    int64_t segment;
    enum status status;
};

static void gathering_flush(struct gathering *gathering)
{
    size_t count = place_count(&gathering->places);

    if (count > 0 && gathering->status == S_OK) {
        buffer_clear(&gathering->list);
        list_write(place_at(&gathering->places, 0), count, &gathering->list);
        gathering->status = list_put(gathering->db, gathering->segment, place_at(&gathering->places, 0)->term,
                                     buffer_bytes(&gathering->list));
    }
    buffer_clear(&gathering->places);
}

static void row_gather(void *ctx, const char *text)
{
    struct gathering *gathering = ctx;
    struct place place;
    char *end;

    place.term = (uint64_t)strtoll(text, &end, 10);
    CHECK(*end == ',');
    place.record = strtoll(end + 1, &end, 10);
    CHECK(*end == ',');
    place.base = strtoll(end + 1, NULL, 10);
    if (place_count(&gathering->places) > 0 && place_at(&gathering->places, 0)->term != place.term) {
        gathering_flush(gathering);
    }
    buffer_append(&gathering->places, &place, sizeof place);
}

enum status posting_gather(struct db *db)
{
    struct gathering gathering = {.db = db, .segment = 1};

    gathering.status = db_execute(db, "INSERT INTO record_segment (id, first, last) SELECT 1, min(record), "
                                      "max(record) FROM record_term HAVING count(*) > 0");
    buffer_init(&gathering.places);
    buffer_init(&gathering.list);
    if (gathering.status == S_OK) {
        gathering.status =
            db_query_texts(db, "SELECT term, record, base FROM record_term ORDER BY term, record, base",
                           row_gather, &gathering);
    }
    gathering_flush(&gathering);
    buffer_release(&gathering.list);
    buffer_release(&gathering.places);
    return gathering.status == S_OK ? db_execute(db, "DROP TABLE record_term") : gathering.status;
}

/* --- taking out --- */

static enum status list_drop(struct db *db, int64_t segment, struct place gone)
{
    struct buffer places, list;
    size_t kept = 0;
    enum status status = S_OK;

    buffer_init(&places);
    buffer_init(&list);
    list_read(db, segment, gone.term, &places);
    size_t count = place_count(&places);
    for (size_t i = 0; i < count; i++) {
        if (place_order(place_at(&places, i), &gone) != 0) {
            *place_at(&places, kept++) = *place_at(&places, i);
        }
    }
    if (kept > 0 && kept < count) {
        list_write(place_at(&places, 0), kept, &list);
        status = list_put(db, segment, gone.term, buffer_bytes(&list));
    } else if (kept < count) {
        struct statement *drop = db_statement(db, STATEMENT_record_posting_delete);
        statement_bind_int(drop, 1, segment);
        statement_bind_int(drop, 2, (int64_t)gone.term);
        status = statement_run(drop);
    }
    buffer_release(&list);
    buffer_release(&places);
    return status;
}

/* Appends the numbers of the segments that reach over `record`. */
static void segments_of(struct db *db, int64_t record, struct buffer *segments)
{
    struct statement *list = db_statement(db, STATEMENT_record_segment_list_over);
    int64_t segment;

    statement_bind_int(list, 1, record);
    while (statement_step(list)) {
        segment = statement_int(list, 0);
        buffer_append(segments, &segment, sizeof segment);
    }
    statement_reset(list);
}

enum status posting_drop(struct db *db, int64_t record, int64_t base, struct bytes terms)
{
    struct place gone = {.record = record, .base = base};
    struct buffer segments;
    int64_t segment;

    buffer_init(&segments);
    db_set_erasing(db, true);
    enum status status = posting_settle(db);
    segments_of(db, record, &segments);
    for (size_t i = 0; i < segments.size; i += sizeof segment) {
        memcpy(&segment, segments.data + i, sizeof segment);
        for (size_t at = 0; at < terms.size && status == S_OK; at += TERM_SIZE) {
            memcpy(&gone.term, terms.data + at, sizeof gone.term);
            status = list_drop(db, segment, gone);
        }
    }
    buffer_release(&segments);
    return status == S_OK ? db_status(db) : status;
}

/* --- searching --- */

static void hit_add(struct posting_cursor *cursor, int64_t record)
{
    if (record > cursor->search.above && record < cursor->search.below) {
        buffer_append(&cursor->hits, &record, sizeof record);
    }
}

static int descending(const void *a, const void *b)
{
    int64_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x > y ? -1 : x < y;
}

static int ascending(const void *a, const void *b)
{
    return descending(b, a);
}

static void hits_sort(struct posting_cursor *cursor)
{
    if (cursor->hits.size > 0) {
        qsort(cursor->hits.data, cursor->hits.size / sizeof(int64_t), sizeof(int64_t),
              cursor->search.is_ascending ? descending : ascending);
    }
}

static void tail_search(struct posting_cursor *cursor)
{
    struct statement *list = db_statement(cursor->db, STATEMENT_record_tail_list);
    struct entry entry;

    while (statement_step(list)) {
        struct bytes row = statement_blob(list, 0);
        while (entry_take(&row, &entry)) {
            size_t i = 0;
            while (i < cursor->search.term_count && entry_has(&entry, cursor->search.terms[i])) {
                i++;
            }
            if (i == cursor->search.term_count) {
                hit_add(cursor, entry.record);
            }
        }
    }
    statement_reset(list);
}

/* Keeps of `places` what is also in `others`; both are in order, and of one term each. */
static void places_intersect(struct buffer *places, const struct buffer *others)
{
    size_t kept = 0, other = 0;

    for (size_t i = 0; i < place_count(places); i++) {
        struct place place = *place_at(places, i);
        int order = 1;
        while (other < place_count(others)) {
            place.term = place_at(others, other)->term;
            order = place_order(place_at(others, other), &place);
            if (order >= 0) {
                break;
            }
            other++;
        }
        if (other < place_count(others) && order == 0) {
            *place_at(places, kept++) = *place_at(places, i);
        }
    }
    places->size = kept * sizeof(struct place);
}

static void segment_search(struct posting_cursor *cursor)
{
    struct buffer places, others;

    buffer_init(&places);
    buffer_init(&others);
    list_read(cursor->db, cursor->segment, cursor->search.terms[0], &places);
    for (size_t i = 1; i < cursor->search.term_count && places.size > 0; i++) {
        buffer_clear(&others);
        list_read(cursor->db, cursor->segment, cursor->search.terms[i], &others);
        places_intersect(&places, &others);
    }
    for (size_t i = 0; i < place_count(&places); i++) {
        hit_add(cursor, place_at(&places, i)->record);
    }
    if (places.size > 0) {
        hits_sort(cursor);
    }
    buffer_release(&others);
    buffer_release(&places);
}

static void segment_step(struct posting_cursor *cursor)
{
    cursor->has_segment = statement_step(cursor->segments);
    if (cursor->has_segment) {
        cursor->segment = statement_int(cursor->segments, 0);
        cursor->edge = statement_int(cursor->segments, 1);
    }
}

void posting_open(struct posting_cursor *cursor, struct db *db, const struct posting_search *search)
{
    CHECK(search->term_count > 0 && search->term_count <= POSTING_TERMS_MAX);
    *cursor = (struct posting_cursor){.db = db, .search = *search};
    buffer_init(&cursor->hits);
    tail_search(cursor);
    hits_sort(cursor);
    cursor->segments = db_statement(db, search->is_ascending ? STATEMENT_record_segment_list_up
                                                             : STATEMENT_record_segment_list_down);
    statement_bind_int(cursor->segments, 1, search->above);
    statement_bind_int(cursor->segments, 2, search->below);
    segment_step(cursor);
}

bool posting_next(struct posting_cursor *cursor, int64_t *record_out)
{
    for (;;) {
        if (cursor->hits.size > 0) {
            int64_t next;
            memcpy(&next, cursor->hits.data + cursor->hits.size - sizeof next, sizeof next);
            if (!cursor->has_segment ||
                (cursor->search.is_ascending ? next < cursor->edge : next > cursor->edge)) {
                cursor->hits.size -= sizeof next;
                *record_out = next;
                return true;
            }
        } else if (!cursor->has_segment) {
            return false;
        }
        segment_search(cursor);
        segment_step(cursor);
    }
}

void posting_close(struct posting_cursor *cursor)
{
    statement_reset(cursor->segments);
    buffer_release(&cursor->hits);
}

bool posting_has(struct db *db, uint64_t term, int64_t record)
{
    struct posting_search search = {
        .above = record - 1, .below = record + 1, .term_count = 1, .terms = {term}};
    struct posting_cursor cursor;
    int64_t found;

    posting_open(&cursor, db, &search);
    bool has_term = posting_next(&cursor, &found);
    posting_close(&cursor);
    return has_term;
}
