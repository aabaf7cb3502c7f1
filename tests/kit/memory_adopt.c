/* Adoptions in the memory store: the values of closed streams added to the living one, and the sentence that says so. */
#include "tests/kit/memory_state.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/crdt/merge.h"
#include "replication/stream/adoption.h"

/* Cells about to be written, each key once. */
struct draft {
    struct memory_store *store;
    const struct stream_id *living;
    struct memory_cell *cells; /* owned, with their bytes */
    size_t count, capacity;
    struct adoption_list list;
    bool *is_page_changed; /* ADOPTION_PAGES_MAX */
};

void memory_store_set_self(struct memory_store *store, const struct id *self)
{
    store->self = *self;
}

void memory_store_renew(struct memory_store *store)
{
    (void)store;
}

uint64_t memory_store_adopted_seq(struct memory_store *store, const struct stream_id *stream)
{
    struct stream_id first = {.node = stream->node, .topic = stream->topic};
    uint64_t seq = 0, page_seq;
    unsigned page;

    if (store->faults.ignores_adoptions) {
        return 0;
    }
    for (size_t at = slot_lower_bound(store, &first); at < store->count; at++) {
        const struct slot *slot = &store->slots[at];
        if (slot->stream.topic != stream->topic || !id_equal(&slot->stream.node, &stream->node)) {
            break;
        }
        if (id_equal(&slot->stream.incarnation, &stream->incarnation)) {
            continue;
        }
        for (size_t i = 0; i < slot->now->count; i++) {
            if (adoption_key_parse(row_key(&slot->now->rows[i]), &page)) {
                page_seq = adoption_page_seq(row_value(&slot->now->rows[i]), &stream->incarnation);
                seq = page_seq > seq ? page_seq : seq;
            }
        }
    }
    return seq;
}

static void held_drop(struct memory_store *store, const struct stream_id *stream)
{
    size_t kept = 0;

    for (size_t i = 0; i < store->held_count; i++) {
        if (stream_id_compare(&store->held[i].stream, stream) != 0) {
            store->held[kept++] = store->held[i];
        }
    }
    store->held_count = kept;
}

void memory_store_drop_covered(struct memory_store *store, const struct stream_id *stream)
{
    for (size_t at = 0; at < store->count; at++) {
        struct slot *slot = &store->slots[at];
        if (slot->stream.topic != stream->topic || !id_equal(&slot->stream.node, &stream->node)) {
            continue;
        }
        uint64_t adopted = memory_store_adopted_seq(store, &slot->stream);
        if (adopted == 0 || !adoption_covers(slot->now->certificate.head.seq, adopted)) {
            continue;
        }
        held_drop(store, &slot->stream);
        if (!id_equal(&stream->node, &store->self) && slot->now->certificate.head.seq > 0) {
            slot_clear(store, slot);
        }
    }
}

/* --- drafting --- */

static struct bytes bytes_own(struct bytes bytes)
{
    uint8_t *data = malloc(bytes.size + 1);

    CHECK(data);
    memcpy(data, bytes.data, bytes.size);
    return bytes_of(data, bytes.size);
}

/* The value as it will be; data NULL without one. */
static struct bytes draft_value(struct draft *draft, struct bytes key)
{
    struct bytes value = bytes_of(NULL, 0);

    for (size_t i = 0; i < draft->count; i++) {
        if (bytes_equal(draft->cells[i].key, key)) {
            return draft->cells[i].value;
        }
    }
    memory_store_find(draft->store, draft->living, key, &value);
    return value;
}

static void draft_put(struct draft *draft, struct bytes key, struct bytes value)
{
    struct bytes owned = bytes_own(value);

    for (size_t i = 0; i < draft->count; i++) {
        if (bytes_equal(draft->cells[i].key, key)) {
            free((void *)draft->cells[i].value.data);
            draft->cells[i].value = owned;
            return;
        }
    }
    if (draft->count == draft->capacity) {
        draft->capacity = draft->capacity ? 2 * draft->capacity : 16;
        draft->cells = reallocarray(draft->cells, draft->capacity, sizeof *draft->cells);
        CHECK(draft->cells);
    }
    draft->cells[draft->count++] = (struct memory_cell){bytes_own(key), owned};
}

static enum status draft_sentence(struct draft *draft, const struct adoption *entry)
{
    size_t at = 0;
    enum status status = adoption_list_add(&draft->list, draft->living->topic, entry, &at);

    if (status == S_OK) {
        draft->is_page_changed[at / ADOPTION_PAGE_MAX] = true;
    }
    return status;
}

/* What a page says goes into the list: of the living stream as it stands, of another as news. `old` is what was taken
 * over of it before. */
static enum status draft_page(struct draft *draft, struct bytes value, struct bytes old, bool is_news)
{
    struct adoption entries[ADOPTION_PAGE_MAX], before[ADOPTION_PAGE_MAX];
    size_t count, before_count = 0, at;
    enum status status = adoption_decode(value, entries, &count);

    if (old.size > 0 && adoption_decode(old, before, &before_count) != S_OK) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count && status == S_OK; i++) {
        if (i < before_count && memcmp(&before[i], &entries[i], sizeof before[i]) == 0) {
            continue;
        }
        if (i < before_count && adoption_is_summed(draft->living->topic)) {
            if (entries[i].from != before[i].from || entries[i].to <= before[i].to) {
                return S_DENIED; /* only the end of an entry moves */
            }
            entries[i].from = before[i].to;
        }
        status = is_news ? draft_sentence(draft, &entries[i]) : adoption_list_add(&draft->list, draft->living->topic, &entries[i], &at);
    }
    return status;
}

