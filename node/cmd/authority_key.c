#include "node/cmd/authority_key.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { KEY_FILE_MAX = 256 };

static const char head[] = "qanat authority key 1\n";

enum status authority_key_make(const char *path, uint8_t public_out[SIGN_PUBLIC_SIZE], uint8_t secret_out[SIGN_SECRET_SIZE],
                               struct report *report)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    char text[KEY_FILE_MAX], hex[2 * sizeof seed + 1];

    if (access(path, F_OK) == 0 || errno != ENOENT) {
        return report_set(report, S_EXISTS, "'%s' is there already: a key is never overwritten", path);
    }
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(public_out, secret_out, seed);
    sodium_bin2hex(hex, sizeof hex, seed, sizeof seed);
    snprintf(text, sizeof text, "%s%s\n", head, hex);
    enum status status = dir_write_file(path, bytes_text(text), 0600, report);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(text, sizeof text);
    return status;
}

/* The seed in a key's file, of either form. */
static bool seed_read(struct bytes file, uint8_t seed[crypto_sign_SEEDBYTES])
{
    struct bytes first, digits;
    char hex[2 * crypto_sign_SEEDBYTES + 1] = "";

    if (file.size == crypto_sign_SEEDBYTES) {
        memcpy(seed, file.data, file.size);
        return true;
    }
    bool is_key = bytes_take(&file, sizeof head - 1, &first) && bytes_equal(first, bytes_text(head)) &&
                  bytes_take(&file, sizeof hex - 1, &digits) && (file.size == 0 || bytes_equal(file, bytes_text("\n")));
    if (is_key) {
        memcpy(hex, digits.data, digits.size);
    }
    is_key = is_key && hex_decode(hex, seed, crypto_sign_SEEDBYTES);
    sodium_memzero(hex, sizeof hex);
    return is_key;
}

enum status authority_keys_load(struct authority_keys *keys, const char *path, struct report *report)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    struct buffer file;

    if (keys->count == AUTHORITY_KEYS_MAX) {
        return report_set(report, S_TOO_LARGE, "more than %d keys", AUTHORITY_KEYS_MAX);
    }
    buffer_init(&file);
    enum status status = dir_read_file(path, KEY_FILE_MAX, &file, report);
    if (status == S_OK && !seed_read(buffer_bytes(&file), seed)) {
        status = report_set(report, S_CORRUPT, "'%s' is not a key of an authority", path);
    }
    if (status == S_OK) {
        struct signer *signer = &keys->signers[keys->count];
        uint8_t *public_key = keys->public_keys[keys->count];
        memset(signer, 0, sizeof *signer);
        crypto_sign_seed_keypair(public_key, signer->sign_secret, seed);
        for (size_t i = 0; i < keys->count; i++) {
            if (memcmp(keys->public_keys[i], public_key, SIGN_PUBLIC_SIZE) == 0) {
                status = report_set(report, S_EXISTS, "the key in '%s' is given twice", path);
            }
        }
        keys->count += status == S_OK;
    }
    if (file.size > 0) {
        sodium_memzero(file.data, file.size);
    }
    sodium_memzero(seed, sizeof seed);
    buffer_release(&file);
    return status;
}

enum status authority_keys_take(struct command_context *context, struct authority_keys *keys)
{
    const char *path;
    enum status status = S_OK;

    memset(keys, 0, sizeof *keys);
    while (status == S_OK && (path = command_option(context, "key")) != NULL) {
        status = authority_keys_load(keys, path, &context->report);
    }
    if (status == S_OK && keys->count == 0) {
        status = report_set(&context->report, S_USAGE, "whose signature? say --key FILE, with a file of qanat authority new-key or the "
                                                       "hub's authority.key");
    }
    return status;
}

void authority_keys_clear(struct authority_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}
