/* Keeps the statements, folds them when asked (roster_fold.h) and answers from three sorted indexes: by id,
 * by name, by CURVE key. */
#include "replication/trust/roster.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/authority.h"
#include "replication/trust/consent.h"
#include "replication/trust/roster_beyond.h"
#include "replication/trust/roster_fold.h"
#include "replication/trust/roster_keys.h"
#include "replication/trust/identity.h"
#include "replication/trust/statement.h"

enum { SET_SIZE_FIRST = 64 };

/* What the fold gives, and where to find it. */
struct roster_result {
    struct roster_fold fold;
    struct authority authority;
    size_t plain_count; /* entries about members; those of the authority behind */
    uint32_t *by_name; /* indexes of members, sorted by name */
    uint32_t *by_curve;
    uint32_t *in_effect; /* indexes of entries */
    size_t in_effect_count;
    size_t idle_bytes; /* of entries without effect, and of those added since */
    bool is_current;
};

struct roster {
    struct id federation;
    uint8_t authority_public[SIGN_PUBLIC_SIZE];
    struct hash anchor;
    struct roster_entry **entries;
    size_t entry_count;
    size_t entry_capacity;
    struct roster_entry **set; /* open addressing by hash, at most half full */
    size_t set_size;           /* a power of two */
    struct roster_result *result;
};

static void *checked(void *memory)
{
    CHECK(memory);
    return memory;
}

struct roster *roster_new(const struct id *federation, const uint8_t authority_public[SIGN_PUBLIC_SIZE])
{
    struct roster *roster = checked(calloc(1, sizeof *roster));

    roster->federation = *federation;
    memcpy(roster->authority_public, authority_public, SIGN_PUBLIC_SIZE);
    roster->set_size = SET_SIZE_FIRST;
    roster->set = checked(calloc(roster->set_size, sizeof(struct roster_entry *)));
    roster->result = checked(calloc(1, sizeof *roster->result));
    return roster;
}

void roster_anchor(struct roster *roster, const struct hash *anchor)
{
    CHECK(roster->entry_count == 0);
    roster->anchor = *anchor;
}

static void result_release(struct roster_result *result)
{
    roster_fold_release(&result->fold);
    free(result->by_name);
    free(result->by_curve);
    free(result->in_effect);
    memset(result, 0, sizeof *result);
}

void roster_free(struct roster *roster)
{
    if (!roster) {
        return;
    }
    for (size_t i = 0; i < roster->entry_count; i++) {
        free(roster->entries[i]);
    }
    free(roster->entries);
    free(roster->set);
    result_release(roster->result);
    free(roster->result);
    free(roster);
}

/* --- the set of statements --- */

static struct roster_entry **set_slot(struct roster_entry **set, size_t set_size, const struct hash *hash)
{
    uint64_t at;

    memcpy(&at, hash->b, sizeof at);
    for (size_t i = 0; i < set_size; i++) {
        struct roster_entry **slot = &set[(at + i) & (set_size - 1)];
        if (!*slot || hash_equal(&(*slot)->hash, hash)) {
            return slot;
        }
    }
    CHECK_NEVER("a free slot");
    return NULL;
}

static void set_grow(struct roster *roster)
{
    size_t size = roster->set_size * 2;
    struct roster_entry **set = checked(calloc(size, sizeof *set));

    for (size_t i = 0; i < roster->entry_count; i++) {
        *set_slot(set, size, &roster->entries[i]->hash) = roster->entries[i];
    }
    free(roster->set);
    roster->set = set;
    roster->set_size = size;
}

static void entry_put(struct roster *roster, struct roster_entry *entry)
{
    if (roster->entry_count == roster->entry_capacity) {
        roster->entry_capacity = roster->entry_capacity ? roster->entry_capacity * 2 : SET_SIZE_FIRST / 2;
        roster->entries = checked(realloc(roster->entries, roster->entry_capacity * sizeof(struct roster_entry *)));
    }
    roster->entries[roster->entry_count++] = entry;
    if (roster->entry_count * 2 > roster->set_size) {
        set_grow(roster);
    } else {
        *set_slot(roster->set, roster->set_size, &entry->hash) = entry;
    }
    roster->result->idle_bytes += entry->size;
    roster->result->is_current = false;
}

