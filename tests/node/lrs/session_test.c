#include <stdio.h>
#include <string.h>

#include "node/lrs/index.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs_session.h"

static void what_was_opened_is_found(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    const struct lrs_session *now = kit_session_now(&session);
    assert_int_equal(now->launch, 7);
    assert_true(now->is_cmi5 && now->mode == LRS_NORMAL && now->was_fetched && now->mastery == 0.8);
    assert_true(bytes_equal(now->person, bytes_text("p1")) && bytes_equal(now->name, bytes_text("Айгүл")) &&
                bytes_equal(now->lang, bytes_text("kk")));
    assert_true(bytes_equal(now->move_on, bytes_text("CompletedAndPassed")) &&
                bytes_equal(now->publisher, bytes_text("http://publisher.example.com/1")));
    assert_memory_equal(now->registration, session.session.registration, LRS_UUID_SIZE);
    assert_memory_equal(now->session, session.session.session, LRS_UUID_SIZE);
    assert_int_equal(now->said, LRS_SAID_LAUNCHED);
    kit_session_close(&session);
}

static enum status fetch_again(struct db *db, void *arg)
{
    struct kit_session *session = arg;
    char authorization[LRS_AUTHORIZATION_SIZE];

    return lrs_session_fetch(db, session->token, session->kit->now_ms, authorization);
}

static void a_token_is_fetched_once(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_lrs_run(*state, fetch_again, &session), S_EXISTS);
    session.token[0] = session.token[0] == '0' ? '1' : '0';
    assert_int_equal(kit_lrs_run(*state, fetch_again, &session), S_NOT_FOUND);
    kit_session_close(&session);
}

static enum status end_run(struct db *db, void *arg)
{
    struct kit_session *session = arg;

    return lrs_session_end(&session->kit->lrs, db, session->session.row, session->kit->now_ms++);
}

static enum status reopen(struct kit_session *session)
{
    char header[LRS_AUTHORIZATION_SIZE + 8];
    struct lrs_client client;

    snprintf(header, sizeof header, "Basic %s", session->authorization);
    struct db *db = store_read_begin(session->kit->kit.store);
    enum status status = client_open(&session->kit->lrs, db, header, session->kit->now_ms, &client);
    store_read_end(session->kit->kit.store, db);
    client_release(&client);
    return status;
}

static void an_ended_session_opens_nothing(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(reopen(&session), S_OK);
    assert_int_equal(kit_lrs_run(*state, end_run, &session), S_OK);
    assert_int_equal(reopen(&session), S_DENIED);
    kit_session_close(&session);
}

static void an_authorization_ends_by_itself(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session session;

    kit_session_open(&session, kit, NULL);
    kit->now_ms = session.session.expires_ms - 1;
    assert_int_equal(reopen(&session), S_OK);
    kit->now_ms = session.session.expires_ms;
    assert_int_equal(reopen(&session), S_DENIED);
    kit_session_close(&session);
}

static size_t said(struct kit_lrs *kit, const char *verb)
{
    return kit_lrs_count(kit, index_term(&kit->lrs, INDEX_VERB, bytes_text(verb)));
}

static void what_was_left_open_is_abandoned_once(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session session;

    kit_session_open(&session, kit, NULL);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    kit->now_ms += 5000;
    assert_int_equal(kit_lrs_run(kit, end_run, &session), S_OK);
    assert_int_equal(kit_lrs_run(kit, end_run, &session), S_OK);
    assert_int_equal(said(kit, "https://w3id.org/xapi/adl/verbs/abandoned"), 1);
    assert_true(kit_session_now(&session)->said & LRS_SAID_ABANDONED);
    kit_session_close(&session);
    kit_session_open(&session, kit, NULL);
    assert_int_equal(kit_lrs_run(kit, end_run, &session), S_OK);
    assert_int_equal(said(kit, "https://w3id.org/xapi/adl/verbs/abandoned"), 1);
    kit_session_close(&session);
}

/* As the record store takes it that comes with this authorization now. */
static bool is_over(struct kit_session *session, int64_t after_ms)
{
    int64_t last_ms = kit_session_now(session)->last_ms;
    char header[LRS_AUTHORIZATION_SIZE + 8];
    struct lrs_client client;

    snprintf(header, sizeof header, "Basic %s", session->authorization);
    struct db *db = store_read_begin(session->kit->kit.store);
    assert_int_equal(client_open(&session->kit->lrs, db, header, last_ms + after_ms, &client), S_OK);
    bool is_over = client.is_over;
    store_read_end(session->kit->kit.store, db);
    client_release(&client);
    return is_over;
}

