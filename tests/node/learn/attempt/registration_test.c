#include <stdio.h>
#include <string.h>

#include "node/learn/course/course.h"
#include "node/store/course/course_item.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_attempt.h"

static void quiz(struct kit_attempt *kit, const char *status, int score, int64_t now_ms)
{
    char json[160];

    snprintf(json, sizeof json, "{\"core\":{\"lesson_status\":\"%s\",\"score\":{\"raw\":\"%d\"}}}", status,
             score);
    assert_int_equal(kit_commit(kit, kit_launch(kit, "quiz", now_ms, NULL), 1, json, NULL), S_OK);
}

static void a_course_is_completed_when_all_that_counts_is_done(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    int64_t lesson = kit_launch(&kit, "", KIT_MS, NULL); /* the first one */
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_STARTED);
    assert_int_equal(kit_commit(&kit, lesson, 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).progress, 5000);
    quiz(&kit, "completed", 79, KIT_MS); /* 80 are needed */
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_STARTED);
    assert_int_equal(kit_registration(&kit).score, 7900);
    quiz(&kit, "incomplete", 80, KIT_MS + 60000);
    struct registration_row row = kit_registration(&kit);
    assert_int_equal(row.status, REGISTRATION_COMPLETED);
    assert_int_equal(row.score, 8000);
    assert_true(row.completed_ms > KIT_MS);
    quiz(&kit, "failed", 10, KIT_MS + 120000); /* a worse try takes nothing away */
    assert_int_equal(kit_registration(&kit).completed_ms, row.completed_ms);
    assert_int_equal(kit_registration(&kit).score, 8000);
    kit_attempt_close(&kit);
}

static enum status mark_run(struct db *db, void *arg)
{
    return registration_mark(db, arg);
}

static void a_mark_by_hand_goes_before_and_can_be_taken_back(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    kit_launch(&kit, "lesson", KIT_MS, NULL);
    struct registration_mark mark = {.registration = kit_registration(&kit).id,
                                     .status = REGISTRATION_COMPLETED,
                                     .score = 6500,
                                     .reason = bytes_text("oral examination"),
                                     .by = kit.person,
                                     .now_ms = KIT_MS + 5000};
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    struct registration_row row = kit_registration(&kit);
    assert_int_equal(row.status, REGISTRATION_COMPLETED);
    assert_int_equal(row.score, 6500);
    assert_int_equal(row.completed_ms, KIT_MS + 5000);
    assert_string_equal(row.mark_reason, "oral examination");
    kit_launch(&kit, "lesson", KIT_MS + 9000, NULL);
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_COMPLETED);
    mark.status = REGISTRATION_NO_MARK;
    mark.score = EVENT_NO_SCORE;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    row = kit_registration(&kit);
    assert_int_equal(row.status, REGISTRATION_STARTED);
    assert_int_equal(row.score, EVENT_NO_SCORE);
    mark.registration = 99;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_NOT_FOUND);
    kit_attempt_close(&kit);
}

static enum status other_version_put(struct db *db, void *arg)
{
    struct kit_attempt *kit = arg;
    struct course_row row;
    const struct course_item items[] = {{.id = bytes_text("lesson"), .entry = bytes_text("lesson.html"), .kind = bytes_text("sco"), .mastery_percent = -1},
                                        {.id = bytes_text("more"), .entry = bytes_text("more.html"), .kind = bytes_text("sco"), .mastery_percent = -1}};

    assert_true(course_row_get(db, kit->course, &row));
    row.is_current = false;
    assert_int_equal(course_row_update(db, &row), S_OK);
    row.id = 0;
    row.is_current = true;
    strcpy(row.version, "2");
    assert_int_equal(course_row_insert(db, &row), S_OK);
    kit->course = row.id;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(course_item_insert(db, row.id, i, &items[i]), S_OK);
    }
    return S_OK;
}

static enum status version_remove(struct db *db, void *arg)
{
    struct kit_attempt *kit = arg;
    return course_row_delete(db, kit->course);
}

