/* The special entries (AUTHORITY, COSIGN, ADOPT) stand sorted by kind, what they are about, signer and hash, so that the
 * signatures under one statement and the successors of one generation are runs, found by binary search. */
#include "replication/trust/authority.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

struct judge {
    struct authority *authority;
    struct roster_entry **special;
    size_t special_count;
};

static bool hash_is_none(const struct hash *hash)
{
    static const struct hash none;
    return hash_equal(hash, &none);
}

struct hash authority_genesis(const uint8_t founding_key[SIGN_PUBLIC_SIZE])
{
    return hash_of(bytes_text("qanat authority 0"), bytes_of(founding_key, SIGN_PUBLIC_SIZE));
}

/* --- order ---------------------------------------------------------------------------------------------- */

static int special_compare(const void *left, const void *right)
{
    const struct roster_entry *a = *(struct roster_entry *const *)left, *b = *(struct roster_entry *const *)right;
    int order = (a->kind > b->kind) - (a->kind < b->kind);

    if (!order) {
        order = memcmp(a->about.b, b->about.b, sizeof a->about.b);
    }
    if (!order) {
        order = memcmp(a->signer_public, b->signer_public, sizeof a->signer_public);
    }
    return order ? order : memcmp(a->hash.b, b->hash.b, sizeof a->hash.b);
}

size_t authority_part(struct roster_entry **entries, size_t count)
{
    size_t plain = 0;

    for (size_t i = 0; i < count; i++) {
        if (statement_is_plain(entries[i]->kind)) {
            struct roster_entry *swap = entries[plain];
            entries[plain++] = entries[i];
            entries[i] = swap;
        }
    }
    if (count > plain) {
        qsort(entries + plain, count - plain, sizeof *entries, special_compare);
    }
    return plain;
}

/* The first of the run of `kind` about `about`. */
static size_t run_find(struct roster_entry *const *special, size_t count, enum statement_kind kind, const struct hash *about)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct roster_entry *entry = special[middle];
        bool is_below = entry->kind < kind || (entry->kind == kind && memcmp(entry->about.b, about->b, sizeof about->b) < 0);
        if (is_below) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_in_run(struct roster_entry *const *special, size_t count, size_t at, enum statement_kind kind,
                      const struct hash *about)
{
    return at < count && special[at]->kind == kind && hash_equal(&special[at]->about, about);
}

/* --- signatures ----------------------------------------------------------------------------------------- */

typedef uint32_t key_set; /* one bit a key */

_Static_assert(AUTHORITY_KEYS_MAX <= 32, "a key set holds every key");

static key_set key_bit(const uint8_t *keys, size_t count, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys + i * SIGN_PUBLIC_SIZE, key, SIGN_PUBLIC_SIZE) == 0) {
            return (key_set)1 << i;
        }
    }
    return 0;
}

static uint32_t set_count(key_set set)
{
    return (uint32_t)__builtin_popcount(set);
}

/* Which of `keys` signed the statement `hash`, whose own signer is `signer`. */
static key_set signatures_of(struct roster_entry *const *special, size_t count, struct bytes keys, const struct hash *hash,
                             const uint8_t signer[SIGN_PUBLIC_SIZE])
{
    size_t key_count = keys.size / SIGN_PUBLIC_SIZE;
    key_set set = signer ? key_bit(keys.data, key_count, signer) : 0;

    for (size_t i = run_find(special, count, STATEMENT_COSIGN, hash); is_in_run(special, count, i, STATEMENT_COSIGN, hash); i++) {
        set |= key_bit(keys.data, key_count, special[i]->signer_public);
    }
    return set;
}

static struct bytes keys_of(const struct authority *authority)
{
    return bytes_of(authority->keys, authority->key_count * SIGN_PUBLIC_SIZE);
}

bool authority_has_key(const struct authority *authority, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    return key_bit(authority->keys[0], authority->key_count, key) != 0;
}

uint32_t authority_signatures(const struct authority *authority, struct roster_entry *const *special, size_t count,
                              const struct hash *hash, const uint8_t signer[SIGN_PUBLIC_SIZE])
{
    return set_count(signatures_of(special, count, keys_of(authority), hash, signer));
}

/* --- the chain ------------------------------------------------------------------------------------------ */

