#include "node/learn/attempt/activity_tree.h"

#include <string.h>

#include "node/store/course/course_item.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_attempt.h"

#define FIRST                                                                                                \
    "{\"sequencing\":{\"organization\":{\"identifier\":\"org\",\"controlMode\":{\"flow\":\"true\"}}}}"
#define ENGINE "{\"engine\":{\"n\":1}}"

static enum status course_make(struct db *db, void *arg)
{
    static const char *const items[] = {"one", "two"};
    struct course_row row = {.course = "order", .lang = "en", .version = "1", .title = "In order"};

    row.format = PACKAGE_SCORM2004;
    row.state = COURSE_IMPORTED;
    row.is_current = row.is_listed = true;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    for (uint32_t i = 0; i < 2; i++) {
        struct course_item item = {.id = bytes_text(items[i]),
                                   .title = bytes_text(items[i]),
                                   .entry = bytes_text("page.html"),
                                   .kind = bytes_text("sco"),
                                   .mastery_percent = -1,
                                   .details = bytes_text(i == 0 ? FIRST : "")};
        assert_int_equal(course_item_insert(db, row.id, i, &item), S_OK);
    }
    *(int64_t *)arg = row.id;
    return S_OK;
}

static void open_kit(struct kit_attempt *kit)
{
    kit_attempt_open(kit);
    assert_int_equal(store_write_wait(kit->kit.store, course_make, &kit->course), S_OK);
}

static int64_t launch(struct kit_attempt *kit, const char *course, const char *item, struct launch_open *open)
{
    static int64_t now_ms = KIT_MS;

    *open = (struct launch_open){.attempts = &kit->attempts,
                                 .arena = open->arena,
                                 .person = kit->person,
                                 .course = bytes_text(course),
                                 .item = bytes_text(item ? item : ""),
                                 .is_course = !item,
                                 .now_ms = now_ms += 1000};
    assert_int_equal(store_write_wait(kit->kit.store, launch_open_run, open), S_OK);
    return open->row.id;
}

/* One commit with a tree; `completion` and `success` are its rollup's. */
static struct registration_row commit(struct kit_attempt *kit, int64_t launch, int64_t attempt,
                                      enum cmi_answer completion, enum cmi_answer success)
{
    static int64_t seq;

    seq++;
    struct launch_commit commit = {.launch = launch,
                                   .person = kit->person,
                                   .seq = seq,
                                   .tree = bytes_text(ENGINE),
                                   .rollup = {completion, success, 8000, CMI_NONE, CMI_NONE},
                                   .result = {CMI_UNKNOWN, CMI_UNKNOWN, CMI_NONE, CMI_NONE, CMI_NONE},
                                   .course_attempt = attempt,
                                   .now_ms = KIT_MS + 100000 + seq};
    assert_int_equal(store_write_wait(kit->kit.store, launch_commit_run, &commit), S_OK);
    return commit.registration;
}

static void the_rollup_of_the_tree_decides_and_is_handed_on(void **state)
{
    struct launch_open open = {.arena = &(struct arena){0}};
    struct kit_attempt kit;
    (void)state;

    open_kit(&kit);
    arena_init(open.arena, 1 << 20);
    int64_t course = launch(&kit, "order", NULL, &open);
    assert_true(bytes_equal(open.opened.kind, bytes_text("course")));
    assert_non_null(memmem(open.activities.data, open.activities.size, "\"organization\"", 14));
    assert_int_equal(open.tree.size, 0);
    struct registration_row row = commit(&kit, course, 1, CMI_NO, CMI_UNKNOWN);
    assert_int_equal(row.status, REGISTRATION_STARTED);
    int64_t one = launch(&kit, "order", "one", &open);
    assert_non_null(memmem(open.tree.data, open.tree.size, ENGINE, strlen(ENGINE)));
    row = commit(&kit, one, 1, CMI_YES,
                 CMI_YES); /* the other item was never opened: the rules say that it is enough */
    assert_int_equal(row.status, REGISTRATION_COMPLETED);
    assert_int_equal(row.score, 8000);
    assert_int_equal(row.progress, 10000);
    row = commit(&kit, one, 1, CMI_YES, CMI_NO); /* corrected in the same attempt */
    assert_int_equal(row.status, REGISTRATION_STARTED);
    arena_release(open.arena);
    kit_attempt_close(&kit);
}

