#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_attempt.h"

#define OPEN "{\"core\":{\"lesson_status\":\"incomplete\",\"session_time\":\"00:01:00\"}}"
#define HALF "{\"core\":{\"lesson_status\":\"incomplete\",\"session_time\":\"00:02:00\"}}"
#define DONE "{\"core\":{\"lesson_status\":\"completed\",\"session_time\":\"00:03:00\"}}"

/* One commit of a history; they are played in every order. */
struct step {
    int launch;
    int64_t seq;
    const char *json;
};

static const struct step history[] = {{0, 1, OPEN}, {0, 2, HALF}, {0, 3, DONE}, {1, 1, OPEN}, {1, 2, HALF}};
enum { STEPS = sizeof history / sizeof *history };

static bool next_permutation(int order[STEPS])
{
    int i = STEPS - 2, j = STEPS - 1;

    while (i >= 0 && order[i] > order[i + 1]) {
        i--;
    }
    if (i < 0) {
        return false;
    }
    while (order[j] < order[i]) {
        j--;
    }
    int swap = order[i];
    order[i] = order[j];
    order[j] = swap;
    for (int a = i + 1, b = STEPS - 1; a < b; a++, b--) {
        swap = order[a];
        order[a] = order[b];
        order[b] = swap;
    }
    return true;
}

static void every_order_of_commits_ends_the_same(void **state)
{
    int order[STEPS] = {0, 1, 2, 3, 4};
    char left[KIT_STATE_SIZE];
    (void)state;

    for (bool is_more = true; is_more; is_more = next_permutation(order)) {
        struct kit_attempt kit;
        kit_attempt_open(&kit);
        int64_t launches[2] = {kit_launch(&kit, "lesson", KIT_MS, NULL),
                               kit_launch(&kit, "lesson", KIT_MS + 5000, NULL)};
        for (int i = 0; i < STEPS; i++) {
            const struct step *step = &history[order[i]];
            assert_int_equal(kit_commit(&kit, launches[step->launch], step->seq, step->json, NULL), S_OK);
            assert_int_equal(kit_commit(&kit, launches[step->launch], step->seq, OPEN, NULL),
                             S_OK); /* a replay that lies */
        }
        struct registration_row row = kit_registration(&kit);
        assert_int_equal(row.seconds, 180 + 120);
        assert_int_equal(row.progress, 5000);
        kit_launch(&kit, "lesson", KIT_MS + 9000, left);
        assert_string_equal(left, HALF); /* of the launch that was opened last */
        kit_attempt_close(&kit);
    }
}

static void said(struct kit_attempt *kit, int64_t launch, int64_t at_ms, enum cmi_answer work, const char *json)
{
    struct launch_commit commit = {.launch = launch, .person = kit->person, .seq = at_ms - KIT_MS, .state = bytes_text(json), .work = work, .now_ms = at_ms};

    assert_int_equal(store_write_wait(kit->kit.store, launch_commit_run, &commit), S_OK);
}

static void expect_left(struct kit_attempt *kit, int64_t now_ms, const char *wanted)
{
    char left[KIT_STATE_SIZE];

    kit_launch(kit, "lesson", now_ms, left);
    assert_string_equal(left, wanted);
}

static void who_has_a_course_open_twice_goes_on_from_where_they_worked_last(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    int64_t phone = kit_launch(&kit, "lesson", KIT_MS, NULL);
    said(&kit, phone, KIT_MS + 1000, CMI_YES, "3");
    int64_t desk = kit_launch(&kit, "lesson", KIT_MS + 2000, NULL);
    said(&kit, desk, KIT_MS + 3000, CMI_YES, "4");
    said(&kit, phone, KIT_MS + 4000, CMI_NO, "3"); /* it only lay there, and tells its time */
    expect_left(&kit, KIT_MS + 5000, "4");
    said(&kit, phone, KIT_MS + 6000, CMI_YES, "9");
    said(&kit, desk, KIT_MS + 7000, CMI_NO, "4");
    expect_left(&kit, KIT_MS + 8000, "9");
    said(&kit, desk, KIT_MS + 9000, CMI_UNKNOWN, "5"); /* a player that says nothing of it: the later launch has it */
    said(&kit, phone, KIT_MS + 10000, CMI_UNKNOWN, "6");
    expect_left(&kit, KIT_MS + 11000, "5");
    struct launch_commit late = {.launch = phone, .person = kit.person, .seq = 20000, .state = bytes_text("8"), .work = CMI_YES,
                                 .at_ms = KIT_MS + 8500, .now_ms = KIT_MS + 12000}; /* of a phone that had no link */
    assert_int_equal(store_write_wait(kit.kit.store, launch_commit_run, &late), S_OK);
    expect_left(&kit, KIT_MS + 13000, "5");
    kit_attempt_close(&kit);
}

