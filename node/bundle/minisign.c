#include "node/bundle/minisign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"

enum {
    KEY_ID_SIZE = 8,
    HEAD_SIZE = 2 + KEY_ID_SIZE,
    BASE64_MAX = sodium_base64_ENCODED_LEN(HEAD_SIZE + SIGNATURE_SIZE, sodium_base64_VARIANT_ORIGINAL)
};

static void head_put(const char *kind, const struct id *node, uint8_t out[HEAD_SIZE])
{
    memcpy(out, kind, 2);
    memcpy(out + 2, node->b, KEY_ID_SIZE);
}

void minisign_signature(const struct id *node, const uint8_t secret[SIGN_SECRET_SIZE],
                        const uint8_t hash[MINISIGN_HASH_SIZE], const char *comment,
                        char out[MINISIGN_TEXT_MAX])
{
    uint8_t line[HEAD_SIZE + SIGNATURE_SIZE], global[SIGNATURE_SIZE];
    uint8_t signed_text[SIGNATURE_SIZE + MINISIGN_COMMENT_MAX];
    char line_text[BASE64_MAX], global_text[BASE64_MAX];
    size_t comment_size = strlen(comment);

    CHECK(comment_size <= MINISIGN_COMMENT_MAX && !strchr(comment, '\n'));
    head_put("ED", node, line);
    CHECK(crypto_sign_detached(line + HEAD_SIZE, NULL, hash, MINISIGN_HASH_SIZE, secret) == 0);
    memcpy(signed_text, line + HEAD_SIZE, SIGNATURE_SIZE);
    memcpy(signed_text + SIGNATURE_SIZE, comment, comment_size);
    CHECK(crypto_sign_detached(global, NULL, signed_text, SIGNATURE_SIZE + comment_size, secret) == 0);
    sodium_bin2base64(line_text, sizeof line_text, line, sizeof line, sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(global_text, sizeof global_text, global, sizeof global, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, MINISIGN_TEXT_MAX,
             "untrusted comment: signature of a qanat node\n%s\ntrusted comment: %s\n%s\n", line_text,
             comment, global_text);
}

void minisign_key(const struct id *node, const uint8_t public_key[SIGN_PUBLIC_SIZE], const char *comment,
                  char out[MINISIGN_TEXT_MAX])
{
    uint8_t line[HEAD_SIZE + SIGN_PUBLIC_SIZE];
    char text[BASE64_MAX];

    head_put("Ed", node, line);
    memcpy(line + HEAD_SIZE, public_key, SIGN_PUBLIC_SIZE);
    sodium_bin2base64(text, sizeof text, line, sizeof line, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, MINISIGN_TEXT_MAX, "untrusted comment: %.*s\n%s\n", MINISIGN_COMMENT_MAX, comment, text);
}
