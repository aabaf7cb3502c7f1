#include <string.h>

#include "node/lrs/index.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static const struct lrs lrs = {.key = {1, 2, 3}};

static bool has(const struct buffer *terms, uint64_t wanted)
{
    uint64_t term;

    for (size_t at = 0; at < terms->size; at += sizeof term) {
        memcpy(&term, terms->data + at, sizeof term);
        if (term == wanted) {
            return true;
        }
    }
    return false;
}

static bool has_agent(const struct buffer *terms, enum index_role role, const char *json)
{
    return has(terms, index_agent(&lrs, role, kit_tree(json)));
}

static void identifiers_are_texts_that_differ(void **state)
{
    static const char *const agents[] = {"{\"mbox\":\"mailto:a@b.org\"}", "{\"openid\":\"mailto:a@b.org\"}",
                                         "{\"mbox_sha1sum\":\"mailto:a@b.org\"}",
                                         "{\"account\":{\"homePage\":\"http://h/\",\"name\":\"x y\"}}",
                                         "{\"account\":{\"homePage\":\"http://h/x\",\"name\":\"y\"}}"};

    (void)state;
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_true(index_agent(&lrs, INDEX_AGENT, kit_tree(agents[i])) !=
                        index_agent(&lrs, INDEX_AGENT, kit_tree(agents[k])));
        }
        assert_true(index_agent(&lrs, INDEX_AGENT, kit_tree(agents[i])) !=
                    index_agent(&lrs, INDEX_RELATED_AGENT, kit_tree(agents[i])));
    }
    assert_true(index_agent(&lrs, INDEX_AGENT, kit_tree("{\"name\":\"x\"}")) == 0);
}

static void a_statement_has_the_terms_of_its_parts(void **state)
{
    static const char json[] = "{\"actor\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:m@b."
                               "org\"}],\"mbox\":\"mailto:g@b.org\"},"
                               "\"verb\":{\"id\":\"http://v/\"},\"object\":{\"id\":\"http://a/"
                               "\"},\"authority\":{\"mbox\":\"mailto:h@b.org\"},"
                               "\"context\":{\"registration\":\"" KIT_ID(
                                   1) "\",\"instructor\":{\"mbox\":\"mailto:i@b.org\"},"
                                      "\"contextAgents\":[{\"agent\":{\"mbox\":\"mailto:c@b.org\"}}],"
                                      "\"contextActivities\":{\"other\":[{\"id\":\"http://o/\"}]}}}";
    uint8_t registration[LRS_UUID_SIZE];
    struct buffer terms;

    (void)state;
    buffer_init(&terms);
    index_collect(&lrs, kit_tree(json), &terms);
    assert_true(has_agent(&terms, INDEX_AGENT, "{\"mbox\":\"mailto:g@b.org\"}"));
    assert_true(has_agent(&terms, INDEX_AGENT, "{\"mbox\":\"mailto:m@b.org\"}"));
    assert_false(has_agent(&terms, INDEX_AGENT, "{\"mbox\":\"mailto:i@b.org\"}"));
    assert_true(has_agent(&terms, INDEX_RELATED_AGENT, "{\"mbox\":\"mailto:i@b.org\"}"));
    assert_true(has_agent(&terms, INDEX_RELATED_AGENT, "{\"mbox\":\"mailto:c@b.org\"}"));
    assert_true(has_agent(&terms, INDEX_RELATED_AGENT, "{\"mbox\":\"mailto:h@b.org\"}"));
    assert_true(has(&terms, index_term(&lrs, INDEX_VERB, bytes_text("http://v/"))));
    assert_true(has(&terms, index_term(&lrs, INDEX_ACTIVITY, bytes_text("http://a/"))));
    assert_false(has(&terms, index_term(&lrs, INDEX_ACTIVITY, bytes_text("http://o/"))));
    assert_true(has(&terms, index_term(&lrs, INDEX_RELATED_ACTIVITY, bytes_text("http://o/"))));
    assert_true(lrs_uuid_parse(bytes_text(KIT_ID(1)), registration));
    assert_true(
        has(&terms, index_term(&lrs, INDEX_REGISTRATION, bytes_of(registration, sizeof registration))));
    assert_int_equal(terms.size / sizeof(uint64_t), 12);
    buffer_release(&terms);
}

static void a_substatement_counts_only_broadly(void **state)
{
    struct buffer terms;

    (void)state;
    buffer_init(&terms);
    index_collect(
        &lrs,
        kit_tree(KIT_STATEMENT(KIT_ACTOR, "http://v/",
                               "{\"objectType\":\"SubStatement\",\"actor\":{\"mbox\":\"mailto:s@b.org\"},"
                               "\"verb\":{\"id\":\"http://w/\"},\"object\":{\"id\":\"http://a/\"}}",
                               "")),
        &terms);
    assert_false(has_agent(&terms, INDEX_AGENT, "{\"mbox\":\"mailto:s@b.org\"}"));
    assert_true(has_agent(&terms, INDEX_RELATED_AGENT, "{\"mbox\":\"mailto:s@b.org\"}"));
    assert_false(has(&terms, index_term(&lrs, INDEX_VERB, bytes_text("http://w/"))));
    assert_false(has(&terms, index_term(&lrs, INDEX_ACTIVITY, bytes_text("http://a/"))));
    assert_true(has(&terms, index_term(&lrs, INDEX_RELATED_ACTIVITY, bytes_text("http://a/"))));
    buffer_release(&terms);
}

static void references_name_their_target(void **state)
{
    uint8_t target[LRS_UUID_SIZE], wanted[LRS_UUID_SIZE];
    bool is_voiding;

    (void)state;
    assert_true(lrs_uuid_parse(bytes_text(KIT_ID(7)), wanted));
    assert_false(index_target(kit_tree(KIT_PLAIN("")), target, &is_voiding));
    assert_true(index_target(
        kit_tree(KIT_STATEMENT(KIT_ACTOR, "http://v/",
                               "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(7) "\"}", "")),
        target, &is_voiding));
    assert_memory_equal(target, wanted, sizeof target);
    assert_false(is_voiding);
    assert_true(index_target(
        kit_tree(KIT_STATEMENT(KIT_ACTOR, "http://adlnet.gov/expapi/verbs/voided",
                               "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(7) "\"}", "")),
        target, &is_voiding));
    assert_true(is_voiding);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_texts_that_differ),
        cmocka_unit_test(a_statement_has_the_terms_of_its_parts),
        cmocka_unit_test(a_substatement_counts_only_broadly),
        cmocka_unit_test(references_name_their_target),
    };
    return KIT_RUN(tests);
}
