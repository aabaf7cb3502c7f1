#include "node/store/stream/adopt_draft.h"

#include <stdlib.h>
#include <string.h>

#include "node/incident.h"
#include "node/store/engine.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/cell.h"
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
    struct adoption_list surplus; /* whole streams that are in there once more than they count: taken out again */
    struct adoption_list missing; /* and once less */
    struct stream_id living;
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
        adoption_list_release(&draft->surplus);
        adoption_list_release(&draft->missing);
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

size_t adopt_draft_count(const struct adopt_draft *draft)
{
    return draft->count;
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

enum status adopt_draft_say(struct adopt_draft *draft, const struct adoption *entry)
{
    size_t at;
    enum status status = adoption_list_add(&draft->list, draft->living.topic, entry, &at);

    if (status == S_OK) {
        draft->is_page_changed[at / ADOPTION_PAGE_MAX] = true;
        status = adoption_list_add(&draft->news, draft->living.topic, entry, &at);
    }
    return status;
}

/* The whole of one stream: once more than it counts, or once less. */
static enum status whole_note(struct adoption_list *list, const struct adoption *entry)
{
    size_t at;

    return adoption_list_overlap(list, entry) ? S_EXISTS : adoption_list_add(list, TOPIC_RESULTS, entry, &at);
}

/* Where values are summed two machines may have adopted the same (adoption.h): then it is there twice, and taken out once. */
static enum status sentence_take(struct adopt_draft *draft, const struct adoption *entry)
{
    const struct adoption *found = adoption_list_overlap(&draft->list, entry);
    struct adoption known;

    if (adoption_is_hole(entry)) {
        return S_OK;
    }
    if (!found || !adoption_is_summed(draft->living.topic)) {
        return adopt_draft_say(draft, entry);
    }
    known = *found;
    if (adoption_contains(&known, entry)) {
        return whole_note(&draft->surplus, entry);
    }
    if (!adoption_contains(entry, &known) || entry->from != known.from) {
        return S_EXISTS;
    }
    struct adoption more = {known.incarnation, known.to, entry->to};
    enum status status = adoption_list_overlap(&draft->list, &more) ? S_EXISTS : adopt_draft_say(draft, &more);
    return status == S_OK ? whole_note(&draft->surplus, &known) : status;
}

enum status adopt_draft_begin(struct db *db, struct adopt_draft *draft, const struct stream_id *living)
{
    const enum topic topic = living->topic;
    struct adoption entries[ADOPTION_PAGE_MAX];
    struct bytes value;
    struct buffer key;
    size_t count, at;
    enum status status = S_OK;

    draft->living = *living;
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

/* An entry of a page whose stream adopted it up to `before`, and now up to `now`. One that was taken back there counts in another stream, or it
 * will be taken back here too: until then it stays. */
static enum status entry_advance(struct adopt_draft *draft, const struct adoption *before, const struct adoption *now)
{
    struct adoption more = {now->incarnation, before->to, now->to};

    if (adoption_is_hole(now)) {
        return adoption_is_hole(before) ? S_OK : whole_note(&draft->missing, before);
    }
    if (!id_equal(&before->incarnation, &now->incarnation) || before->from != now->from || now->to < before->to) {
        return S_DENIED;
    }
    return now->to == before->to ? S_OK : sentence_take(draft, &more);
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
        bool is_known = i < before_count && adoption_is_summed(draft->living.topic);
        status = is_known ? entry_advance(draft, &before[i], &now[i]) : sentence_take(draft, &now[i]);
    }
    return status;
}

static enum status pages_put(struct db *db, const struct adopt_draft *draft)
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
            status = own_cell_put(db, draft->living.topic, buffer_bytes(&key), buffer_bytes(&value));
        }
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

/* --- whole streams -------------------------------------------------------------------------------------- */

enum taking { TAKE_ALL, TAKE_VALUES, TAKE_VALUES_AWAY };

static void cell_take(struct adopt_draft *draft, const struct cell *cell, enum taking taking)
{
    const struct bytes nothing = bytes_of(NULL, 0);
    unsigned page;

    if (taking == TAKE_ALL || !adoption_key_parse(cell->key, &page)) {
        bool is_away = taking == TAKE_VALUES_AWAY;
        adopt_draft_add(draft, cell->key, is_away ? cell->value : nothing, is_away ? nothing : cell->value);
    }
}

/* Drafts all cells of one stream, after a look whether they are those of its certificate. */
static enum status stream_take(struct db *db, const struct head_row *row, enum taking taking, struct adopt_draft *draft)
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
            cell_take(draft, &cells[i], taking);
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

