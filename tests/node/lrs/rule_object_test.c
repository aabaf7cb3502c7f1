#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

/* A statement and where its fault lies; NULL: it has none. */
struct row {
    const char *json;
    const char *fault;
};

static void check(const struct row *rows, size_t count, enum lrs_version version)
{
    struct report report;

    for (size_t i = 0; i < count; i++) {
        enum status status = kit_rules(rows[i].json, version, &report);
        bool is_right = rows[i].fault ? status == S_INVALID &&
                                            strncmp(report.text, rows[i].fault, strlen(rows[i].fault)) == 0
                                      : status == S_OK;
        if (!is_right) {
            fail_msg("%s: %s", rows[i].json, status == S_OK ? "taken" : report.text);
        }
    }
}

#define CHECK_BOTH(rows)                                                                                     \
    check(rows, sizeof rows / sizeof *rows, LRS_1_0_3);                                                      \
    check(rows, sizeof rows / sizeof *rows, LRS_2_0)

static const struct row an_activity_has_an_id_and_may_have_a_definition_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Activity\",\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Activity\"}}",
     "object.id: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"a\"}}",
     "object.id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Thing\",\"id\":\"http://a.example.com/1\"}}",
     "object: has an objectType"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":5"
     ",\"id\":\"http://a.example.com/1\"}}",
     "object: has an objectType"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"name\":{\"en\":\"N\"},\"description\":{\"fr\":\"D\"},\"type\":\"http://"
     "t.example.com"
     "/\",\"moreInfo\":\"http://m.example.com/\",\"extensions\":{\"http://e.example.com/\":null}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":[]}}",
     "object.definition: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"name\":\"N\"}}}",
     "object.definition.name: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"type\":\"t\"}}}",
     "object.definition.type: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"moreInfo\":\"\"}}}",
     "object.definition.moreInfo: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"extensions\":{\"e\":1}}}}",
     "object.definition.extensions: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"more\":1}}}",
     "object.definition.more: "},
};

static void an_activity_has_an_id_and_may_have_a_definition(void **state)
{
    (void)state;
    CHECK_BOTH(an_activity_has_an_id_and_may_have_a_definition_rows);
}

static const struct row interactions_have_the_lists_of_their_type_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"true-false\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"fill-in\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"long-fill-in\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"matching\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"performance\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"sequencing\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"likert\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"numeric\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"other\",\"correctResponsesPattern\":[\"a\"]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A"
     "\"}},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"sequencing\",\"choices\":[{\"id\":\"a\",\"description\":{"
     "\"en\":"
     "\"A\"}},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"likert\",\"scale\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A\"}"
     "},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"matching\",\"source\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A"
     "\"}},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"matching\",\"target\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A"
     "\"}},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"performance\",\"steps\":[{\"id\":\"a\",\"description\":{"
     "\"en\":"
     "\"A\"}},{\"id\":\"b\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"likert\",\"choices\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A"
     "\"}},{\"id\":\"b\"}]}}}",
     "object.definition: a list"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"scale\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A\"}"
     "},{\"id\":\"b\"}]}}}",
     "object.definition: a list"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"other\",\"steps\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A\"}}"
     ",{\"id\":\"b\"}]}}}",
     "object.definition: a list"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"numeric\",\"source\":[{\"id\":\"a\",\"description\":{\"en\":"
     "\"A"
     "\"}},{\"id\":\"b\"}]}}}",
     "object.definition: a list"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"choices\":[{\"id\":\"a\",\"description\":{\"en\":\"A\"}},{\"id\":\"b\"}]}}}",
     "object.definition: a list"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"correctResponsesPattern\":[\"a\"]}}}",
     "object.definition: a correct"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"essay\"}}}",
     "object.definition.interactionType: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":5}}}",
     "object.definition.interactionType: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"choice\",\"correctResponsesPattern\":\"a\"}}}",
     "object.definition.correctResponsesPattern: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{\"id\":\"a\"},{\"id\":\"a\"}]}}}",
     "object.definition.choices: has two"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{}]}}}",
     "object.definition.choices.id: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{\"id\":5}]}}}",
     "object.definition.choices.id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[\"a\"]}}}",
     "object.definition.choices: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{\"id\":\"a\",\"x\":1}]}}}",
     "object.definition.choices.x: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\",\"definition\":{\"interactionType\":\"choice\",\"choices\":[{\"id\":\"a\",\"description\":\"A\"}]}}"
     "}",
     "object.definition.choices.description: "},
};

