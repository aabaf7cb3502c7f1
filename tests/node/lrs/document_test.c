#include <stdio.h>
#include <string.h>

#include "node/lrs/document.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

struct asking {
    struct kit_lrs *kit;
    struct document_request request;
    bool is_delete;
};

static enum status run(struct db *db, void *arg)
{
    struct asking *asking = arg;

    return asking->is_delete ? document_delete(&asking->kit->lrs, db, &asking->request, &asking->kit->report)
                             : document_put(&asking->kit->lrs, db, &asking->request, &asking->kit->report);
}

static struct asking asking_of(struct kit_lrs *kit, enum xapi_kind kind)
{
    return (struct asking){.kit = kit,
                           .request = {.version = LRS_2_0,
                                       .key = {.kind = kind,
                                               .agent = bytes_text("mbox mailto:a@b.org"),
                                               .activity = bytes_text("http://a/"),
                                               .name = bytes_text("n")},
                                       .media_type = bytes_text("application/json"),
                                       .body = bytes_text("{\"a\":1}"),
                                       .now_ms = 5}};
}

static enum status put(struct asking *asking)
{
    return kit_lrs_run(asking->kit, run, asking);
}

static void expect(struct asking *asking, const char *wanted, char etag[XAPI_ETAG_SIZE])
{
    struct xapi_document document;
    struct buffer texts;

    buffer_init(&texts);
    struct db *db = store_read_begin(asking->kit->kit.store);
    assert_true(xapi_document_find(db, &asking->request.key, &texts, &document));
    store_read_end(asking->kit->kit.store, db);
    assert_true(bytes_equal(document.body, bytes_text(wanted)));
    memcpy(etag, document.etag, XAPI_ETAG_SIZE);
    buffer_release(&texts);
}

static void preconditions_guard_what_is_there(void **state)
{
    struct asking asking = asking_of(*state, XAPI_ACTIVITY_PROFILE);
    char etag[XAPI_ETAG_SIZE], quoted[XAPI_ETAG_SIZE + 10];

    asking.request.if_match = "*";
    assert_int_equal(put(&asking), S_STALE);
    asking.request.if_match = NULL;
    asking.request.if_none_match = "*";
    assert_int_equal(put(&asking), S_OK);
    assert_int_equal(put(&asking), S_STALE);
    asking.request.if_none_match = NULL;
    assert_int_equal(put(&asking), S_EXISTS);
    expect(&asking, "{\"a\":1}", etag);
    snprintf(quoted, sizeof quoted, "\"x\", W/\"%s\"", etag);
    asking.request.if_match = quoted;
    asking.request.body = bytes_text("{\"b\":2}");
    assert_int_equal(put(&asking), S_OK);
    assert_int_equal(put(&asking), S_STALE);
    expect(&asking, "{\"b\":2}", etag);
    asking.is_delete = true;
    assert_int_equal(put(&asking), S_STALE);
    asking.request.if_match = etag;
    assert_int_equal(put(&asking), S_OK);
    asking.request.if_match = NULL;
    assert_int_equal(put(&asking), S_OK);
}

static void only_old_state_is_overwritten_without(void **state)
{
    static const struct {
        enum lrs_version version;
        enum xapi_kind kind;
        enum status status;
    } cases[] = {{LRS_1_0_3, XAPI_STATE, S_OK},
                 {LRS_1_0_3, XAPI_ACTIVITY_PROFILE, S_EXISTS},
                 {LRS_1_0_3, XAPI_AGENT_PROFILE, S_EXISTS},
                 {LRS_2_0, XAPI_STATE, S_EXISTS},
                 {LRS_2_0, XAPI_ACTIVITY_PROFILE, S_EXISTS},
                 {LRS_2_0, XAPI_AGENT_PROFILE, S_EXISTS}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asking asking = asking_of(*state, cases[i].kind);
        asking.request.version = cases[i].version;
        asking.request.key.name = bytes_of(&"abcdef"[i], 1);
        assert_int_equal(put(&asking), S_OK);
        assert_int_equal(put(&asking), cases[i].status);
    }
}

static void posts_merge_one_level_deep(void **state)
{
    struct asking asking = asking_of(*state, XAPI_STATE);
    char etag[XAPI_ETAG_SIZE];

    asking.request.is_merge = true;
    asking.request.body = bytes_text("{\"a\":{\"x\":1},\"b\":2}");
    assert_int_equal(put(&asking), S_OK);
    asking.request.body = bytes_text("{\"a\":{\"y\":1},\"c\\u0064\":3}");
    assert_int_equal(put(&asking), S_OK);
    expect(&asking, "{\"a\":{\"y\":1},\"b\":2,\"cd\":3}", etag);
    static const char *const bad[] = {"[]", "{", "5", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        asking.request.body = bytes_text(bad[i]);
        assert_int_equal(put(&asking), S_INVALID);
    }
    asking.request.body = bytes_text("{}");
    asking.request.media_type = bytes_text("text/plain");
    assert_int_equal(put(&asking), S_INVALID);
    expect(&asking, "{\"a\":{\"y\":1},\"b\":2,\"cd\":3}", etag);
}

