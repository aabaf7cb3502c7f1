#include "node/badge/multibase.h"

#include <string.h>

#include "tests/kit/kit.h"

static void base58_gives_known_texts_and_takes_nothing_else(void **state)
{
    /* draft-msporny-base58: its test vectors */
    static const struct {
        const char *bytes, *text;
        size_t size;
    } vectors[] = {{"Hello World!", "2NEpo7TZRRrLZSi2U", 12},
                   {"The quick brown fox jumps over the lazy dog.",
                    "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z", 44},
                   {"\x00\x00\x28\x7f\xb4\xcd", "11233QC4", 6},
                   {"", "", 0}};
    char text[BASE58_TEXT_SIZE];
    uint8_t bytes[BASE58_BYTES_MAX];
    (void)state;

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        base58_encode(bytes_of(vectors[i].bytes, vectors[i].size), text);
        assert_string_equal(text, vectors[i].text);
        assert_true(base58_decode(text, bytes, vectors[i].size));
        assert_memory_equal(bytes, vectors[i].bytes, vectors[i].size);
    }
    assert_false(base58_decode("2NEpo7TZRRrLZSi2U", bytes, 11)); /* too long */
    assert_false(base58_decode("2NEpo7TZRRrLZSi2U", bytes, 13)); /* too short */
    assert_false(base58_decode("0NEpo7TZRRrLZSi2U", bytes, 12)); /* no digit */
}

static void every_length_goes_there_and_back(void **state)
{
    struct kit_random random;
    char text[BASE58_TEXT_SIZE];
    uint8_t bytes[BASE58_BYTES_MAX], back[BASE58_BYTES_MAX];
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (size_t size = 0; size <= BASE58_BYTES_MAX; size++) {
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)(i < size % 4 ? 0 : kit_random_u64(&random));
        }
        base58_encode(bytes_of(bytes, size), text);
        assert_true(base58_decode(text, back, size));
        assert_memory_equal(bytes, back, size);
        struct buffer base64, decoded;
        buffer_init(&base64);
        buffer_init(&decoded);
        base64url_encode(bytes_of(bytes, size), &base64);
        assert_true(base64url_decode(buffer_bytes(&base64), &decoded));
        assert_true(bytes_equal(buffer_bytes(&decoded), bytes_of(bytes, size)));
        buffer_append_u8(&base64, '=');
        assert_false(base64url_decode(buffer_bytes(&base64), &decoded));
        buffer_release(&base64);
        buffer_release(&decoded);
    }
}

static void a_key_is_a_did_and_a_did_is_a_key(void **state)
{
    static const char did[] =
        "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"; /* of W3C vc-di-eddsa, appendix B */
    uint8_t key[SIGN_PUBLIC_SIZE], again[SIGN_PUBLIC_SIZE];
    char text[DID_KEY_SIZE];
    (void)state;

    assert_true(did_key_parse(did, key));
    did_key_format(key, text);
    assert_string_equal(text, did);
    assert_false(did_key_parse("did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ", again));
    assert_false(did_key_parse("did:web:example.org", again));
    assert_false(did_key_parse("did:key:z", again));
}

static void a_uuid_is_read_in_both_forms(void **state)
{
    struct id uuid, again;
    char text[UUID_TEXT_SIZE], urn[URN_UUID_SIZE];
    (void)state;

    memset(&uuid, 0xff, sizeof uuid);
    uuid_mark(&uuid, 4);
    uuid_format(&uuid, text);
    assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    urn_uuid_format(&uuid, urn);
    assert_true(uuid_parse(text, &again) && id_equal(&uuid, &again));
    assert_true(uuid_parse(urn, &again) && id_equal(&uuid, &again));
    assert_false(uuid_parse("ffffffffffff-4fff-bfff-ffffffffffff", &again));
    assert_false(uuid_parse("ffffffff-ffff-4fff-bfff-fffffffffff", &again));
    assert_false(uuid_parse("ffffffff-ffff-4fff-bfff-fffffffffffg", &again));
    assert_false(uuid_parse("", &again));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base58_gives_known_texts_and_takes_nothing_else),
        cmocka_unit_test(every_length_goes_there_and_back),
        cmocka_unit_test(a_key_is_a_did_and_a_did_is_a_key),
        cmocka_unit_test(a_uuid_is_read_in_both_forms),
    };
    return KIT_RUN(tests);
}
