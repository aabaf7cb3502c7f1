/* The nodes' keys, present and former; see roster_keys.h. */
#include "replication/trust/roster_keys.h"

#include <string.h>

#include "replication/base/check.h"
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
    struct stream_end end;

    if (closing.size == 0) {
        return true;
    }
    statement_read(closing, &statement);
    if (!statement_end(&statement, &head->stream, &end)) {
        return false;
    }
    return head->seq == end.seq ? hash_equal(&head->digest, &end.digest) : is_held && head->seq < end.seq;
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
    return S_BAD_SIGNATURE;
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

const struct roster_node *roster_find_sign(const struct roster *roster,
                                           const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        bool is_found = memcmp(node->sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;
        for (size_t k = 0; k < node->former_count; k++) {
            is_found = is_found || memcmp(node->former[k].sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;
        }
        if (is_found) {
            return node;
        }
    }
    return NULL;
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
