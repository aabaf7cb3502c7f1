#include "node/lrs/digest.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "node/library.h"
#include "replication/base/check.h"

#define GNUTLS_FUNCTIONS(of) \
    of(gnutls_hash_fast) of(gnutls_hash_get_len) of(gnutls_pubkey_init) of(gnutls_pubkey_import_x509) of(gnutls_pubkey_get_pk_algorithm) \
    of(gnutls_pubkey_verify_data2) of(gnutls_pubkey_deinit) of(gnutls_x509_crt_init) of(gnutls_x509_crt_import) of(gnutls_x509_crt_deinit)
LIBRARY_OF(GNUTLS_FUNCTIONS, "libgnutls.so.30");

static void hex_write(const uint8_t *data, size_t size, char out[DIGEST_HEX_MAX])
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = hex[data[i] >> 4];
        out[2 * i + 1] = hex[data[i] & 15];
    }
    out[2 * size] = '\0';
}

static void hash_write(gnutls_digest_algorithm_t algorithm, struct bytes data, char out[DIGEST_HEX_MAX])
{
    uint8_t raw[64];

    library_need(&library);
    int failed = lib.gnutls_hash_fast(algorithm, data.size ? data.data : (const uint8_t *)"", data.size, raw);

    CHECK(!failed);
    hex_write(raw, lib.gnutls_hash_get_len(algorithm), out);
}

void digest_sha1(struct bytes data, char out[DIGEST_HEX_MAX])
{
    hash_write(GNUTLS_DIG_SHA1, data, out);
}

bool digest_sha2(struct bytes data, size_t digits, char out[DIGEST_HEX_MAX])
{
    static const gnutls_digest_algorithm_t algorithms[] = {GNUTLS_DIG_SHA224, GNUTLS_DIG_SHA256,
                                                           GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA512};
    static const size_t sizes[] = {56, 64, 96, 128};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (sizes[i] == digits) {
            hash_write(algorithms[i], data, out);
            return true;
        }
    }
    return false;
}

static gnutls_datum_t datum_of(struct bytes bytes)
{
    return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)bytes.data, .size = (unsigned)bytes.size};
}

enum status digest_rsa_check(const char *algorithm, struct bytes certificate, struct bytes data,
                             struct bytes signature)
{
    gnutls_sign_algorithm_t sign = strcmp(algorithm, "RS256") == 0   ? GNUTLS_SIGN_RSA_SHA256
                                   : strcmp(algorithm, "RS384") == 0 ? GNUTLS_SIGN_RSA_SHA384
                                   : strcmp(algorithm, "RS512") == 0 ? GNUTLS_SIGN_RSA_SHA512
                                                                     : GNUTLS_SIGN_UNKNOWN;
    gnutls_datum_t der = datum_of(certificate), text = datum_of(data), sum = datum_of(signature);
    gnutls_x509_crt_t crt = NULL;
    gnutls_pubkey_t key = NULL;
    enum status status = S_INVALID;

    if (sign == GNUTLS_SIGN_UNKNOWN) {
        return S_INVALID;
    }
    library_need(&library);
    if (lib.gnutls_x509_crt_init(&crt) == 0 && lib.gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0 &&
        lib.gnutls_pubkey_init(&key) == 0 && lib.gnutls_pubkey_import_x509(key, crt, 0) == 0 &&
        lib.gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA) {
        status = lib.gnutls_pubkey_verify_data2(key, sign, 0, &text, &sum) >= 0 ? S_OK : S_BAD_SIGNATURE;
    }
    if (key) {
        lib.gnutls_pubkey_deinit(key);
    }
    if (crt) {
        lib.gnutls_x509_crt_deinit(crt);
    }
    return status;
}