static void a_late_tree_of_an_older_launch_changes_nothing(void **state)
{
    struct launch_open open = {.arena = &(struct arena){0}};
    struct kit_attempt kit;
    (void)state;

    open_kit(&kit);
    arena_init(open.arena, 1 << 20);
    int64_t first = launch(&kit, "order", "one", &open); /* opened without the course: it is made */
    assert_int_equal(commit(&kit, first, 1, CMI_NO, CMI_UNKNOWN).status, REGISTRATION_STARTED);
    int64_t second = launch(&kit, "order", "two", &open);
    assert_int_equal(commit(&kit, second, 1, CMI_YES, CMI_YES).status, REGISTRATION_COMPLETED);
    assert_int_equal(commit(&kit, first, 1, CMI_NO, CMI_NO).status, REGISTRATION_COMPLETED);
    arena_release(open.arena);
    kit_attempt_close(&kit);
}

static void a_course_that_was_finished_on_a_device_without_a_link_is_finished(void **state)
{
    struct launch_open open = {.arena = &(struct arena){0}};
    struct kit_attempt kit;
    (void)state;

    open_kit(&kit);
    arena_init(open.arena, 1 << 20);
    int64_t first = launch(&kit, "order", NULL, &open);
    assert_int_equal(commit(&kit, first, 1, CMI_NO, CMI_UNKNOWN).status, REGISTRATION_STARTED);
    int64_t second = launch(&kit, "order", NULL, &open);
    assert_int_equal(commit(&kit, second, 1, CMI_NO, CMI_UNKNOWN).status, REGISTRATION_STARTED);
    assert_int_equal(commit(&kit, first, 1, CMI_YES, CMI_NO).status, REGISTRATION_STARTED); /* failed is not finished */
    assert_int_equal(commit(&kit, first, 1, CMI_YES, CMI_YES).status, REGISTRATION_COMPLETED);
    assert_int_equal(commit(&kit, second, 1, CMI_NO, CMI_UNKNOWN).status, REGISTRATION_COMPLETED);
    launch(&kit, "order", NULL, &open);
    assert_non_null(memmem(open.tree.data, open.tree.size, ENGINE "}", strlen(ENGINE) + 1)); /* where the second was */
    arena_release(open.arena);
    kit_attempt_close(&kit);
}

static void whoever_begins_a_finished_course_anew_has_finished_it(void **state)
{
    struct launch_open open = {.arena = &(struct arena){0}};
    struct kit_attempt kit;
    (void)state;

    open_kit(&kit);
    arena_init(open.arena, 1 << 20);
    assert_int_equal(commit(&kit, launch(&kit, "order", NULL, &open), 1, CMI_YES, CMI_YES).status,
                     REGISTRATION_COMPLETED);
    int64_t again = launch(&kit, "order", NULL, &open);
    assert_int_equal(open.registration.status, REGISTRATION_COMPLETED);
    assert_int_equal(commit(&kit, again, 2, CMI_NO, CMI_UNKNOWN).status, REGISTRATION_COMPLETED);
    assert_int_equal(commit(&kit, again, 2, CMI_YES, CMI_UNKNOWN).status, REGISTRATION_COMPLETED);
    assert_int_equal(commit(&kit, again, 2, CMI_NO, CMI_UNKNOWN).status,
                     REGISTRATION_STARTED); /* that one counts now */
    arena_release(open.arena);
    kit_attempt_close(&kit);
}

static void a_course_without_rules_is_opened_item_by_item(void **state)
{
    struct launch_open open = {.arena = &(struct arena){0}};
    struct kit_attempt kit;
    (void)state;

    open_kit(&kit);
    arena_init(open.arena, 1 << 20);
    launch(&kit, "soil", NULL, &open);
    assert_true(bytes_equal(open.opened.id, bytes_text("lesson")));
    assert_int_equal(open.activities.size, 0);
    assert_int_equal(commit(&kit, open.row.id, 1, CMI_YES, CMI_YES).status,
                     REGISTRATION_STARTED); /* what has no tree has no rollup */
    arena_release(open.arena);
    kit_attempt_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rollup_of_the_tree_decides_and_is_handed_on),
        cmocka_unit_test(a_late_tree_of_an_older_launch_changes_nothing),
        cmocka_unit_test(a_course_that_was_finished_on_a_device_without_a_link_is_finished),
        cmocka_unit_test(whoever_begins_a_finished_course_anew_has_finished_it),
        cmocka_unit_test(a_course_without_rules_is_opened_item_by_item),
    };
    return KIT_RUN(tests);
}