static void what_was_completed_stays_so_in_a_version_that_has_more_and_when_it_is_removed(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    assert_int_equal(kit_commit(&kit, kit_launch(&kit, "lesson", KIT_MS, NULL), 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    quiz(&kit, "passed", 90, KIT_MS);
    struct registration_row before = kit_registration(&kit), row;
    assert_int_equal(before.status, REGISTRATION_COMPLETED);
    int64_t first = kit.course;
    assert_int_equal(store_write_wait(kit.kit.store, other_version_put, &kit), S_OK);
    int64_t again = kit_launch(&kit, "more", KIT_MS + 60000, NULL);
    row = kit_registration(&kit);
    assert_int_equal(row.status, REGISTRATION_COMPLETED);
    assert_int_equal(row.completed_ms, before.completed_ms);
    assert_int_equal(row.score, 9000);
    kit.course = first;
    assert_int_equal(store_write_wait(kit.kit.store, version_remove, &kit), S_OK);
    assert_int_equal(kit_commit(&kit, again, 1, "{\"core\":{\"lesson_status\":\"incomplete\"}}", NULL), S_OK);
    row = kit_registration(&kit);
    assert_int_equal(row.status, REGISTRATION_COMPLETED);
    assert_int_equal(row.completed_ms, before.completed_ms);
    assert_int_equal(row.score, 9000);
    kit_attempt_close(&kit);
}

static enum status version_let_go(struct db *db, void *arg)
{
    struct kit_attempt *kit = arg;
    struct courses courses = {.self = {{0}}};
    struct course_row row;

    assert_true(course_row_get(db, kit->course, &row));
    return course_remove(&courses, db, &row);
}

/* On another device, or kept there and sent late: the order is not known. */
static void what_one_launch_completed_another_one_that_failed_does_not_undo(void **state)
{
    static const char *const said[] = {"{\"core\":{\"lesson_status\":\"completed\"}}", "{\"core\":{\"lesson_status\":\"failed\"}}"};
    (void)state;

    for (int order = 0; order < 2; order++) {
        struct kit_attempt kit;
        kit_attempt_open(&kit);
        int64_t launches[] = {kit_launch(&kit, "lesson", KIT_MS, NULL), kit_launch(&kit, "lesson", KIT_MS, NULL)};
        assert_int_equal(kit_commit(&kit, launches[order], 1, said[0], NULL), S_OK);
        assert_int_equal(kit_registration(&kit).progress, 5000);
        assert_int_equal(kit_commit(&kit, launches[!order], 9, said[1], NULL), S_OK);
        quiz(&kit, "passed", 90, KIT_MS);
        struct registration_row row = kit_registration(&kit);
        assert_int_equal(row.status, REGISTRATION_COMPLETED);
        assert_in_range(row.completed_ms, KIT_MS + 1000, KIT_MS + 5000); /* when the quiz was passed: not when the other one failed */
        kit_attempt_close(&kit);
    }
}

static enum status version_replace(struct db *db, void *arg)
{
    const struct course_item item = {.id = bytes_text("other"), .entry = bytes_text("other.html"), .kind = bytes_text("sco"), .mastery_percent = -1};
    struct kit_attempt *kit = arg;

    assert_int_equal(course_item_delete_all(db, kit->course), S_OK);
    return course_item_insert(db, kit->course, 0, &item);
}

static void what_was_completed_stays_so_when_its_version_is_imported_anew_with_other_items(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    int64_t lesson = kit_launch(&kit, "lesson", KIT_MS, NULL);
    assert_int_equal(kit_commit(&kit, lesson, 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    quiz(&kit, "passed", 90, KIT_MS);
    assert_int_equal(store_write_wait(kit.kit.store, version_replace, &kit), S_OK);
    assert_int_equal(kit_commit(&kit, lesson, 2, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_COMPLETED);
    assert_int_equal(kit_registration(&kit).score, 9000);
    kit_attempt_close(&kit);
}

static void what_is_said_of_a_version_that_was_removed_meanwhile_counts(void **state)
{
    struct kit_attempt kit;
    struct course_row version;
    (void)state;

    kit_attempt_open(&kit);
    int64_t lesson = kit_launch(&kit, "lesson", KIT_MS, NULL), exam = kit_launch(&kit, "quiz", KIT_MS, NULL);
    for (int i = 0; i < 2; i++) { /* a second time says nothing new */
        assert_int_equal(store_write_wait(kit.kit.store, version_let_go, &kit), S_OK);
    }
    assert_int_equal(kit_commit(&kit, lesson, 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).progress, 5000);
    assert_int_equal(kit_commit(&kit, exam, 1, "{\"core\":{\"lesson_status\":\"completed\",\"score\":{\"raw\":\"79\"}}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_STARTED); /* the quiz wants 80 */
    assert_int_equal(kit_commit(&kit, exam, 2, "{\"core\":{\"lesson_status\":\"completed\",\"score\":{\"raw\":\"80\"}}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_COMPLETED);
    struct db *db = store_read_begin(kit.kit.store);
    assert_true(course_row_get(db, kit.course, &version));
    assert_true(version.is_withdrawn && version.state == COURSE_CATALOGUED && !version.is_current);
    store_read_end(kit.kit.store, db);
    kit_attempt_close(&kit);
}

static enum status items_lose(struct db *db, void *arg)
{
    struct kit_attempt *kit = arg;
    return course_item_delete_all(db, kit->course);
}

static void a_version_whose_items_are_not_known_is_judged_by_those_of_the_one_that_is_here(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    int64_t lesson = kit_launch(&kit, "lesson", KIT_MS, NULL);
    assert_int_equal(store_write_wait(kit.kit.store, items_lose, &kit), S_OK); /* as an older program left what it removed */
    assert_int_equal(kit_commit(&kit, lesson, 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).progress, 0); /* its own items: none, though it is the current one */
    assert_int_equal(store_write_wait(kit.kit.store, other_version_put, &kit), S_OK);
    assert_int_equal(kit_commit(&kit, lesson, 2, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    assert_int_equal(kit_registration(&kit).progress, 5000); /* it has another one beside the lesson */
    assert_int_equal(kit_registration(&kit).status, REGISTRATION_STARTED);
    kit_attempt_close(&kit);
}

static void the_next_item_is_the_first_that_is_not_done(void **state)
{
    struct item_sums sums;
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    int64_t lesson = kit_launch(&kit, "", KIT_MS, NULL);
    assert_int_equal(kit_commit(&kit, lesson, 1, "{\"core\":{\"lesson_status\":\"completed\"}}", NULL), S_OK);
    struct db *db = store_read_begin(kit.kit.store);
    assert_int_equal(item_sums_load(db, kit.course, kit_registration(&kit).id, &sums), S_OK);
    assert_int_equal(sums.count, 4);
    assert_true(sums.items[0].is_heading);
    assert_false(sums.items[3].counts); /* a link leads out */
    assert_true(bytes_equal(item_sums_next(&sums)->item.id, bytes_text("quiz")));
    item_sums_release(&sums);
    store_read_end(kit.kit.store, db);
    kit_attempt_close(&kit);
}

static enum status units_make(struct db *db, void *arg)
{
    struct course_row row = {.course = "bees", .lang = "en", .version = "1", .title = "Bees", .format = PACKAGE_CMI5};
    const char *const *rules = arg;

    row.state = COURSE_IMPORTED;
    snprintf(row.version, sizeof row.version, "%s", rules[2]);
    assert_int_equal(course_row_insert(db, &row), S_OK);
    for (uint32_t i = 0; i < 2; i++) {
        struct course_item item = {.id = bytes_text(i ? "two" : "one"), .title = bytes_text("t"), .entry = bytes_text("p.html"), .kind = bytes_text("au"),
                                   .details = bytes_text(rules[i]), .mastery_percent = -1};
        assert_int_equal(course_item_insert(db, row.id, i, &item), S_OK);
    }
    return S_OK;
}

/* Nobody has opened anything. cmi5 section 13.1.4. */
static void a_unit_without_a_rule_is_satisfied_where_others_have_one(void **state)
{
    static const struct {
        const char *rules[3];
        bool is_done[2];
    } cases[] = {{{"{\"moveOn\":\"NotApplicable\"}", "{\"moveOn\":\"Passed\"}", "1"}, {true, false}},
                 {{"", "{\"moveOn\":\"Completed\"}", "2"}, {true, false}},
                 {{"", "{\"moveOn\":\"NotApplicable\"}", "3"}, {false, false}}}; /* else it would be done before anybody came */
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct item_sums sums;
        struct course_row row;
        const struct id own = {{0}};
        assert_int_equal(store_write_wait(kit.kit.store, units_make, (void *)cases[i].rules), S_OK);
        struct db *db = store_read_begin(kit.kit.store);
        assert_true(course_row_find(db, bytes_text("bees"), bytes_text("en"), bytes_text(cases[i].rules[2]), &own, &row));
        assert_int_equal(item_sums_load(db, row.id, 0, &sums), S_OK);
        assert_int_equal(sums.items[0].is_done, cases[i].is_done[0]);
        assert_int_equal(sums.items[1].is_done, cases[i].is_done[1]);
        assert_true(item_sums_next(&sums) == &sums.items[0]); /* offered all the same */
        item_sums_release(&sums);
        store_read_end(kit.kit.store, db);
    }
    kit_attempt_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course_is_completed_when_all_that_counts_is_done),
        cmocka_unit_test(what_was_completed_stays_so_in_a_version_that_has_more_and_when_it_is_removed),
        cmocka_unit_test(a_mark_by_hand_goes_before_and_can_be_taken_back),
        cmocka_unit_test(a_unit_without_a_rule_is_satisfied_where_others_have_one),
        cmocka_unit_test(what_one_launch_completed_another_one_that_failed_does_not_undo),
        cmocka_unit_test(what_was_completed_stays_so_when_its_version_is_imported_anew_with_other_items),
        cmocka_unit_test(what_is_said_of_a_version_that_was_removed_meanwhile_counts),
        cmocka_unit_test(a_version_whose_items_are_not_known_is_judged_by_those_of_the_one_that_is_here),
        cmocka_unit_test(the_next_item_is_the_first_that_is_not_done),
    };
    return KIT_RUN(tests);
}
