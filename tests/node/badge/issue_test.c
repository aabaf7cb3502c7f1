#include "node/badge/issue.h"

#include <string.h>

#include "node/badge/status_list.h"
#include "node/learn/attempt/registration.h"
#include "node/store/people/cohort_row.h"
#include "node/store/people/credential.h"
#include "node/store/stream/revocation.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

struct fixture {
    struct kit_store kit;
    struct config config;
    struct issuer issuer;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_store_open(&fixture->kit);
    kit_people_make(&fixture->kit, 3);
    config_init(&fixture->config);
    strcpy(fixture->config.name, "Centre");
    fixture->issuer = (struct issuer){.store = fixture->kit.store,
                                      .federation = &fixture->kit.federation,
                                      .identity = &fixture->kit.identity,
                                      .config = &fixture->config};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_store_close(&fixture->kit);
    test_free(fixture);
    return 0;
}

static enum status issue_in(struct fixture *fixture, const char *person, const char *cohort, struct issue_outcome *outcome,
                            struct report *report)
{
    const struct issue_request request = {.person = bytes_text(person),
                                          .course = bytes_text("tdc"),
                                          .cohort = bytes_text(cohort),
                                          .lang = "en",
                                          .title = "Teaching",
                                          .score = SCORE_NONE,
                                          .now_ms = KIT_NOW_S * 1000LL};

    issue_outcome_init(outcome);
    report_clear(report);
    return credential_issue(&fixture->issuer, &request, outcome, report);
}

static enum status issue(struct fixture *fixture, const char *person, struct issue_outcome *outcome, struct report *report)
{
    return issue_in(fixture, person, "", outcome, report);
}

static void a_certificate_is_issued_once_and_counted_once(void **state)
{
    struct fixture *fixture = *state;
    struct issue_outcome first, again;
    struct report report;

    assert_int_equal(issue(fixture, "p0", &first, &report), S_OK);
    assert_true(first.is_new && !first.is_known_course && !first.has_completed);
    assert_int_equal(issue(fixture, "p0", &again, &report), S_OK);
    assert_false(again.is_new);
    assert_string_equal((const char *)first.uuid.data, (const char *)again.uuid.data);
    assert_string_equal((const char *)first.document.data, (const char *)again.document.data);
    assert_int_equal(kit_total(&fixture->kit, METRIC_CERTIFIED), 1);
    issue_outcome_release(&first);
    issue_outcome_release(&again);
}

static void the_score_is_that_of_the_completion(void **state)
{
    struct fixture *fixture = *state;
    struct result_outcome results;
    struct issue_outcome outcome;
    struct report report;

    kit_results(&fixture->kit, "event_id,person,course,kind,at,score\ne,p1,tdc,completed,2026-09-01,87.5\n",
                &results);
    result_outcome_release(&results);
    assert_int_equal(issue(fixture, "p1", &outcome, &report), S_OK);
    assert_true(outcome.has_completed);
    assert_non_null(strstr((const char *)outcome.document.data, "\"87.5\""));
    assert_non_null(strstr((const char *)outcome.document.data, "All required parts"));
    issue_outcome_release(&outcome);
}

/* p0 completed nothing; of p1 somebody decided so. */
static enum status mark_make(struct db *db, void *arg)
{
    struct registration_wish wish = {.course = bytes_text("tdc"), .cohort = bytes_text(""), .now_ms = KIT_NOW_S * 1000LL};
    struct registration_row row;
    struct person person;

    (void)arg;
    assert_true(person_find_dims(db, bytes_text("p1"), &person));
    wish.person = person.row;
    assert_int_equal(registration_open(db, &wish, &row), S_OK);
    const struct registration_mark mark = {
        .registration = row.id, .status = REGISTRATION_COMPLETED, .score = EVENT_NO_SCORE, .reason = bytes_text("seen"), .now_ms = wish.now_ms};
    return registration_mark(db, &mark);
}

static void what_somebody_decided_by_hand_is_said_to_be_a_decision(void **state)
{
    static const char *const people[] = {"p0", "p1"};
    struct fixture *fixture = *state;
    struct issue_outcome outcome;
    struct report report;

    assert_int_equal(store_write_wait(fixture->kit.store, mark_make, NULL), S_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(issue(fixture, people[i], &outcome, &report), S_OK);
        assert_int_equal(outcome.has_completed, i == 1);
        assert_null(strstr((const char *)outcome.document.data, "All required parts"));
        assert_non_null(strstr((const char *)outcome.document.data, "by a decision of its own"));
        issue_outcome_release(&outcome);
    }
}

static enum status cohort_make(struct db *db, void *arg)
{
    struct cohort_row row = {.cohort = "autumn", .title = "Autumn", .course = "tdc"};

    assert_int_equal(cohort_row_put(db, &row), S_OK);
    row.id = 0;
    strcpy(row.cohort, "others");
    strcpy(row.course, "soil");
    (void)arg;
    return cohort_row_put(db, &row);
}

static void a_cohort_that_nobody_knows_is_refused(void **state)
{
    static const struct {
        const char *person, *cohort;
        enum status status;
    } cases[] = {{"p0", "autumn", S_OK}, {"p1", "listed", S_OK}, {"p0", "listed", S_OK}, {"p0", "autunm", S_NOT_FOUND}, {"p0", "others", S_INVALID}};
    struct fixture *fixture = *state;
    struct result_outcome results;
    struct issue_outcome outcome;
    struct report report;

    kit_results(&fixture->kit, "event_id,person,course,kind,at,cohort\ne,p1,tdc,completed,2026-09-01,listed\n", &results);
    result_outcome_release(&results);
    assert_int_equal(store_write_wait(fixture->kit.store, cohort_make, NULL), S_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(issue_in(fixture, cases[i].person, cases[i].cohort, &outcome, &report), cases[i].status);
        assert_true(report.status == S_OK || strstr(report.text, cases[i].cohort));
        issue_outcome_release(&outcome);
    }
    assert_int_equal(kit_total(&fixture->kit, METRIC_CERTIFIED), 3);
}