enum status adopt_pages_read(struct db *db, int64_t number, struct adoption_list *out)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    struct cell_rows rows;
    struct buffer key;
    struct cell cell;
    size_t count, at;
    enum status status = S_OK;

    cell_rows_init(&rows, db, number, false);
    buffer_init(&key);
    for (unsigned page = 0; page < ADOPTION_PAGES_MAX && status == S_OK; page++) {
        adoption_key(page, &key);
        status = cell_row_find(&rows, buffer_bytes(&key), &cell);
        if (status == S_OK) {
            status = adoption_decode(cell.value, entries, &count);
        }
        for (size_t i = 0; i < count && status == S_OK; i++) {
            status = adoption_is_hole(&entries[i]) ? S_OK : adoption_list_add(out, TOPIC_RESULTS, &entries[i], &at);
        }
    }
    buffer_release(&key);
    cell_rows_release(&rows);
    return status == S_NOT_FOUND ? db_status(db) : status;
}

/* What was adopted is kept for a while, exactly as far as it was (adopted.h). */
static enum status kept_find(struct db *db, const struct adopt_draft *draft, const struct adoption *whole,
                             struct head_row *row_out)
{
    const struct stream_id stream = {draft->living.node, whole->incarnation, draft->living.topic};
    bool is_kept = head_find(db, &stream, row_out) && whole->from == 0 && row_out->certificate.head.seq == whole->to;

    return is_kept || db_status(db) != S_OK ? db_status(db) : S_EXISTS;
}

/* What the wholes adopted is among them, and in the values of who adopted it. */
static enum status inner_find(struct db *db, const struct adopt_draft *draft, const struct adoption_list *wholes,
                              struct adoption_list *inner)
{
    struct head_row row;
    enum status status = S_OK;

    for (size_t i = 0; i < wholes->count && status == S_OK; i++) {
        status = kept_find(db, draft, &wholes->entries[i], &row);
        if (status == S_OK) {
            status = adopt_pages_read(db, row.number, inner);
        }
    }
    for (size_t i = 0; i < inner->count && status == S_OK; i++) {
        const struct adoption *found = adoption_list_overlap(wholes, &inner->entries[i]);
        bool is_same = found && found->from == inner->entries[i].from && found->to == inner->entries[i].to;
        status = is_same ? S_OK : S_EXISTS;
    }
    return status;
}

/* Drafts that the values of these are there once less, or once more. S_EXISTS when that cannot be known. */
static enum status wholes_take(struct db *db, struct adopt_draft *draft, const struct adoption_list *wholes,
                               enum taking taking)
{
    struct adoption_list inner = {0};
    struct head_row row;
    enum status status = inner_find(db, draft, wholes, &inner);

    for (size_t i = 0; i < wholes->count && status == S_OK; i++) {
        if (adoption_list_overlap(&inner, &wholes->entries[i])) {
            continue;
        }
        status = kept_find(db, draft, &wholes->entries[i], &row);
        if (status == S_OK) {
            status = stream_take(db, &row, taking, draft);
        }
    }
    adoption_list_release(&inner);
    return status;
}

/* --- values --------------------------------------------------------------------------------------------- */

/* All changes of one key, from changes[at] on, upon what the living stream holds; *next_out is behind them. */
static enum status key_merge(struct db *db, struct adopt_draft *draft, size_t at, size_t *next_out)
{
    struct bytes key = change_key(draft, &draft->changes[at]), stored = bytes_of(NULL, 0);
    struct buffer value, merged;
    enum status status = own_cell_get(db, draft->living.topic, key, &stored);

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

static bool change_is_page(const struct adopt_draft *draft, const struct change *change)
{
    unsigned page;

    return adoption_key_parse(change_key(draft, change), &page);
}

static void changes_sort(struct adopt_draft *draft)
{
    if (draft->count > 0) { /* before the first one there is no array */
        qsort_r(draft->changes, draft->count, sizeof *draft->changes, change_compare, draft);
    }
}

/* Reads and merges without writing: what cannot be merged leaves no trace. Pages first: they say what is there twice. */
static enum status values_merge(struct db *db, struct adopt_draft *draft)
{
    enum status status = S_OK;

