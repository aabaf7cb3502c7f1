#include "node/badge/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/badge/card.h"
#include "node/badge/proof.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

/* A real node, made by commands, then looked into. */
struct fixture {
    struct kit_command kit;
    struct store *store;
    struct identity identity;
    struct federation federation;
    char *document; /* of a certificate of the node */
};

static void commands(struct fixture *fixture, const char *words)
{
    assert_int_equal(kit_command(&fixture->kit, words), 0);
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    struct store_options options = {.read_only = true};

    kit_command_open(&fixture->kit);
    commands(fixture, "person add --id p1 --name 'Amina Sow'");
    commands(fixture, "credential issue --person p1 --course tdc --title Teaching --score 91.5");
    fixture->document = strdup(fixture->kit.out);
    assert_int_equal(dir_load_identity(fixture->kit.dir, &fixture->identity, NULL), S_OK);
    assert_int_equal(dir_load_federation(fixture->kit.dir, &fixture->federation, NULL), S_OK);
    assert_int_equal(store_open(fixture->kit.dir, &options, &fixture->store, NULL), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    store_close(fixture->store);
    free(fixture->document);
    kit_command_close(&fixture->kit);
    test_free(fixture);
    return 0;
}

static enum verdict judge_at(struct fixture *fixture, const char *text, int64_t now_ms, const struct id *self,
                             struct verification *verification)
{
    const struct verify_request request = {
        .store = fixture->store, .federation = &fixture->federation, .self = self, .now_ms = now_ms};
    struct report report;

    report_clear(&report);
    assert_int_equal(verify_text(&request, bytes_text(text), verification, &report), S_OK);
    return verification->verdict;
}

static enum verdict judge(struct fixture *fixture, const char *text)
{
    struct verification verification;
    enum verdict verdict = judge_at(fixture, text, 1800000000000, &fixture->identity.node, &verification);

    assert_int_not_equal(strlen(verification.sentence), 0);
    json_t *json = verification_json(&verification);
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), verdict_text(verdict));
    json_decref(json);
    verification_release(&verification);
    return verdict;
}

static void a_good_one_is_valid_and_says_how_old_the_list_is(void **state)
{
    struct fixture *fixture = *state;
    struct verification v;
    struct id other = {{9}};

    assert_int_equal(judge(fixture, fixture->document), VERDICT_VALID);
    assert_int_equal(judge_at(fixture, fixture->document, 0, &other, &v), VERDICT_VALID);
    int64_t as_of = v.standing.as_of_ms;
    verification_release(&v);
    /* as seen by another node, 50 hours later */
    assert_int_equal(judge_at(fixture, fixture->document, as_of + 50 * 3600 * 1000LL, &other, &v),
                     VERDICT_VALID);
    assert_non_null(strstr(v.sentence, "which is 2 days old"));
    json_t *json = verification_json(&v);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "revocations"), "age_hours")),
                     50);
    json_decref(json);
    verification_release(&v);
}

static void an_altered_one_is_said_to_be(void **state)
{
    struct fixture *fixture = *state;

    char *name = strstr(fixture->document, "Amina");
    name[0] = 'E';
    assert_int_equal(judge(fixture, fixture->document), VERDICT_ALTERED);
}

static void an_unknown_issuer_is_said_to_be(void **state)
{
    struct fixture *fixture = *state;
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    struct identity stranger;
    struct credential credential;
    struct buffer card;
    json_t *parsed, *document;

    identity_derive(&stranger, seed);
    assert_int_equal(credential_parse(bytes_text(fixture->document), &parsed, NULL), S_OK);
    assert_int_equal(credential_read(parsed, &credential, NULL), S_OK);
    assert_int_equal(credential_document(&credential, &stranger, &fixture->federation, &document), S_OK);
    char *text = json_dumps(document, 0);
    assert_int_equal(judge(fixture, text), VERDICT_UNKNOWN_ISSUER);
    free(text);
    /* signed by a stranger in the node's name */
    json_object_set(document, "issuer", json_object_get(parsed, "issuer"));
    text = json_dumps(document, 0);
    assert_int_equal(judge(fixture, text), VERDICT_ALTERED);
    free(text);
    buffer_init(&card);
    card_write(&credential, &stranger, &card);
    assert_int_equal(judge(fixture, (const char *)card.data), VERDICT_UNKNOWN_ISSUER);
    /* a card names no issuer, only which node it is: no empty name is shown for it */
    char words[400];
    kit_command_file(&fixture->kit, "card", (const char *)card.data);
    buffer_release(&card);
    snprintf(words, sizeof words, "credential verify %s/card", fixture->kit.scratch);
    assert_int_equal(kit_command(&fixture->kit, words), 1);
    assert_non_null(strstr(fixture->kit.out, "the issuer that its code stands for is no node of the federation"));
    assert_non_null(strstr(fixture->kit.out, "  issuer:    not known here\n"));
    assert_null(strstr(fixture->kit.out, "''"));
    json_decref(document);
    json_decref(parsed);
}

