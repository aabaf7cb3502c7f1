#include "node/badge/multibase.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"

static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static const char did_key_prefix[] = "did:key:z";
static const uint8_t ed25519_pub[2] = {0xed, 0x01}; /* multicodec */

void base58_encode(struct bytes bytes, char out[BASE58_TEXT_SIZE])
{
    uint8_t digits[BASE58_TEXT_SIZE] = {0}; /* least significant first */
    size_t count = 0, zeros = 0, length = 0;

    CHECK(bytes.size <= BASE58_BYTES_MAX);
    while (zeros < bytes.size && bytes.data[zeros] == 0) {
        out[length++] = base58[0];
        zeros++;
    }
    for (size_t i = zeros; i < bytes.size; i++) {
        unsigned carry = bytes.data[i];
        for (size_t j = 0; j < count || carry; j++) {
            carry += 256U * digits[j];
            digits[j] = (uint8_t)(carry % 58);
            carry /= 58;
            count = j + 1 > count ? j + 1 : count;
        }
    }
    for (size_t i = count; i > 0; i--) {
        out[length++] = base58[digits[i - 1]];
    }
    out[length] = '\0';
}

bool base58_decode(const char *text, uint8_t *out, size_t size)
{
    uint8_t bytes[BASE58_BYTES_MAX] = {0}; /* least significant first */
    char again[BASE58_TEXT_SIZE];
    size_t count = 0;

    CHECK(size <= BASE58_BYTES_MAX);
    for (const char *c = text; *c; c++) {
        const char *digit = strchr(base58, *c);
        unsigned carry = digit ? (unsigned)(digit - base58) : 0;
        if (!digit) {
            return false;
        }
        for (size_t j = 0; j < count || carry; j++) {
            if (j == size) {
                return false;
            }
            carry += 58U * bytes[j];
            bytes[j] = (uint8_t)carry;
            carry >>= 8;
            count = j + 1 > count ? j + 1 : count;
        }
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = bytes[size - 1 - i];
    }
    base58_encode(bytes_of(out, size), again); /* one text for one value: leading ones count zeros */
    return strcmp(again, text) == 0;
}

void base64url_encode(struct bytes bytes, struct buffer *out)
{
    size_t room = sodium_base64_encoded_len(bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = (char *)buffer_reserve(out, room);

    sodium_bin2base64(text, room, bytes.data, bytes.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out->size += strlen(text);
}

bool base64url_decode(struct bytes text, struct buffer *out)
{
    size_t size = 0, room = text.size / 4 * 3 + 3;
    uint8_t *bytes = buffer_reserve(out, room);
    const char *end;

    if (sodium_base642bin(bytes, room, (const char *)text.data, text.size, NULL, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != (const char *)text.data + text.size) {
        return false;
    }
    out->size += size;
    return true;
}

void did_key_format(const uint8_t sign_public[SIGN_PUBLIC_SIZE], char out[DID_KEY_SIZE])
{
    uint8_t key[sizeof ed25519_pub + SIGN_PUBLIC_SIZE];
    char text[BASE58_TEXT_SIZE];

    memcpy(key, ed25519_pub, sizeof ed25519_pub);
    memcpy(key + sizeof ed25519_pub, sign_public, SIGN_PUBLIC_SIZE);
    base58_encode(bytes_of(key, sizeof key), text);
    int length = snprintf(out, DID_KEY_SIZE, "%s%s", did_key_prefix, text);
    CHECK(length < DID_KEY_SIZE);
}

bool did_key_parse(const char *text, uint8_t sign_public_out[SIGN_PUBLIC_SIZE])
{
    uint8_t key[sizeof ed25519_pub + SIGN_PUBLIC_SIZE];

    if (strncmp(text, did_key_prefix, sizeof did_key_prefix - 1) != 0 ||
        !base58_decode(text + sizeof did_key_prefix - 1, key, sizeof key) ||
        memcmp(key, ed25519_pub, sizeof ed25519_pub) != 0) {
        return false;
    }
    memcpy(sign_public_out, key + sizeof ed25519_pub, SIGN_PUBLIC_SIZE);
    return true;
}

void uuid_mark(struct id *uuid, int version)
{
    uuid->b[6] = (uint8_t)((uuid->b[6] & 0x0f) | version << 4);
    uuid->b[8] = (uint8_t)((uuid->b[8] & 0x3f) | 0x80);
}

void uuid_format(const struct id *uuid, char out[UUID_TEXT_SIZE])
{
    char hex[ID_HEX_SIZE];

    id_hex(uuid, hex);
    snprintf(out, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void urn_uuid_format(const struct id *uuid, char out[URN_UUID_SIZE])
{
    char text[UUID_TEXT_SIZE];

    uuid_format(uuid, text);
    snprintf(out, URN_UUID_SIZE, "urn:uuid:%s", text);
}

bool uuid_parse(const char *text, struct id *uuid_out)
{
    char hex[ID_HEX_SIZE];
    size_t length = 0;

    if (strncmp(text, "urn:uuid:", 9) == 0) {
        text += 9;
    }
    if (strlen(text) != UUID_TEXT_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < UUID_TEXT_SIZE - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if ((text[i] == '-') != is_dash) {
            return false;
        }
        if (!is_dash) {
            hex[length++] = text[i];
        }
    }
    hex[length] = '\0';
    return hex_decode(hex, uuid_out->b, sizeof uuid_out->b);
}
