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

static const struct row a_statement_has_these_properties_and_no_others_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/"
     "1\"},\"id\":\"00000000-0000-4000-8000-000000000000\",\"timestamp\":\"2020-01-01T00:00:00Z\",\"stored\":"
     "\"2"
     "020-01-01T00:00:00Z\",\"version\":\"1.0.3\"}",
     NULL},
    {"{\"verb\":{\"id\":\"http://v.example.com/1\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "actor: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "verb: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/1\"}}",
     "object: is missing"},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"more\":1}",
     "more: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"Actor\":1}",
     "Actor: "},
    {"[]", "the statement: must be an object"},
    {"5", "the statement: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"id\":\"x\"}",
     "id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"id\":5}",
     "id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"stored\":\"x\"}",
     "stored: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"0.9\"}",
     "version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"1.0.\"}",
     "version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"1.0.x\"}",
     "version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":1}",
     "version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"1\"}",
     "version: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"id\":null}",
     "id: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":null}",
     "result: "},
};

static void a_statement_has_these_properties_and_no_others(void **state)
{
    (void)state;
    CHECK_BOTH(a_statement_has_these_properties_and_no_others_rows);
}

static const struct row each_version_knows_its_own_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"2.0.0\"}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"2.1.0\"}",
     "version: "},
};

static void each_version_knows_its_own(void **state)
{
    (void)state;
    check(each_version_knows_its_own_rows,
          sizeof each_version_knows_its_own_rows / sizeof *each_version_knows_its_own_rows, LRS_2_0);
}

static const struct row each_version_knows_its_own_only_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"version\":\"2.0.0\"}",
     "version: "},
};

static void each_version_knows_its_own_only(void **state)
{
    (void)state;
    check(each_version_knows_its_own_only_rows,
          sizeof each_version_knows_its_own_only_rows / sizeof *each_version_knows_its_own_only_rows,
          LRS_1_0_3);
}

static const struct row extensions_and_language_maps_have_their_keys_rows[] = {
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"extensions\":{\"http://e.example.com/\":{\"deep\":[null]}}}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"extensions\":{\"e\":1}}}",
     "result.extensions: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\"},\"object\":{\"id\":\"http://"
     "a.example.com/1\"},\"result\":{\"extensions\":[]}}",
     "result.extensions: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\",\"display\":{\"en\":\"x\",\"a"
     "r\":\"y\"}},\"object\":{\"id\":\"http://a.example.com/1\"}}",
     NULL},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\",\"display\":{\"e n\":\"x\"}},"
     "\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "verb.display: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\",\"display\":{\"en\":null}},"
     "\"object\":{\"id\":\"http://a.example.com/1\"}}",
     "verb.display: "},
    {"{\"actor\":{\"mbox\":\"mailto:a@example.com\"},\"verb\":{\"id\":\"http://v.example.com/"
     "1\",\"display\":\"x\"},\"object"
     "\":{\"id\":\"http://a.example.com/1\"}}",
     "verb.display: "},
};

static void extensions_and_language_maps_have_their_keys(void **state)
{
    (void)state;
    CHECK_BOTH(extensions_and_language_maps_have_their_keys_rows);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_has_these_properties_and_no_others),
        cmocka_unit_test(each_version_knows_its_own),
        cmocka_unit_test(each_version_knows_its_own_only),
        cmocka_unit_test(extensions_and_language_maps_have_their_keys),
    };
    return KIT_RUN(tests);
}