static void interactions_have_the_lists_of_their_type(void **state)
{
    (void)state;
    CHECK_BOTH(interactions_have_the_lists_of_their_type_rows);
}

static const struct row agents_and_references_say_what_they_are_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Agent\",\"mbox\":\"mailto:a@b.org\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"mbox\":\"mailt"
     "o:a@example.com\"}}",
     "object.mbox: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"}]}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"StatementRef\",\"id\":\"00000000-0000-4000-8000-000000000000\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"StatementRef\"}}",
     "object.id: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"StatementRef\",\"id\":\"http://a.example.com/1\"}}",
     "object.id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"StatementRef\",\"id\":\"00000000-0000-4000-8000-000000000000\",\"x\":1}}",
     "object.x: "},
};

static void agents_and_references_say_what_they_are(void **state)
{
    (void)state;
    CHECK_BOTH(agents_and_references_say_what_they_are_rows);
}

static const struct row a_substatement_is_half_a_statement_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{"
     "\"id\":\"http://a.example.com/1\"}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"actor\":{\"mbo"
     "x\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1"
     "\"}}}",
     "object.actor: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}}",
     "object.actor: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"id\":\"00000000-0000-4000-8000-000000000000\",\"actor\":{\"mbox\":\"mailto:a@"
     "example.com\"},\"verb\":"
     "{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}}",
     "object.id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"stored\":\"2020-01-01T00:00:00Z\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},"
     "\"verb\":{\"id\":\"ht"
     "tp://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}}",
     "object.stored: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"version\":\"1.0.0\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":"
     "\"http://v.example"
     ".com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}}",
     "object.version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"authority\":{\"mbox\":\"mailto:a@example.com\"},\"actor\":{\"mbox\":\"mailto:a@"
     "example.com\"},\"verb"
     "\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}}",
     "object.authority: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{"
     "\"objectType\":\"SubStatement\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http:/"
     "/v.example.com/1"
     "\"},\"object\":{\"id\":\"http://a.example.com/1\"}}}}",
     "object.object: has an objectType"},
};

static void a_substatement_is_half_a_statement(void **state)
{
    (void)state;
    CHECK_BOTH(a_substatement_is_half_a_statement_rows);
}

static const struct row voiding_and_platform_need_the_right_object_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/"
     "voided\"},\"object\":{"
     "\"id\":\"http://a.example.com/1\"}}",
     "the statement: what is voided"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/"
     "voided\"},\"object\":{"
     "\"objectType\":\"StatementRef\",\"id\":\"00000000-0000-4000-8000-000000000000\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Agent\",\"mbox\":\"mailto:a@b.org\"},\"context\":{\"platform\":\"p\"}}",
     "the statement: context.revision"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"Agent\",\"mbox\":\"mailto:a@b.org\"},\"context\":{\"revision\":\"p\"}}",
     "the statement: context.revision"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"objectType\":"
     "\"SubStatement\",\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{"
     "\"objectType\":\"Agent\",\"mbox\":\"mailto:a@b.org\"},\"context\":{\"platform\":\"p\"}}}",
     "object: context.revision"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"platform\":\"p\",\"revision\":\"r\"}}",
     NULL},
};

static void voiding_and_platform_need_the_right_object(void **state)
{
    (void)state;
    CHECK_BOTH(voiding_and_platform_need_the_right_object_rows);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_activity_has_an_id_and_may_have_a_definition),
        cmocka_unit_test(interactions_have_the_lists_of_their_type),
        cmocka_unit_test(agents_and_references_say_what_they_are),
        cmocka_unit_test(a_substatement_is_half_a_statement),
        cmocka_unit_test(voiding_and_platform_need_the_right_object),
    };
    return KIT_RUN(tests);
}