static void another_persons_launch_is_not_found(void **state)
{
    struct launch_commit commit = {.seq = 1, .now_ms = KIT_MS};
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    commit.launch = kit_launch(&kit, "lesson", KIT_MS, NULL);
    commit.person = kit.person + 1;
    assert_int_equal(store_write_wait(kit.kit.store, launch_commit_run, &commit), S_NOT_FOUND);
    commit.person = kit.person;
    commit.launch++;
    assert_int_equal(store_write_wait(kit.kit.store, launch_commit_run, &commit), S_NOT_FOUND);
    kit_attempt_close(&kit);
}

/* Somebody is about to open "soil". */
static struct launch_open opening_begin(struct kit_attempt *kit, struct arena *arena)
{
    kit_attempt_open(kit);
    arena_init(arena, 1 << 20);
    return (struct launch_open){
        .attempts = &kit->attempts, .arena = arena, .person = kit->person, .course = bytes_text("soil"), .now_ms = KIT_MS};
}

static void an_unknown_item_or_course_is_not_found(void **state)
{
    struct kit_attempt kit;
    struct arena arena;
    (void)state;

    struct launch_open open = opening_begin(&kit, &arena);
    open.item = bytes_text("part");
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open),
                     S_NOT_FOUND); /* a heading opens nothing */
    open.item = bytes_text("");
    open.course = bytes_text("water");
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_NOT_FOUND);
    assert_non_null(strstr(open.report.text, "water"));
    arena_release(&arena);
    kit_attempt_close(&kit);
}

/* As a cohort's trainer does it: open->registration is set. */
static enum status enrol_run(struct db *db, void *arg)
{
    struct launch_open *open = arg;
    const struct registration_wish wish = {
        .person = open->person, .course = open->course, .cohort = open->cohort, .now_ms = open->now_ms};

    return registration_open(db, &wish, &open->registration);
}

static void nobody_opens_a_course_in_a_cohort_of_others(void **state)
{
    struct kit_attempt kit;
    struct arena arena;
    (void)state;

    struct launch_open open = opening_begin(&kit, &arena);
    open.cohort = bytes_text("autumn");
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_NOT_FOUND);
    assert_string_equal(open.report.text, "You are in no cohort \"autumn\" of the course \"soil\": who runs the cohort adds you.");
    report_clear(&open.report);
    open.person = kit.person + 1;
    assert_int_equal(store_write_wait(kit.kit.store, enrol_run, &open), S_OK);
    open.person = kit.person;
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_NOT_FOUND);
    assert_int_equal(store_write_wait(kit.kit.store, enrol_run, &open), S_OK);
    report_clear(&open.report);
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_OK);
    assert_string_equal(open.registration.cohort, "autumn");
    arena_release(&arena);
    kit_attempt_close(&kit);
}

static void enrolled(struct kit_attempt *kit, const char *cohort)
{
    struct launch_open open = {.person = kit->person, .course = bytes_text("soil"), .cohort = bytes_text(cohort), .now_ms = KIT_MS};

    assert_int_equal(store_write_wait(kit->kit.store, enrol_run, &open), S_OK);
}

static void who_is_put_into_a_cohort_goes_on_where_they_were(void **state)
{
    char left[KIT_STATE_SIZE];
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    assert_int_equal(kit_commit(&kit, kit_launch(&kit, "lesson", KIT_MS, NULL), 1, HALF, NULL), S_OK); /* alone */
    enrolled(&kit, "autumn");
    int64_t lesson = kit_launch(&kit, "lesson", KIT_MS + 1000, left);
    assert_string_equal(left, HALF);
    assert_int_equal(kit_commit(&kit, lesson, 1, DONE, NULL), S_OK);
    kit_launch(&kit, "quiz", KIT_MS + 2000, left);
    assert_string_equal(left, "");
    enrolled(&kit, "spring");
    kit_launch(&kit, "lesson", KIT_MS + 3000, left);
    assert_string_equal(left, DONE); /* of the latest */
    kit_attempt_close(&kit);
}

