#include "node/store/stream/term.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "replication/base/check.h"

enum { SLOTS_FIRST = 256, NUMBERS_CACHED_MAX = 1 << 20 };

struct term {
    uint64_t hash;
    int64_t number;
    size_t size;
    uint8_t text[];
};

struct terms {
    struct term **by_text; /* open addressing, `slot_count` is a power of two */
    size_t slot_count;
    struct term **by_number; /* index: number */
    size_t number_count;
    size_t count;
    size_t bytes;
    bool has_unsaved; /* a number was given in the open transaction */
    uint8_t
        key[crypto_shorthash_KEYBYTES]; /* texts come from other nodes: they must not choose their slots */
    struct term *uncached;              /* a text whose number is too large for by_number */
};

struct terms *terms_new(void)
{
    struct terms *terms = calloc(1, sizeof *terms);

    CHECK(terms);
    crypto_shorthash_keygen(terms->key);
    return terms;
}

static void terms_clear(struct terms *terms)
{
    for (size_t i = 0; i < terms->slot_count; i++) {
        free(terms->by_text[i]);
    }
    free(terms->by_text);
    free(terms->by_number);
    free(terms->uncached);
    terms->by_text = terms->by_number = NULL;
    terms->uncached = NULL;
    terms->slot_count = terms->number_count = terms->count = terms->bytes = 0;
}

void terms_free(struct terms *terms)
{
    if (terms) {
        terms_clear(terms);
        free(terms);
    }
}

void terms_undo(struct db *db)
{
    struct terms *terms = db_terms(db);

    if (terms->has_unsaved) {
        terms_clear(terms);
        terms->has_unsaved = false;
    }
}

void terms_keep(struct db *db)
{
    db_terms(db)->has_unsaved = false;
}

static uint64_t text_hash(const struct terms *terms, struct bytes text)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, text.data, text.size, terms->key);
    return hash;
}

/* The slot that holds `text`, or the empty one where it belongs. */
static struct term **slot_find(struct terms *terms, uint64_t hash, struct bytes text)
{
    size_t i = hash & (terms->slot_count - 1);

    while (terms->by_text[i]) {
        struct term *term = terms->by_text[i];
        if (term->hash == hash && bytes_equal(bytes_of(term->text, term->size), text)) {
            break;
        }
        i = (i + 1) & (terms->slot_count - 1);
    }
    return &terms->by_text[i];
}

static void slots_grow(struct terms *terms)
{
    struct term **before = terms->by_text;
    size_t count = terms->slot_count;

    terms->slot_count = count ? 2 * count : SLOTS_FIRST;
    terms->by_text = calloc(terms->slot_count, sizeof *terms->by_text);
    CHECK(terms->by_text);
    for (size_t i = 0; i < count; i++) {
        if (before[i]) {
            *slot_find(terms, before[i]->hash, bytes_of(before[i]->text, before[i]->size)) = before[i];
        }
    }
    free(before);
}

static void numbers_grow(struct terms *terms, int64_t number)
{
    size_t count = terms->number_count ? terms->number_count : SLOTS_FIRST;

    while (count <= (size_t)number) {
        count *= 2;
    }
    if (count > terms->number_count) {
        terms->by_number = realloc(terms->by_number, count * sizeof *terms->by_number);
        CHECK(terms->by_number);
        memset(terms->by_number + terms->number_count, 0,
               (count - terms->number_count) * sizeof *terms->by_number);
        terms->number_count = count;
    }
}

/* A number that a packed key can hold (key.h). */
static bool is_valid(int64_t number)
{
    return number > 0 && number <= UINT32_MAX;
}

/* Remembers that `text` has `number`; both were looked up in the database. NULL when that contradicts what it said before. */
static struct term *terms_keep_one(struct db *db, struct bytes text, int64_t number)
{
    struct terms *terms = db_terms(db);
    struct term *term = malloc(sizeof *term + text.size);

    CHECK(term);
    term->hash = text_hash(terms, text);
    term->number = number;
    term->size = text.size;
    if (text.size) {
        memcpy(term->text, text.data, text.size);
    }
    if (terms->bytes > TERMS_BYTES_MAX) {
        terms_clear(terms);
    }
    if (number >= NUMBERS_CACHED_MAX) {
        free(terms->uncached);
        terms->uncached = term;
        return term;
    }
    if (terms->count * 2 >= terms->slot_count) {
        slots_grow(terms);
    }
    numbers_grow(terms, number);
    struct term **slot = slot_find(terms, term->hash, text);
    if (*slot || terms->by_number[number]) { /* one text with two numbers, or one number with two texts */
        free(term);
        db_fail(db, S_CORRUPT);
        return NULL;
    }
    *slot = term;
    terms->by_number[number] = term;
    terms->count++;
    terms->bytes += sizeof *term + text.size + 4 * sizeof term;
    return term;
}

static int64_t number_read(struct db *db, struct bytes text)
{
    struct statement *find = db_statement(db, STATEMENT_term_find);
    int64_t number = 0;

    statement_bind_blob(find, 1, text);
    if (statement_step(find)) {
        number = statement_int(find, 0);
    }
    statement_reset(find);
    return number;
}

int64_t term_number(struct db *db, struct bytes text, bool may_add)
{
    struct terms *terms = db_terms(db);

    if (terms->slot_count) {
        struct term *term = *slot_find(terms, text_hash(terms, text), text);
        if (term) {
            return term->number;
        }
    }
    int64_t number = number_read(db, text);
    if (!number && may_add) {
        struct statement *add = db_statement(db, STATEMENT_term_add);
        statement_bind_blob(add, 1, text);
        if (statement_run(add) == S_OK) {
            number = db_last_id(db);
            terms->has_unsaved = true;
        }
    }
    if (number && !is_valid(number)) {
        db_fail(db, S_CORRUPT);
        return 0;
    }
    return number && terms_keep_one(db, text, number) ? number : 0;
}

struct bytes term_text(struct db *db, int64_t number)
{
    struct terms *terms = db_terms(db);
    struct term *term = NULL;

    if (number > 0 && (size_t)number < terms->number_count) {
        term = terms->by_number[number];
    }
    if (!term) {
        struct statement *get = db_statement(db, STATEMENT_term_text);
        statement_bind_int(get, 1, number);
        if (is_valid(number) && statement_step(get)) {
            term = terms_keep_one(db, statement_blob(get, 0), number);
        }
        statement_reset(get);
    }
    return term ? bytes_of(term->text, term->size) : bytes_of(NULL, 0);
}
