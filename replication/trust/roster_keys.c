/* The nodes' keys, present and former; see roster_keys.h. */
#include "replication/trust/roster_keys.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/rekey.h"
#include "replication/trust/statement.h"

struct roster_key roster_node_first_key(const struct roster_node *node)
{
    struct roster_key first = {.node = node->node};

    if (node->former_count > 0) {
        return node->former[0];
    }
    memcpy(first.sign_public, node->sign_public, sizeof first.sign_public);
    memcpy(first.curve_public, node->curve_public, sizeof first.curve_public);
    return first;
}

/* Does the CLOSE that ended a key let it stand for this state? */
static bool is_within_end(struct bytes closing, const struct stream_head *head, bool is_held)
{
    struct statement statement;

    if (closing.size == 0) {
        return true;
    }
    statement_read(closing, &statement);
    return rekey_names(&statement, head, is_held);
}

/* May it have been admitted at a place where its signer's word counted? A campus admits nobody. */
static bool is_vain_grant(const struct roster *roster, const struct statement *statement, const struct hash *rekey)
{
    const struct roster_node *signer;

    if (statement->kind != STATEMENT_GRANT || !hash_equal(&statement->about, rekey)) {
        return false;
    }
    signer = roster_find_sign(roster, statement->signer_public);
    return signer && signer->kind != NODE_CAMPUS;
}

/* Of whom a REKEY of that turn is: the key that was present before it. */
static const uint8_t *key_before(const struct roster_node *member, uint32_t turn)
{
    return turn <= member->former_count ? member->former[turn - 1].sign_public : member->sign_public;
}

/* A REKEY of the next turn, or of one that is past, signed with the key of before, for which a GRANT is known and which is not how that turn came. */
static bool is_vain_rekey(const struct roster *roster, const struct roster_node *member, const struct statement *rekey)
{
    struct statement statement;
    struct bytes raw;

    if (rekey->kind != STATEMENT_REKEY || rekey->turn < 1 || rekey->turn > member->former_count + 1 ||
        memcmp(rekey->signer_public, key_before(member, rekey->turn), SIGN_PUBLIC_SIZE) != 0 ||
        (rekey->turn <= member->former_count && memcmp(rekey->admitted.sign_public, key_before(member, rekey->turn + 1), SIGN_PUBLIC_SIZE) == 0)) {
        return false;
    }
    for (size_t at = 0; roster_statement_about(roster, &member->node, at, &raw); at++) {
        statement_read(raw, &statement);
        if (is_vain_grant(roster, &statement, &rekey->hash)) {
            return true;
        }
    }
    return false;
}

/* The CLOSE of the next turn that this key signed, the earliest stamp first (roster_turn.c). */
static struct bytes closing_find(const struct roster *roster, const struct roster_node *member, const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    struct bytes raw, found = bytes_of(NULL, 0);
    struct statement statement;
    uint64_t first_ms = 0;

    for (size_t at = 0; roster_statement_about(roster, &member->node, at, &raw); at++) {
        statement_read(raw, &statement);
        if (statement.kind == STATEMENT_CLOSE && statement.turn == member->former_count + 1 &&
            memcmp(statement.signer_public, sign_public, SIGN_PUBLIC_SIZE) == 0 && (found.size == 0 || statement.at_ms < first_ms)) {
            found = raw;
            first_ms = statement.at_ms;
        }
    }
    return found;
}

bool roster_key_in_vain(const struct roster *roster, const struct id *node, const uint8_t sign_public[SIGN_PUBLIC_SIZE],
                        struct bytes *closing_out)
{
    const struct roster_node *member = roster_find(roster, node);
    struct statement statement;
    struct bytes raw;

    *closing_out = bytes_of(NULL, 0);
    for (size_t at = 0; member && roster_statement_about(roster, node, at, &raw); at++) {
        statement_read(raw, &statement);
        if (statement.turn == member->former_count + 1 && memcmp(statement.admitted.sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0 &&
            is_vain_rekey(roster, member, &statement)) {
            *closing_out = closing_find(roster, member, sign_public);
            return true;
        }
    }
    return false;
}

/* Of a stream of the roster: did a key sign it that was admitted in vain? S_STALE: one of a turn that came with another key since. */
static enum status vain_check(const struct roster *roster, const struct roster_node *writer, const struct certificate *certificate)
{
    struct statement statement;
    struct bytes raw;

