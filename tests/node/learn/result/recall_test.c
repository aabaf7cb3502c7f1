/* What was counted here and comes back as counted before is counted once; with real nodes: tests/system/again.sh. */
#include "node/learn/result/recall.h"

#include <stdio.h>
#include <string.h>

#include "node/learn/attempt/fact.h"
#include "node/learn/person/duplicate.h"
#include "node/store/operation/act.h"
#include "node/store/people/duplicate.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/share.h"
#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"
#include "tests/kit/stream_writer.h"

#define HEADER "event_id,person,course,kind,at,score,minutes\n"
#define ROW1 "e1,p0,c,completed,2026-10-01,80.5,12\n"
#define ROW2 "e2,p1,c,enrolled,2026-10-02,,\n"

enum { TURNS = 2 /* it may be put out again */ };

struct fixture {
    struct kit_store kit;
    struct stream_writer lost; /* the life before the loss, as a peer holds it */
    struct result_keys keys;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_store_open(&fixture->kit);
    result_keys_init(&fixture->keys, &fixture->kit.federation);
    stream_writer_init(&fixture->lost, &fixture->kit.federation.id, 9, TOPIC_RESULTS);
    fixture->lost.identity = fixture->kit.identity;
    fixture->lost.head.stream.node = fixture->kit.identity.node;
    fixture->lost.key = lthash_key(&fixture->kit.federation.id, &fixture->lost.head.stream);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_release(&fixture->lost);
    kit_store_close(&fixture->kit);
    test_free(fixture);
    return 0;
}

/* The lost life had counted this event once, as completed. */
static void lost_counted(struct fixture *fixture, const char *id)
{
    uint64_t fingerprint = known_fingerprint(result_event_hash(&fixture->keys, bytes_text(id)));
    struct buffer value;
    uint8_t content[6];

    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)(fingerprint >> (8 * i));
    }
    buffer_init(&value);
    cell_value_register(&value, 0, bytes_of(content, sizeof content));
    stream_writer_put(&fixture->lost, bytes_text("ids\x1f" "0a0b0c0d\x1f" "e1"), buffer_bytes(&value));
    buffer_clear(&value);
    cell_value_number(&value, CELL_COUNT, 1);
    stream_writer_put(&fixture->lost, bytes_text("r\x1f" "c\x1f\x1f\x1f\x1f" "learner\x1f" "female\x1f" "2026-10\x1f" "completed"), buffer_bytes(&value));
    buffer_release(&value);
}

static enum status apply_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct certificate certificate = stream_writer_certify(&fixture->lost);
    struct buffer body;

    buffer_init(&body);
    stream_writer_body(&fixture->lost, 0, certificate.head.seq, &certificate, &body);
    enum status status = stream_apply_body(db, &fixture->kit.federation.id, &fixture->lost.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    return status == S_OK ? recall_moved(db, &fixture->lost.head.stream) : status;
}

static void results(struct fixture *fixture, const char *text, uint64_t durable, uint64_t duplicate)
{
    struct result_outcome outcome;

    assert_int_equal(kit_results(&fixture->kit, text, &outcome), S_OK);
    assert_int_equal(outcome.durable, durable);
    assert_int_equal(outcome.duplicate, duplicate);
    result_outcome_release(&outcome);
}

static void imported_before_it_comes_back(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 2);
    results(fixture, HEADER ROW1 ROW2, 2, 0);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    lost_counted(fixture, "e1");
    assert_int_equal(store_write_wait(fixture->kit.store, apply_run, fixture), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 0); /* those that the lost life counted are its own */
    assert_int_equal(kit_total(&fixture->kit, METRIC_SCORE), 0);
    results(fixture, HEADER ROW1 ROW2, 0, 2);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
}

static void imported_after_it_came_back(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 2);
    lost_counted(fixture, "e1");
    assert_int_equal(store_write_wait(fixture->kit.store, apply_run, fixture), S_OK);
    results(fixture, HEADER ROW1 ROW2, 1, 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    results(fixture, HEADER ROW1 ROW2, 0, 2);
    kit_store_reopen(&fixture->kit);
    results(fixture, HEADER ROW1 ROW2, 0, 2);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
}