static void an_unknown_person_gets_none(void **state)
{
    struct fixture *fixture = *state;
    struct issue_outcome outcome;
    struct report report;

    assert_int_equal(issue(fixture, "p9", &outcome, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "'p9'"));
    issue_outcome_release(&outcome);
    assert_int_equal(kit_total(&fixture->kit, METRIC_CERTIFIED), 0);
}

static void a_revocation_is_a_row_a_cell_an_event_and_a_bit(void **state)
{
    static uint8_t bits[STATUS_LIST_BYTES];
    struct fixture *fixture = *state;
    struct issue_outcome first, second;
    struct revocation revocation;
    struct credential credential;
    struct report report;
    json_t *document;
    bool is_new;

    assert_int_equal(issue(fixture, "p0", &first, &report), S_OK);
    const char *uuid = (const char *)first.uuid.data;
    assert_int_equal(
        credential_revoke(&fixture->issuer, uuid, "in error", KIT_NOW_S * 1000LL, &is_new, &report), S_OK);
    assert_true(is_new);
    assert_int_equal(credential_revoke(&fixture->issuer, uuid, "again", KIT_NOW_S * 1000LL, &is_new, &report),
                     S_OK);
    assert_false(is_new);
    assert_int_equal(kit_total(&fixture->kit, METRIC_REVOKED), 1);
    assert_int_equal(issue(fixture, "p0", &second, &report), S_OK); /* a new one in its place */
    assert_true(second.is_new);
    assert_int_equal(kit_total(&fixture->kit, METRIC_CERTIFIED), 2);

    assert_int_equal(credential_parse(bytes_text((const char *)first.document.data), &document, &report),
                     S_OK);
    assert_int_equal(credential_read(document, &credential, &report), S_OK);
    struct db *db = store_read_begin(fixture->kit.store);
    assert_true(revocation_find(db, &fixture->kit.identity.node, &credential.uuid, &revocation));
    store_read_end(fixture->kit.store, db);
    assert_string_equal(revocation.reason, "in error");
    json_t *list = credential_status_list(&fixture->issuer, &revocation.list, KIT_NOW_S * 1000LL);
    const char *encoded =
        json_string_value(json_object_get(json_object_get(list, "credentialSubject"), "encodedList"));
    assert_true(status_list_decode(encoded, bits));
    assert_true(status_list_get(bits, (uint32_t)credential.list_index));
    assert_false(status_list_get(bits, (uint32_t)credential.list_index + 1));
    json_decref(list);
    json_decref(document);
    issue_outcome_release(&first);
    issue_outcome_release(&second);
}

static void a_revocation_needs_its_number_and_a_plain_reason(void **state)
{
    struct fixture *fixture = *state;
    struct report report = {.status = S_OK};
    char reason[REVOCATION_REASON_MAX + 2];
    bool is_new;

    assert_int_equal(credential_revoke(&fixture->issuer, "p0", "x", 0, &is_new, &report), S_INVALID);
    assert_int_equal(
        credential_revoke(&fixture->issuer, "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "x", 0, &is_new, &report),
        S_NOT_FOUND);
    memset(reason, 'x', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    assert_int_equal(credential_revoke(&fixture->issuer, "1b4e28ba-2fa1-41d2-883f-0016d3cca427", reason, 0,
                                       &is_new, &report),
                     S_INVALID);
}

static void an_erased_person_leaves_the_rows(void **state)
{
    struct fixture *fixture = *state;
    struct issue_outcome outcome;
    struct report report;
    int64_t events;
    bool is_new;

    assert_int_equal(issue(fixture, "p2", &outcome, &report), S_OK);
    assert_int_equal(person_erase(fixture->kit.store, &fixture->kit.federation, bytes_text("p2"), &events, &report), S_OK);
    assert_int_equal(credential_revoke(&fixture->issuer, (const char *)outcome.uuid.data, "left",
                                       KIT_NOW_S * 1000LL, &is_new, &report),
                     S_OK);
    assert_true(is_new);
    issue_outcome_release(&outcome);
}

static void the_list_has_a_url_when_the_node_has_one(void **state)
{
    struct fixture *fixture = *state;
    char name[CREDENTIAL_LIST_MAX];
    struct id list = {{1}};

    credential_list_name(&fixture->config, &list, name);
    assert_string_equal(name, "urn:uuid:01000000-0000-0000-0000-000000000000");
    strcpy(fixture->config.public_url, "https://badges.example.org");
    credential_list_name(&fixture->config, &list, name);
    assert_string_equal(name,
                        "https://badges.example.org/verify/status/01000000-0000-0000-0000-000000000000");
    memset(fixture->config.public_url, 'x', sizeof fixture->config.public_url - 1);
    credential_list_name(&fixture->config, &list, name);
    assert_memory_equal(name, "urn:", 4);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_is_issued_once_and_counted_once, setup, teardown),
        cmocka_unit_test_setup_teardown(the_score_is_that_of_the_completion, setup, teardown),
        cmocka_unit_test_setup_teardown(what_somebody_decided_by_hand_is_said_to_be_a_decision, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cohort_that_nobody_knows_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_person_gets_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revocation_is_a_row_a_cell_an_event_and_a_bit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revocation_needs_its_number_and_a_plain_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erased_person_leaves_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(the_list_has_a_url_when_the_node_has_one, setup, teardown),
    };
    return KIT_RUN(tests);
}