    for (size_t at = 0; roster_statement_about(roster, &writer->node, at, &raw); at++) {
        statement_read(raw, &statement);
        if (is_vain_rekey(roster, writer, &statement) &&
            certificate_verify(certificate, roster_federation(roster), statement.admitted.sign_public) == S_OK) {
            return statement.turn > writer->former_count ? S_OK : S_STALE;
        }
    }
    return S_BAD_SIGNATURE;
}

enum status roster_certificate_check(const struct roster *roster, const struct certificate *certificate,
                                     bool is_held)
{
    const struct roster_node *writer = roster_find(roster, &certificate->head.stream.node);
    const struct id *federation = roster_federation(roster);

    if (!writer) {
        return S_NOT_FOUND;
    }
    if (certificate_verify(certificate, federation, writer->sign_public) == S_OK) {
        return S_OK;
    }
    for (size_t i = writer->former_count; i-- > 0;) {
        const struct roster_key *key = &writer->former[i];
        if (certificate_verify(certificate, federation, key->sign_public) == S_OK) {
            return is_within_end(key->closing, &certificate->head, is_held) ? S_OK : S_STALE;
        }
    }
    return certificate->head.stream.topic == TOPIC_ROSTER ? vain_check(roster, writer, certificate) : S_BAD_SIGNATURE;
}

/* Where a CLOSE of its writer ends a stream; false when none names it. */
static bool end_find(const struct roster *roster, const struct stream_id *stream, struct stream_end *end_out)
{
    const struct roster_node *writer = roster_find(roster, &stream->node);
    struct statement statement;

    for (size_t i = 0; writer && i < writer->former_count && writer->former[i].closing.size > 0; i++) {
        statement_read(writer->former[i].closing, &statement);
        if (statement_end(&statement, stream, end_out)) {
            return true;
        }
    }
    return false;
}

bool roster_is_of_former_key(const struct roster *roster, const struct stream_id *stream)
{
    struct stream_end end;

    return end_find(roster, stream, &end);
}

bool roster_is_before_end(const struct roster *roster, const struct stream_id *stream, uint64_t seq)
{
    struct stream_end end;

    return end_find(roster, stream, &end) && seq < end.seq;
}

/* Is it its key, or was it? */
static bool has_key(const struct roster_node *node, const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    bool has = memcmp(node->sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;

    for (size_t i = 0; i < node->former_count; i++) {
        has = has || memcmp(node->former[i].sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;
    }
    return has;
}

const struct roster_node *roster_find_sign(const struct roster *roster,
                                           const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    for (size_t i = 0; i < roster_count(roster); i++) {
        if (has_key(roster_at(roster, i), sign_public)) {
            return roster_at(roster, i);
        }
    }
    return NULL;
}

size_t roster_kept(const struct roster *roster, const struct roster_node *node, struct hash kept[CLOSE_KEPT_MAX], uint64_t *last_ms_out)
{
    struct statement statement;
    size_t count = 0;

    *last_ms_out = 0;
    for (size_t i = 0; i < roster_statement_count(roster); i++) {
        statement_read(roster_statement_at(roster, i), &statement);
        if (!has_key(node, statement.signer_public) || statement.kind == STATEMENT_REKEY || statement.kind == STATEMENT_CLOSE) {
            continue;
        }
        *last_ms_out = statement.at_ms > *last_ms_out ? statement.at_ms : *last_ms_out;
        if (count < CLOSE_KEPT_MAX) {
            kept[count] = statement.hash;
        }
        count++;
    }
    if (count <= CLOSE_KEPT_MAX && count > 0) {
        qsort(kept, count, sizeof *kept, hash_order);
    }
    return count;
}

bool roster_may_grant(const struct roster *roster, const struct id *signer, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, node);

    return member && !member->is_revoked && !id_equal(signer, node) &&
           roster_may_admit(roster, signer, &member->parent, member->kind);
}

struct bytes roster_rekey_granted(const struct roster *roster, const struct id *node)
{
    const struct roster_node *member = roster_find(roster, node);

    for (size_t i = 0; member && member->former_count > 0 && i < roster_statement_count(roster); i++) {
        struct statement statement;
        struct bytes raw = roster_statement_at(roster, i);
        statement_read(raw, &statement);
        if (statement.kind == STATEMENT_REKEY && id_equal(&statement.node, node) &&
            memcmp(statement.admitted.sign_public, member->sign_public, SIGN_PUBLIC_SIZE) == 0) {
            return raw;
        }
    }
    return bytes_of(NULL, 0);
}