static enum status anew_run(struct db *db, void *arg)
{
    struct stream_id *before = arg;

    before->topic = TOPIC_RESULTS;
    assert_int_equal(own_incarnation(db, &before->incarnation), S_OK);
    assert_int_equal(own_renew(db), S_OK);
    return recall_anew(db);
}

/* What was heard of the former ones comes back. */
static enum status heard_run(struct db *db, void *arg)
{
    struct stream_id *before = arg;

    for (int turn = 0; turn < TURNS && before[turn].topic == TOPIC_RESULTS; turn++) {
        assert_int_equal(known_recover(db, &before[turn]), S_OK);
    }
    return recall_settle(db);
}

static void all_counts_anew_until_what_was_heard_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct stream_id before[TURNS] = {{.node = fixture->kit.identity.node}, {.node = fixture->kit.identity.node}};

    kit_people_make(&fixture->kit, 2);
    results(fixture, HEADER ROW1 ROW2, 2, 0);
    for (int turn = 0; turn < TURNS; turn++) {
        assert_int_equal(store_write_wait(fixture->kit.store, anew_run, &before[turn]), S_OK);
        assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 2); /* the former node's streams are still here */
        assert_int_equal(kit_total(&fixture->kit, METRIC_REGISTERED), 4);
        results(fixture, HEADER ROW1 ROW2, 0, 2);
        assert_int_equal(store_write_wait(fixture->kit.store, heard_run, before), S_OK);
        assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
        assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 1);
        assert_int_equal(kit_total(&fixture->kit, METRIC_REGISTERED), 2);
        assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 1200);
    }
}

static enum status follow_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;

    assert_int_equal(known_follow(db, &fixture->lost.head.stream.node), S_OK);
    return recall_settle(db);
}

/* Whom the former node followed, the new one follows too. */
static void what_a_followed_node_counted_is_not_counted_anew(void **state)
{
    struct fixture *fixture = *state;
    struct stream_id before;

    kit_people_make(&fixture->kit, 2);
    stream_writer_release(&fixture->lost);
    stream_writer_init(&fixture->lost, &fixture->kit.federation.id, 9, TOPIC_RESULTS);
    lost_counted(fixture, "e1");
    assert_int_equal(store_write_wait(fixture->kit.store, apply_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->kit.store, follow_run, fixture), S_OK);
    results(fixture, HEADER ROW1 ROW2, 1, 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(store_write_wait(fixture->kit.store, anew_run, &before), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 2); /* the former node's streams are still here */
}

/* --- attendance: how much it was comes back, too --- */

struct saying {
    struct kit_store *kit;
    enum event_kind kind;
    int64_t minutes; /* -1: was not there */
    char id[FACT_ID_SIZE];
};

static enum status say_run(struct db *db, void *arg)
{
    struct saying *saying = arg;
    struct facts *facts = facts_new(&saying->kit->federation);
    const struct fact fact = {.id = saying->id,
                              .person = 1,
                              .person_id = bytes_text("p0"),
                              .dims = {.course = bytes_text("c"), .lang = bytes_text(""), .version = bytes_text(""), .cohort = bytes_text("")},
                              .kind = saying->kind,
                              .at_ms = KIT_NOW_S * 1000LL,
                              .score = EVENT_NO_SCORE,
                              .minutes = saying->minutes,
                              .is_decided = true};

    fact_id(facts, saying->kind, bytes_text("monday"), saying->id);
    enum status status = saying->minutes < 0 ? fact_drop(facts, db, &fact) : fact_put(facts, db, &fact);
    status = status == S_OK ? facts_flush(facts, db) : status;
    facts_free(facts);
    return status;
}

static void say(struct kit_store *kit, int64_t minutes)
{
    struct saying saying = {.kit = kit, .kind = EVENT_ATTENDED, .minutes = minutes};

    assert_int_equal(store_write_wait(kit->store, say_run, &saying), S_OK);
}

static void counts(struct kit_store *kit, int64_t attended, int64_t minutes)
{
    assert_int_equal(kit_total(kit, METRIC_ATTENDED), attended);
    assert_int_equal(kit_total(kit, METRIC_MINUTES), minutes);
}

/* Versions before knew it as an event with a fingerprint, as an imported one is. */
static void say_as_before(struct kit_store *kit, const char *minutes)
{
    struct facts *facts = facts_new(&kit->federation);
    char id[FACT_ID_SIZE], text[256];
    struct result_outcome outcome;

    fact_id(facts, EVENT_ATTENDED, bytes_text("monday"), id);
    facts_free(facts);
    snprintf(text, sizeof text, HEADER "%s,p0,c,attended,2026-10-05T12:30:45Z,,%s\n", id, minutes);
    assert_int_equal(kit_results(kit, text, &outcome), S_OK);
    result_outcome_release(&outcome);
}

static enum status cell_lose(void *ctx, const struct cell *cell)
{
    struct fixture *fixture = ctx;

    stream_writer_put(&fixture->lost, cell->key, cell->value);
    return S_OK;
}

static enum status cells_run(struct db *db, void *arg)
{
    return share_cells_each(db, cell_lose, arg);
}

/* A life of the same node says so, as versions before did first (or NULL), and is lost but for its streams. */
static void lost_says(struct fixture *fixture, const char *as_before, int64_t minutes)
{
    struct kit_store kit;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    if (as_before) {
        say_as_before(&kit, as_before);
    }
    if (minutes >= 0) {
        say(&kit, minutes);
    }
    assert_int_equal(store_write_wait(kit.store, cells_run, fixture), S_OK);
    kit_store_close(&kit);
}

static void comes_back(struct fixture *fixture)
{
    assert_int_equal(store_write_wait(fixture->kit.store, apply_run, fixture), S_OK);
}

static void an_attendance_said_otherwise_after_it_came_back_counts_as_said_last(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, NULL, 1800);
    comes_back(fixture);
    counts(&fixture->kit, 1, 1800);
    say(&fixture->kit, 18000);
    counts(&fixture->kit, 1, 18000);
    say(&fixture->kit, 17000);
    counts(&fixture->kit, 1, 17000);
    say(&fixture->kit, -1);
    counts(&fixture->kit, 0, 0);
}