static struct roster_entry *entry_new(const struct statement *statement, struct bytes raw)
{
    struct roster_entry *entry = checked(calloc(1, sizeof *entry + raw.size));

    entry->kind = statement->kind;
    entry->at_ms = statement->at_ms;
    entry->generation = statement->generation;
    memcpy(entry->signer_public, statement->signer_public, sizeof entry->signer_public);
    entry->about = statement->kind == STATEMENT_AUTHORITY ? statement->terms.predecessor : statement->about;
    entry->node = statement->node;
    entry->signer = identity_node(statement->signer_public);
    entry->hash = statement->hash;
    entry->size = raw.size;
    memcpy(entry->raw, raw.data, raw.size);
    if (statement->kind == STATEMENT_ADMIT) {
        entry->node_kind = statement->admitted.kind;
        entry->stated_parent = statement->admitted.parent;
        entry->has_consent = consent_is_given(&statement->admitted);
    } else {
        entry->has_ends = statement->has_ends && statement->kind == STATEMENT_REVOKE;
        entry->successor = statement->successor;
    }
    entry->turn = statement->turn;
    if (statement->kind == STATEMENT_REKEY) {
        memcpy(entry->subject_public, statement->admitted.sign_public, sizeof entry->subject_public);
    }
    return entry;
}

/* What no other statement can make right. */
static enum status statement_judge(const struct roster *roster, const struct statement *statement,
                                   struct report *report)
{
    struct id signer = identity_node(statement->signer_public);

    if (!id_equal(&statement->federation, &roster->federation)) {
        return report_set(report, S_DENIED, "A roster statement belongs to another federation.");
    }
    bool is_own_affair = statement->kind == STATEMENT_REKEY || statement->kind == STATEMENT_CLOSE;
    if (id_equal(&signer, &statement->node) && !is_own_affair) {
        return report_set(report, S_DENIED, "A node signed a roster statement about itself.");
    }
    if (statement->kind == STATEMENT_ADMIT && id_equal(&statement->admitted.parent, &statement->node)) {
        return report_set(report, S_DENIED, "Node \"%s\" is admitted below itself.",
                          statement->admitted.name);
    }
    if (statement->kind == STATEMENT_ADMIT && consent_is_given(&statement->admitted) &&
        consent_verify(&roster->federation, &statement->admitted) != S_OK) {
        return report_set(report, S_BAD_SIGNATURE, "The consent of node \"%s\" does not match its admission.",
                          statement->admitted.name);
    }
    return S_OK;
}

/* S_TOO_LARGE when a limit would be passed. Folds only when the idle ones might be too many. */
static enum status room_check(const struct roster *roster, size_t size, struct report *report)
{
    const struct roster_result *result = roster->result;

    if (roster->entry_count >= ROSTER_STATEMENTS_MAX) {
        return report_set(report, S_TOO_LARGE, "The roster holds %d statements, its limit.", ROSTER_STATEMENTS_MAX);
    }
    for (int attempt = 0; attempt < 2; attempt++) {
        size_t idle_count = roster->entry_count - result->in_effect_count;
        if (idle_count < ROSTER_IDLE_MAX && result->idle_bytes + size <= ROSTER_IDLE_BYTES_MAX) {
            return S_OK;
        }
        roster_settle(roster);
    }
    return report_set(report, S_TOO_LARGE, "The roster keeps no more statements without effect.");
}

static enum status roster_keep(struct roster *roster, struct bytes raw, const struct statement *statement, struct report *report)
{
    if (*set_slot(roster->set, roster->set_size, &statement->hash)) {
        return S_OK;
    }
    enum status status = room_check(roster, raw.size, report);
    if (status == S_OK) {
        entry_put(roster, entry_new(statement, raw));
    }
    return status;
}

