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

static const struct row an_agent_has_one_identifier_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"objectType\":\"Agent\",\"name\":\"N\",\"openid\":\"http://o.example.com/"
     "\"},\"verb\":{\"id\":\"http://v.ex"
     "ample.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"account\":{\"homePage\":\"http://h.example.com/"
     "\",\"name\":\"n\"}},\"verb\":{\"id\":\"http://v.example.com"
     "/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox_sha1sum\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},"
     "\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox_sha1sum\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},"
     "\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.mbox_sha1sum: "},
    {"{\"actor\":{\"name\":\"N\"},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     "actor: must have exactly one"},
    {"{\"actor\":{\"mbox\":\"mailto:a@b.org\",\"openid\":\"http://o.example.com/\"},\"verb\":{\"id\":\"http:/"
     "/v.example.com/1"
     "\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor: must have exactly one"},
    {"{\"actor\":{\"mbox\":\"a@b.org\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://a.example.com"
     "/1\"}}",
     "actor.mbox: "},
    {"{\"actor\":{\"mbox\":5},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     "actor.mbox: "},
    {"{\"actor\":{\"openid\":\"o\"},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1"
     "\"}}",
     "actor.openid: "},
    {"{\"actor\":{\"account\":{\"name\":\"n\"}},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://a.exa"
     "mple.com/1\"}}",
     "actor.account.homePage: is missing"},
    {"{\"actor\":{\"account\":{\"homePage\":\"http://h.example.com/\"}},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},\"object"
     "\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.account.name: is missing"},
    {"{\"actor\":{\"account\":{\"homePage\":\"h\",\"name\":\"n\"}},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{"
     "\"id\":\"http://a.example.com/1\"}}",
     "actor.account.homePage: "},
    {"{\"actor\":{\"account\":{\"homePage\":\"http://h.example.com/\",\"name\":5}},\"verb\":{\"id\":\"http://"
     "v.example.com/1"
     "\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.account.name: "},
    {"{\"actor\":{\"account\":\"x\"},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http:/"
     "/a.example.com/1"
     "\"}}",
     "actor.account: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@b.org\",\"name\":5},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"ht"
     "tp://a.example.com/1\"}}",
     "actor.name: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@b.org\",\"objectType\":\"agent\"},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},\"object"
     "\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.objectType: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@b.org\",\"member\":[]},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":"
     "\"http://a.example.com/1\"}}",
     "actor.member: "},
    {"{\"actor\":[],\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/"
     "1\"}}",
     "actor: must be an object"},
    {"{\"actor\":\"x\",\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     "actor: "},
};

static void an_agent_has_one_identifier(void **state)
{
    (void)state;
    CHECK_BOTH(an_agent_has_one_identifier_rows);
}

static const struct row a_group_has_an_identifier_or_members_rows[] = {
    {"{\"actor\":{\"objectType\":\"Group\",\"mbox\":\"mailto:g@b.org\"},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},\"object"
     "\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"objectType\":\"Group\",\"mbox\":\"mailto:g@b.org\",\"member\":[]},\"verb\":{\"id\":"
     "\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"}]},\"verb\":{"
     "\"id\":\"http://v.examp"
     "le.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"objectType\":\"Group\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://a.example"
     ".com/1\"}}",
     "actor: a group without"},
    {"{\"actor\":{\"objectType\":\"Group\",\"member\":[]},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"ht"
     "tp://a.example.com/1\"}}",
     "actor: a group without"},
    {"{\"actor\":{\"objectType\":\"Group\",\"member\":{\"mbox\":\"mailto:a@example.com\"}},\"verb\":{\"id\":"
     "\"http://v.example"
     ".com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.member: must be an array"},
    {"{\"actor\":{\"objectType\":\"Group\",\"member\":[{\"objectType\":\"Group\",\"member\":[{\"mbox\":"
     "\"mailto:a@example.com"
     "\"}]}]},\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.member.objectType: "},
    {"{\"actor\":{\"objectType\":\"Group\",\"member\":[{\"name\":\"x\"}]},\"verb\":{\"id\":\"http://"
     "v.example.com/1\"},\"objec"
     "t\":{\"id\":\"http://a.example.com/1\"}}",
     "actor.member: must have exactly one"},
    {"{\"actor\":{\"objectType\":\"Group\",\"mbox\":\"mailto:g@b.org\",\"openid\":\"http://o.example.com/"
     "\"},\"verb\":{\"id\":"
     "\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor: must have at most one"},
};

static void a_group_has_an_identifier_or_members(void **state)
{
    (void)state;
    CHECK_BOTH(a_group_has_an_identifier_or_members_rows);
}

static const struct row an_authority_is_an_agent_or_two_members_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"authority\":{\"mbox\":\"mailto:a@example.com\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"authority\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"},{\"mbox\":"
     "\"m"
     "ailto:a@example.com\"}]}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"authority\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"}]}}",
     "authority: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"authority\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"mailto:a@example.com\"},{\"mbox\":"
     "\"m"
     "ailto:a@example.com\"},{\"mbox\":\"mailto:a@example.com\"}]}}",
     "authority: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"authority\":{\"objectType\":\"Group\",\"mbox\":\"mailto:g@b.org\",\"member\":[{\"mbox\":"
     "\"mailto:a@"
     "example.com\"},{\"mbox\":\"mailto:a@example.com\"}]}}",
     "authority: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"authority\":{\"objectType\":\"Group\",\"mbox\":\"mailto:g@b.org\"}}",
     "authority: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"authority\":\"x\"}",
     "authority: "},
};

static void an_authority_is_an_agent_or_two_members(void **state)
{
    (void)state;
    CHECK_BOTH(an_authority_is_an_agent_or_two_members_rows);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_has_one_identifier),
        cmocka_unit_test(a_group_has_an_identifier_or_members),
        cmocka_unit_test(an_authority_is_an_agent_or_two_members),
    };
    return KIT_RUN(tests);
}