static void a_course_that_was_completed_begins_anew_in_the_next_cohort(void **state)
{
    static const char passed[] = "{\"core\":{\"lesson_status\":\"passed\",\"score\":{\"raw\":\"90\"}}}";
    char left[KIT_STATE_SIZE];
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    enrolled(&kit, "spring");
    assert_int_equal(kit_commit(&kit, kit_launch(&kit, "lesson", KIT_MS, NULL), 1, HALF, NULL), S_OK);
    enrolled(&kit, "");
    assert_int_equal(kit_commit(&kit, kit_launch(&kit, "lesson", KIT_MS, NULL), 1, DONE, NULL), S_OK);
    assert_int_equal(kit_commit(&kit, kit_launch(&kit, "quiz", KIT_MS, NULL), 1, passed, NULL), S_OK);
    kit_launch(&kit, "link", KIT_MS, NULL);
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_COMPLETED);
    enrolled(&kit, "autumn");
    kit_launch(&kit, "lesson", KIT_MS + 1000, left);
    assert_string_equal(left, "");
    kit_attempt_close(&kit);
}

static void the_name_of_a_cohort_has_its_bound(void **state)
{
    char longest[REGISTRATION_COHORT_MAX + 1];
    struct kit_attempt kit;
    struct arena arena;
    (void)state;

    memset(longest, 'c', sizeof longest);
    struct launch_open open = opening_begin(&kit, &arena);
    open.cohort = bytes_of(longest, sizeof longest);
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_TOO_LARGE);
    assert_string_equal(open.report.text, "The name of a cohort has at most 128 bytes.");
    report_clear(&open.report);
    open.cohort.size--;
    assert_int_equal(store_write_wait(kit.kit.store, enrol_run, &open), S_OK);
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_OK);
    assert_true(bytes_equal(bytes_text(open.registration.cohort), open.cohort));
    arena_release(&arena);
    kit_attempt_close(&kit);
}

static void a_token_serves_until_the_launch_ends(void **state)
{
    struct kit_attempt kit;
    struct launch_row row;
    struct arena arena;
    (void)state;

    kit_attempt_open(&kit);
    arena_init(&arena, 1 << 20);
    struct launch_open open = {.attempts = &kit.attempts,
                               .arena = &arena,
                               .person = kit.person,
                               .course = bytes_text("soil"),
                               .now_ms = KIT_MS};
    assert_int_equal(store_write_wait(kit.kit.store, launch_open_run, &open), S_OK);
    struct db *db = store_read_begin(kit.kit.store);
    assert_true(launch_token_find(db, open.token, KIT_MS + LAUNCH_LIFE_MS - 1, 0, &row));
    assert_int_equal(row.course, kit.course);
    assert_false(launch_token_find(db, open.token, KIT_MS + LAUNCH_LIFE_MS, 0, &row));
    assert_false(launch_token_find(db, "", KIT_MS, 0, &row));
    store_read_end(kit.kit.store, db);
    struct launch_commit commit = {
        .launch = open.row.id, .person = kit.person, .now_ms = KIT_MS + 1000, .is_end = true};
    commit.result = (struct cmi_result){.score = CMI_NONE, .progress = CMI_NONE, .seconds = CMI_NONE};
    assert_int_equal(store_write_wait(kit.kit.store, launch_commit_run, &commit), S_OK);
    db = store_read_begin(kit.kit.store);
    assert_false(launch_token_find(db, open.token, KIT_MS + 1000, 0, &row));
    assert_true(launch_token_find(db, open.token, KIT_MS + 1000, LAUNCH_GRACE_MS, &row));
    store_read_end(kit.kit.store, db);
    arena_release(&arena);
    kit_attempt_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_commits_ends_the_same),
        cmocka_unit_test(who_has_a_course_open_twice_goes_on_from_where_they_worked_last),
        cmocka_unit_test(another_persons_launch_is_not_found),
        cmocka_unit_test(an_unknown_item_or_course_is_not_found),
        cmocka_unit_test(nobody_opens_a_course_in_a_cohort_of_others),
        cmocka_unit_test(who_is_put_into_a_cohort_goes_on_where_they_were),
        cmocka_unit_test(a_course_that_was_completed_begins_anew_in_the_next_cohort),
        cmocka_unit_test(the_name_of_a_cohort_has_its_bound),
        cmocka_unit_test(a_token_serves_until_the_launch_ends),
    };
    return KIT_RUN(tests);
}
