#include "node/badge/quads.h"

#include <stdio.h>

#include "tests/kit/kit.h"

static enum status quads_of(const char *json, struct buffer *out)
{
    json_t *document = json_loads(json, 0, NULL);

    assert_non_null(document);
    buffer_clear(out);
    enum status status = quads_write(document, out);
    buffer_append_u8(out, '\0');
    json_decref(document);
    return status;
}

static void a_document_becomes_its_sorted_lines(void **state)
{
    struct buffer out;
    (void)state;

    /* The expected lines are those of an independent processor (npm jsonld, RDFC-1.0) for this document. */
    buffer_init(&out);
    assert_int_equal(
        quads_of(
            "{\"@context\":[\"https://www.w3.org/ns/credentials/"
            "v2\"],\"id\":\"urn:a\",\"type\":[\"VerifiableCredential\","
            "\"OpenBadgeCredential\"],\"name\":\"Data "
            "\\\"Skills\\\"\\n\",\"validFrom\":\"2026-10-05T12:30:45Z\","
            "\"credentialSubject\":{\"id\":\"urn:b\",\"type\":[\"AchievementSubject\"],\"identifier\":[{"
            "\"type\":"
            "\"IdentityObject\",\"hashed\":false,\"identityHash\":\"فاطمة\",\"identityType\":\"name\"}]}}",
            &out),
        S_OK);
    assert_string_equal(
        (const char *)out.data,
        "<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential> .\n"
        "<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<https://www.w3.org/2018/credentials#VerifiableCredential> .\n"
        "<urn:a> <https://schema.org/name> \"Data \\\"Skills\\\"\\n\" .\n"
        "<urn:a> <https://www.w3.org/2018/credentials#credentialSubject> <urn:b> .\n"
        "<urn:a> <https://www.w3.org/2018/credentials#validFrom> "
        "\"2026-10-05T12:30:45Z\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
        "<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#AchievementSubject> .\n"
        "<urn:b> <https://purl.imsglobal.org/spec/vc/ob/vocab.html#identifier> _:c14n0 .\n"
        "_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#IdentityObject> .\n"
        "_:c14n0 <https://purl.imsglobal.org/spec/vc/ob/vocab.html#hashed> "
        "\"false\"^^<https://www.w3.org/2001/XMLSchema#boolean> .\n"
        "_:c14n0 <https://purl.imsglobal.org/spec/vc/ob/vocab.html#identityHash> \"فاطمة\" .\n"
        "_:c14n0 <https://purl.imsglobal.org/spec/vc/ob/vocab.html#identityType> \"name\" .\n");
    buffer_release(&out);
}

static void what_is_not_in_the_table_is_said_not_guessed(void **state)
{
    struct buffer out;
    (void)state;

    buffer_init(&out);
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"colour\":\"red\"}", &out), S_VERSION);
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"type\":\"Car\"}", &out), S_VERSION);
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"name\":7}", &out), S_INVALID);
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"hashed\":\"false\"}", &out), S_INVALID);
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"issuer\":\"no iri\"}", &out), S_INVALID);
    assert_int_equal(quads_of("{\"id\":\"urn:<a>\",\"name\":\"x\"}", &out), S_INVALID);
    assert_int_equal(quads_of("{\"name\":\"x\",\"issuer\":{\"name\":\"y\"}}", &out),
                     S_INVALID); /* two nameless */
    assert_int_equal(quads_of("{\"id\":\"urn:a\",\"issuer\":{\"issuer\":{\"name\":\"y\"}}}", &out),
                     S_INVALID);
    buffer_release(&out);
}

static void depth_and_size_are_bounded(void **state)
{
    struct buffer out;
    (void)state;

    buffer_init(&out);
    json_t *document = json_pack("{s:s,s:s}", "id", "urn:0", "name", "x");
    for (int i = 0; i < QUADS_DEPTH_MAX + 1; i++) {
        char id[16];
        snprintf(id, sizeof id, "urn:%d", i + 1);
        if (i == QUADS_DEPTH_MAX) {
            assert_int_equal(quads_write(document, &out), S_OK);
        }
        document = json_pack("{s:s,s:o}", "id", id, "issuer", document);
    }
    assert_int_equal(quads_write(document, &out), S_TOO_LARGE);
    json_decref(document);
    json_t *names = json_array();
    for (int i = 0; i <= QUADS_MAX; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        json_array_append_new(names, json_string(text));
    }
    document = json_pack("{s:s,s:o}", "id", "urn:0", "name", names);
    assert_int_equal(quads_write(document, &out), S_TOO_LARGE);
    json_array_remove(names, 0);
    assert_int_equal(quads_write(document, &out), S_OK);
    json_decref(document);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_becomes_its_sorted_lines),
        cmocka_unit_test(what_is_not_in_the_table_is_said_not_guessed),
        cmocka_unit_test(depth_and_size_are_bounded),
    };
    return KIT_RUN(tests);
}
