#include "replication/trust/roster_turn.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/rekey.h"

struct search {
    struct roster_entry **entries;
    size_t first, last;
    turn_may_grant *may_grant;
    void *ctx;
};

static bool is_key(const struct roster_entry *entry, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    return memcmp(entry->signer_public, key, SIGN_PUBLIC_SIZE) == 0;
}

static struct roster_entry *rekey_find(const struct search *search, const struct hash *hash)
{
    for (size_t i = search->first; i < search->last; i++) {
        struct roster_entry *entry = search->entries[i];
        if (entry->kind == STATEMENT_REKEY && hash_equal(&entry->hash, hash)) {
            return entry;
        }
    }
    return NULL;
}

/* The signing key after `count` turns; NULL for the first one, which the node's id tells. */
static const uint8_t *key_after(const struct turn_chain *chain, size_t count)
{
    return count > 0 ? chain->turns[count - 1].rekey->subject_public : NULL;
}

static bool is_next(const struct turn_chain *chain, const struct roster_entry *rekey)
{
    const uint8_t *present = key_after(chain, chain->count);

    if (rekey->turn != chain->count + 1) {
        return false;
    }
    if (present == NULL ? !id_equal(&rekey->signer, &rekey->node) : !is_key(rekey, present)) {
        return false;
    }
    for (size_t i = 0; i < chain->count; i++) { /* no key comes back */
        if (memcmp(chain->turns[i].rekey->subject_public, rekey->subject_public, SIGN_PUBLIC_SIZE) == 0) {
            return false;
        }
    }
    return true;
}

/* The entries stand best first. */
static bool turn_take(const struct search *search, struct turn_chain *chain)
{
    for (size_t i = search->first; i < search->last; i++) {
        struct roster_entry *grant = search->entries[i];
        if (grant->kind != STATEMENT_GRANT || !search->may_grant(search->ctx, grant)) {
            continue;
        }
        struct roster_entry *rekey = rekey_find(search, &grant->about);
        if (rekey && is_next(chain, rekey)) {
            chain->turns[chain->count++] = (struct turn){.rekey = rekey, .grant = grant};
            return true;
        }
    }
    return false;
}

static void closing_take(const struct search *search, struct turn_chain *chain)
{
    struct turn *turn = &chain->turns[chain->count - 1];

    for (size_t i = search->first; i < search->last; i++) {
        struct roster_entry *entry = search->entries[i];
        if (entry->kind == STATEMENT_CLOSE && entry->turn == chain->count &&
            is_key(entry, turn->rekey->subject_public) &&
            (!turn->closing || entry->at_ms < turn->closing->at_ms)) {
            turn->closing = entry;
        }
    }
}

struct turn_chain *turn_chain_make(struct roster_entry **entries, size_t first, size_t last,
                                   turn_may_grant *may_grant, void *ctx)
{
    struct search search = {entries, first, last, may_grant, ctx};
    struct turn_chain *chain;
    size_t at = first;

    while (at < last && entries[at]->kind != STATEMENT_GRANT) {
        at++;
    }
    if (at == last) {
        return NULL;
    }
    chain = calloc(1, sizeof *chain);
    CHECK(chain);
    while (chain->count < ROSTER_TURNS_MAX && turn_take(&search, chain)) {
        closing_take(&search, chain);
    }
    if (chain->count == 0) {
        free(chain);
        return NULL;
    }
    for (size_t i = 0; i < chain->count; i++) {
        struct turn *turn = &chain->turns[i];
        turn->rekey->is_in_effect = turn->grant->is_in_effect = true;
        if (turn->closing) {
            turn->closing->is_in_effect = true;
        }
    }
    return chain;
}

/* What ended the key of turn `turn`; NULL: nothing did. */
static const struct roster_entry *closing_of(const struct turn_chain *chain, size_t turn)
{
    for (size_t i = turn; i < chain->count; i++) {
        if (chain->turns[i].closing) {
            return chain->turns[i].closing;
        }
    }
    return NULL;
}

bool turn_may_sign(const struct turn_chain *chain, const struct roster_entry *entry)
{
    struct statement statement;
    size_t turn = entry->signer_turn;

    if (!chain) {
        return turn == 0;
    }
    if (turn > chain->count || (turn > 0 && !is_key(entry, key_after(chain, turn)))) {
        return false;
    }
    const struct roster_entry *closing = closing_of(chain, turn);
    if (!closing) {
        return true;
    }
    statement_read(bytes_of(closing->raw, closing->size), &statement);
    return statement.has_kept ? rekey_keeps(&statement, &entry->hash) : entry->at_ms <= closing->at_ms;
}

void turn_chain_tell(const struct turn_chain *chain, struct roster_node *member, struct roster_key *former)
{
    struct statement statement;

    for (size_t i = 0; i < chain->count; i++) {
        const struct turn *turn = &chain->turns[i];
        const struct roster_entry *closing = closing_of(chain, i);
        former[i].node = member->node;
        memcpy(former[i].sign_public, member->sign_public, SIGN_PUBLIC_SIZE);
        memcpy(former[i].curve_public, member->curve_public, CURVE_PUBLIC_SIZE);
        former[i].until_ms = turn->rekey->at_ms;
        former[i].closing = closing ? bytes_of(closing->raw, closing->size) : bytes_of(NULL, 0);
        statement_read(bytes_of(turn->rekey->raw, turn->rekey->size), &statement);
        memcpy(member->sign_public, statement.admitted.sign_public, SIGN_PUBLIC_SIZE);
        memcpy(member->curve_public, statement.admitted.curve_public, CURVE_PUBLIC_SIZE);
        member->keys_since_ms = turn->grant->at_ms;
    }
    member->former = former;
    member->former_count = chain->count;
}
