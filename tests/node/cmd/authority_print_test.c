#include "node/cmd/authority_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/trust/identity.h"
#include "tests/kit/kit.h"

static struct id federation_id = {{1}};
static struct identity authority, hub;

static void take(struct paper *paper, struct buffer *out, enum status status)
{
    assert_int_equal(status, S_OK);
    assert_int_equal(paper_add(paper, buffer_bytes(out)), S_OK);
    buffer_clear(out);
}

/* One statement of each kind that speaks. */
static struct paper *paper_make(void)
{
    struct signer by = {{{0}}, {0}, 0};
    struct roster_node node = {.node = hub.node, .kind = NODE_HUB, .admitted_ms = 5, .name = "node-1"};
    struct id lost = {{2}};
    struct hash hash = {{7}};
    uint8_t keys[2][SIGN_PUBLIC_SIZE] = {{1}, {2}};
    const struct authority_terms terms = {.generation = 1, .threshold = 2, .predecessor = hash, .keys = bytes_of(keys, sizeof keys),
                                          .ratified = bytes_of(hash.b, sizeof hash.b), .at_ms = 9};
    struct paper *paper = paper_new(&federation_id);
    struct buffer out;

    memcpy(by.sign_secret, authority.sign_secret, sizeof by.sign_secret);
    memcpy(node.sign_public, hub.sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, hub.curve_public, sizeof node.curve_public);
    buffer_init(&out);
    take(paper, &out, statement_admit(&federation_id, &node, &by, &out));
    take(paper, &out, statement_revoke(&federation_id, &lost, 5, &(struct revoke_terms){.reason = "test"}, &by, &out));
    take(paper, &out, statement_adopt(&federation_id, &node.node, bytes_of(hash.b, sizeof hash.b), 6, &by, &out));
    take(paper, &out, statement_authority(&federation_id, &terms, &by, &out));
    buffer_release(&out);
    return paper;
}

static char *printed(bool is_json, bool has_roster)
{
    char *text;
    size_t size;
    struct command_context context = {.out = open_memstream(&text, &size), .is_json = is_json};
    struct paper *paper = paper_make();
    struct roster *roster = has_roster ? roster_new(&federation_id, authority.sign_public) : NULL;

    paper_print(&context, paper, roster, false);
    fclose(context.out);
    paper_free(paper);
    roster_free(roster);
    return text;
}

static void every_kind_is_said_in_words(void **state)
{
    char *text = printed(false, true);
    (void)state;

    assert_non_null(strstr(text, "'node-1' is a hub below nobody; signed by 1, needed 1\n"));
    assert_non_null(strstr(text, "is revoked; signed by 1, needed 1\n"));
    assert_non_null(strstr(text, "1 nodes stand below 'node-1 ("));
    assert_non_null(strstr(text, "generation 1 of the authority: 2 of 2 keys; it keeps 1 statements; signed by 1, needed 1; taken by 0, needed 2\n"));
    free(text);
}

static void without_a_roster_nothing_is_said_of_who_must_sign(void **state)
{
    char *text = printed(true, false);
    json_t *document = json_loads(text, 0, NULL), *row;
    (void)state;

    assert_int_equal(json_array_size(json_object_get(document, "statements")), 4);
    row = json_array_get(json_object_get(document, "statements"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "what")), "admit");
    assert_int_equal(strlen(json_string_value(json_object_get(row, "hash"))), 64);
    assert_null(json_object_get(row, "needed"));
    json_decref(document);
    free(text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_said_in_words),
        cmocka_unit_test(without_a_roster_nothing_is_said_of_who_must_sign),
    };
    identity_derive(&authority, (const uint8_t[IDENTITY_SEED_SIZE]){1});
    identity_derive(&hub, (const uint8_t[IDENTITY_SEED_SIZE]){2});
    return KIT_RUN(tests);
}
