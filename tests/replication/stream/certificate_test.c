#include "replication/stream/certificate.h"
#include "replication/base/limits.h"
#include "tests/kit/kit.h"

#include <sodium.h>
#include <string.h>

static const struct id federation = {{1}};
static uint8_t public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];

static int keys_make(void **state)
{
    static const uint8_t seed[crypto_sign_SEEDBYTES] = {7};
    (void)state;
    return crypto_sign_seed_keypair(public_key, secret, seed);
}

static struct stream_head head_of(uint64_t seq, uint64_t count)
{
    struct stream_head head = {
        .stream = {.node = {{2}}, .incarnation = {{3}}, .topic = TOPIC_RESULTS},
        .seq = seq,
        .count = count,
        .digest = {{4}},
        .stamp = 0x0102030405060708,
    };
    return head;
}

static void a_signed_certificate_verifies_and_comes_back_from_its_bytes(void **state)
{
    struct stream_head head = head_of(12, 5);
    struct certificate back, certificate = certificate_sign(&federation, &head, secret);
    uint8_t raw[CERTIFICATE_SIZE];
    (void)state;

    assert_int_equal(certificate_verify(&certificate, &federation, public_key), S_OK);
    certificate_encode(&certificate, raw);
    assert_int_equal(raw[0], 12);
    assert_int_equal(raw[8], 5);
    assert_int_equal(raw[48], 8);
    assert_int_equal(certificate_decode(bytes_of(raw, sizeof raw), &head.stream, &back), S_OK);
    assert_int_equal(back.head.seq, 12);
    assert_int_equal(back.head.count, 5);
    assert_int_equal(back.head.stamp, head.stamp);
    assert_true(hash_equal(&back.head.digest, &head.digest));
    assert_int_equal(certificate_verify(&back, &federation, public_key), S_OK);
}

static void a_flip_of_any_bit_is_noticed(void **state)
{
    struct stream_head head = head_of(1000, 999);
    struct certificate back, certificate = certificate_sign(&federation, &head, secret);
    uint8_t raw[CERTIFICATE_SIZE];
    (void)state;

    certificate_encode(&certificate, raw);
    for (size_t bit = 0; bit < 8 * sizeof raw; bit++) {
        raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (certificate_decode(bytes_of(raw, sizeof raw), &head.stream, &back) == S_OK) {
            assert_int_equal(certificate_verify(&back, &federation, public_key), S_BAD_SIGNATURE);
        }
        raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void it_holds_for_one_stream_of_one_federation_and_one_key(void **state)
{
    struct stream_head head = head_of(3, 3);
    struct certificate certificate = certificate_sign(&federation, &head, secret);
    struct id other = {{2}};
    uint8_t other_key[SIGN_PUBLIC_SIZE];
    (void)state;

    memcpy(other_key, public_key, sizeof other_key);
    other_key[5] ^= 1;
    assert_int_equal(certificate_verify(&certificate, &other, public_key), S_BAD_SIGNATURE);
    assert_int_equal(certificate_verify(&certificate, &federation, other_key), S_BAD_SIGNATURE);
    certificate.head.stream.topic = TOPIC_CATALOGUE;
    assert_int_equal(certificate_verify(&certificate, &federation, public_key), S_BAD_SIGNATURE);
    certificate.head.stream.topic = TOPIC_RESULTS;
    certificate.head.stream.incarnation.b[15] ^= 1;
    assert_int_equal(certificate_verify(&certificate, &federation, public_key), S_BAD_SIGNATURE);
}

static enum status decode_with(uint64_t seq, uint64_t count, size_t size)
{
    uint8_t raw[CERTIFICATE_SIZE + 1] = {0};
    struct stream_head head = head_of(1, 1);
    struct certificate out, certificate = {.head = head_of(seq, count)};

    certificate_encode(&certificate, raw);
    return certificate_decode(bytes_of(raw, size), &head.stream, &out);
}

static void sizes_seq_and_count_hold_at_their_edges(void **state)
{
    (void)state;
    assert_int_equal(decode_with(1, 1, CERTIFICATE_SIZE), S_OK);
    assert_int_equal(decode_with(SEQ_MAX, SEQ_MAX, CERTIFICATE_SIZE), S_OK);
    assert_int_equal(decode_with(SEQ_MAX + 1, 1, CERTIFICATE_SIZE), S_INVALID);
    assert_int_equal(decode_with(0, 0, CERTIFICATE_SIZE), S_INVALID);
    assert_int_equal(decode_with(5, 6, CERTIFICATE_SIZE), S_INVALID);
    assert_int_equal(decode_with(5, 0, CERTIFICATE_SIZE), S_INVALID);
    assert_int_equal(decode_with(1, 1, CERTIFICATE_SIZE - 1), S_INVALID);
    assert_int_equal(decode_with(1, 1, CERTIFICATE_SIZE + 1), S_INVALID);
    assert_int_equal(decode_with(1, 1, 0), S_INVALID);
}

static void one_seq_with_two_states_is_a_fork(void **state)
{
    struct certificate a = {.head = head_of(9, 4)}, b = a;
    (void)state;

    assert_false(certificate_is_fork(&a, &b));
    b.head.stamp++;
    assert_false(certificate_is_fork(&a, &b)); /* the same state, certified twice */
    b.head.digest.b[31] ^= 1;
    assert_true(certificate_is_fork(&a, &b));
    assert_true(certificate_is_fork(&b, &a));
    b = a;
    b.head.count++;
    assert_true(certificate_is_fork(&a, &b));
}

static void other_seqs_and_other_streams_are_no_fork(void **state)
{
    struct certificate a = {.head = head_of(9, 4)}, b = a;
    (void)state;

    b.head.digest.b[0] ^= 1;
    b.head.seq++;
    assert_false(certificate_is_fork(&a, &b));
    b.head.seq = a.head.seq;
    b.head.stream.incarnation.b[0] ^= 1;
    assert_false(certificate_is_fork(&a, &b));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_certificate_verifies_and_comes_back_from_its_bytes),
        cmocka_unit_test(a_flip_of_any_bit_is_noticed),
        cmocka_unit_test(it_holds_for_one_stream_of_one_federation_and_one_key),
        cmocka_unit_test(sizes_seq_and_count_hold_at_their_edges),
        cmocka_unit_test(one_seq_with_two_states_is_a_fork),
        cmocka_unit_test(other_seqs_and_other_streams_are_no_fork),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, keys_make, NULL);
}
