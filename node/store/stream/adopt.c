#include "node/store/stream/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "replication/base/check.h"
#include "replication/crdt/merge.h"
#include "replication/stream/lthash.h"

enum { SCAN_CELLS = 1024, SCAN_BYTES_MAX = 64 * 1024 * 1024 };

/* Offsets into the draft's bytes: they move while it grows. */
struct change {
    size_t key, from, to; /* where each begins; `to` ends at `end` */
    size_t end;
    size_t number; /* in the order of coming */
};

struct adopt_draft {
    struct buffer bytes;
    struct change *changes;
    size_t count, capacity;
    struct adoption_list list; /* of the living stream, as it will be */
    bool *is_page_changed;     /* ADOPTION_PAGES_MAX */
    struct adoption_list news; /* what is said for the first time */
    enum topic topic;
    struct buffer values;      /* merged: size (4), value, for each key in order */
};

struct adopt_draft *adopt_draft_new(void)
{
    struct adopt_draft *draft = calloc(1, sizeof *draft);

    CHECK(draft);
    draft->is_page_changed = calloc(ADOPTION_PAGES_MAX, sizeof *draft->is_page_changed);
    CHECK(draft->is_page_changed);
    buffer_init(&draft->bytes);
    buffer_init(&draft->values);
    return draft;
}

void adopt_draft_free(struct adopt_draft *draft)
{
    if (draft) {
        buffer_release(&draft->bytes);
        buffer_release(&draft->values);
        adoption_list_release(&draft->list);
        adoption_list_release(&draft->news);
        free(draft->is_page_changed);
        free(draft->changes);
        free(draft);
    }
}

void adopt_draft_add(struct adopt_draft *draft, struct bytes key, struct bytes from, struct bytes to)
{
    struct change change = {.key = draft->bytes.size, .number = draft->count};

    if (draft->bytes.size > ADOPT_BYTES_MAX) {
        return; /* refused when it is put */
    }
    if (draft->count == draft->capacity) {
        draft->capacity = draft->capacity ? 2 * draft->capacity : 256;
        draft->changes = reallocarray(draft->changes, draft->capacity, sizeof *draft->changes);
        CHECK(draft->changes);
    }
    buffer_append(&draft->bytes, key.data, key.size);
    change.from = draft->bytes.size;
    buffer_append(&draft->bytes, from.data, from.size);
    change.to = draft->bytes.size;
    buffer_append(&draft->bytes, to.data, to.size);
    change.end = draft->bytes.size;
    draft->changes[draft->count++] = change;
}

static struct bytes change_key(const struct adopt_draft *draft, const struct change *change)
{
    return bytes_of(draft->bytes.data + change->key, change->from - change->key);
}

static struct bytes change_from(const struct adopt_draft *draft, const struct change *change)
{
    return bytes_of(draft->bytes.data + change->from, change->to - change->from);
}

static struct bytes change_to(const struct adopt_draft *draft, const struct change *change)
{
    return bytes_of(draft->bytes.data + change->to, change->end - change->to);
}

static int change_compare(const void *a, const void *b, void *arg)
{
    const struct change *left = a, *right = b;
    int order = bytes_compare(change_key(arg, left), change_key(arg, right));

    return order ? order : left->number < right->number ? -1 : 1;
}

/* --- sentences ------------------------------------------------------------------------------------------ */

static enum status sentence_add(struct adopt_draft *draft, const struct adoption *entry)
{
    size_t at;
    enum status status = adoption_list_add(&draft->list, draft->topic, entry, &at);

    if (status == S_OK) {
        draft->is_page_changed[at / ADOPTION_PAGE_MAX] = true;
        status = adoption_list_add(&draft->news, draft->topic, entry, &at);
    }
    return status;
}

/* What the living stream says already. */
static enum status sentences_load(struct db *db, enum topic topic, struct adopt_draft *draft)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    struct bytes value;
    struct buffer key;
    size_t count, at;
    enum status status = S_OK;

    draft->topic = topic;
    buffer_init(&key);
    for (unsigned page = 0; page < ADOPTION_PAGES_MAX && status == S_OK; page++) {
        adoption_key(page, &key);
        status = own_cell_get(db, topic, buffer_bytes(&key), &value);
        if (status != S_OK) {
            break;
        }
        status = adoption_decode(value, entries, &count) == S_OK ? S_OK : S_CORRUPT;
        for (size_t i = 0; i < count && status == S_OK; i++) {
            status = adoption_list_add(&draft->list, topic, &entries[i], &at);
        }
    }
    buffer_release(&key);
    return status == S_NOT_FOUND ? S_OK : status;
}

/* A page of the adopted stream: what it says more than before is said again. Entries keep their places, and only their
 * ends move. */