static void an_attendance_said_otherwise_before_it_comes_back_counts_once(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, NULL, 1800);
    say(&fixture->kit, 18000);
    comes_back(fixture);
    counts(&fixture->kit, 1, 18000);
    say(&fixture->kit, 17000);
    counts(&fixture->kit, 1, 17000);
    say(&fixture->kit, -1);
    counts(&fixture->kit, 0, 0);
}

static void an_attendance_of_which_only_the_fingerprint_came_back_stands_as_it_is(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, "18", -1);
    comes_back(fixture);
    for (int64_t minutes = 18000; minutes > 15000; minutes -= 1000) {
        say(&fixture->kit, minutes);
        counts(&fixture->kit, 1, 1800);
    }
    say(&fixture->kit, -1);
    counts(&fixture->kit, 1, 1800);
}

static void an_attendance_said_before_its_fingerprint_alone_comes_back_counts_as_it_did(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, "18", -1);
    say(&fixture->kit, 18000);
    comes_back(fixture);
    counts(&fixture->kit, 1, 1800);
    say(&fixture->kit, 17000);
    say(&fixture->kit, -1);
    counts(&fixture->kit, 1, 1800);
}

static void an_attendance_of_versions_before_has_a_share_from_when_it_is_revised(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, "18.01", 18000); /* figures keep hundredths, shares seconds */
    comes_back(fixture);
    counts(&fixture->kit, 1, 18000);
    say(&fixture->kit, 17000);
    counts(&fixture->kit, 1, 17000);
    say(&fixture->kit, -1);
    counts(&fixture->kit, 0, 0);
    say(&fixture->kit, 1600);
    counts(&fixture->kit, 1, 1600);
}

