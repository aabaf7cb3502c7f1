#include "node/lrs/compare.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

#define GROUP(a, b)   "{\"objectType\":\"Group\",\"member\":[" a "," b "]}"
#define OTHER         "{\"mbox\":\"mailto:b@example.com\"}"
#define ACT           "{\"id\":\"http://a.example.com/1\"}"
#define BY(actor)     KIT_STATEMENT(actor, "http://v.example.com/1", ACT, "")
#define ABOUT(object) KIT_STATEMENT(KIT_ACTOR, "http://v.example.com/1", object, "")

static void these_say_the_same(void **state)
{
    static const char *const pairs[][2] = {
        {KIT_PLAIN(""),
         KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\",\"stored\":\"x\",\"timestamp\":\"y\",\"version\":\"z\","
                                          "\"authority\":{},\"attachments\":[]")},
        {BY(GROUP(KIT_ACTOR, OTHER)), BY(GROUP(OTHER, KIT_ACTOR))},
        {BY(KIT_ACTOR), BY("{\"objectType\":\"Agent\",\"mbox\":\"mailto:a@example.com\"}")},
        {ABOUT(ACT), ABOUT("{\"objectType\":\"Activity\",\"id\":\"http://a.example.com/"
                           "1\",\"definition\":{\"name\":{\"en\":\"x\"}}}")},
        {KIT_PLAIN(",\"result\":{\"duration\":\"PT1.234S\"}"),
         KIT_PLAIN(",\"result\":{\"duration\":\"PT1.2399S\"}")},
        {KIT_PLAIN(",\"result\":{\"duration\":\"PT1M\"}"), KIT_PLAIN(",\"result\":{\"duration\":\"PT60S\"}")},
        {KIT_PLAIN(",\"result\":{\"score\":{\"raw\":1}}"),
         KIT_PLAIN(",\"result\":{\"score\":{\"raw\":1.0}}")},
        {KIT_PLAIN(",\"context\":{\"registration\":\"AA000000-0000-4000-8000-000000000001\"}"),
         KIT_PLAIN(",\"context\":{\"registration\":\"aa000000-0000-4000-8000-000000000001\"}")},
        {KIT_PLAIN(",\"context\":{\"contextActivities\":{\"parent\":[" ACT "]}}"),
         KIT_PLAIN(",\"context\":{\"contextActivities\":{\"parent\":[{\"id\":\"http://a.example.com/"
                   "1\",\"definition\":{}}]}}")},
        {ABOUT("{\"objectType\":\"StatementRef\",\"id\":\"AA000000-0000-4000-8000-000000000001\"}"),
         ABOUT("{\"objectType\":\"StatementRef\",\"id\":\"aa000000-0000-4000-8000-000000000001\"}")},
        {ABOUT("{\"objectType\":\"SubStatement\",\"actor\":" KIT_ACTOR
               ",\"verb\":{\"id\":\"v\",\"display\":{}},\"object\":" ACT "}"),
         ABOUT("{\"objectType\":\"SubStatement\",\"actor\":" KIT_ACTOR
               ",\"verb\":{\"id\":\"v\"},\"object\":" ACT ",\"timestamp\":\"x\"}")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!statements_are_same(kit_tree(pairs[i][0]), kit_tree(pairs[i][1])) ||
            !statements_are_same(kit_tree(pairs[i][1]), kit_tree(pairs[i][0]))) {
            fail_msg("%s is not %s", pairs[i][0], pairs[i][1]);
        }
    }
}

static void these_do_not(void **state)
{
    static const char *const pairs[][2] = {
        {BY(KIT_ACTOR), BY(OTHER)},
        {BY(GROUP(KIT_ACTOR, KIT_ACTOR)), BY(GROUP(KIT_ACTOR, OTHER))},
        {BY(KIT_ACTOR), BY("{\"objectType\":\"Group\",\"mbox\":\"mailto:a@example.com\"}")},
        {KIT_PLAIN(""), KIT_STATEMENT(KIT_ACTOR, "http://v.example.com/2", ACT, "")},
        {ABOUT(ACT), ABOUT("{\"id\":\"http://a.example.com/2\"}")},
        {ABOUT(ACT), ABOUT("{\"objectType\":\"StatementRef\",\"id\":\"http://a.example.com/1\"}")},
        {KIT_PLAIN(""), KIT_PLAIN(",\"result\":{}")},
        {KIT_PLAIN(",\"result\":{\"success\":true}"), KIT_PLAIN(",\"result\":{\"success\":false}")},
        {KIT_PLAIN(",\"result\":{\"duration\":\"PT1.23S\"}"),
         KIT_PLAIN(",\"result\":{\"duration\":\"PT1.24S\"}")},
        {KIT_PLAIN(",\"context\":{\"platform\":\"a\"}"), KIT_PLAIN(",\"context\":{\"platform\":\"b\"}")},
        {KIT_PLAIN(",\"context\":{\"extensions\":{\"http://e/\":1}}"),
         KIT_PLAIN(",\"context\":{\"extensions\":{\"http://e/\":2}}")},
        {KIT_PLAIN(",\"context\":{\"contextActivities\":{\"parent\":[" ACT "]}}"),
         KIT_PLAIN(",\"context\":{\"contextActivities\":{\"other\":[" ACT "]}}")},
        {ABOUT("{\"objectType\":\"SubStatement\",\"actor\":" KIT_ACTOR
               ",\"verb\":{\"id\":\"v\"},\"object\":" ACT "}"),
         ABOUT(ACT)},
        {ABOUT("{\"objectType\":\"SubStatement\",\"actor\":" KIT_ACTOR
               ",\"verb\":{\"id\":\"v\"},\"object\":" ACT "}"),
         ABOUT("{\"objectType\":\"SubStatement\",\"actor\":" OTHER ",\"verb\":{\"id\":\"v\"},\"object\":" ACT
               "}")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (statements_are_same(kit_tree(pairs[i][0]), kit_tree(pairs[i][1])) ||
            statements_are_same(kit_tree(pairs[i][1]), kit_tree(pairs[i][0]))) {
            fail_msg("%s is %s", pairs[i][0], pairs[i][1]);
        }
    }
}

static void nothing_of_a_stranger_is_believed(void **state)
{
    (void)state;
    assert_false(
        statements_are_same(kit_tree(KIT_PLAIN("")), kit_tree("{\"actor\":5,\"verb\":[],\"object\":null}")));
    assert_false(statements_are_same(kit_tree(KIT_PLAIN(",\"context\":{\"registration\":\"" KIT_ID(1) "\"}")),
                                     kit_tree(KIT_PLAIN(",\"context\":{\"registration\":{}}"))));
    assert_false(statements_are_same(kit_tree("[]"), kit_tree(KIT_PLAIN(""))));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(these_say_the_same),
        cmocka_unit_test(these_do_not),
        cmocka_unit_test(nothing_of_a_stranger_is_believed),
    };
    return KIT_RUN(tests);
}
