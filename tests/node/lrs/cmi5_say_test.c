#include <stdio.h>
#include <string.h>

#include "node/lrs/document.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs_session.h"

/* A document of the session's learner, or "". */
static const char *document(struct kit_session *session, enum xapi_kind kind, const char *name)
{
    static struct buffer texts;
    struct xapi_document_key key = {.kind = kind, .name = bytes_text(name)};
    struct xapi_document found;
    struct buffer agent;
    static char text[4096];

    buffer_init(&agent);
    document_account(&session->kit->lrs, session->session.person, &agent);
    key.agent = buffer_bytes(&agent);
    if (kind == XAPI_STATE) {
        key.activity = session->session.activity;
        key.registration = bytes_of(session->session.registration, LRS_UUID_SIZE);
    }
    struct db *db = store_read_begin(session->kit->kit.store);
    bool is_there = xapi_document_find(db, &key, &texts, &found);
    store_read_end(session->kit->kit.store, db);
    snprintf(text, sizeof text, "%.*s", is_there ? (int)found.body.size : 0,
             is_there ? (const char *)found.body.data : "");
    buffer_release(&agent);
    return text;
}

static void a_launch_writes_what_an_au_reads(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    const char *data = document(&session, XAPI_STATE, "LMS.LaunchData");
    assert_non_null(strstr(data, "\"launchMode\":\"Normal\""));
    assert_non_null(strstr(data, "\"moveOn\":\"CompletedAndPassed\""));
    assert_non_null(strstr(data, "\"masteryScore\":0.8"));
    assert_non_null(strstr(
        data, "\"grouping\":[{\"objectType\":\"Activity\",\"id\":\"http://publisher.example.com/1\"}]"));
    assert_non_null(strstr(data, CMI5_SESSION));
    assert_null(strstr(data, "returnURL"));
    assert_string_equal(document(&session, XAPI_AGENT_PROFILE, "cmi5LearnerPreferences"),
                        "{\"languagePreference\":\"kk\",\"audioPreference\":\"on\"}");
    kit_session_close(&session);
}

static void other_language(struct lrs_session *session)
{
    session->lang = bytes_text("mn");
}

static void preferences_of_the_learner_stay(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    kit_session_close(&session);
    kit_session_open(&session, *state, other_language);
    assert_non_null(strstr(document(&session, XAPI_AGENT_PROFILE, "cmi5LearnerPreferences"), "\"kk\""));
    kit_session_close(&session);
}

static enum status observe(void *ctx, struct db *db, const struct lrs_event *event)
{
    (void)db;
    snprintf(ctx, 4096, "%.*s", (int)event->statement.size, event->statement.data);
    return S_OK;
}

static void launched_says_how(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session session;
    static char text[4096];

    kit->lrs.observe = observe;
    kit->lrs.observe_ctx = text;
    kit_session_open(&session, kit, NULL);
    assert_non_null(strstr(text, "http://adlnet.gov/expapi/verbs/launched"));
    assert_non_null(strstr(text, "extensions/launchurl\":\"http://content.example.com/au.html\""));
    assert_non_null(strstr(text, "extensions/launchmode\":\"Normal\""));
    assert_non_null(strstr(text, "extensions/masteryscore\":0.8"));
    assert_non_null(strstr(text, "\"name\":\"p1\""));
    kit_session_close(&session);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_launch_writes_what_an_au_reads, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(preferences_of_the_learner_stay, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(launched_says_how, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