static void an_attendance_of_versions_before_that_two_lives_revised_counts_once(void **state)
{
    struct fixture *fixture = *state;

    kit_people_make(&fixture->kit, 1);
    lost_says(fixture, "18", 17000);
    say_as_before(&fixture->kit, "18");
    say(&fixture->kit, 16000);
    counts(&fixture->kit, 1, 16000);
    comes_back(fixture);
    counts(&fixture->kit, 1, 17000);
    say(&fixture->kit, 15000);
    counts(&fixture->kit, 1, 15000);
    say(&fixture->kit, -1);
    counts(&fixture->kit, 0, 0);
}

/* --- a copy --- */

static enum status leave_run(struct db *db, void *arg)
{
    (void)arg;
    assert_int_equal(own_renew(db), S_OK);
    return known_leave(db);
}

/* A copy with a key of its own is put out, and goes on as a third node. */
static void what_another_goes_on_with_is_not_counted_anew(void **state)
{
    struct fixture *fixture = *state;
    struct stream_id before;

    kit_people_make(&fixture->kit, 2);
    results(fixture, HEADER ROW1, 1, 0);
    assert_int_equal(store_write_wait(fixture->kit.store, leave_run, NULL), S_OK);
    results(fixture, HEADER ROW1 ROW2, 1, 1);
    assert_int_equal(store_write_wait(fixture->kit.store, anew_run, &before), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 2); /* all former streams are still here */
    assert_int_equal(kit_total(&fixture->kit, METRIC_REGISTERED), 2);
}

/* By a program that did not note what the copy left: rather nothing than twice. */
static enum status unnoted_run(struct db *db, void *arg)
{
    (void)arg;
    assert_int_equal(own_renew(db), S_OK);
    return act_decided(db, "rekeyed", "hub", "copy");
}

