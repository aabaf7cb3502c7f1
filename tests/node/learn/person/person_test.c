#include <stdlib.h>
#include <string.h>

#include "node/learn/person/password.h"
#include "node/lrs/lrs.h"
#include "node/store/people/record.h"
#include "replication/base/limits.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"
#include "tests/kit/kit_results.h"

static int setup(void **state)
{
    struct kit_store *kit = test_calloc(1, sizeof *kit);

    kit_store_open(kit);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_store_close(*state);
    test_free(*state);
    return 0;
}

static void expect(struct kit_store *kit, const char *csv, uint64_t added, uint64_t updated,
                   uint64_t unchanged, uint64_t refused)
{
    struct person_outcome outcome;
    enum status status = kit_people(kit, csv, false, &outcome);

    assert_int_equal(status, refused ? S_PARTIAL : S_OK);
    assert_int_equal(outcome.added, added);
    assert_int_equal(outcome.updated, updated);
    assert_int_equal(outcome.unchanged, unchanged);
    assert_int_equal(outcome.refusals.total, refused);
    person_outcome_release(&outcome);
}

static void the_same_file_again_changes_nothing(void **state)
{
    static const char csv[] =
        "id,name,gender,role,institution\n1,فاطمة,female,,جامعة\n2,张伟,male,trainer,\n3,Айгүл,,,\n";
    struct kit_store *kit = *state;

    expect(kit, csv, 3, 0, 0, 0);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 3);
    struct hash digest = kit_results_digest(kit);
    expect(kit, csv, 0, 0, 3, 0);
    struct hash again = kit_results_digest(kit);
    assert_true(hash_equal(&digest, &again));
}

/* Registered people of one role and gender. */
static int64_t registered(struct kit_store *kit, const char *role, const char *gender)
{
    struct stats_result result;
    int64_t number = 0;

    kit_stats(kit, "role,gender", &result);
    for (size_t i = 0; i < result.count; i++) {
        if (strcmp(result.rows[i].by[0], role) == 0 && strcmp(result.rows[i].by[1], gender) == 0) {
            number += result.rows[i].number[METRIC_REGISTERED];
        }
    }
    stats_release(&result);
    return number;
}

static void a_changed_row_moves_the_person_between_figures(void **state)
{
    struct kit_store *kit = *state;

    expect(kit, "id,name,gender,role\n1,A,,learner\n2,B,male,learner\n", 2, 0, 0, 0);
    assert_int_equal(registered(kit, "learner", "not_asked"), 1);
    expect(kit, "id,name,gender,role\n1,A,female,facilitator\n2,B,male,learner\n", 0, 1, 1, 0);
    assert_int_equal(registered(kit, "learner", "not_asked"), 0);
    assert_int_equal(registered(kit, "facilitator", "female"), 1);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 2);
}

static void what_a_file_has_no_column_for_stays(void **state)
{
    struct kit_store *kit = *state;

    expect(kit, "id,name,gender,role,institution\n1,A,female,facilitator,Ain Shams\n", 1, 0, 0, 0);
    expect(kit, "id,name\n1,A\n", 0, 0, 1, 0);
    expect(kit, "id,name\n1,Anna\n", 0, 1, 0, 0);
    assert_int_equal(registered(kit, "facilitator", "female"), 1);
    expect(kit, "id,name,gender,role,institution\n1,Anna,female,facilitator,Ain Shams\n", 0, 0, 1, 0);
    expect(kit, "id,name,gender,role\n1,Anna,,\n", 0, 1, 0, 0); /* a column that is empty says so */
    assert_int_equal(registered(kit, "learner", "not_asked"), 1);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 1);
}

static void figures_stay_right_when_a_person_changes_in_another_life(void **state)
{
    struct kit_store *kit = *state;

    expect(kit, "id,name,gender\n1,A,female\n2,B,male\n", 2, 0, 0, 0);
    kit_store_reopen(kit);
    expect(kit, "id,name,gender\n1,A,other\n2,B,male\n", 0, 1, 1, 0);
    assert_int_equal(registered(kit, "learner", "female"), 0);
    assert_int_equal(registered(kit, "learner", "other"), 1);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 2);
}

static void good_rows_are_taken_beside_faulty_ones(void **state)
{
    expect(*state, "id,name,gender\n1,A,female\n,B,male\n3,C,frau\n4,\"D\n1,E,male\n", 1, 0, 0, 3);
    expect(*state, "id,name,gender\n1,A,female\n5,F,male\n5,F,male\n", 1, 0, 1, 1);
}

