/* What is refused before it is signed. Reading back is tested in statement_test.c and rekey_test.c. */
#include <string.h>

#include "replication/trust/rekey.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct federation fed;

static void an_admission_names_the_first_keys(void **state)
{
    struct roster_node node = federation_node(&fed, 3, 1, NODE_NATIONAL);
    struct roster_key first = {.node = node.node};
    struct signer by = federation_signer(&fed, 1);
    struct statement statement;
    struct buffer out;

    (void)state;
    buffer_init(&out);
    memcpy(first.sign_public, node.sign_public, sizeof first.sign_public);
    memcpy(first.curve_public, node.curve_public, sizeof first.curve_public);
    memcpy(node.sign_public, fed.nodes[9].sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, fed.nodes[9].curve_public, sizeof node.curve_public);
    assert_int_equal(statement_admit(&fed.id, &node, &by, &out), S_INVALID); /* the id is of another key */
    node.former = &first;
    node.former_count = 1;
    assert_int_equal(statement_admit(&fed.id, &node, &by, &out), S_OK);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_memory_equal(statement.admitted.sign_public, first.sign_public, SIGN_PUBLIC_SIZE);
    assert_memory_equal(statement.admitted.curve_public, first.curve_public, CURVE_PUBLIC_SIZE);
    buffer_release(&out);
}

static void what_is_outside_the_format_is_not_signed(void **state)
{
    struct signer by = federation_signer(&fed, 1);
    struct revoke_terms terms = {.reason = "\xff"};
    struct hash none = {{0}};
    struct buffer out;

    (void)state;
    buffer_init(&out);
    assert_int_equal(statement_revoke(&fed.id, &fed.nodes[2].node, 1, &terms, &by, &out), S_INVALID);
    assert_int_equal(statement_cosign(&fed.id, &none, 1, &by, &out), S_INVALID);
    assert_int_equal(statement_adopt(&fed.id, &fed.nodes[2].node, bytes_of(NULL, 0), 1, &by, &out), S_INVALID);
    assert_int_equal(out.size, 0);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_admission_names_the_first_keys),
        cmocka_unit_test(what_is_outside_the_format_is_not_signed),
    };
    federation_make(&fed, 9);
    return KIT_RUN(tests);
}