static enum status page_take(struct adopt_draft *draft, struct bytes from, struct bytes to)
{
    struct adoption before[ADOPTION_PAGE_MAX], now[ADOPTION_PAGE_MAX];
    size_t before_count = 0, count;
    enum status status = adoption_decode(to, now, &count);

    if (status == S_OK && from.size > 0) {
        status = adoption_decode(from, before, &before_count);
    }
    for (size_t i = 0; i < count && status == S_OK; i++) {
        if (i < before_count && adoption_is_summed(draft->topic)) {
            if (!id_equal(&before[i].incarnation, &now[i].incarnation) || before[i].from != now[i].from ||
                now[i].to < before[i].to) {
                return S_DENIED;
            }
            if (now[i].to == before[i].to) {
                continue;
            }
            now[i].from = before[i].to;
        }
        status = sentence_add(draft, &now[i]);
    }
    return status;
}

static enum status pages_put(struct db *db, enum topic topic, const struct adopt_draft *draft)
{
    struct buffer key, value;
    enum status status = S_OK;

    buffer_init(&key);
    buffer_init(&value);
    for (unsigned page = 0; (size_t)page * ADOPTION_PAGE_MAX < draft->list.count && status == S_OK; page++) {
        size_t first = (size_t)page * ADOPTION_PAGE_MAX, left = draft->list.count - first;
        if (draft->is_page_changed[page]) {
            adoption_key(page, &key);
            buffer_clear(&value);
            adoption_encode(draft->list.entries + first, left < ADOPTION_PAGE_MAX ? left : ADOPTION_PAGE_MAX, &value);
            status = own_cell_put(db, topic, buffer_bytes(&key), buffer_bytes(&value));
        }
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

/* --- values --------------------------------------------------------------------------------------------- */

/* All changes of one key, from changes[at] on, upon what the living stream holds; *next_out is behind them. */
static enum status key_merge(struct db *db, enum topic topic, struct adopt_draft *draft, size_t at, size_t *next_out)
{
    struct bytes key = change_key(draft, &draft->changes[at]), stored = bytes_of(NULL, 0);
    struct buffer value, merged;
    enum status status = own_cell_get(db, topic, key, &stored);

    buffer_init(&value);
    buffer_init(&merged);
    if (status == S_OK) {
        buffer_append(&value, stored.data, stored.size);
    }
    status = status == S_NOT_FOUND ? S_OK : status;
    for (; at < draft->count && bytes_equal(change_key(draft, &draft->changes[at]), key) && status == S_OK; at++) {
        status = cell_value_advance(buffer_bytes(&value), change_from(draft, &draft->changes[at]),
                                    change_to(draft, &draft->changes[at]), &merged);
        buffer_clear(&value);
        buffer_append(&value, merged.data, merged.size);
    }
    buffer_append_u32(&draft->values, (uint32_t)value.size);
    buffer_append(&draft->values, value.data, value.size);
    buffer_release(&value);
    buffer_release(&merged);
    *next_out = at;
    return status;
}

/* Reads and merges without writing: what cannot be merged leaves no trace. */
static enum status values_merge(struct db *db, enum topic topic, struct adopt_draft *draft)
{
    enum status status = draft->bytes.size > ADOPT_BYTES_MAX ? S_TOO_LARGE : S_OK;
    unsigned page;

    qsort_r(draft->changes, draft->count, sizeof *draft->changes, change_compare, draft);
    for (size_t at = 0; at < draft->count && status == S_OK;) {
        const struct change *change = &draft->changes[at];
        if (adoption_key_parse(change_key(draft, change), &page)) {
            status = page_take(draft, change_from(draft, change), change_to(draft, change));
            at++;
        } else {
            status = key_merge(db, topic, draft, at, &at);
        }
    }
    return status;
}

static enum status values_put(struct db *db, enum topic topic, const struct adopt_draft *draft)
{
    struct bytes rest = buffer_bytes(&draft->values), size, value;
    enum status status = S_OK;
    unsigned page;

    for (size_t at = 0; at < draft->count && status == S_OK; at++) {
        struct bytes key = change_key(draft, &draft->changes[at]);
        bool is_again = at > 0 && bytes_equal(key, change_key(draft, &draft->changes[at - 1]));
        if (is_again || adoption_key_parse(key, &page)) {
            continue;
        }
        bool is_whole = bytes_take(&rest, 4, &size);
        CHECK(is_whole);
        is_whole = bytes_take(&rest, (size_t)size.data[0] | (size_t)size.data[1] << 8 | (size_t)size.data[2] << 16, &value);
        CHECK(is_whole);
        status = own_cell_put(db, topic, key, value);
    }
    return status;
}

/* Everything that was drafted becomes cells of the living stream, and the rows of the adopted streams learn it. */
static enum status draft_put(struct db *db, enum topic topic, struct adopt_draft *draft, const struct stream_id *living)
{
    enum status status = values_merge(db, topic, draft);

    if (status == S_OK) {
        status = values_put(db, topic, draft);
    }
    if (status == S_OK) {
        status = pages_put(db, topic, draft);
    }
    for (size_t i = 0; i < draft->news.count && status == S_OK; i++) {
        status = adopted_note(db, living, &draft->news.entries[i]);
    }
    return status;
}

/* --- adopting ------------------------------------------------------------------------------------------- */

/* Drafts all cells of one stream, after a look whether they are those of its certificate. */
static enum status stream_take(struct db *db, const struct head_row *row, struct adopt_draft *draft)
{
    const struct stream_head *head = &row->certificate.head;
    struct hash key = lthash_key(&db_store(db)->federation, &head->stream);
    struct cell *cells = calloc(SCAN_CELLS, sizeof *cells);
    struct lthash state;
    struct arena arena;
    uint64_t seq = 0, total = 0;
    size_t count;

    CHECK(cells);
    lthash_init(&state);
    arena_init(&arena, SCAN_BYTES_MAX);
    do {
        arena_clear(&arena);
        count = cell_rows_scan(db, row->number, seq, SCAN_CELLS, &arena, cells);
        for (size_t i = 0; i < count; i++) {
            adopt_draft_add(draft, cells[i].key, bytes_of(NULL, 0), cells[i].value);
            lthash_add(&state, &key, &cells[i]);
            seq = cells[i].seq;
        }
        total += count;
    } while (count > 0);
    arena_release(&arena);
    free(cells);
    struct hash digest = lthash_digest(&state);
    if (db_status(db) != S_OK) {
        return db_status(db);
    }
    return total == head->count && hash_equal(&digest, &head->digest) ? S_OK : S_CORRUPT;
}

static enum status choice_take(struct db *db, const struct adopt_choice *choice, struct adopt_draft *draft)
{
    struct adoption entry = {choice->stream.incarnation, 0, choice->seq};
    struct head_row row;

    if (!head_find(db, &choice->stream, &row) || row.certificate.head.seq != choice->seq ||
        (row.adopted > 0 && adoption_is_summed(choice->stream.topic))) {
        return db_status(db) == S_OK ? S_STALE : db_status(db);
    }
    enum status status = stream_take(db, &row, draft);
    return status == S_OK ? sentence_add(draft, &entry) : status;
}

enum status adopt_run(struct db *db, const struct adopt_plan *plan)
{
    struct adopt_draft *draft;
    struct id living;
    enum status status = own_incarnation(db, &living);

    if (status != S_OK || plan->count == 0) {
        return status;
    }
    if (!id_equal(&living, &plan->living.incarnation) || !own_is_self(db, &plan->living.node)) {
        return S_STALE;
    }
    draft = adopt_draft_new();
    status = sentences_load(db, plan->living.topic, draft);
    for (size_t i = 0; i < plan->count && status == S_OK; i++) {
        status = choice_take(db, &plan->items[i], draft);
    }
    if (status == S_OK) {
        status = draft_put(db, plan->living.topic, draft, &plan->living);
    }
    if (status == S_OK) {
        status = adopted_prune(db);
    }
    log_event(status == S_OK ? LOG_INFO : LOG_WARNING, status == S_OK ? "incarnations_adopted" : "adoption_failed",
              "topic=%s streams=%zu cells=%zu status=\"%s\"", topic_name(plan->living.topic), plan->count, draft->count,
              status_text(status));
    adopt_draft_free(draft);
    return status;
}

enum status adopt_difference(struct db *db, struct adopt_draft *draft, const struct stream_id *stream, uint64_t from,
                             uint64_t to)
{
    struct stream_id living = *stream;
    struct adoption entry = {stream->incarnation, from, to};
    enum status status = own_incarnation(db, &living.incarnation);

    if (status == S_OK) {
        status = sentences_load(db, stream->topic, draft);
    }
    if (status == S_OK) {
        status = sentence_add(draft, &entry);
    }
    if (status == S_OK) {
        status = draft_put(db, stream->topic, draft, &living);
    }
    incident_add(INCIDENT_ADOPTIONS, status == S_OK);
    log_event(LOG_WARNING, status == S_OK ? "adopted_more" : "adoption_short", "topic=%s from=%llu to=%llu status=\"%s\"",
              topic_name(stream->topic), (unsigned long long)from, (unsigned long long)to, status_text(status));
    return status;
}
