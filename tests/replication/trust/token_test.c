#include "replication/trust/token.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct federation fed;

static struct token token_make(void)
{
    struct token token = {
        .federation = fed.id,
        .inviter = fed.nodes[0].node,
        .seed = {5, 4, 3},
        .name = "Kituo cha Mombasa",
        .kind = NODE_CAMPUS,
        .country = "KE",
        .region = "Coast",
        .expires_ms = 1800000000000,
        .endpoints = {"tcp://hub.example.org:7447", "tcp://[2001:db8::1]:7447"},
        .endpoint_count = 2,
    };
    memcpy(token.inviter_curve, fed.nodes[0].curve_public, CURVE_PUBLIC_SIZE);
    memcpy(token.authority_public, fed.authority.sign_public, SIGN_PUBLIC_SIZE);
    return token;
}

static void a_token_comes_back_from_its_line(void **state)
{
    struct token token = token_make(), back;
    char text[TOKEN_TEXT_MAX];
    (void)state;

    assert_int_equal(token_encode(&token, text), S_OK);
    assert_memory_equal(text, "qanat1-", 7);
    assert_null(strpbrk(text, "\n +/="));
    assert_int_equal(token_decode(text, &back, NULL), S_OK);
    assert_true(id_equal(&back.federation, &token.federation));
    assert_true(id_equal(&back.inviter, &token.inviter));
    assert_memory_equal(back.inviter_curve, token.inviter_curve, CURVE_PUBLIC_SIZE);
    assert_memory_equal(back.authority_public, token.authority_public, SIGN_PUBLIC_SIZE);
    assert_memory_equal(back.seed, token.seed, TOKEN_SEED_SIZE);
    assert_string_equal(back.name, token.name);
    assert_int_equal(back.kind, NODE_CAMPUS);
    assert_string_equal(back.country, "KE");
    assert_string_equal(back.region, "Coast");
    assert_int_equal(back.expires_ms, token.expires_ms);
    assert_int_equal(back.endpoint_count, 2);
    assert_string_equal(back.endpoints[1], "tcp://[2001:db8::1]:7447");
    assert_true(hash_equal(&back.anchor, &(struct hash){{0}}));
    token.anchor.b[31] = 9;
    assert_int_equal(token_encode(&token, text), S_OK);
    assert_int_equal(token_decode(text, &back, NULL), S_OK);
    assert_true(hash_equal(&back.anchor, &token.anchor));
}

static void every_mistyped_or_missing_character_is_told(void **state)
{
    struct token token = token_make(), back;
    char text[TOKEN_TEXT_MAX], wrong[TOKEN_TEXT_MAX];
    struct report report;
    (void)state;

    assert_int_equal(token_encode(&token, text), S_OK);
    for (size_t i = 7; text[i]; i++) {
        strcpy(wrong, text);
        wrong[i] = text[i] == 'A' ? 'B' : 'A';
        report_clear(&report);
        assert_int_equal(token_decode(wrong, &back, &report), S_BAD_DIGEST);
        assert_non_null(strstr(report.text, "checksum"));
        memmove(wrong + i, text + i + 1, strlen(text + i));
        assert_int_equal(token_decode(wrong, &back, NULL), S_BAD_DIGEST);
    }
    strcpy(wrong, text);
    wrong[9] = '!';
    report_clear(&report);
    assert_int_equal(token_decode(wrong, &back, &report), S_INVALID);
    assert_non_null(strstr(report.text, "Character 10 "));
}

static void a_line_broken_by_mail_is_still_a_token(void **state)
{
    struct token token = token_make(), back;
    char text[TOKEN_TEXT_MAX], broken[TOKEN_TEXT_MAX + 16];
    (void)state;

    assert_int_equal(token_encode(&token, text), S_OK);
    snprintf(broken, sizeof broken, " %.70s\r\n  %s\n", text, text + 70);
    assert_int_equal(token_decode(broken, &back, NULL), S_OK);
    assert_string_equal(back.name, token.name);
}

static void what_is_no_token_is_told_apart(void **state)
{
    static char big[TOKEN_TEXT_MAX + 1];
    struct token back;
    (void)state;

    assert_int_equal(token_decode("", &back, NULL), S_INVALID);
    assert_int_equal(token_decode("qanat1", &back, NULL), S_INVALID);
    assert_int_equal(token_decode("hello", &back, NULL), S_INVALID);
    assert_int_equal(token_decode("qanat2-AAAA", &back, NULL), S_VERSION);
    assert_int_equal(token_decode("qanat1-", &back, NULL), S_BAD_DIGEST);
    memset(big, 'A', TOKEN_TEXT_MAX);
    assert_int_equal(token_decode(big, &back, NULL), S_TOO_LARGE);
    big[TOKEN_TEXT_MAX - 1] = '\0';
    assert_int_equal(token_decode(big, &back, NULL), S_INVALID);
}