    changes_sort(draft);
    for (size_t at = 0; at < draft->count && status == S_OK; at++) {
        const struct change *change = &draft->changes[at];
        status = change_is_page(draft, change) ? page_take(draft, change_from(draft, change), change_to(draft, change)) : S_OK;
    }
    if (status == S_OK) {
        status = wholes_take(db, draft, &draft->missing, TAKE_VALUES);
    }
    if (status == S_OK) {
        status = wholes_take(db, draft, &draft->surplus, TAKE_VALUES_AWAY);
    }
    if (draft->bytes.size > ADOPT_BYTES_MAX) {
        return S_TOO_LARGE;
    }
    changes_sort(draft);
    for (size_t at = 0; at < draft->count && status == S_OK;) {
        if (change_is_page(draft, &draft->changes[at])) {
            at++;
        } else {
            status = key_merge(db, draft, at, &at);
        }
    }
    return status;
}

static enum status values_put(struct db *db, const struct adopt_draft *draft)
{
    struct bytes rest = buffer_bytes(&draft->values), size, value;
    enum status status = S_OK;

    for (size_t at = 0; at < draft->count && status == S_OK; at++) {
        struct bytes key = change_key(draft, &draft->changes[at]);
        bool is_again = at > 0 && bytes_equal(key, change_key(draft, &draft->changes[at - 1]));
        if (is_again || change_is_page(draft, &draft->changes[at])) {
            continue;
        }
        bool is_whole = bytes_take(&rest, 4, &size);
        CHECK(is_whole);
        is_whole = bytes_take(&rest, (size_t)size.data[0] | (size_t)size.data[1] << 8 | (size_t)size.data[2] << 16, &value);
        CHECK(is_whole);
        status = own_cell_put(db, draft->living.topic, key, value);
    }
    return status;
}

enum status adopt_draft_put(struct db *db, struct adopt_draft *draft)
{
    enum status status = values_merge(db, draft);

    if (status == S_OK) {
        status = values_put(db, draft);
    }
    if (status == S_OK) {
        status = pages_put(db, draft);
    }
    for (size_t i = 0; i < draft->news.count && status == S_OK; i++) {
        status = adopted_note(db, &draft->living, &draft->news.entries[i]);
    }
    incident_add(INCIDENT_DOUBLES, status == S_OK ? draft->surplus.count : 0);
    return status;
}

enum status adopt_draft_take(struct db *db, struct adopt_draft *draft, const struct head_row *row)
{
    const struct stream_head *head = &row->certificate.head;
    const struct adoption entry = {head->stream.incarnation, 0, head->seq};
    enum status status = stream_take(db, row, TAKE_ALL, draft);

    return status == S_OK ? adopt_draft_say(draft, &entry) : status;
}

/* --- giving up ------------------------------------------------------------------------------------------ */

static bool list_has(const struct adoption_list *list, const struct id *incarnation)
{
    for (size_t i = 0; i < list->count; i++) {
        if (id_equal(&list->entries[i].incarnation, incarnation)) {
            return true;
        }
    }
    return false;
}

/* What a machine is told from another one by, for as long as it lives: the smallest of its incarnation and those that this took over, without
 * what both took over. */
static struct id line_of(const struct id *incarnation, const struct adoption_list *said, const struct adoption_list *said_by_other)
{
    struct id least = *incarnation;

    for (size_t i = 0; i < said->count; i++) {
        const struct adoption *entry = &said->entries[i];
        if (!adoption_is_hole(entry) && id_compare(&entry->incarnation, &least) < 0 && !list_has(said_by_other, &entry->incarnation)) {
            least = entry->incarnation;
        }
    }
    return least;
}

enum status adopt_draft_yield(struct adopt_draft *draft, const struct id *other, const struct adoption_list *said, bool is_left)
{
    const struct id ours = line_of(&draft->living.incarnation, &draft->list, said), its = line_of(other, said, &draft->list);
    enum status status = S_OK;

    for (size_t i = 0; i < draft->list.count && status == S_OK; i++) {
        const struct adoption *mine = &draft->list.entries[i], *theirs = adoption_list_overlap(said, mine);
        bool is_held = theirs && adoption_contains(theirs, mine);
        bool is_same = is_held && adoption_contains(mine, theirs);
        bool is_mine = is_held && (!is_same || is_left || id_compare(&ours, &its) > 0);
        if (is_mine && !adoption_list_overlap(&draft->surplus, mine)) {
            status = whole_note(&draft->surplus, mine);
        }
    }
    return status;
}

size_t adopt_draft_yielded(struct adopt_draft *draft)
{
    for (size_t i = 0; i < draft->list.count; i++) {
        if (adoption_list_overlap(&draft->surplus, &draft->list.entries[i])) {
            draft->list.entries[i] = adoption_hole();
            draft->is_page_changed[i / ADOPTION_PAGE_MAX] = true;
        }
    }
    return draft->surplus.count;
}
