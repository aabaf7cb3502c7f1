#include "node/badge/status_list.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "node/badge/multibase.h"
#include "node/badge/proof.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { GZIP_WINDOW = 15 + 16, LIST_ID_MAX = 1024 };

void status_list_set(uint8_t bits[STATUS_LIST_BYTES], uint32_t index)
{
    CHECK(index < STATUS_LIST_BITS);
    bits[index / 8] |= (uint8_t)(0x80 >> index % 8);
}

bool status_list_get(const uint8_t bits[STATUS_LIST_BYTES], uint32_t index)
{
    CHECK(index < STATUS_LIST_BITS);
    return bits[index / 8] & 0x80 >> index % 8;
}

void status_list_encode(const uint8_t bits[STATUS_LIST_BYTES], struct buffer *out)
{
    uint8_t packed[STATUS_LIST_BYTES + 1024]; /* more than deflateBound() of it */
    uint8_t in[STATUS_LIST_BYTES];
    z_stream stream = {.avail_in = sizeof in, .avail_out = sizeof packed};

    memcpy(in, bits, sizeof in);
    stream.next_in = in;
    stream.next_out = packed;
    CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    buffer_append_u8(out, 'u');
    base64url_encode(bytes_of(packed, size), out);
}

bool status_list_decode(const char *text, uint8_t bits_out[STATUS_LIST_BYTES])
{
    struct buffer packed;
    bool is_whole = false;

    buffer_init(&packed);
    if (text[0] == 'u' && base64url_decode(bytes_text(text + 1), &packed)) {
        z_stream stream = {.next_in = packed.data,
                           .avail_in = (uInt)packed.size,
                           .next_out = bits_out,
                           .avail_out = STATUS_LIST_BYTES};
        CHECK(inflateInit2(&stream, GZIP_WINDOW) == Z_OK);
        is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == STATUS_LIST_BYTES;
        inflateEnd(&stream);
    }
    buffer_release(&packed);
    return is_whole;
}

json_t *status_list_document(const char *id, const uint8_t bits[STATUS_LIST_BYTES],
                             const struct identity *identity, int64_t now_ms)
{
    char did[DID_KEY_SIZE], at[TIMESTAMP_TEXT_SIZE], subject[LIST_ID_MAX];
    struct buffer list;

    buffer_init(&list);
    status_list_encode(bits, &list);
    did_key_format(identity->sign_public, did);
    timestamp_format(now_ms / 1000 * 1000, at);
    snprintf(subject, sizeof subject, "%s#list", id);
    json_t *document = json_pack(
        "{s:[s],s:s,s:[s,s],s:s,s:s,s:{s:s,s:s,s:s,s:s}}", "@context", "https://www.w3.org/ns/credentials/v2",
        "id", id, "type", "VerifiableCredential", "BitstringStatusListCredential", "issuer", did, "validFrom",
        at, "credentialSubject", "id", subject, "type", "BitstringStatusList", "statusPurpose", "revocation",
        "encodedList", (const char *)list.data);
    CHECK(document && proof_sign(document, identity, at) == S_OK);
    buffer_release(&list);
    return document;
}