static void launched_content_writes_its_own_and_not_too_much(void **state)
{
    struct kit_lrs *kit = *state;
    struct lrs_client client = {
        .is_session = true,
        .session = {.is_cmi5 = true, .person = bytes_text("p1"), .activity = bytes_text("http://a/")}};
    struct asking asking = asking_of(kit, XAPI_STATE);
    char name[16], *big = test_calloc(1, DOCUMENT_SESSION_BODY_MAX + 1);
    struct buffer own;

    asking.request.client = &client;
    assert_int_equal(put(&asking), S_DENIED);
    buffer_init(&own);
    document_account(&kit->lrs, bytes_text("p1"), &own);
    asking.request.key.agent = buffer_bytes(&own);
    assert_int_equal(put(&asking), S_OK);
    asking.request.key.name = bytes_text("LMS.LaunchData");
    assert_int_equal(put(&asking), S_DENIED);
    for (int i = 1; i <= DOCUMENT_SESSION_COUNT_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        asking.request.key.name = bytes_text(name);
        assert_int_equal(put(&asking), i < DOCUMENT_SESSION_COUNT_MAX ? S_OK : S_TOO_LARGE);
    }
    asking.request.key.name = bytes_text("1");
    asking.request.version = LRS_1_0_3;
    for (size_t size = DOCUMENT_SESSION_BODY_MAX; size <= DOCUMENT_SESSION_BODY_MAX + 1; size++) {
        asking.request.body = bytes_of(big, size);
        assert_int_equal(put(&asking), size <= DOCUMENT_SESSION_BODY_MAX ? S_OK : S_TOO_LARGE);
    }
    asking = asking_of(kit, XAPI_ACTIVITY_PROFILE);
    asking.request.client = &client;
    assert_int_equal(put(&asking), S_OK);
    asking.request.key.activity = bytes_text("http://other/");
    assert_int_equal(put(&asking), S_DENIED);
    buffer_release(&own);
    test_free(big);
}

static void a_unit_that_has_ended_has_no_documents(void **state)
{
    struct kit_lrs *kit = *state;
    struct lrs_client client = {
        .is_session = true, .is_over = true, .session = {.is_cmi5 = true, .person = bytes_text("p1"), .activity = bytes_text("http://a/")}};
    struct asking asking = asking_of(kit, XAPI_STATE);
    struct buffer own;

    buffer_init(&own);
    document_account(&kit->lrs, bytes_text("p1"), &own);
    asking.request.client = &client;
    asking.request.key.agent = buffer_bytes(&own);
    assert_int_equal(put(&asking), S_DENIED);
    assert_int_equal(document_allow(&kit->lrs, &client, &asking.request.key, false, &kit->report), S_DENIED);
    client.is_over = false;
    assert_int_equal(put(&asking), S_OK);
    buffer_release(&own);
}

static void preferences_of_a_learner_are_what_cmi5_makes_them(void **state)
{
    static const struct {
        const char *type, *body;
        enum status status;
    } cases[] = {
        {"text/plain", "{\"languagePreference\":\"en-US\",\"audioPreference\":\"on\"}", S_DENIED},
        {"application/json", "just some text", S_DENIED},
        {"application/json", "{\"audioPreference\":\"on\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"en-US\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"\",\"audioPreference\":\"on\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"en-US fr\",\"audioPreference\":\"on\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"en-US,\",\"audioPreference\":\"on\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"en-US\",\"audioPreference\":\"loud\"}", S_DENIED},
        {"application/json", "{\"languagePreference\":\"en-US,fr-FR,fr\",\"audioPreference\":\"off\"}", S_OK},
    };
    struct kit_lrs *kit = *state;
    struct lrs_client client = {.is_session = true, .session = {.is_cmi5 = true, .person = bytes_text("p1"), .activity = bytes_text("http://a/")}};
    struct asking asking = asking_of(kit, XAPI_AGENT_PROFILE);
    struct buffer own;

    buffer_init(&own);
    document_account(&kit->lrs, bytes_text("p1"), &own);
    asking.request.client = &client;
    asking.request.key.agent = buffer_bytes(&own);
    asking.request.key.name = bytes_text("cmi5LearnerPreferences");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        asking.request.media_type = bytes_text(cases[i].type);
        asking.request.body = bytes_text(cases[i].body);
        assert_int_equal(put(&asking), cases[i].status);
    }
    buffer_release(&own);
}

static void names_are_listed_by_their_time(void **state)
{
    struct asking asking = asking_of(*state, XAPI_STATE);
    struct buffer out;

    for (int i = 0; i < 3; i++) {
        asking.request.key.name = bytes_of(&"c\"a"[i], 1);
        asking.request.now_ms = 100 + i;
        assert_int_equal(put(&asking), S_OK);
    }
    buffer_init(&out);
    struct db *db = store_read_begin(asking.kit->kit.store);
    document_names(db, &asking.request.key, 100, &out);
    store_read_end(asking.kit->kit.store, db);
    assert_true(bytes_equal(buffer_bytes(&out), bytes_text("[\"\\\"\",\"a\"]")));
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(preconditions_guard_what_is_there, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(only_old_state_is_overwritten_without, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(posts_merge_one_level_deep, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_unit_that_has_ended_has_no_documents, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(preferences_of_a_learner_are_what_cmi5_makes_them, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(launched_content_writes_its_own_and_not_too_much, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(names_are_listed_by_their_time, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