enum status roster_add(struct roster *roster, struct bytes statement, struct report *report)
{
    struct statement decoded;
    enum status status = statement_decode(statement, &decoded, report);

    status = status == S_OK ? statement_judge(roster, &decoded, report) : status;
    return status == S_OK ? roster_keep(roster, statement, &decoded, report) : status;
}

enum status roster_add_proved(struct roster *roster, struct bytes statement, struct report *report)
{
    struct statement decoded;
    enum status status = statement_claim(statement, &decoded);

    return status == S_OK ? roster_keep(roster, statement, &decoded, report) : status;
}

struct roster *roster_copy(const struct roster *roster)
{
    struct roster *copy = roster_new(&roster->federation, roster->authority_public);

    roster_anchor(copy, &roster->anchor);
    for (size_t i = 0; i < roster->entry_count; i++) {
        size_t size = sizeof(struct roster_entry) + roster->entries[i]->size;
        entry_put(copy, memcpy(checked(malloc(size)), roster->entries[i], size));
    }
    return copy;
}

/* --- the indexes --- */

static int name_order(const void *left, const void *right, void *ctx)
{
    const struct roster_node *members = ((const struct roster_fold *)ctx)->members;
    const struct roster_node *a = &members[*(const uint32_t *)left], *b = &members[*(const uint32_t *)right];
    int order = strcmp(a->name, b->name);

    return order ? order : id_compare(&a->node, &b->node);
}

/* Of members that share a CURVE key the one that is meant comes first. */
static int curve_order(const void *left, const void *right, void *ctx)
{
    const struct roster_fold *fold = ctx;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = memcmp(fold->members[a].curve_public, fold->members[b].curve_public, CURVE_PUBLIC_SIZE);

    return order ? order
                 : roster_claim_compare(fold, &(struct roster_claim){a, fold->members[a].keys_since_ms},
                                        &(struct roster_claim){b, fold->members[b].keys_since_ms});
}

typedef int index_order(const void *left, const void *right, void *ctx);

static uint32_t *index_build(struct roster_fold *fold, index_order *order)
{
    uint32_t *index = checked(calloc(fold->count + 1, sizeof *index));

    for (size_t i = 0; i < fold->count; i++) {
        index[i] = (uint32_t)i;
    }
    if (fold->count) {
        qsort_r(index, fold->count, sizeof *index, order, fold);
    }
    return index;
}

static void in_effect_collect(const struct roster *roster, struct roster_result *result)
{
    result->in_effect = checked(calloc(roster->entry_count + 1, sizeof *result->in_effect));
    for (size_t i = 0; i < roster->entry_count; i++) {
        if (roster->entries[i]->is_in_effect) {
            result->in_effect[result->in_effect_count++] = (uint32_t)i;
        } else {
            result->idle_bytes += roster->entries[i]->size;
        }
    }
}

void roster_settle(const struct roster *roster)
{
    struct roster_result *result = roster->result;

    if (result->is_current) {
        return;
    }
    result_release(result);
    size_t count = roster->entry_count, plain = authority_part(roster->entries, count);
    authority_judge(&result->authority, roster->authority_public, &roster->anchor, roster->entries, plain, count);
    roster_fold_run(&result->fold, roster->entries, plain);
    result->fold.version += authority_settle(&result->authority, roster->entries, plain, count);
    result->plain_count = plain;
    result->by_name = index_build(&result->fold, name_order);
    result->by_curve = index_build(&result->fold, curve_order);
    in_effect_collect(roster, result);
    result->is_current = true;
}

/* The position of the first of `index` that is not below the wanted one; `compare` orders a member against
 * it. */
typedef int member_compare(const struct roster_node *member, const void *wanted);

