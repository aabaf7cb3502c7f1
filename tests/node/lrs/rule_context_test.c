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

static const struct row a_context_has_its_kinds_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"registration\":\"00000000-0000-4000-8000-000000000000\",\"instructor\":{\"mbox\":"
     "\"mai"
     "lto:a@example.com\"},\"team\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"}"
     "]},\"language\":"
     "\"mn\",\"statement\":{\"objectType\":\"StatementRef\",\"id\":\"00000000-0000-4000-8000-000000000000\"},"
     "\"extensions\":{}"
     "}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"registration\":\"x\"}}",
     "context.registration: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"instructor\":\"x\"}}",
     "context.instructor: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"instructor\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example."
     "com\"}"
     "]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"team\":{\"mbox\":\"mailto:a@example.com\"}}}",
     "context.team.objectType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"language\":\"e n\"}}",
     "context.language: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"statement\":{\"id\":\"00000000-0000-4000-8000-000000000000\"}}}",
     "context.statement.objectType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"revision\":1}}",
     "context.revision: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"platform\":1}}",
     "context.platform: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"more\":1}}",
     "context.more: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":[]}",
     "context: "},
};

static void a_context_has_its_kinds(void **state)
{
    (void)state;
    CHECK_BOTH(a_context_has_its_kinds_rows);
}

static const struct row context_activities_are_of_four_kinds_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"parent\":{\"id\":\"http://a.example.com/"
     "1\"}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"parent\":[{\"id\":\"http://a.example.com/"
     "1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"parent\":[{\"id\":\"http://a.example.com/"
     "1\"},{\"id\":\"http://"
     "a.example.com/1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"grouping\":{\"id\":\"http://a.example.com/"
     "1\"}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"grouping\":[{\"id\":\"http://a.example.com/"
     "1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"grouping\":[{\"id\":\"http://a.example.com/"
     "1\"},{\"id\":\"http:"
     "//a.example.com/1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"category\":{\"id\":\"http://a.example.com/"
     "1\"}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"category\":[{\"id\":\"http://a.example.com/"
     "1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"category\":[{\"id\":\"http://a.example.com/"
     "1\"},{\"id\":\"http:"
     "//a.example.com/1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"other\":{\"id\":\"http://a.example.com/"
     "1\"}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"other\":[{\"id\":\"http://a.example.com/"
     "1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"other\":[{\"id\":\"http://a.example.com/"
     "1\"},{\"id\":\"http://a"
     ".example.com/1\"}]}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{}}}",
     "context.contextActivities: must not be empty"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"others\":[]}}}",
     "context.contextActivities.others: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"parent\":[{}]}}}",
     "context.contextActivities.parent.id: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextActivities\":{\"parent\":\"x\"}}}",
     "context.contextActivities.parent: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextActivities\":{\"parent\":[{\"objectType\":\"Agent\",\"id\":\"http://"
     "a.example.c"
     "om/1\"}]}}}",
     "context.contextActivities.parent.objectType: "},
};

static void context_activities_are_of_four_kinds(void **state)
{
    (void)state;
    CHECK_BOTH(context_activities_are_of_four_kinds_rows);
}

static const struct row context_agents_and_groups_came_with_2_0_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"}}],\"contextGroups\":[{\"objectType\":\"contextGroup\",\"group\":{\"objectType\":\"Group\","
     "\"member\":[{\"mbox"
     "\":\"mailto:a@example.com\"}]}}]}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextAgents\":[]}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "exampl"
     "e.com\"}}}}",
     "context.contextAgents: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"context\":{\"contextAgents\":[{\"agent\":{\"mbox\":\"mailto:a@example.com\"}}]}}",
     "context.contextAgents.objectType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"x\",\"agent\":{\"mbox\":\"mailto:a@example."
     "com\"}}]"
     "}}",
     "context.contextAgents.objectType: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"who\":{\"mbox\":\"mailto:a@"
     "example"
     ".com\"}}]}}",
     "context.contextAgents.who: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextGroups\":[{\"objectType\":\"contextGroup\",\"group\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"}}]}}",
     "context.contextGroups.group.objectType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"},\"relevantTypes\":[\"http://r.example.com/\"]}]}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"},\"relevantTypes\":[]}]}}",
     "context.contextAgents.relevantTypes: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"},\"relevantTypes\":[\"r\"]}]}}",
     "context.contextAgents.relevantTypes: "},
};

static void context_agents_and_groups_came_with_2_0(void **state)
{
    (void)state;
    check(context_agents_and_groups_came_with_2_0_rows,
          sizeof context_agents_and_groups_came_with_2_0_rows /
              sizeof *context_agents_and_groups_came_with_2_0_rows,
          LRS_2_0);
}

static const struct row and_1_0_3_does_not_know_them_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"mailto:a@"
     "examp"
     "le.com\"}}]}}",
     "context.contextAgents: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"context\":{\"contextGroups\":[{\"objectType\":\"contextGroup\",\"group\":{\"objectType\":"
     "\"Group\","
     "\"member\":[{\"mbox\":\"mailto:a@example.com\"}]}}]}}",
     "context.contextGroups: "},
};

static void and_1_0_3_does_not_know_them(void **state)
{
    (void)state;
    check(and_1_0_3_does_not_know_them_rows,
          sizeof and_1_0_3_does_not_know_them_rows / sizeof *and_1_0_3_does_not_know_them_rows, LRS_1_0_3);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_has_its_kinds),
        cmocka_unit_test(context_activities_are_of_four_kinds),
        cmocka_unit_test(context_agents_and_groups_came_with_2_0),
        cmocka_unit_test(and_1_0_3_does_not_know_them),
    };
    return KIT_RUN(tests);
}
