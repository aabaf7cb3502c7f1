/* Signatures, remembered: most of a seed's time went into checking the same ones again, at each of its nodes.
 *
 * The linker puts these before libsodium's own functions in the programs of the simulator (-Wl,--wrap). Both
 * are functions of their input and nothing else (Ed25519 as in RFC 8032 is deterministic), so nothing that a
 * node sees is another thing: what was computed once is said again. The key of a memory is SipHash-2-4 with
 * 128 bits over all of the input; what does not fit is computed. One thread. */
#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "replication/base/bytes.h"

enum { SLOTS = 1 << 15, INPUT_MAX = 8192 };

struct slot {
    uint8_t tag[crypto_shorthash_siphashx24_BYTES];
    bool is_used;
    int verdict;
    uint8_t signature[crypto_sign_BYTES];
};

static struct slot verified[SLOTS], made[SLOTS];

int __real_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key);
int __real_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size,
                                const unsigned char *message, unsigned long long size,
                                const unsigned char *key);
int __wrap_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size,
                                const unsigned char *message, unsigned long long size,
                                const unsigned char *key);

/* The place of what is made of `parts`, NULL when they are too large; `is_known` says whether it is there
 * already. */
static struct slot *slot_of(struct slot *table, const struct bytes *parts, size_t count, bool *is_known)
{
    static const uint8_t salt[crypto_shorthash_siphashx24_KEYBYTES] = "the simulator's";
    uint8_t input[INPUT_MAX], tag[sizeof table->tag];
    size_t size = 0, index = 0;

    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > sizeof input - size) {
            return NULL;
        }
        memcpy(input + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    crypto_shorthash_siphashx24(tag, input, size, salt);
    memcpy(&index, tag, sizeof index);
    struct slot *slot = &table[index % SLOTS];
    *is_known = slot->is_used && memcmp(slot->tag, tag, sizeof tag) == 0;
    if (!*is_known) {
        slot->is_used = true;
        memcpy(slot->tag, tag, sizeof tag);
    }
    return slot;
}

int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key)
{
    struct bytes parts[] = {bytes_of(signature, crypto_sign_BYTES), bytes_of(key, crypto_sign_PUBLICKEYBYTES),
                            bytes_of(message, size)};
    bool is_known = false;
    struct slot *slot = slot_of(verified, parts, sizeof parts / sizeof *parts, &is_known);

    if (!slot) {
        return __real_crypto_sign_verify_detached(signature, message, size, key);
    }
    if (!is_known) {
        slot->verdict = __real_crypto_sign_verify_detached(signature, message, size, key);
    }
    return slot->verdict;
}

/* What was just made is sound under the public half of its secret key (which libsodium keeps behind the seed). */
static void verdict_note(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                         const unsigned char *key)
{
    struct bytes parts[] = {bytes_of(signature, crypto_sign_BYTES), bytes_of(key, crypto_sign_PUBLICKEYBYTES),
                            bytes_of(message, size)};
    bool is_known = false;
    struct slot *slot = slot_of(verified, parts, sizeof parts / sizeof *parts, &is_known);

    if (slot) {
        slot->verdict = 0;
    }
}

int __wrap_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size,
                                const unsigned char *message, unsigned long long size,
                                const unsigned char *key)
{
    struct bytes parts[] = {bytes_of(key, crypto_sign_SECRETKEYBYTES), bytes_of(message, size)};
    bool is_known = false;
    struct slot *slot = slot_of(made, parts, sizeof parts / sizeof *parts, &is_known);

    if (!slot) {
        return __real_crypto_sign_detached(signature, signature_size, message, size, key);
    }
    if (!is_known) {
        slot->verdict = __real_crypto_sign_detached(slot->signature, NULL, message, size, key);
        verdict_note(slot->signature, message, size, key + crypto_sign_SEEDBYTES);
    }
    memcpy(signature, slot->signature, crypto_sign_BYTES);
    if (signature_size) {
        *signature_size = crypto_sign_BYTES;
    }
    return slot->verdict;
}
