#include "node/badge/credential.h"

#include <stdlib.h>
#include <string.h>

#include "node/badge/proof.h"
#include "node/badge/wording.h"
#include "tests/kit/kit.h"

static struct identity issuer;
static struct federation federation;

static struct credential sample(void)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};

    identity_derive(&issuer, seed);
    memset(&federation, 5, sizeof federation.id);
    strcpy(federation.name, "Test");
    return (struct credential){.uuid = {{1, 2, 3}},
                               .subject = {{4, 5, 6}},
                               .person = "فاطمة الزهراء",
                               .course = "tdc",
                               .lang = "ar",
                               .version = "3",
                               .title = "الكفايات الرقمية \"1\"",
                               .issuer_name = "Ain Shams",
                               .issued_ms = 1791203445000,
                               .expires_ms = 1822739445000,
                               .score = 9150,
                               .list = "urn:uuid:x",
                               .list_index = 42};
}

static void what_is_written_is_read_again(void **state)
{
    struct credential credential = sample(), back;
    struct report report = {.status = S_OK};
    json_t *document, *parsed;
    (void)state;

    assert_int_equal(credential_document(&credential, &issuer, &federation, &document), S_OK);
    assert_int_equal(proof_check(document, issuer.sign_public, &report), S_OK);
    char *text = json_dumps(document, 0);
    assert_int_equal(credential_parse(bytes_text(text), &parsed, &report), S_OK);
    assert_int_equal(credential_read(parsed, &back, &report), S_OK);
    assert_true(id_equal(&back.uuid, &credential.uuid) && id_equal(&back.subject, &credential.subject));
    assert_string_equal(back.person, credential.person);
    assert_string_equal(back.title, credential.title);
    assert_string_equal(back.course, "tdc");
    assert_string_equal(back.lang, "ar");
    assert_string_equal(back.issuer_name, "Ain Shams");
    assert_memory_equal(back.issuer, issuer.sign_public, sizeof back.issuer);
    assert_int_equal(back.issued_ms, credential.issued_ms);
    assert_int_equal(back.expires_ms, credential.expires_ms);
    assert_int_equal(back.score, 9150);
    assert_int_equal(back.list_index, 42);
    assert_false(back.is_attested);
    json_object_set_new(json_object_get(json_object_get(json_object_get(parsed, "credentialSubject"), "achievement"), "criteria"), "narrative",
                        json_string(wording_text("ar", WORDING_ATTESTED)));
    assert_int_equal(credential_read(parsed, &back, &report), S_OK);
    assert_true(back.is_attested);
    free(text);
    json_decref(document);
    json_decref(parsed);
}

static void strange_texts_make_no_credential(void **state)
{
    struct credential credential = sample();
    json_t *document;
    (void)state;

    credential.person = "a\nb";
    assert_int_equal(credential_document(&credential, &issuer, &federation, &document), S_INVALID);
    credential.person = "";
    assert_int_equal(credential_document(&credential, &issuer, &federation, &document), S_INVALID);
    credential.person = "\xff";
    assert_int_equal(credential_document(&credential, &issuer, &federation, &document), S_INVALID);
}

static void what_is_no_credential_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"{", "line 1"},
        {"[]", "no credential"},
        {"{\"a\":1,\"a\":2}", "duplicate"},
        {"{}", "'id' is no UUID"},
        {"{\"id\":\"urn:uuid:1b4e28ba-2fa1-41d2-883f-0016d3cca427\",\"issuer\":\"https://example.org\"}",
         "no did:key"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct credential credential;
        struct report report = {.status = S_OK};
        json_t *document = NULL;
        enum status status = credential_parse(bytes_text(cases[i].text), &document, &report);
        if (status == S_OK) {
            status = credential_read(document, &credential, &report);
        }
        assert_int_equal(status, S_INVALID);
        if (!strstr(report.text, cases[i].said)) {
            fail_msg("'%s' is missing in '%s'", cases[i].said, report.text);
        }
        json_decref(document);
    }
    char *large = test_calloc(1, CREDENTIAL_SIZE_MAX + 1);
    json_t *document;
    assert_int_equal(credential_parse(bytes_of(large, CREDENTIAL_SIZE_MAX + 1), &document, NULL),
                     S_TOO_LARGE);
    assert_int_equal(credential_parse(bytes_of(large, CREDENTIAL_SIZE_MAX), &document, NULL), S_INVALID);
    test_free(large);
}

static void scores_are_written_short(void **state)
{
    char text[16];
    (void)state;

    score_format(9150, text);
    assert_string_equal(text, "91.5");
    score_format(10000, text);
    assert_string_equal(text, "100");
    score_format(0, text);
    assert_string_equal(text, "0");
    score_format(7, text);
    assert_string_equal(text, "0.07");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(strange_texts_make_no_credential),
        cmocka_unit_test(what_is_no_credential_is_refused_with_a_reason),
        cmocka_unit_test(scores_are_written_short),
    };
    return KIT_RUN(tests);
}