static void a_dry_run_tells_and_writes_nothing(void **state)
{
    struct kit_store *kit = *state;
    struct person_outcome outcome;

    expect(kit, "id,name\n1,A\n", 1, 0, 0, 0);
    assert_int_equal(kit_people(kit, "id,name,password\n1,B,\n2,C,12345678\n1,A,\n", true, &outcome),
                     S_PARTIAL);
    assert_int_equal(outcome.added, 1);
    assert_int_equal(outcome.updated, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_REPEATED].count, 1);
    person_outcome_release(&outcome);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 1);
}

static void nobody_makes_or_changes_people_above_their_own_role(void **state)
{
    static char text[] = "id,name,role,password\n1,A,administrator,other horse\n2,B,administrator,\n3,C,manager,\n4,D,learner,\n";
    struct kit_store *kit = *state;
    struct report report = {.status = S_OK};
    struct person_outcome outcome;
    struct person person;
    struct buffer texts = {0};

    expect(kit, "id,name,role\n1,A,administrator\n5,E,administrator\n", 2, 0, 0, 0);
    for (int dry = 1; dry >= 0; dry--) {
        FILE *in = fmemopen(text, strlen(text), "r");
        const struct person_import import = {
            .store = kit->store, .in = in, .now_ms = 1760000000000, .is_dry_run = dry, .is_limited = true, .role_max = ROLE_MANAGER};
        person_outcome_init(&outcome);
        report_clear(&report);
        assert_int_equal(person_import(&import, &outcome, &report), S_PARTIAL);
        assert_int_equal(outcome.added, 2);
        assert_int_equal(outcome.updated, 0);
        assert_int_equal(outcome.refusals.reason[REFUSAL_RANK].count, 2);
        assert_int_equal(outcome.refusals.reason[REFUSAL_RANK].examples[0].line, 2);
        person_outcome_release(&outcome);
        fclose(in);
    }
    char lower[] = "id,name,role\n5,E,learner\n"; /* nor takes somebody's higher role away */
    FILE *in = fmemopen(lower, strlen(lower), "r");
    const struct person_import import = {.store = kit->store, .in = in, .now_ms = 1760000000000, .is_limited = true, .role_max = ROLE_MANAGER};
    person_outcome_init(&outcome);
    report_clear(&report);
    assert_int_equal(person_import(&import, &outcome, &report), S_PARTIAL);
    person_outcome_release(&outcome);
    fclose(in);
    struct db *db = store_read_begin(kit->store);
    assert_true(person_find(db, bytes_text("5"), &texts, &person));
    assert_int_equal(person.role, ROLE_ADMINISTRATOR);
    assert_false(person_find(db, bytes_text("2"), &texts, &person));
    store_read_end(kit->store, db);
    buffer_release(&texts);
}

static void a_password_is_kept_as_a_hash_and_changes_only_when_it_does(void **state)
{
    struct kit_store *kit = *state;
    struct person person;
    struct buffer texts = {0};

    expect(kit, "id,name,password\n1,A,correct horse\n", 1, 0, 0, 0);
    expect(kit, "id,name,password\n1,A,correct horse\n", 0, 0, 1, 0);
    expect(kit, "id,name\n1,A\n", 0, 0, 1, 0);
    struct db *db = store_read_begin(kit->store);
    assert_true(person_find(db, bytes_text("1"), &texts, &person));
    char *hash = strndup((const char *)person.password.data, person.password.size);
    store_read_end(kit->store, db);
    assert_true(password_verify(bytes_text("correct horse"), hash));
    free(hash);
    buffer_release(&texts);
    expect(kit, "id,name,password\n1,A,another one\n", 0, 1, 0, 0);
}

static void registration_has_the_month_that_the_file_says(void **state)
{
    struct kit_store *kit = *state;
    struct stats_result result;

    expect(kit, "id,name,registered\n1,A,2025-03-01\n2,B,\n", 2, 0, 0, 0);
    kit_stats(kit, "period", &result);
    assert_int_equal(result.count, 2);
    assert_string_equal(result.rows[0].by[0], "2025-03");
    assert_string_equal(result.rows[1].by[0], "2026-10");
    stats_release(&result);
}

