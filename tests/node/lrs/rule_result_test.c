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

static const struct row a_result_has_its_kinds_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"result\":{\"success\":true,\"completion\":false,\"response\":\"r\",\"duration\":\"PT1S\","
     "\"extensio"
     "ns\":{},\"score\":{}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"success\":\"true\"}}",
     "result.success: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"completion\":1}}",
     "result.completion: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"response\":1}}",
     "result.response: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"duration\":\"1h\"}}",
     "result.duration: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"more\":1}}",
     "result.more: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":\"x\"}",
     "result: "},
};

static void a_result_has_its_kinds(void **state)
{
    (void)state;
    CHECK_BOTH(a_result_has_its_kinds_rows);
}

static const struct row a_score_lies_where_it_may_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"scaled\":1,\"raw\":5,\"min\":0,\"max\":10}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"scaled\":-1.0}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"scaled\":1.0000001}}}",
     "result.score.scaled: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"scaled\":-1.1}}}",
     "result.score.scaled: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"scaled\":\"1\"}}}",
     "result.score.scaled: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"raw\":\"5\"}}}",
     "result.score.raw: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"min\":5,\"max\":5}}}",
     "result.score: min"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"min\":6,\"max\":5}}}",
     "result.score: min"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"raw\":11,\"max\":10}}}",
     "result.score: raw"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"raw\":-1,\"min\":0}}}",
     "result.score: raw"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"raw\":10,\"min\":10,\"max\":11}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":{\"grade\":1}}}",
     "result.score.grade: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"score\":5}}",
     "result.score: "},
};

static void a_score_lies_where_it_may(void **state)
{
    (void)state;
    CHECK_BOTH(a_score_lies_where_it_may_rows);
}

static const struct row a_verb_has_an_id_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{},\"object\":{\"id\":\"http://a.example.com/"
     "1\"}}",
     "verb.id: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"v\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     "verb.id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":\"http://v.example.com/"
     "\",\"object\":{\"id\":\"http://a.example."
     "com/1\"}}",
     "verb: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "\",\"more\":1},\"object\":{\"id"
     "\":\"http://a.example.com/1\"}}",
     "verb.more: "},
};

static void a_verb_has_an_id(void **state)
{
    (void)state;
    CHECK_BOTH(a_verb_has_an_id_rows);
}

static const struct row an_attachment_says_what_it_is_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
     "\"fileUrl\":"
     "\"http://f.example.com/\",\"description\":{\"en\":\"x\"}}]}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"display\":{\"en\":\"D\"},\"contentType\":\"text/"
     "plain\",\"length\":5,\"sha2\":\"a"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.usageType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/\",\"contentType\":\"text/"
     "plain\",\"length\":5"
     ",\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.display: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"length\":5,\"s"
     "ha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.contentType: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/plain\",\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.length: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/plain\",\"length\":5}]}",
     "attachments.sha2: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
     "\"fileUrl\":"
     "\"f\"}]}",
     "attachments.fileUrl: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
     "\"more\":1}]}",
     "attachments.more: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5.5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]"
     "}",
     "attachments.length: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":-5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.length: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":\"5\",\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"
     "]}",
     "attachments.length: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.contentType: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[{\"usageType\":\"http://u.example.com/"
     "\",\"display\":{\"en\":\"D\"},\"contentType\":"
     "\"text/"
     "plain\",\"length\":5,\"sha2\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}",
     "attachments.sha2: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":{}}",
     "attachments: must be an array"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"attachments\":[]}",
     NULL},
};

static void an_attachment_says_what_it_is(void **state)
{
    (void)state;
    CHECK_BOTH(an_attachment_says_what_it_is_rows);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_has_its_kinds),
        cmocka_unit_test(a_score_lies_where_it_may),
        cmocka_unit_test(a_verb_has_an_id),
        cmocka_unit_test(an_attachment_says_what_it_is),
    };
    return KIT_RUN(tests);
}
