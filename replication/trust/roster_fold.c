#include "replication/trust/roster_fold.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/roster_turn.h"

enum { NAME_TAIL_BYTES = 4, NAME_TAIL_SIZE = 1 + 2 * NAME_TAIL_BYTES };

/* How a node stands during the fold. */
enum settling {
    NODE_WAITING,
    NODE_SETTLING, /* decided in this round, seen by the next */
    NODE_SETTLED,
};

/* One node that some admission or revocation names: entries[first..last) are about it, best admission first,
 * revocations behind. */
struct roster_place {
    size_t first, last;
    size_t next;   /* the admission under examination; those before it were discarded */
    size_t chosen; /* valid unless NODE_WAITING */
    enum settling settling;
    bool is_root; /* without a parent, or admitted by the authority below one that is not there or is below
                     itself */
    uint32_t depth;
    uint64_t void_after_ms; /* earliest revocation, or UINT64_MAX */
    bool is_revoked;
    const struct roster_entry *ends, *follows; /* the revocations that say so; NULL: none */
    struct turn_chain *chain;                  /* owned; NULL: it has its first keys */
};

/* How much a round lets nodes wait for the parent they should have. */
enum patience {
    PATIENCE_FULL,   /* only the best admission counts */
    PATIENCE_SECOND, /* nothing moves: the second best, but none by others when the authority spoke */
    PATIENCE_NONE,   /* still nothing moves: the authority's admissions hold without their parent */
};

struct work {
    struct roster_entry **entries;
    struct roster_place *nodes;
    size_t node_count;
};

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    CHECK(memory);
    return memory;
}

/* --- order and grouping --------------------------------------------------------------------------------- */

static int rank_of(const struct roster_entry *entry)
{
    if (entry->by_authority) {
        return 2;
    }
    return entry->has_consent ? 1 : 0;
}

static int entry_compare(const void *left, const void *right)
{
    const struct roster_entry *a = *(struct roster_entry *const *)left,
                              *b = *(struct roster_entry *const *)right;
    int order = id_compare(&a->node, &b->node);

    if (!order) {
        order = (a->kind > b->kind) - (a->kind < b->kind);
    }
    if (!order) {
        order = rank_of(b) - rank_of(a);
    }
    if (!order) {
        order = (a->rank_ms < b->rank_ms) - (a->rank_ms > b->rank_ms);
    }
    return order ? order : memcmp(a->hash.b, b->hash.b, sizeof a->hash.b);
}

static void nodes_group(struct work *work, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_new = i == 0 || !id_equal(&work->entries[i]->node, &work->entries[i - 1]->node);
        if (is_new) {
            work->nodes[work->node_count++] =
                (struct roster_place){.first = i, .next = i, .void_after_ms = UINT64_MAX};
        }
        work->nodes[work->node_count - 1].last = i + 1;
    }
}