static bool is_former_key(const struct authority *authority, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    for (size_t i = 0; i < authority->former_key_count; i++) {
        if (memcmp(authority->former_keys[i], key, SIGN_PUBLIC_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void former_note(struct authority *authority)
{
    for (size_t i = 0; i < authority->key_count; i++) {
        if (!is_former_key(authority, authority->keys[i]) && authority->former_key_count < AUTHORITY_CHAIN_KEYS_MAX) {
            memcpy(authority->former_keys[authority->former_key_count++], authority->keys[i], SIGN_PUBLIC_SIZE);
        }
    }
}

/* From here on the generation that `entry` names speaks. */
static void generation_take(struct authority *authority, const struct roster_entry *entry)
{
    struct statement statement;

    statement_read(bytes_of(entry->raw, entry->size), &statement);
    const struct authority_terms *terms = &statement.terms;
    former_note(authority);
    authority->generation = terms->generation;
    authority->at_ms = terms->at_ms;
    authority->hash = entry->hash;
    authority->threshold = terms->threshold;
    authority->key_count = terms->keys.size / SIGN_PUBLIC_SIZE;
    authority->ratified_count = terms->ratified.size / sizeof(struct hash);
    memcpy(authority->keys, terms->keys.data, terms->keys.size);
    if (terms->ratified.size > 0) {
        memcpy(authority->ratified, terms->ratified.data, terms->ratified.size);
    }
}

static void genesis_take(struct authority *authority, const uint8_t founding_key[SIGN_PUBLIC_SIZE])
{
    memset(authority, 0, sizeof *authority);
    authority->hash = authority_genesis(founding_key);
    authority->threshold = 1;
    authority->key_count = 1;
    memcpy(authority->keys[0], founding_key, SIGN_PUBLIC_SIZE);
}

/* Given by the generation before and taken by its own: *given_out is who gave. */
static bool successor_is_valid(const struct judge *judge, const struct roster_entry *entry, key_set *given_out)
{
    const struct authority *authority = judge->authority;
    struct statement statement;

    if (entry->generation != authority->generation + 1) {
        return false;
    }
    statement_read(bytes_of(entry->raw, entry->size), &statement);
    *given_out = signatures_of(judge->special, judge->special_count, keys_of(authority), &entry->hash, entry->signer_public);
    key_set taken = signatures_of(judge->special, judge->special_count, statement.terms.keys, &entry->hash, entry->signer_public);
    return set_count(*given_out) >= authority->threshold && set_count(taken) >= statement.terms.threshold;
}

/* One who was given the federation, beside others. */
struct successor {
    const struct roster_entry *entry;
    uint32_t true_ones; /* signatures by keys that signed no rival */
    uint32_t all;
};

static bool is_before(const struct successor *a, const struct successor *b)
{
    if (a->true_ones != b->true_ones) {
        return a->true_ones > b->true_ones;
    }
    if (a->all != b->all) {
        return a->all > b->all;
    }
    if (a->entry->at_ms != b->entry->at_ms) {
        return a->entry->at_ms < b->entry->at_ms;
    }
    return memcmp(a->entry->hash.b, b->entry->hash.b, sizeof a->entry->hash.b) < 0;
}

/* Keys that signed more than one valid successor. */
static key_set turncoats_find(const struct judge *judge, size_t first)
{
    const struct hash *about = &judge->authority->hash;
    key_set once = 0, twice = 0, given;

    for (size_t i = first; is_in_run(judge->special, judge->special_count, i, STATEMENT_AUTHORITY, about); i++) {
        if (successor_is_valid(judge, judge->special[i], &given)) {
            twice |= once & given;
            once |= given;
        }
    }
    return twice;
}

static void rival_note(struct authority *authority, const struct roster_entry *entry)
{
    if (authority->rival_count < AUTHORITY_RIVALS_MAX) {
        authority->rivals[authority->rival_count] =
            (struct authority_rival){entry->generation, entry->at_ms, entry->hash};
    }
    authority->rival_count++;
}

/* The valid successor of the present generation that is followed, or NULL. */
static const struct roster_entry *successor_choose(const struct judge *judge)
{
    const struct hash about = judge->authority->hash;
    size_t first = run_find(judge->special, judge->special_count, STATEMENT_AUTHORITY, &about);
    key_set turncoats = turncoats_find(judge, first), given;
    struct successor best = {NULL, 0, 0};

    for (size_t i = first; is_in_run(judge->special, judge->special_count, i, STATEMENT_AUTHORITY, &about); i++) {
        const struct roster_entry *entry = judge->special[i];
        if (!successor_is_valid(judge, entry, &given)) {
            continue;
        }
        struct successor successor = {entry, set_count(given & ~turncoats), set_count(given)};
        if (!best.entry || is_before(&successor, &best)) {
            best = successor;
        }
    }
    for (size_t i = first; is_in_run(judge->special, judge->special_count, i, STATEMENT_AUTHORITY, &about); i++) {
        if (judge->special[i] != best.entry && successor_is_valid(judge, judge->special[i], &given)) {
            rival_note(judge->authority, judge->special[i]);
        }
    }
    return best.entry;
}

/* The statement itself and every signature of either side under it stay in effect: a newcomer needs them. */
static void successor_mark(const struct judge *judge, const struct roster_entry *entry)
{
    struct statement statement;

    statement_read(bytes_of(entry->raw, entry->size), &statement);
    struct bytes keys = statement.terms.keys;
    for (size_t i = 0; i < judge->special_count; i++) {
        struct roster_entry *other = judge->special[i];
        bool is_signature = other->kind == STATEMENT_COSIGN && hash_equal(&other->about, &entry->hash) &&
                            (authority_has_key(judge->authority, other->signer_public) ||
                             key_bit(keys.data, keys.size / SIGN_PUBLIC_SIZE, other->signer_public));
        other->is_in_effect = other->is_in_effect || other == entry || is_signature;
    }
}

static void chain_follow(const struct judge *judge, const struct hash *anchor)
{
    struct authority *authority = judge->authority;
    const struct roster_entry *next;

    for (size_t i = 0; !hash_is_none(anchor) && i < judge->special_count; i++) {
        struct roster_entry *entry = judge->special[i];
        if (entry->kind == STATEMENT_AUTHORITY && hash_equal(&entry->hash, anchor)) {
            generation_take(authority, entry);
            entry->is_in_effect = true;
            break;
        }
    }
    while (authority->generation < AUTHORITY_GENERATION_MAX && (next = successor_choose(judge)) != NULL) {
        successor_mark(judge, next);
        generation_take(authority, next);
    }
}

/* --- what is the authority's own ------------------------------------------------------------------------ */

static bool is_ratified(const struct authority *authority, const struct hash *hash)
{
    return authority->ratified_count > 0 && bsearch(hash, authority->ratified, authority->ratified_count,
                                                    sizeof *authority->ratified, hash_order) != NULL;
}

bool authority_speaks(const struct authority *authority, const struct statement *statement)
{
    bool is_signed = statement->generation == authority->generation && authority_has_key(authority, statement->signer_public);

    return is_ratified(authority, &statement->hash) || is_signed;
}

static bool entry_is_authority(const struct judge *judge, const struct roster_entry *entry)
{
    struct authority *authority = judge->authority;

    if (is_ratified(authority, &entry->hash)) {
        return true;
    }
    if (entry->generation == authority->generation && authority_has_key(authority, entry->signer_public)) {
        bool is_enough = authority_signatures(authority, judge->special, judge->special_count, &entry->hash,
                                              entry->signer_public) >= authority->threshold;
        authority->waiting_count += !is_enough;
        return is_enough;
    }
    if (entry->generation < authority->generation && is_former_key(authority, entry->signer_public)) {
        authority->late_count += entry->at_ms > authority->at_ms;
        authority->left_count++;
    }
    return false;
}

/* --- adoption ------------------------------------------------------------------------------------------- */

static int admission_order(const void *left, const void *right)
{
    const struct roster_entry *a = *(struct roster_entry *const *)left, *b = *(struct roster_entry *const *)right;
    return memcmp(a->hash.b, b->hash.b, sizeof a->hash.b);
}

static int admission_find(const void *wanted, const void *element)
{
    const struct roster_entry *entry = *(struct roster_entry *const *)element;
    return memcmp(wanted, entry->hash.b, sizeof entry->hash.b);
}

/* True when `adoption` holds rather than the one before. */
static bool adoption_is_later(const struct roster_entry *adoption, const struct roster_entry *before)
{
    if (!before || adoption->at_ms != before->at_ms) {
        return !before || adoption->at_ms > before->at_ms;
    }
    return memcmp(adoption->hash.b, before->hash.b, sizeof before->hash.b) < 0;
}

static void adoption_apply(struct roster_entry *adoption, struct roster_entry **admissions, size_t count)
{
    struct statement statement;

    statement_read(bytes_of(adoption->raw, adoption->size), &statement);
    for (size_t at = 0; at < statement.admissions.size; at += sizeof(struct hash)) {
        struct roster_entry **found =
            bsearch(statement.admissions.data + at, admissions, count, sizeof *admissions, admission_find);
        if (!found || !adoption_is_later(adoption, (*found)->adopted_by) ||
            id_equal(&statement.parent, &(*found)->node)) {
            continue;
        }
        struct roster_entry *entry = *found;
        entry->adopted_by = adoption;
        entry->by_authority = true;
        entry->parent = id_is_none(&statement.parent) ? entry->stated_parent : statement.parent;
        entry->rank_ms = adoption->at_ms > entry->at_ms ? adoption->at_ms : entry->at_ms;
    }
}

static void adoptions_apply(const struct judge *judge, struct roster_entry **entries, size_t plain_count)
{
    struct roster_entry **admissions = NULL;

    for (size_t i = 0; i < judge->special_count; i++) {
        struct roster_entry *adoption = judge->special[i];
        if (adoption->kind != STATEMENT_ADOPT || !(adoption->by_authority = entry_is_authority(judge, adoption))) {
            continue;
        }
        if (!admissions) {
            admissions = calloc(plain_count + 1, sizeof(struct roster_entry *));
            CHECK(admissions);
            if (plain_count) {
                memcpy(admissions, entries, plain_count * sizeof(struct roster_entry *));
                qsort(admissions, plain_count, sizeof *admissions, admission_order);
            }
        }
        adoption_apply(adoption, admissions, plain_count);
    }
    free(admissions);
}

/* --- both ends of a fold -------------------------------------------------------------------------------- */

/* What stands behind the plain ones; an empty roster has no array at all. */
static struct roster_entry **special_of(struct roster_entry **entries, size_t plain_count)
{
    return plain_count > 0 ? entries + plain_count : entries;
}

void authority_judge(struct authority *out, const uint8_t founding_key[SIGN_PUBLIC_SIZE], const struct hash *anchor,
                     struct roster_entry **entries, size_t plain_count, size_t count)
{
    struct judge judge = {out, special_of(entries, plain_count), count - plain_count};

    CHECK(plain_count <= count);
    genesis_take(out, founding_key);
    for (size_t i = 0; i < count; i++) {
        entries[i]->is_in_effect = false;
    }
    chain_follow(&judge, anchor);
    for (size_t i = 0; i < plain_count; i++) {
        struct roster_entry *entry = entries[i];
        entry->by_authority = entry_is_authority(&judge, entry);
        entry->parent = entry->stated_parent;
        entry->rank_ms = entry->at_ms;
        entry->adopted_by = NULL;
    }
    adoptions_apply(&judge, entries, plain_count);
}

/* The signatures under a statement that the present generation needs them for. */
static void signatures_mark(const struct authority *authority, struct roster_entry **special, size_t count,
                            const struct roster_entry *entry)
{
    if (entry->generation != authority->generation || is_ratified(authority, &entry->hash)) {
        return;
    }
    for (size_t i = run_find(special, count, STATEMENT_COSIGN, &entry->hash);
         is_in_run(special, count, i, STATEMENT_COSIGN, &entry->hash); i++) {
        special[i]->is_in_effect = special[i]->is_in_effect || authority_has_key(authority, special[i]->signer_public);
    }
}

static uint64_t hash_number(const struct hash *hash)
{
    uint64_t number = 0;

    for (size_t b = 0; b < 8; b++) {
        number += (uint64_t)hash->b[b] << (8 * b);
    }
    return number;
}

uint64_t authority_settle(const struct authority *authority, struct roster_entry **entries, size_t plain_count, size_t count)
{
    struct roster_entry **special = special_of(entries, plain_count);
    size_t special_count = count - plain_count;
    uint64_t version = authority->generation > 0 ? hash_number(&authority->hash) : 0;

    for (size_t i = 0; i < plain_count; i++) {
        const struct roster_entry *entry = entries[i];
        if (entry->is_in_effect && entry->adopted_by) {
            entry->adopted_by->is_in_effect = true;
        }
        if (entry->is_in_effect && entry->by_authority) {
            signatures_mark(authority, special, special_count, entry);
        }
    }
    for (size_t i = 0; i < special_count; i++) {
        if (special[i]->kind == STATEMENT_ADOPT && special[i]->is_in_effect) {
            signatures_mark(authority, special, special_count, special[i]);
            version += hash_number(&special[i]->hash);
        }
    }
    return version;
}
