#include "replication/stream/fork.h"

#include <string.h>

#include "replication/trust/identity.h"
#include "tests/kit/kit.h"

static const struct id federation = {{5}};

static struct identity identity_of(uint8_t number)
{
    struct identity identity;
    uint8_t seed[IDENTITY_SEED_SIZE] = {number};

    identity_derive(&identity, seed);
    return identity;
}

static struct certificate signed_state(const struct identity *by, uint8_t incarnation, uint64_t seq, hlc stamp, uint8_t state)
{
    struct stream_head head = {
        .stream = {by->node, {{incarnation}}, TOPIC_RESULTS}, .seq = seq, .count = 1, .digest = {{state}}, .stamp = stamp};
    return certificate_sign(&federation, &head, by->sign_secret);
}

static struct fork turns_of(const struct identity *by)
{
    return (struct fork){FORK_TURNS,
                         {signed_state(by, 1, 5, 100, 1), signed_state(by, 2, 3, 200, 2), signed_state(by, 1, 6, 300, 3)}};
}

static void turns_show_two_machines_and_only_in_that_order(void **state)
{
    struct identity node = identity_of(1), other = identity_of(2);
    struct fork fork = turns_of(&node);
    (void)state;

    assert_true(fork_is_shown(&fork));
    assert_true(fork_stamp(&fork) == 300);
    fork.certificates[1].head.stamp = 301; /* X, X, Y: it went on under another incarnation, as it may */
    assert_false(fork_is_shown(&fork));
    fork = turns_of(&node);
    fork.certificates[2].head.seq = 5; /* X did not grow */
    assert_false(fork_is_shown(&fork));
    fork = turns_of(&node);
    fork.certificates[1].head.stream.incarnation = fork.certificates[0].head.stream.incarnation;
    assert_false(fork_is_shown(&fork));
    fork = turns_of(&node);
    fork.certificates[1] = signed_state(&other, 2, 3, 200, 2);
    assert_false(fork_is_shown(&fork));
}

static void one_seq_with_two_states_shows_them_too(void **state)
{
    struct identity node = identity_of(1);
    struct fork fork = {FORK_SAME_SEQ, {signed_state(&node, 1, 5, 100, 1), signed_state(&node, 1, 5, 100, 2)}};
    (void)state;

    assert_true(fork_is_shown(&fork));
    fork.certificates[1] = fork.certificates[0];
    assert_false(fork_is_shown(&fork));
}

static void a_proof_holds_for_anybody_and_not_for_another_key(void **state)
{
    struct identity node = identity_of(1), other = identity_of(2);
    struct fork fork = turns_of(&node), read;
    struct buffer proof;
    (void)state;

    buffer_init(&proof);
    fork_encode(&fork, &proof);
    assert_true(proof.size == FORK_PROOF_MAX);
    assert_int_equal(fork_decode(buffer_bytes(&proof), &read), S_OK);
    struct id about = fork_node(&read);
    assert_true(id_equal(&about, &node.node));
    assert_int_equal(fork_verify(&read, &federation, node.sign_public), S_OK);
    assert_int_equal(fork_verify(&read, &federation, other.sign_public), S_BAD_SIGNATURE);
    for (size_t size = 0; size < proof.size; size++) {
        assert_int_equal(fork_decode(bytes_of(proof.data, size), &read), S_INVALID);
    }
    for (size_t i = 1; i < proof.size; i++) { /* any altered byte is noticed, by its form or by a signature */
        proof.data[i] ^= 1;
        assert_true(fork_decode(buffer_bytes(&proof), &read) != S_OK ||
                    fork_verify(&read, &federation, node.sign_public) != S_OK);
        proof.data[i] ^= 1;
    }
    buffer_release(&proof);
}

static void keys_name_the_node_and_nothing_else_is_one(void **state)
{
    struct id node = {{1, 2, 3}}, found;
    struct buffer key;
    bool is_settle;
    (void)state;

    buffer_init(&key);
    fork_key(&node, &key);
    assert_true(fork_key_parse(buffer_bytes(&key), &found, &is_settle) && !is_settle && id_equal(&found, &node));
    fork_settle_key(&node, &key);
    assert_true(fork_key_parse(buffer_bytes(&key), &found, &is_settle) && is_settle && id_equal(&found, &node));
    key.data[key.size - 1] = 'x';
    assert_false(fork_key_parse(buffer_bytes(&key), &found, &is_settle));
    assert_false(fork_key_parse(bytes_of(key.data, key.size - 2), &found, &is_settle));
    buffer_release(&key);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_show_two_machines_and_only_in_that_order),
        cmocka_unit_test(one_seq_with_two_states_shows_them_too),
        cmocka_unit_test(a_proof_holds_for_anybody_and_not_for_another_key),
        cmocka_unit_test(keys_name_the_node_and_nothing_else_is_one),
    };
    return KIT_RUN(tests);
}