static enum status draft_begin(struct draft *draft, struct memory_store *store, const struct stream_id *living)
{
    struct buffer key;
    struct bytes value;
    enum status status = S_OK;

    memset(draft, 0, sizeof *draft);
    draft->store = store;
    draft->living = living;
    draft->is_page_changed = calloc(ADOPTION_PAGES_MAX, 1);
    CHECK(draft->is_page_changed);
    buffer_init(&key);
    for (unsigned page = 0; status == S_OK && page < ADOPTION_PAGES_MAX; page++) {
        adoption_key(page, &key);
        if (!memory_store_find(store, living, buffer_bytes(&key), &value)) {
            break;
        }
        status = draft_page(draft, value, bytes_of(NULL, 0), false);
    }
    buffer_release(&key);
    return status;
}

/* Adds what `now` holds more than `before` (NULL: nothing). */
static enum status draft_add(struct draft *draft, const struct version *now, struct version *before)
{
    struct buffer merged;
    enum status status = S_OK;
    unsigned page;

    buffer_init(&merged);
    for (size_t i = 0; i < now->count && status == S_OK; i++) {
        struct bytes key = row_key(&now->rows[i]), value = row_value(&now->rows[i]);
        struct row *old = before ? version_find(before, key) : NULL;
        struct bytes from = old ? row_value(old) : bytes_of(NULL, 0);
        if (old && bytes_equal(from, value)) {
            continue;
        }
        if (adoption_key_parse(key, &page)) {
            status = draft->store->faults.drops_sentences ? S_OK : draft_page(draft, value, from, true);
            continue;
        }
        status = cell_value_advance(draft_value(draft, key), from, value, &merged);
        if (status == S_OK) {
            draft_put(draft, key, buffer_bytes(&merged));
        }
    }
    buffer_release(&merged);
    return status;
}

static void draft_pages(struct draft *draft)
{
    struct buffer key, value;

    buffer_init(&key);
    buffer_init(&value);
    for (unsigned page = 0; (size_t)page * ADOPTION_PAGE_MAX < draft->list.count; page++) {
        size_t first = (size_t)page * ADOPTION_PAGE_MAX, left = draft->list.count - first;
        if (draft->is_page_changed[page]) {
            adoption_key(page, &key);
            buffer_clear(&value);
            adoption_encode(draft->list.entries + first, left < ADOPTION_PAGE_MAX ? left : ADOPTION_PAGE_MAX, &value);
            draft_put(draft, buffer_bytes(&key), buffer_bytes(&value));
        }
    }
    buffer_release(&key);
    buffer_release(&value);
}

static void draft_write(struct draft *draft, const struct identity *identity, hlc stamp)
{
    size_t values = draft->count;

    draft_pages(draft);
    bool is_late = draft->store->faults.splits_adoptions && values > 0;
    if (is_late && !draft->store->owes_sentence) { /* the broken variant: the sentence follows with the next commit */
        memory_store_write(draft->store, draft->living, draft->cells, values, identity, stamp);
        draft->store->owes_sentence = true;
        return;
    }
    draft->store->owes_sentence = false;
    if (is_late) {
        memory_store_write(draft->store, draft->living, draft->cells + values, draft->count - values, identity, stamp);
    } else {
        memory_store_write(draft->store, draft->living, draft->cells, draft->count, identity, stamp);
    }
    memory_store_drop_covered(draft->store, draft->living);
}

static void draft_release(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        free((void *)draft->cells[i].key.data);
        free((void *)draft->cells[i].value.data);
    }
    free(draft->cells);
    free(draft->is_page_changed);
    adoption_list_release(&draft->list);
}

enum status memory_store_adopt(struct memory_store *store, const struct adopt_plan *plan, const struct identity *identity,
                               hlc stamp)
{
    struct draft draft;
    enum status status = draft_begin(&draft, store, &plan->living);

    for (size_t i = 0; i < plan->count && status == S_OK; i++) {
        const struct adopt_choice *choice = &plan->items[i];
        struct slot *slot = slot_find(store, &choice->stream);
        struct adoption entry = {choice->stream.incarnation, 0, choice->seq};
        if (!slot || slot->now->certificate.head.seq != choice->seq) {
            status = S_STALE;
            break;
        }
        status = draft_add(&draft, slot->now, NULL);
        if (status == S_OK) {
            status = draft_sentence(&draft, &entry);
        }
    }
    if (status == S_OK && plan->count > 0) {
        draft_write(&draft, identity, stamp);
    }
    draft_release(&draft);
    return status;
}

/* Adds the difference when what was adopted is here. */
static void difference_add(struct memory_store *store, const struct slot *slot, struct version *before,
                           const struct memory_author *author)
{
    uint64_t from = before->certificate.head.seq, to = slot->now->certificate.head.seq;
    struct adoption entry = {slot->stream.incarnation, from, to};
    struct draft draft;

    if (from == 0 || to <= from || memory_store_adopted_seq(store, &slot->stream) != from) {
        return;
    }
    enum status status = draft_begin(&draft, store, &author->living);
    if (status == S_OK) {
        status = draft_add(&draft, slot->now, before);
    }
    if (status == S_OK) {
        status = draft_sentence(&draft, &entry);
    }
    if (status == S_OK) {
        draft_write(&draft, author->identity, author->stamp);
    }
    draft_release(&draft);
}

enum status memory_store_apply_adopted(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                                       struct bytes body, const struct memory_author *author)
{
    struct slot *slot = slot_find(store, stream);
    struct version *before = slot ? slot->now : NULL;

    if (before) {
        before->references++;
    }
    enum status status = memory_store_apply(store, stream, after_seq, body);
    if (status == S_OK && before) {
        difference_add(store, slot_find(store, stream), before, author);
    }
    version_drop(before);
    return status;
}