static void erasing_leaves_the_events_counted(void **state)
{
    struct kit_store *kit = *state;
    struct result_outcome outcome;
    struct report report;
    int64_t events = 0;

    expect(kit, "id,name,gender\n1,A,female\n2,B,male\n", 2, 0, 0, 0);
    kit_results(kit,
                "event_id,person,course,kind,at\ne1,1,c,enrolled,2026-10-05\ne2,1,c,completed,2026-10-06\n",
                &outcome);
    result_outcome_release(&outcome);
    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text("1"), &events, NULL), S_OK);
    assert_int_equal(events, 2);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 1);
    assert_int_equal(kit_total(kit, METRIC_COMPLETED), 1);
    report_clear(&report);
    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text("1"), &events, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "'1'"));
}

static enum status say_run(struct db *db, void *arg)
{
    const struct lrs *lrs = arg;
    struct buffer json;

    buffer_init(&json);
    buffer_append(&json, "{\"actor\":", 9);
    lrs_actor_write(lrs, bytes_text("1"), bytes_text("A"), &json);
    buffer_append(&json, ",\"verb\":{\"id\":\"http://v/\"},\"object\":{\"id\":\"http://a/\"}}", 55);
    enum status status = lrs_statement_say(lrs, db, NULL, buffer_bytes(&json), NULL);
    buffer_release(&json);
    return status;
}

static int64_t statements(struct kit_store *kit)
{
    struct db *db = store_read_begin(kit->store);
    int64_t count = record_count(db);

    store_read_end(kit->store, db);
    return count;
}

static void erasing_takes_the_statements_along(void **state)
{
    struct kit_store *kit = *state;
    int64_t events = 0;
    struct lrs lrs;

    expect(kit, "id,name,gender\n1,A,female\n2,B,male\n", 2, 0, 0, 0);
    lrs_init(&lrs, kit->store, &kit->identity);
    assert_int_equal(store_write_wait(kit->store, say_run, &lrs), S_OK);
    assert_int_equal(statements(kit), 1);
    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text("2"), &events, NULL), S_OK);
    assert_int_equal(statements(kit), 1);
    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text("1"), &events, NULL), S_OK);
    assert_int_equal(statements(kit), 0);
}

static void many_people_come_in_several_batches(void **state)
{
    struct kit_store *kit = *state;

    kit_people_make(kit, 4500);
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), 4500);
    assert_int_equal(registered(kit, "learner", "female"), 2250);
}

static uint64_t refused_as_full(struct kit_store *kit, const char *csv, bool is_dry_run, uint64_t added)
{
    struct person_outcome outcome;

    assert_int_equal(kit_people(kit, csv, is_dry_run, &outcome), S_PARTIAL);
    assert_int_equal(outcome.added, added);
    uint64_t count = outcome.refusals.reason[REFUSAL_FULL].count;
    assert_int_equal(outcome.refusals.total, count);
    person_outcome_release(&outcome);
    return count;
}

/* All but one are put there beside the store: the import itself would take minutes. */
static void a_node_takes_a_million_people_and_no_more(void **state)
{
    static const char two[] = "id,name\nlast,A\nbeyond,B\n";
    struct kit_store *kit = *state;
    int64_t events;
    char sql[400];

    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d - 1) "
             "INSERT INTO person (person, name, gender, role, institution, lang, registered_ms) SELECT printf ('q%%07d', i), 'Q', 0, 0, '', '', 0 FROM n",
             PEOPLE_MAX);
    kit_hub_sql(kit->dir, sql);
    assert_int_equal(refused_as_full(kit, two, true, 1), 1);
    assert_int_equal(refused_as_full(kit, two, false, 1), 1);
    assert_int_equal(refused_as_full(kit, "id,name\nbeyond,B\n", false, 0), 1);
    expect(kit, "id,name\nlast,C\n", 0, 1, 0, 0); /* who is here can be changed */
    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text("last"), &events, NULL), S_OK);
    expect(kit, "id,name\nbeyond,B\n", 1, 0, 0, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_file_again_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_row_moves_the_person_between_figures, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_file_has_no_column_for_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(figures_stay_right_when_a_person_changes_in_another_life, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(good_rows_are_taken_beside_faulty_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_tells_and_writes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_makes_or_changes_people_above_their_own_role, setup, teardown),
        cmocka_unit_test_setup_teardown(a_password_is_kept_as_a_hash_and_changes_only_when_it_does, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(registration_has_the_month_that_the_file_says, setup, teardown),
        cmocka_unit_test_setup_teardown(erasing_leaves_the_events_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(erasing_takes_the_statements_along, setup, teardown),
        cmocka_unit_test_setup_teardown(many_people_come_in_several_batches, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_takes_a_million_people_and_no_more, setup, teardown),
    };
    return KIT_RUN(tests);
}
