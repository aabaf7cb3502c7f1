#include "replication/trust/statement.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/field.h"
#include "replication/crdt/cell.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { AUTHORITY = FEDERATION_AUTHORITY };

static struct federation fed;

static void an_admission_comes_back_as_it_was_signed(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL);
    struct statement statement;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    strcpy(node.country, "KE");
    strcpy(node.region, "Afrika ya Mashariki");
    strcpy(node.endpoint, "tcp://[2001:db8::1]:7447");
    memset(node.token_public, 7, sizeof node.token_public);
    federation_admit(&fed, &node, 1, &out);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_int_equal(statement.kind, STATEMENT_ADMIT);
    assert_true(federation_node_equal(&statement.admitted, &node));
    assert_true(id_equal(&statement.federation, &fed.id));
    assert_memory_equal(statement.signer_public, fed.nodes[1].sign_public, SIGN_PUBLIC_SIZE);
    buffer_release(&out);
}

static void a_revocation_comes_back_as_it_was_signed(void **state)
{
    struct statement statement;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    federation_revoke(&fed, 5, 123456, 2, &out);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_int_equal(statement.kind, STATEMENT_REVOKE);
    assert_true(id_equal(&statement.node, &fed.nodes[5].node));
    assert_int_equal(statement.at_ms, 123456);
    assert_true(bytes_equal(statement.reason, bytes_text("test")));
    buffer_release(&out);
}

static void every_flipped_bit_is_refused(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL);
    struct statement statement;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    federation_admit(&fed, &node, 1, &out);
    for (size_t bit = 0; bit < out.size * 8; bit += 3) {
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t size = 0; size < out.size; size++) {
        assert_int_not_equal(statement_decode(bytes_of(out.data, size), &statement, NULL), S_OK);
    }
    buffer_release(&out);
}

static void texts_and_limits_hold_at_their_edges(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL), bad;
    struct signer signer = federation_signer(&fed, 1);
    char reason[STATEMENT_REASON_MAX + 2];
    struct buffer out;
    (void)state;

    buffer_init(&out);
    memset(node.name, 'n', NODE_NAME_MAX);
    memset(node.region, 'r', NODE_NAME_MAX);
    strcpy(node.endpoint, "tcp://");
    memset(node.endpoint + 6, 'e', ENDPOINT_MAX - 7);
    assert_int_equal(statement_admit(&fed.id, &node, &signer, &out), S_OK);
    assert_true(out.size < STATEMENT_SIZE_MAX);
    bad = node;
    bad.node.b[0] ^= 1;
    assert_int_equal(statement_admit(&fed.id, &bad, &signer, &out), S_INVALID);
    memset(reason, 'x', sizeof reason);
    reason[STATEMENT_REASON_MAX + 1] = '\0';
    assert_int_equal(statement_revoke(&fed.id, &node.node, 1, &(struct revoke_terms){.reason = reason}, &signer, &out), S_TOO_LARGE);
    reason[STATEMENT_REASON_MAX] = '\0';
    assert_int_equal(statement_revoke(&fed.id, &node.node, 1, &(struct revoke_terms){.reason = reason}, &signer, &out), S_OK);
    buffer_release(&out);
}

/* Signs `body` as a newer version would. */
static void seal(struct bytes body, int who, struct buffer *out)
{
    struct signer signer = federation_signer(&fed, who);
    uint8_t signature[SIGNATURE_SIZE];
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, "qanat statement 1", sizeof "qanat statement 1");
    buffer_append(&text, body.data, body.size);
    crypto_sign_detached(signature, NULL, text.data, text.size, signer.sign_secret);
    buffer_clear(out);
    field_append_bytes(out, 1, body);
    field_append_bytes(out, 2, bytes_of(signature, sizeof signature));
    buffer_release(&text);
}

static void fields_of_a_newer_version_are_left_alone_and_kinds_are_refused(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL);
    struct statement statement;
    struct buffer out, body;
    struct field field;
    (void)state;

    buffer_init(&out);
    buffer_init(&body);
    federation_admit(&fed, &node, 1, &out);
    struct bytes in = buffer_bytes(&out);
    assert_true(field_take(&in, &field));
    buffer_append(&body, field.bytes.data, field.bytes.size);
    field_append_bytes(&body, 99, bytes_text("something new"));
    seal(buffer_bytes(&body), 1, &out);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_true(federation_node_equal(&statement.admitted, &node));
    field_append_number(&body, 3, 9);
    seal(buffer_bytes(&body), 1, &out);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_VERSION);
    buffer_release(&body);
    buffer_release(&out);
}

static void too_many_bytes_are_too_large(void **state)
{
    static uint8_t big[STATEMENT_SIZE_MAX + 1];
    struct statement statement;
    (void)state;

    assert_int_equal(statement_decode(bytes_of(big, sizeof big), &statement, NULL), S_TOO_LARGE);
    assert_int_equal(statement_decode(bytes_of(big, sizeof big - 1), &statement, NULL), S_INVALID);
}

static void the_cell_key_names_kind_node_signer_and_hash(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL);
    char node_hex[ID_HEX_SIZE], signer_hex[ID_HEX_SIZE];
    struct buffer out, key;
    (void)state;

    buffer_init(&out);
    buffer_init(&key);
    federation_admit(&fed, &node, 1, &out);
    assert_int_equal(statement_cell_key(buffer_bytes(&out), &key), S_OK);
    id_hex(&fed.nodes[3].node, node_hex);
    id_hex(&fed.nodes[1].node, signer_hex);
    assert_int_equal(key.size, 5 + 1 + 32 + 1 + 32 + 1 + 16);
    assert_memory_equal(key.data, "admit\x1f", 6);
    assert_memory_equal(key.data + 6, node_hex, 32);
    assert_memory_equal(key.data + 39, signer_hex, 32);
    assert_true(key.size <= CELL_KEY_MAX);
    federation_revoke(&fed, 3, 1, 1, &out);
    assert_int_equal(statement_cell_key(buffer_bytes(&out), &key), S_OK);
    assert_memory_equal(key.data, "revoke\x1f", 7);
    out.data[out.size - 1] ^= 1;
    assert_int_equal(statement_cell_key(buffer_bytes(&out), &key), S_BAD_SIGNATURE);
    buffer_release(&key);
    buffer_release(&out);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 2);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_admission_comes_back_as_it_was_signed),
        cmocka_unit_test(a_revocation_comes_back_as_it_was_signed),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(texts_and_limits_hold_at_their_edges),
        cmocka_unit_test(fields_of_a_newer_version_are_left_alone_and_kinds_are_refused),
        cmocka_unit_test(too_many_bytes_are_too_large),
        cmocka_unit_test(the_cell_key_names_kind_node_signer_and_hash),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, NULL);
}