static void of_a_copy_of_before_nothing_is_counted_anew(void **state)
{
    struct fixture *fixture = *state;
    struct stream_id before;

    kit_people_make(&fixture->kit, 2);
    results(fixture, HEADER ROW1 ROW2, 2, 0);
    assert_int_equal(store_write_wait(fixture->kit.store, unnoted_run, NULL), S_OK);
    assert_int_equal(store_write_wait(fixture->kit.store, anew_run, &before), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
}

/* --- people who were merged --- */

static void registered(struct kit_store *kit, int64_t count)
{
    assert_int_equal(kit_total(kit, METRIC_REGISTERED), count);
}

static void merge(struct kit_store *kit, const char *kept, const char *merged)
{
    assert_int_equal(duplicate_merge(kit->store, bytes_text(kept), bytes_text(merged), NULL), S_OK);
}

static void part(struct kit_store *kit)
{
    assert_int_equal(duplicate_part(kit->store, bytes_text("p1"), NULL), S_OK);
}

static void erase(struct kit_store *kit, const char *person)
{
    int64_t events;

    assert_int_equal(person_erase(kit->store, &kit->federation, bytes_text(person), &events, NULL), S_OK);
}

/* The life before the loss counted four, of whom p1 was merged into p0. */
static void lost_merged(struct fixture *fixture)
{
    struct kit_store kit;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    merge(&kit, "p0", "p1");
    assert_int_equal(store_write_wait(kit.store, cells_run, fixture), S_OK);
    kit_store_close(&kit);
}

/* One step of what is done after the loss; how many are registered then. */
static int64_t step(struct kit_store *kit, int number)
{
    switch (number) {
    case 0:
        kit_people_make(kit, 4);
        return 4;
    case 1:
        merge(kit, "p0", "p1");
        return 3;
    case 2:
        part(kit);
        return 4;
    case 3:
        merge(kit, "p1", "p0"); /* the other way round */
        return 3;
    case 4:
        erase(kit, "p3");
        return 2;
    case 5:
        erase(kit, "p0"); /* means p1: both go */
        return 1;
    }
    return -1;
}

static void a_merge_that_comes_back_at_any_moment_takes_nobody_off_twice(void **unused)
{
    enum { STEPS = 6, ERASURE = 4 }; /* of who was erased here before nobody knows any more as what they are counted there */
    (void)unused;

    for (int moment = 0; moment <= ERASURE; moment++) {
        void *state;
        setup(&state);
        struct fixture *fixture = state;
        int64_t count = 3;
        lost_merged(fixture);
        for (int at = 0; at < STEPS; at++) {
            if (at == moment) {
                comes_back(fixture);
                registered(&fixture->kit, count);
            }
            count = step(&fixture->kit, at);
            registered(&fixture->kit, count);
        }
        teardown(&state);
    }
}

/* p1 was merged here, as a program before did, which took them off under no id. */
static enum status merge_as_before(struct db *db, void *unused)
{
    const struct person nobody = {.gender = 1};
    (void)unused;

    assert_int_equal(duplicate_set(db, 2, 1), S_OK);
    return person_registered(db, &nobody, -1);
}

static void who_was_merged_is_not_counted_anew(void **state)
{
    struct fixture *fixture = *state;
    struct stream_id before[TURNS] = {{.node = fixture->kit.identity.node}, {.node = fixture->kit.identity.node}};
    struct person_outcome outcome;

    kit_people_make(&fixture->kit, 3);
    erase(&fixture->kit, "p2"); /* whose row another one gets */
    assert_int_equal(kit_people(&fixture->kit, "id,name,gender,role\nq,Q,female,learner\n", false, &outcome), S_OK);
    person_outcome_release(&outcome);
    for (int turn = 0; turn < TURNS; turn++) {
        if (turn == 0) {
            merge(&fixture->kit, "p0", "p1");
        } else {
            part(&fixture->kit);
            registered(&fixture->kit, 3);
            assert_int_equal(store_write_wait(fixture->kit.store, merge_as_before, NULL), S_OK);
        }
        registered(&fixture->kit, 2);
        assert_int_equal(store_write_wait(fixture->kit.store, anew_run, &before[turn]), S_OK);
        registered(&fixture->kit, 4); /* the former node's streams are still here */
        assert_int_equal(store_write_wait(fixture->kit.store, heard_run, before), S_OK);
        registered(&fixture->kit, 2);
    }
    part(&fixture->kit);
    registered(&fixture->kit, 3);
}

/* --- facts that are true or not --- */

static void tell(struct kit_store *kit, bool is_true)
{
    struct saying saying = {.kit = kit, .kind = EVENT_STARTED, .minutes = is_true ? 0 : -1};

    assert_int_equal(store_write_wait(kit->store, say_run, &saying), S_OK);
    assert_int_equal(kit_total(kit, METRIC_STARTED), is_true);
}

static void what_is_not_true_here_and_comes_back_as_counted_counts_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct kit_store lost;

    kit_store_open(&lost);
    kit_people_make(&lost, 1);
    tell(&lost, true);
    assert_int_equal(store_write_wait(lost.store, cells_run, fixture), S_OK);
    kit_store_close(&lost);
    kit_people_make(&fixture->kit, 1);
    tell(&fixture->kit, true);
    tell(&fixture->kit, false);
    comes_back(fixture);
    assert_int_equal(kit_total(&fixture->kit, METRIC_STARTED), 0);
    tell(&fixture->kit, true);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(imported_before_it_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(imported_after_it_came_back, setup, teardown),
        cmocka_unit_test_setup_teardown(all_counts_anew_until_what_was_heard_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_followed_node_counted_is_not_counted_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_said_otherwise_after_it_came_back_counts_as_said_last, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_said_otherwise_before_it_comes_back_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_of_which_only_the_fingerprint_came_back_stands_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_said_before_its_fingerprint_alone_comes_back_counts_as_it_did, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_of_versions_before_has_a_share_from_when_it_is_revised, setup, teardown),
        cmocka_unit_test_setup_teardown(an_attendance_of_versions_before_that_two_lives_revised_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_another_goes_on_with_is_not_counted_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_copy_of_before_nothing_is_counted_anew, setup, teardown),
        cmocka_unit_test(a_merge_that_comes_back_at_any_moment_takes_nobody_off_twice),
        cmocka_unit_test_setup_teardown(what_is_not_true_here_and_comes_back_as_counted_counts_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_merged_is_not_counted_anew, setup, teardown),
    };
    return KIT_RUN(tests);
}