static void a_session_is_over_a_while_after_it_said_terminated(void **state)
{
    struct kit_session session;

    kit_session_open(&session, *state, NULL);
    assert_int_equal(kit_session_say(&session, "initialized", "", false), S_OK);
    assert_false(is_over(&session, LRS_SESSION_LAST_MS + 1));
    assert_int_equal(kit_session_say(&session, "terminated", "\"duration\":\"PT1S\"", false), S_OK);
    assert_false(is_over(&session, LRS_SESSION_LAST_MS));
    assert_true(is_over(&session, LRS_SESSION_LAST_MS + 1));
    kit_session_close(&session);
}

static void elsewhere(struct lrs_session *session)
{
    session->activity = bytes_text("http://au.example.com/2");
}

static void another_registration(struct lrs_session *session)
{
    session->registration[0] = 9;
}

static void a_learner_is_at_one_unit_of_a_registration(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session first, other, second;

    kit_session_open(&first, kit, NULL);
    kit_session_open(&other, kit, another_registration);
    assert_int_equal(kit_session_say(&first, "initialized", "", false), S_OK);
    kit_session_open(&second, kit, elsewhere);
    assert_int_equal(said(kit, "https://w3id.org/xapi/adl/verbs/abandoned"), 1);
    assert_true(kit_session_now(&first)->said & LRS_SAID_ABANDONED);
    assert_int_equal(reopen(&first), S_DENIED);
    assert_int_equal(kit_session_say(&first, "terminated", "\"duration\":\"PT1S\"", false), S_DENIED);
    assert_int_equal(reopen(&other), S_OK);
    assert_int_equal(kit_session_say(&second, "initialized", "", false), S_OK);
    kit_session_close(&first);
    kit_session_close(&other);
    kit_session_close(&second);
}

static enum status waive_run(struct db *db, void *arg)
{
    struct kit_session *session = arg;

    return lrs_session_waive(&session->kit->lrs, db, &session->session, "Tested Out");
}

static enum status satisfy_run(struct db *db, void *arg)
{
    struct kit_session *session = arg;

    const struct lrs_satisfied course = {.activity = bytes_text("http://course.example.com/"), .is_course = true};

    enum status status = lrs_session_satisfy(&session->kit->lrs, db, &session->session, &course);
    return status == S_OK ? lrs_session_satisfy(&session->kit->lrs, db, &session->session, &course) : status; /* said once */
}

static void waiving_moves_on_and_satisfying_is_said(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session session;

    kit_session_open(&session, kit, NULL);
    assert_int_equal(kit_lrs_run(kit, waive_run, &session), S_OK);
    assert_true(lrs_session_has_moved_on(kit_session_now(&session)));
    assert_int_equal(kit_lrs_run(kit, satisfy_run, &session), S_OK);
    assert_int_equal(said(kit, "https://w3id.org/xapi/adl/verbs/waived"), 1);
    assert_int_equal(said(kit, "https://w3id.org/xapi/adl/verbs/satisfied"), 1);
    kit_session_close(&session);
}

static void moving_on_follows_its_rule(void **state)
{
    static const struct {
        const char *rule;
        bool is_moved[4]; /* nothing, completed, passed, both */
    } cases[] = {{"Passed", {false, false, true, true}},
                 {"Completed", {false, true, false, true}},
                 {"CompletedAndPassed", {false, false, false, true}},
                 {"CompletedOrPassed", {false, true, true, true}},
                 {"NotApplicable", {true, true, true, true}}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned said_now = 0; said_now < 4; said_now++) {
            struct lrs_session session = {.move_on = bytes_text(cases[i].rule),
                                          .said = (said_now & 1 ? LRS_SAID_COMPLETED : 0),
                                          .said_before = (said_now & 2 ? LRS_SAID_PASSED : 0)};
            assert_int_equal(lrs_session_has_moved_on(&session), cases[i].is_moved[said_now]);
        }
    }
}

static void the_newest_session_is_found(void **state)
{
    struct kit_lrs *kit = *state;
    struct kit_session first, second;
    struct lrs_session found;
    struct buffer texts;

    kit_session_open(&first, kit, NULL);
    kit_session_open(&second, kit, NULL);
    buffer_init(&texts);
    struct db *db = store_read_begin(kit->kit.store);
    assert_true(
        lrs_session_find_newest(db, first.session.activity, first.session.registration, &texts, &found));
    assert_int_equal(found.row, second.session.row);
    assert_false(
        lrs_session_find_newest(db, bytes_text("http://none/"), first.session.registration, &texts, &found));
    store_read_end(kit->kit.store, db);
    buffer_release(&texts);
    kit_session_close(&first);
    kit_session_close(&second);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_opened_is_found, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_token_is_fetched_once, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(an_ended_session_opens_nothing, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(an_authorization_ends_by_itself, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(what_was_left_open_is_abandoned_once, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_session_is_over_a_while_after_it_said_terminated, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_learner_is_at_one_unit_of_a_registration, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(waiving_moves_on_and_satisfying_is_said, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(moving_on_follows_its_rule, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(the_newest_session_is_found, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