static const struct roster_node *index_find(const struct roster_result *result, const uint32_t *index, member_compare *compare, const void *wanted)
{
    size_t low = 0, high = result->fold.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct roster_node *member = &result->fold.members[index ? index[middle] : middle];
        if (compare(member, wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == result->fold.count) {
        return NULL;
    }
    const struct roster_node *found = &result->fold.members[index ? index[low] : low];
    return compare(found, wanted) == 0 ? found : NULL;
}

static int compare_id(const struct roster_node *member, const void *wanted)
{
    return id_compare(&member->node, wanted);
}

static int compare_name(const struct roster_node *member, const void *wanted)
{
    return strcmp(member->name, wanted);
}

static int compare_curve(const struct roster_node *member, const void *wanted)
{
    return memcmp(member->curve_public, wanted, CURVE_PUBLIC_SIZE);
}

/* --- questions --- */

static const struct roster_result *settled(const struct roster *roster)
{
    roster_settle(roster);
    return roster->result;
}

const struct id *roster_federation(const struct roster *roster)
{
    return &roster->federation;
}

const struct authority *roster_authority(const struct roster *roster)
{
    return &settled(roster)->authority;
}

uint32_t roster_signatures(const struct roster *roster, const struct hash *hash)
{
    const struct roster_result *result = settled(roster);
    const struct roster_entry *entry = *set_slot(roster->set, roster->set_size, hash);
    return authority_signatures(&result->authority, roster->entries + result->plain_count,
                                roster->entry_count - result->plain_count, hash, entry ? entry->signer_public : NULL);
}

uint64_t roster_version(const struct roster *roster)
{
    return settled(roster)->fold.version;
}

bool roster_is_in_effect(const struct roster *roster, const struct hash *hash)
{
    const struct roster_entry *entry = *set_slot(roster->set, roster->set_size, hash);
    return settled(roster) && entry && entry->is_in_effect;
}

size_t roster_statement_count(const struct roster *roster)
{
    return settled(roster)->in_effect_count;
}

struct bytes roster_statement_at(const struct roster *roster, size_t index)
{
    const struct roster_result *result = settled(roster);

    CHECK(index < result->in_effect_count);
    const struct roster_entry *entry = roster->entries[result->in_effect[index]];
    return bytes_of(entry->raw, entry->size);
}

size_t roster_count(const struct roster *roster)
{
    return settled(roster)->fold.count;
}

const struct roster_node *roster_at(const struct roster *roster, size_t index)
{
    const struct roster_result *result = settled(roster);

    CHECK(index < result->fold.count);
    return &result->fold.members[index];
}

const struct roster_node *roster_find(const struct roster *roster, const struct id *node)
{
    return index_find(settled(roster), NULL, compare_id, node);
}

const struct roster_node *roster_find_name(const struct roster *roster, const char *name)
{
    const struct roster_result *result = settled(roster);
    return index_find(result, result->by_name, compare_name, name);
}

const struct roster_node *roster_find_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE])
{
    const struct roster_result *result = settled(roster);
    const struct roster_node *node = index_find(result, result->by_curve, compare_curve, curve_public);

    return node ? node : roster_find_former_curve(roster, curve_public, false);
}

const struct roster_node *roster_find_former_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE], bool is_ended)
{
    const struct roster_fold *fold = &settled(roster)->fold;

    for (size_t i = 0; i < fold->former_count; i++) {
        const struct roster_key *key = &fold->former[i];
        if ((key->closing.size > 0) == is_ended && memcmp(key->curve_public, curve_public, CURVE_PUBLIC_SIZE) == 0) {
            return roster_find(roster, &key->node);
        }
    }
    return NULL;
}