/* Who issued it is for strangers to write: a long name is cut where it is shown, perhaps within a character. */
static void a_stranger_with_a_long_name_is_told_as_text(void **state)
{
    struct fixture *fixture = *state;
    char name[3 * 40 + 2] = "";
    struct identity stranger;
    struct credential credential;
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    json_t *parsed, *document;

    identity_derive(&stranger, seed);
    assert_int_equal(credential_parse(bytes_text(fixture->document), &parsed, NULL), S_OK);
    assert_int_equal(credential_read(parsed, &credential, NULL), S_OK);
    assert_int_equal(credential_document(&credential, &stranger, &fixture->federation, &document), S_OK);
    for (int i = 0; i < 40; i++) {
        strcat(name, "\xe5\xad\xa6");
    }
    json_object_set_new(json_object_get(document, "issuer"), "name", json_string(name));
    char *text = json_dumps(document, 0);
    struct verification verification;
    assert_int_equal(judge_at(fixture, text, 1800000000000, &fixture->identity.node, &verification), VERDICT_UNKNOWN_ISSUER);
    assert_non_null(strstr(verification.sentence, "\xe5\xad\xa6') is no node"));
    json_t *json = verification_json(&verification);
    assert_non_null(json);
    json_decref(json);
    verification_release(&verification);
    free(text);
    json_decref(document);
    json_decref(parsed);
}

static void a_revoked_one_names_day_and_reason_in_any_form(void **state)
{
    struct fixture *fixture = *state;
    struct credential credential;
    struct verification v;
    struct buffer card;
    char words[128], id[UUID_TEXT_SIZE];
    json_t *parsed;

    assert_int_equal(credential_parse(bytes_text(fixture->document), &parsed, NULL), S_OK);
    assert_int_equal(credential_read(parsed, &credential, NULL), S_OK);
    buffer_init(&card);
    card_write(&credential, &fixture->identity, &card);
    assert_int_equal(judge(fixture, (const char *)card.data), VERDICT_VALID);
    uuid_format(&credential.uuid, id);
    snprintf(words, sizeof words, "credential revoke %s --reason 'issued in error'", id);
    commands(fixture, words);
    assert_int_equal(judge(fixture, (const char *)card.data), VERDICT_REVOKED);
    assert_int_equal(judge_at(fixture, fixture->document, 1800000000000, &fixture->identity.node, &v),
                     VERDICT_REVOKED);
    assert_non_null(strstr(v.sentence, "issued in error"));
    assert_true(v.revocation.at_ms > 0);
    verification_release(&v);
    buffer_release(&card);
    json_decref(parsed);
}

static void one_that_ran_out_is_said_to_have(void **state)
{
    struct fixture *fixture = *state;
    struct verification v;

    commands(fixture, "person add --id p2 --name 'Amina Sow'");
    commands(fixture, "credential issue --person p2 --course tdc --expires 2090-01-01");
    assert_int_equal(judge(fixture, fixture->kit.out), VERDICT_VALID);
    assert_int_equal(judge_at(fixture, fixture->kit.out, 3800000000000, &fixture->identity.node, &v),
                     VERDICT_EXPIRED);
    verification_release(&v);
}

static void what_is_none_at_all_is_unreadable(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(judge(fixture, ""), VERDICT_UNREADABLE);
    assert_int_equal(judge(fixture, "{}"), VERDICT_UNREADABLE);
    assert_int_equal(judge(fixture, "QANAT1."), VERDICT_UNREADABLE);
    assert_int_equal(judge(fixture, "https://example.org/verify?c=QANAT1.AAAA"), VERDICT_UNREADABLE);
    assert_int_equal(judge(fixture, "%PDF-1.5"), VERDICT_UNREADABLE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_one_is_valid_and_says_how_old_the_list_is, setup, teardown),
        cmocka_unit_test_setup_teardown(an_altered_one_is_said_to_be, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_issuer_is_said_to_be, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stranger_with_a_long_name_is_told_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_one_names_day_and_reason_in_any_form, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_ran_out_is_said_to_have, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_none_at_all_is_unreadable, setup, teardown),
    };
    return KIT_RUN(tests);
}
