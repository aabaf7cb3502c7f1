#include "replication/trust/rekey.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/statement_format.h"

static void pledge_text(const struct rekey_pledge *pledge, struct buffer *out)
{
    static const char domain[] = "qanat rekey 1"; /* its NUL is signed too */

    buffer_append(out, domain, sizeof domain);
    buffer_append(out, pledge->federation.b, sizeof pledge->federation.b);
    buffer_append(out, pledge->node.b, sizeof pledge->node.b);
    buffer_append_u32(out, pledge->turn);
    buffer_append(out, pledge->old_public, sizeof pledge->old_public);
    buffer_append(out, pledge->sign_public, sizeof pledge->sign_public);
    buffer_append(out, pledge->curve_public, sizeof pledge->curve_public);
}

void rekey_pledge_sign(struct rekey_pledge *pledge, const uint8_t sign_secret[SIGN_SECRET_SIZE])
{
    struct buffer text;

    buffer_init(&text);
    pledge_text(pledge, &text);
    int rc = crypto_sign_detached(pledge->signature, NULL, text.data, text.size, sign_secret);
    CHECK(rc == 0);
    buffer_release(&text);
}

static enum status pledge_check(const struct statement *statement, struct report *report)
{
    const struct roster_node *next = &statement->admitted;
    struct rekey_pledge pledge = {
        .federation = statement->federation, .node = statement->node, .turn = statement->turn};
    struct buffer text;

    memcpy(pledge.old_public, statement->signer_public, sizeof pledge.old_public);
    memcpy(pledge.sign_public, next->sign_public, sizeof pledge.sign_public);
    memcpy(pledge.curve_public, next->curve_public, sizeof pledge.curve_public);
    buffer_init(&text);
    pledge_text(&pledge, &text);
    int rc = crypto_sign_verify_detached(next->consent, text.data, text.size, next->sign_public);
    buffer_release(&text);
    return rc == 0 ? S_OK : report_set(report, S_BAD_SIGNATURE, "A new key did not sign that it is meant.");
}

enum status rekey_check(const struct statement *statement, struct report *report)
{
    bool is_sound = true;

    if (statement->kind == STATEMENT_GRANT) {
        is_sound = sodium_is_zero(statement->about.b, sizeof statement->about.b) == 0;
    } else {
        is_sound = statement->turn >= 1 && statement->turn <= ROSTER_TURNS_MAX;
    }
    if (statement->kind == STATEMENT_REKEY) {
        is_sound = is_sound && sodium_is_zero(statement->admitted.curve_public, CURVE_PUBLIC_SIZE) == 0 &&
                   memcmp(statement->admitted.sign_public, statement->signer_public, SIGN_PUBLIC_SIZE) != 0;
    }
    if (statement->kind == STATEMENT_CLOSE) {
        is_sound = is_sound && statement->has_ends && statement_is_packed(statement->kept, 0, CLOSE_KEPT_MAX);
    }
    if (!is_sound) {
        return report_set(report, S_INVALID, "A statement about a node's keys is malformed.");
    }
    return statement->kind == STATEMENT_REKEY ? pledge_check(statement, report) : S_OK;
}

bool rekey_keeps(const struct statement *closing, const struct hash *hash)
{
    for (size_t at = 0; at + sizeof hash->b <= closing->kept.size; at += sizeof hash->b) {
        if (memcmp(closing->kept.data + at, hash->b, sizeof hash->b) == 0) {
            return true;
        }
    }
    return false;
}

bool rekey_names(const struct statement *closing, const struct stream_head *head, bool is_held)
{
    struct stream_end end;

    if (!statement_end(closing, &head->stream, &end)) {
        return false;
    }
    return head->seq == end.seq ? hash_equal(&head->digest, &end.digest) : is_held && head->seq < end.seq;
}