/* Where the statements about `node` begin: the fold left them in the order of their nodes. */
static size_t run_find(const struct roster *roster, const struct id *node)
{
    size_t low = 0, high = roster->result->plain_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (id_compare(&roster->entries[middle]->node, node) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct bytes roster_rekey_asked(const struct roster *roster, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, node);
    const struct roster_entry *found = NULL;

    for (size_t i = member ? run_find(roster, node) : SIZE_MAX;
         member && i < roster->result->plain_count && id_equal(&roster->entries[i]->node, node); i++) {
        const struct roster_entry *entry = roster->entries[i];
        if (entry->kind == STATEMENT_REKEY && entry->turn == member->former_count + 1 &&
            memcmp(entry->signer_public, member->sign_public, SIGN_PUBLIC_SIZE) == 0 && (!found || entry->at_ms > found->at_ms)) {
            found = entry;
        }
    }
    return found ? bytes_of(found->raw, found->size) : bytes_of(NULL, 0);
}

bool roster_statement_about(const struct roster *roster, const struct id *node, size_t at, struct bytes *statement_out)
{
    size_t i;

    if (!roster_find(roster, node)) {
        return false;
    }
    i = run_find(roster, node) + at;
    if (i >= roster->result->plain_count || !id_equal(&roster->entries[i]->node, node)) {
        return false;
    }
    *statement_out = bytes_of(roster->entries[i]->raw, roster->entries[i]->size);
    return true;
}

/* Did this admission make a hub? By the authority, or by who is a hub now. To look for a signer takes long; few admissions are of hubs. */
static bool is_hub_made(const struct roster *roster, const struct roster_entry *entry)
{
    bool is_of_hub = entry->kind == STATEMENT_ADMIT && entry->node_kind == NODE_HUB;
    const struct roster_node *signer = !is_of_hub || entry->by_authority ? NULL : roster_find_sign(roster, entry->signer_public);

    return is_of_hub && (entry->by_authority || (signer && signer->kind == NODE_HUB && !signer->is_revoked));
}

bool roster_was_hub(const struct roster *roster, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, node);
    bool was_hub = false, had_endpoint = false;

    if (!member || member->is_revoked || member->kind == NODE_HUB) {
        return false;
    }
    for (size_t i = run_find(roster, node); i < roster->result->plain_count && id_equal(&roster->entries[i]->node, node); i++) {
        const struct roster_entry *entry = roster->entries[i];
        struct statement statement;
        if (is_hub_made(roster, entry)) {
            statement_read(bytes_of(entry->raw, entry->size), &statement);
            was_hub = true;
            had_endpoint = had_endpoint || statement.admitted.endpoint[0];
        }
    }
    return was_hub && !(had_endpoint && member->placed_ms > 0 && !member->endpoint[0]);
}

const struct roster_node *roster_uplink(const struct roster *roster, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, node);
    return member ? roster_find(roster, &member->parent) : NULL;
}

bool roster_is_above(const struct roster *roster, const struct id *ancestor, const struct id *node)
{
    const struct roster_node *above = roster_uplink(roster, node);

    if (id_equal(ancestor, node)) {
        return false;
    }
    for (int step = 0; step <= ROSTER_DEPTH_MAX && above; step++) {
        if (id_equal(&above->node, ancestor)) {
            return true;
        }
        above = roster_find(roster, &above->parent);
    }
    return false;
}

bool roster_may_admit(const struct roster *roster, const struct id *signer, const struct id *parent, enum node_kind kind)
{
    const struct roster_node *member = roster_find(roster, signer);

    if (!member || member->is_revoked || member->kind == NODE_CAMPUS) {
        return false;
    }
    if (kind == NODE_HUB && member->kind != NODE_HUB) {
        return false;
    }
    return id_equal(signer, parent) || roster_is_above(roster, signer, parent);
}

bool roster_may_hold(const struct roster *roster, const struct id *holder, const struct id *origin,
                     enum topic topic)
{
    const struct roster_node *member = roster_find(roster, holder);
    const struct roster_node *writer = roster_find(roster, origin);

    if (!member || member->is_revoked || !writer) {
        return false;
    }
    switch (topic) {
    case TOPIC_ROSTER:
    case TOPIC_CREDENTIALS:
    case TOPIC_CATALOGUE:
        return true;
    case TOPIC_RESULTS:
        break;
    }
    /* results, and what a later version writes: we cannot know that more may see it */
    if (writer->is_revoked && id_equal(holder, &roster_standing(roster, origin)->node)) {
        return true;
    }
    return id_equal(holder, origin) || member->kind == NODE_HUB || roster_is_above(roster, holder, origin);
}