static void the_longest_token_fits_its_line(void **state)
{
    struct token token = token_make(), back;
    char text[TOKEN_TEXT_MAX];
    (void)state;

    memset(token.name, 'n', NODE_NAME_MAX);
    memset(token.region, 'r', NODE_NAME_MAX);
    token.expires_ms = UINT64_MAX;
    token.endpoint_count = TOKEN_ENDPOINTS_MAX;
    for (size_t i = 0; i < TOKEN_ENDPOINTS_MAX; i++) {
        memset(token.endpoints[i], 0, ENDPOINT_MAX);
        memset(token.endpoints[i], 'e', ENDPOINT_MAX - 1);
        memcpy(token.endpoints[i], "tcp://", 6);
    }
    assert_int_equal(token_encode(&token, text), S_OK);
    assert_int_equal(token_decode(text, &back, NULL), S_OK);
    assert_int_equal(strlen(back.endpoints[3]), ENDPOINT_MAX - 1);
    token.endpoint_count++;
    assert_int_equal(token_encode(&token, text), S_TOO_LARGE);
    token.endpoint_count = 0;
    assert_int_equal(token_encode(&token, text), S_OK);
    token.name[0] = '~';
    assert_int_equal(token_encode(&token, text), S_INVALID);
}

static void a_token_is_open_until_it_expires(void **state)
{
    struct token token = token_make();
    (void)state;

    assert_true(token_is_open(&token, token.expires_ms));
    assert_false(token_is_open(&token, token.expires_ms + 1));
    token.expires_ms = 0;
    assert_true(token_is_open(&token, UINT64_MAX));
}

static void a_request_to_join_is_checked_against_the_token(void **state)
{
    struct token token = token_make();
    struct roster_node node, asked;
    struct report report;
    (void)state;

    assert_int_equal(token_join(&token, &fed.nodes[7], "tcp://10.0.0.9:7447", &node), S_OK);
    asked = node;
    memset(&asked.node, 0, sizeof asked.node);
    memset(&asked.parent, 0, sizeof asked.parent);
    memset(asked.token_public, 0, sizeof asked.token_public);
    assert_int_equal(token_verify(&token, &asked, NULL), S_OK);
    assert_true(federation_node_equal(&asked, &node));

    strcpy(asked.name, "another");
    report_clear(&report);
    assert_int_equal(token_verify(&token, &asked, &report), S_DENIED);
    assert_non_null(strstr(report.text, "Kituo cha Mombasa"));
    asked = node;
    asked.kind = NODE_HUB;
    assert_int_equal(token_verify(&token, &asked, NULL), S_DENIED);
    asked = node;
    asked.curve_public[0] ^= 1;
    assert_int_equal(token_verify(&token, &asked, NULL), S_BAD_SIGNATURE);
    asked = node;
    token.seed[0] ^= 1;
    assert_int_equal(token_verify(&token, &asked, NULL), S_BAD_SIGNATURE);
    asked.endpoint[0] = 'x';
    assert_int_equal(token_verify(&token, &asked, NULL), S_INVALID);
}

static void a_join_becomes_a_consented_admission(void **state)
{
    struct token token = token_make();
    struct roster *roster = roster_new(&fed.id, fed.authority.sign_public);
    struct roster_node hub = federation_node(&fed, 0, FEDERATION_AUTHORITY, NODE_HUB), node;
    struct buffer out;
    (void)state;

    buffer_init(&out);
    federation_admit(&fed, &hub, FEDERATION_AUTHORITY, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    assert_int_equal(token_join(&token, &fed.nodes[7], "", &node), S_OK);
    node.admitted_ms = 5;
    federation_admit(&fed, &node, 0, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    assert_true(federation_node_equal(roster_find_name(roster, "Kituo cha Mombasa"), &node));
    buffer_release(&out);
    roster_free(roster);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 3);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_comes_back_from_its_line),
        cmocka_unit_test(every_mistyped_or_missing_character_is_told),
        cmocka_unit_test(a_line_broken_by_mail_is_still_a_token),
        cmocka_unit_test(what_is_no_token_is_told_apart),
        cmocka_unit_test(the_longest_token_fits_its_line),
        cmocka_unit_test(a_token_is_open_until_it_expires),
        cmocka_unit_test(a_request_to_join_is_checked_against_the_token),
        cmocka_unit_test(a_join_becomes_a_consented_admission),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, NULL);
}
