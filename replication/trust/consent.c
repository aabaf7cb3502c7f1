#include "replication/trust/consent.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"

_Static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519 signature");

/* domain NUL federation(16) parent(16) token(32) kind(1) sign(32) curve(32) name: only the name's length
 * varies, and it is last. */
static void consent_text(const struct id *federation, const struct roster_node *node, struct buffer *out)
{
    static const char domain[] = "qanat consent 1";

    CHECK(memchr(node->name, '\0', sizeof node->name));
    buffer_append(out, domain, sizeof domain);
    buffer_append(out, federation->b, sizeof federation->b);
    buffer_append(out, node->parent.b, sizeof node->parent.b);
    buffer_append(out, node->token_public, sizeof node->token_public);
    buffer_append_u8(out, (uint8_t)node->kind);
    buffer_append(out, node->sign_public, sizeof node->sign_public);
    buffer_append(out, node->curve_public, sizeof node->curve_public);
    buffer_append(out, node->name, strlen(node->name));
}

void consent_sign(const struct id *federation, struct roster_node *node,
                  const uint8_t sign_secret[SIGN_SECRET_SIZE])
{
    struct buffer text;

    buffer_init(&text);
    consent_text(federation, node, &text);
    int rc = crypto_sign_detached(node->consent, NULL, text.data, text.size, sign_secret);
    CHECK(rc == 0);
    buffer_release(&text);
}

bool consent_is_given(const struct roster_node *node)
{
    return !sodium_is_zero(node->consent, sizeof node->consent);
}

enum status consent_verify(const struct id *federation, const struct roster_node *node)
{
    struct buffer text;

    buffer_init(&text);
    consent_text(federation, node, &text);
    int rc = crypto_sign_verify_detached(node->consent, text.data, text.size, node->sign_public);
    buffer_release(&text);
    return rc == 0 ? S_OK : S_BAD_SIGNATURE;
}