static uint32_t node_lookup(const struct work *work, const struct id *id)
{
    size_t low = 0, high = work->node_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = id_compare(&work->entries[work->nodes[middle].first]->node, id);
        if (order == 0) {
            return (uint32_t)middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return ROSTER_NONE;
}

/* --- rights ------------------------------------------------------------------------------------------------
 */

static bool is_settled(const struct work *work, uint32_t at)
{
    return at != ROSTER_NONE && work->nodes[at].settling == NODE_SETTLED;
}

static const struct roster_entry *chosen_of(const struct work *work, uint32_t at)
{
    CHECK(at < work->node_count);
    return work->entries[work->nodes[at].chosen];
}

/* True when `above` is reached from `from` by going up zero or more parents. */
static bool reaches(const struct work *work, uint32_t from, uint32_t above)
{
    for (int step = 0; step <= ROSTER_DEPTH_MAX && is_settled(work, from); step++) {
        if (from == above) {
            return true;
        }
        if (work->nodes[from].is_root) {
            return false;
        }
        from = chosen_of(work, from)->parent_at;
    }
    return false;
}

/* A settled signer's right to say something with this stamp about a node under `parent`. */
static bool signer_may(const struct work *work, const struct roster_entry *entry, uint32_t parent)
{
    return chosen_of(work, entry->signer_at)->node_kind != NODE_CAMPUS &&
           turn_may_sign(work->nodes[entry->signer_at].chain, entry) && entry->at_ms <= work->nodes[entry->signer_at].void_after_ms &&
           reaches(work, parent, entry->signer_at);
}

enum verdict { VERDICT_WAIT, VERDICT_YES, VERDICT_NO };

static enum verdict admission_judge(const struct work *work, const struct roster_entry *entry,
                                    enum patience patience)
{
    bool has_parent = is_settled(work, entry->parent_at);

    if (entry->by_authority) {
        bool is_free = has_parent || id_is_none(&entry->parent) || patience == PATIENCE_NONE;
        return is_free ? VERDICT_YES : VERDICT_WAIT;
    }
    if (!has_parent || !is_settled(work, entry->signer_at)) {
        return VERDICT_WAIT;
    }
    if (entry->node_kind == NODE_HUB && chosen_of(work, entry->signer_at)->node_kind != NODE_HUB) {
        return VERDICT_NO;
    }
    if (work->nodes[entry->parent_at].depth >= ROSTER_DEPTH_MAX) {
        return VERDICT_NO;
    }
    return signer_may(work, entry, entry->parent_at) ? VERDICT_YES : VERDICT_NO;
}

/* --- settling ----------------------------------------------------------------------------------------------
 */

static bool node_examine(struct work *work, struct roster_place *node, enum patience patience)
{
    bool is_authority_waiting = false;

    for (size_t i = node->next; i < node->last && work->entries[i]->kind == STATEMENT_ADMIT; i++) {
        const struct roster_entry *entry = work->entries[i];
        if (is_authority_waiting && !entry->by_authority) {
            return false;
        }
        enum verdict verdict = admission_judge(work, entry, patience);
        if (verdict == VERDICT_YES) {
            node->chosen = i;
            node->settling = NODE_SETTLING;
            return true;
        }
        if (verdict == VERDICT_WAIT && patience == PATIENCE_FULL) {
            return false;
        }
        is_authority_waiting |= verdict == VERDICT_WAIT && entry->by_authority;
        if (verdict == VERDICT_NO && i == node->next) {
            node->next++;
        }
    }
    return false;
}

static void terms_choose(struct roster_place *node, const struct roster_entry *entry)
{
    if (entry->has_ends && (!node->ends || entry->at_ms < node->ends->at_ms)) {
        node->ends = entry;
    }
    if (!id_is_none(&entry->successor) && (!node->follows || entry->at_ms > node->follows->at_ms)) {
        node->follows = entry;
    }
}

/* Reads the revocations of a node whose parents are settled. */
static void node_revoke(struct work *work, struct roster_place *node)
{
    uint32_t parent = work->entries[node->chosen]->parent_at;

    for (size_t i = node->first; i < node->last; i++) {
        struct roster_entry *entry = work->entries[i];
        if (entry->kind != STATEMENT_REVOKE) {
            continue;
        }
        if (!entry->by_authority &&
            !(is_settled(work, entry->signer_at) && signer_may(work, entry, parent))) {
            continue;
        }
        entry->is_in_effect = true;
        node->is_revoked = true;
        terms_choose(node, entry);
        node->void_after_ms = entry->at_ms < node->void_after_ms ? entry->at_ms : node->void_after_ms;
    }
}

struct grant_asker {
    const struct work *work;
    const struct roster_entry *chosen; /* the admission of the node that asks */
};

static bool may_grant(void *ctx, const struct roster_entry *grant)
{
    const struct grant_asker *asker = ctx;

    if (grant->by_authority) {
        return true;
    }
    if (!is_settled(asker->work, grant->signer_at) ||
        (asker->chosen->node_kind == NODE_HUB && chosen_of(asker->work, grant->signer_at)->node_kind != NODE_HUB)) {
        return false;
    }
    return signer_may(asker->work, grant, asker->chosen->parent_at);
}

/* Makes the decisions of a round visible to the next. */
static void round_end(struct work *work)
{
    for (size_t i = 0; i < work->node_count; i++) {
        struct roster_place *node = &work->nodes[i];
        if (node->settling == NODE_SETTLING) {
            struct roster_entry *entry = work->entries[node->chosen];
            entry->is_in_effect = true;
            node->is_root = !is_settled(work, entry->parent_at);
            node->depth = node->is_root ? 0 : work->nodes[entry->parent_at].depth + 1;
            node_revoke(work, node);
            struct grant_asker asker = {work, entry};
            node->chain = turn_chain_make(work->entries, node->first, node->last, may_grant, &asker);
        }
    }
    for (size_t i = 0; i < work->node_count; i++) {
        if (work->nodes[i].settling == NODE_SETTLING) {
            work->nodes[i].settling = NODE_SETTLED;
        }
    }
}

static void nodes_settle(struct work *work)
{
    enum patience patience = PATIENCE_FULL;

    for (;;) {
        bool is_moved = false;
        for (size_t i = 0; i < work->node_count; i++) {
            if (work->nodes[i].settling == NODE_WAITING) {
                is_moved |= node_examine(work, &work->nodes[i], patience);
            }
        }
        if (is_moved) {
            round_end(work);
            patience = PATIENCE_FULL;
        } else if (patience == PATIENCE_NONE) {
            return;
        } else {
            patience = patience == PATIENCE_FULL ? PATIENCE_SECOND : PATIENCE_NONE;
        }
    }
}

/* --- names -------------------------------------------------------------------------------------------------
 */

static int number_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

int roster_claim_compare(const struct roster_fold *fold, const struct roster_claim *a, const struct roster_claim *b)
{
    const struct roster_node *left = &fold->members[a->at], *right = &fold->members[b->at];
    const struct roster_rank *ranks = fold->ranks;
    int order = (int)left->is_revoked - (int)right->is_revoked;

    if (!order) {
        order = number_compare(ranks[a->at].depth, ranks[b->at].depth);
    }
    if (!order) {
        order = number_compare(later_of(a->since_ms, ranks[a->at].above_ms), later_of(b->since_ms, ranks[b->at].above_ms));
    }
    if (!order) {
        order = number_compare(a->since_ms, b->since_ms);
    }
    return order ? order : id_compare(&left->node, &right->node);
}

static int claim_order(const void *left, const void *right, void *ctx)
{
    const struct roster_fold *fold = ctx;
    const struct roster_claim *a = left, *b = right;
    int order = strcmp(fold->members[a->at].name, fold->members[b->at].name);

    return order ? order : roster_claim_compare(fold, a, b);
}

/* name~xxxxxxxx, the name cut at a character where it would be too long. */
static void name_extend(struct roster_node *member)
{
    char hex[ID_HEX_SIZE];
    size_t size = strlen(member->name);

    if (size > NODE_NAME_MAX - NAME_TAIL_SIZE) {
        size = NODE_NAME_MAX - NAME_TAIL_SIZE;
        while (size > 0 && ((uint8_t)member->name[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    id_hex(&member->node, hex);
    member->name[size] = '~';
    memcpy(member->name + size + 1, hex, 2 * NAME_TAIL_BYTES);
    member->name[size + NAME_TAIL_SIZE] = '\0';
}

static void names_part(struct roster_fold *out, struct roster_claim *claims)
{
    bool *is_second = zeroed(out->count, sizeof *is_second);

    qsort_r(claims, out->count, sizeof *claims, claim_order, out);
    for (size_t i = 1; i < out->count; i++) {
        is_second[claims[i].at] = strcmp(out->members[claims[i].at].name, out->members[claims[i - 1].at].name) == 0;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (is_second[i]) {
            name_extend(&out->members[i]);
        }
    }
    free(is_second);
}

/* --- result ------------------------------------------------------------------------------------------------
 */

/* When the node was first admitted under its name by the one who admits it now: a corrected entry does not
 * lose its place. */
static uint64_t claim_since(const struct work *work, const struct roster_place *node, const char *name)
{
    const struct roster_entry *chosen = work->entries[node->chosen];
    uint64_t since_ms = chosen->at_ms;

    for (size_t i = node->first; i < node->last; i++) {
        const struct roster_entry *entry = work->entries[i];
        struct statement statement;
        if (entry->kind != STATEMENT_ADMIT || entry->at_ms >= since_ms || entry->signer_at != chosen->signer_at ||
            (chosen->signer_at == ROSTER_NONE && !id_equal(&entry->signer, &chosen->signer))) {
            continue;
        }
        statement_read(bytes_of(entry->raw, entry->size), &statement);
        if (strcmp(statement.admitted.name, name) == 0) {
            since_ms = entry->at_ms;
        }
    }
    return since_ms;
}

/* All keys of before. */
static size_t chains_count(const struct work *work)
{
    size_t count = 0;

    for (size_t i = 0; i < work->node_count; i++) {
        count += work->nodes[i].chain ? work->nodes[i].chain->count : 0;
    }
    return count;
}

/* Of a settled node; those above it are settled, too. */
static struct roster_rank rank_of_node(const struct work *work, const uint64_t *since_ms, const struct roster_place *node)
{
    struct roster_rank rank = {.depth = node->depth};

    for (int step = 0; step <= ROSTER_DEPTH_MAX && !node->is_root; step++) {
        uint32_t at = work->entries[node->chosen]->parent_at;
        node = &work->nodes[at];
        rank.above_ms = node->is_root ? rank.above_ms : later_of(rank.above_ms, since_ms[at]);
    }
    return rank;
}

/* Since when each node claims its name; of those that are not settled 0. */
static uint64_t *claims_since(const struct work *work)
{
    uint64_t *since_ms = zeroed(work->node_count, sizeof *since_ms);

    for (size_t i = 0; i < work->node_count; i++) {
        const struct roster_place *node = &work->nodes[i];
        if (node->settling == NODE_SETTLED) {
            struct statement statement;
            statement_read(bytes_of(work->entries[node->chosen]->raw, work->entries[node->chosen]->size), &statement);
            since_ms[i] = claim_since(work, node, statement.admitted.name);
        }
    }
    return since_ms;
}

static void members_collect(const struct work *work, struct roster_fold *out)
{
    struct roster_claim *claims = zeroed(work->node_count, sizeof *claims);
    uint64_t *since_ms = claims_since(work);

    out->members = zeroed(work->node_count, sizeof *out->members);
    out->ranks = zeroed(work->node_count, sizeof *out->ranks);
    out->former = zeroed(chains_count(work), sizeof *out->former);
    for (size_t i = 0; i < work->node_count; i++) {
        const struct roster_place *node = &work->nodes[i];
        if (node->settling != NODE_SETTLED) {
            continue;
        }
        const struct roster_entry *entry = work->entries[node->chosen];
        struct statement statement;
        statement_read(bytes_of(entry->raw, entry->size), &statement);
        struct roster_node *member = &out->members[out->count];
        *member = statement.admitted;
        member->parent = entry->parent;
        member->stated_parent = entry->stated_parent;
        member->placed_ms = entry->by_authority ? entry->rank_ms : 0;
        member->is_revoked = node->is_revoked;
        member->keys_since_ms = entry->at_ms;
        if (node->chain) {
            turn_chain_tell(node->chain, member, out->former + out->former_count);
            out->former_count += node->chain->count;
        }
        if (node->ends) {
            member->revocation = bytes_of(node->ends->raw, node->ends->size);
        }
        if (node->follows) {
            member->successor = node->follows->successor;
        }
        out->ranks[out->count] = rank_of_node(work, since_ms, node);
        claims[out->count] = (struct roster_claim){.at = out->count, .since_ms = since_ms[i]};
        out->count++;
    }
    names_part(out, claims);
    free(claims);
    free(since_ms);
}

/* Sum modulo 2^64 of the first 8 bytes of each hash: no order in it. */
static uint64_t version_of(struct roster_entry *const *entries, size_t count)
{
    uint64_t version = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t b = 0; entries[i]->is_in_effect && b < 8; b++) {
            version += (uint64_t)entries[i]->hash.b[b] << (8 * b);
        }
    }
    return version;
}

static int subject_compare(const void *left, const void *right)
{
    const struct roster_entry *a = *(struct roster_entry *const *)left, *b = *(struct roster_entry *const *)right;
    int order = memcmp(a->subject_public, b->subject_public, SIGN_PUBLIC_SIZE);

    return order ? order : memcmp(a->hash.b, b->hash.b, sizeof a->hash.b);
}

/* The first REKEY that names this key. */
static const struct roster_entry *subject_find(struct roster_entry *const *rekeys, size_t count, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(rekeys[middle]->subject_public, key, SIGN_PUBLIC_SIZE) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && memcmp(rekeys[low]->subject_public, key, SIGN_PUBLIC_SIZE) == 0 ? rekeys[low] : NULL;
}

/* Whose key no first key is, but a REKEY names: its signer is that node, if the turn holds. */
static void later_keys_find(struct work *work, size_t count)
{
    struct roster_entry **rekeys = zeroed(count, sizeof *rekeys);
    size_t rekey_count = 0;

    for (size_t i = 0; i < count; i++) {
        if (work->entries[i]->kind == STATEMENT_REKEY) {
            rekeys[rekey_count++] = work->entries[i];
        }
    }
    if (rekey_count > 0) {
        qsort(rekeys, rekey_count, sizeof *rekeys, subject_compare);
    }
    for (size_t i = 0; rekey_count > 0 && i < count; i++) {
        struct roster_entry *entry = work->entries[i];
        const struct roster_entry *rekey =
            entry->signer_at == ROSTER_NONE && !entry->by_authority ? subject_find(rekeys, rekey_count, entry->signer_public) : NULL;
        if (rekey) {
            entry->signer_at = node_lookup(work, &rekey->node);
            entry->signer_turn = rekey->turn;
        }
    }
    free(rekeys);
}

void roster_fold_run(struct roster_fold *out, struct roster_entry **entries, size_t count)
{
    struct work work = {.entries = entries};

    CHECK(count <= ROSTER_STATEMENTS_MAX);
    roster_fold_release(out);
    if (count) {
        qsort(entries, count, sizeof *entries, entry_compare);
    }
    work.nodes = zeroed(count, sizeof *work.nodes);
    nodes_group(&work, count);
    for (size_t i = 0; i < count; i++) {
        entries[i]->is_in_effect = false;
        entries[i]->parent_at = node_lookup(&work, &entries[i]->parent);
        entries[i]->signer_turn = 0;
        entries[i]->signer_at =
            entries[i]->by_authority ? ROSTER_NONE : node_lookup(&work, &entries[i]->signer);
    }
    later_keys_find(&work, count);
    nodes_settle(&work);
    members_collect(&work, out);
    out->version = version_of(entries, count);
    for (size_t i = 0; i < work.node_count; i++) {
        free(work.nodes[i].chain);
    }
    free(work.nodes);
}

void roster_fold_release(struct roster_fold *fold)
{
    free(fold->members);
    free(fold->ranks);
    free(fold->former);
    memset(fold, 0, sizeof *fold);
}
