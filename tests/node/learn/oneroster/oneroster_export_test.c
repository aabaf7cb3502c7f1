#include "node/learn/oneroster/oneroster_export.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "node/learn/cohort/cohort.h"
#include "node/learn/oneroster/oneroster.h"
#include "node/learn/person/person.h"
#include "node/store/people/cohort_row.h"
#include "tests/kit/import.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static const char people[] = "id,name,gender,role,institution,lang\n"
                             "amina,Amina B. Sow,female,learner,École Nº 1,fr\n"
                             "babu,Babu,male,,,\n"
                             "wang,王小明,male,facilitator,北京大学,\n"
                             "li,李 明,female,learner,北京大学,\n"
                             "trainer,Train  Er,other,trainer,École Nº 1,\n"
                             "boss,Ma Na Ger,undisclosed,manager,,\n"
                             "root,Ad Min,not_asked,administrator,\"Comma, Quote \"\"Institute\"\"\",\n"
                             "=cmd,'=SUM(A1),female,learner,-minus,\n"
                             "a/b,d'Arc Jeanne,female,learner,,\n";

static enum status import_folder(struct kit_store *kit, const char *dir, struct oneroster_outcome *outcome)
{
    struct report report = {.status = S_OK};
    const struct oneroster_import import = {.store = kit->store,
                                            .federation = &kit->federation,
                                            .path = dir,
                                            .node_dir = kit->dir,
                                            .id_column = "username",
                                            .now_ms = KIT_NOW_S * 1000LL + 5};

    oneroster_outcome_init(outcome);
    enum status status = oneroster_import(&import, outcome, &report);
    if (status != S_OK) {
        print_message("%s\n", report.text);
    }
    return status;
}

static void school_make(struct kit_store *kit)
{
    struct report report = {.status = S_OK};
    struct person_outcome outcome;
    FILE *in = fmemopen((void *)people, strlen(people), "r");
    const struct person_import import = {.store = kit->store, .in = in, .now_ms = KIT_NOW_S * 1000LL};
    const struct cohorts cohorts = {
        .store = kit->store, .federation = &kit->federation, .now_ms = KIT_NOW_S * 1000LL};
    const struct cohort_wish plain = {.cohort = "autumn", .course = "tdc", .starts_ms = -1, .ends_ms = -1},
                             titled = {.cohort = "Klasse \"A\"",
                                       .title = "第一班",
                                       .course = "tdc",
                                       .starts_ms = 1700000000000,
                                       .ends_ms = 1710000000000};
    static const struct bytes learner_ids[] = {{(const uint8_t *)"amina", 5},
                                               {(const uint8_t *)"=cmd", 4},
                                               {(const uint8_t *)"a/b", 3}},
                              trainer_ids[] = {{(const uint8_t *)"trainer", 7}};
    const struct cohort_people learners = {learner_ids, 3}, trainers = {trainer_ids, 1};
    struct cohort_outcome done;

    person_outcome_init(&outcome);
    assert_int_equal(person_import(&import, &outcome, &report), S_OK);
    assert_int_equal(outcome.added, 9);
    person_outcome_release(&outcome);
    fclose(in);
    assert_int_equal(cohort_put(&cohorts, &plain, true, &report), S_OK);
    assert_int_equal(cohort_put(&cohorts, &titled, true, &report), S_OK);
    cohort_outcome_init(&done);
    assert_int_equal(cohort_add(&cohorts, "autumn", false, &learners, &done, &report), S_OK);
    assert_int_equal(done.changed, 3);
    assert_int_equal(cohort_add(&cohorts, "Klasse \"A\"", true, &trainers, &done, &report), S_OK);
    assert_int_equal(done.changed, 1);
    cohort_outcome_release(&done);
}

static bool file_has(const char *dir, const char *name, const char *text)
{
    char path[320], line[1024];
    bool is_there = false;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        is_there = is_there || strcmp(line, text) == 0;
    }
    if (in) {
        fclose(in);
    }
    return is_there;
}

static void what_is_exported_changes_nothing_here(void **state)
{
    struct oneroster_outcome outcome;
    struct report report = {.status = S_OK};
    struct kit_store kit;
    char scratch[256], dir[300];
    (void)state;

    kit_scratch_make(scratch, sizeof scratch);
    kit_store_open(&kit);
    school_make(&kit);
    for (int version = ONEROSTER_1_1; version <= ONEROSTER_1_2; version++) {
        snprintf(dir, sizeof dir, "%s/%d", scratch, version);
        const struct oneroster_export export = {.store = kit.store,
                                                .node = "Centre \"N\"",
                                                .path = dir,
                                                .version = (enum oneroster_version)version};
        assert_int_equal(oneroster_export(&export, &report), S_OK);
        assert_int_equal(import_folder(&kit, dir, &outcome), S_OK);
        assert_int_equal(outcome.people.added + outcome.people.updated + outcome.people.refusals.total, 0);
        assert_int_equal(outcome.people.unchanged, 9);
        assert_int_equal(
            outcome.cohorts_added + outcome.members_changed + outcome.refusals.total + outcome.left_out, 0);
        assert_int_equal(outcome.cohorts_unchanged, 2);
        assert_int_equal(outcome.members_unchanged, 4);
        oneroster_outcome_release(&outcome);
        assert_true(file_has(dir, "manifest.csv",
                             version == ONEROSTER_1_1 ? "oneroster.version,1.1" : "oneroster.version,1.2"));
    }
    snprintf(dir, sizeof dir, "%s/0", scratch);
    assert_true(file_has(dir, "users.csv", "boss,,,true,qanat-node,administrator,boss,,Ma Na,Ger,,,,,,,,"));
    snprintf(dir, sizeof dir, "%s/1", scratch);
    assert_true(file_has(dir, "roles.csv", "boss,,,boss,primary,administrator,,,qanat-node,"));
    assert_true(file_has(dir, "enrollments.csv", "autumn/amina,,,autumn,qanat-node,amina,student,false,,"));
    kit_store_close(&kit);
    kit_scratch_remove(scratch);
}

static void an_archive_is_there_when_it_is_whole_and_changes_nothing(void **state)
{
    struct oneroster_outcome outcome;
    struct report report = {.status = S_OK};
    struct kit_store kit;
    char scratch[256], path[300];
    struct stat info;
    (void)state;

    kit_scratch_make(scratch, sizeof scratch);
    kit_store_open(&kit);
    assert_int_equal(dir_complete(kit.dir, &report), S_OK);
    school_make(&kit);
    snprintf(path, sizeof path, "%s/roster.zip", scratch);
    for (int version = ONEROSTER_1_1; version <= ONEROSTER_1_2; version++) {
        const struct oneroster_export export = {.store = kit.store,
                                                .node = "Centre",
                                                .path = path,
                                                .is_zip = true,
                                                .node_dir = kit.dir,
                                                .now_ms = KIT_NOW_S * 1000LL,
                                                .version = (enum oneroster_version)version};
        assert_int_equal(oneroster_export(&export, &report), S_OK);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_int_equal(import_folder(&kit, path, &outcome), S_OK);
        assert_int_equal(outcome.people.added + outcome.people.updated + outcome.people.refusals.total, 0);
        assert_int_equal(outcome.people.unchanged, 9);
        assert_int_equal(outcome.cohorts_unchanged, 2);
        assert_int_equal(outcome.members_unchanged, 4);
        assert_int_equal(
            outcome.cohorts_added + outcome.members_changed + outcome.refusals.total + outcome.left_out, 0);
        oneroster_outcome_release(&outcome);
    }
    const struct oneroster_export nowhere = {.store = kit.store,
                                             .node = "n",
                                             .path = "/proc/nowhere.zip",
                                             .is_zip = true,
                                             .node_dir = kit.dir,
                                             .version = ONEROSTER_1_2};
    assert_int_equal(oneroster_export(&nowhere, &report), S_IO);
    assert_non_null(strstr(report.text, "/proc/nowhere.zip"));
    kit_store_close(&kit);
    kit_scratch_remove(scratch);
}

static void another_node_gets_the_same_school(void **state)
{
    struct oneroster_outcome outcome;
    struct report report = {.status = S_OK};
    struct kit_store here, there;
    struct buffer texts = {0};
    struct person person;
    struct cohort_row row;
    char scratch[256], dir[300];
    struct stat info;
    (void)state;

    kit_scratch_make(scratch, sizeof scratch);
    snprintf(dir, sizeof dir, "%s/school", scratch);
    kit_store_open(&here);
    school_make(&here);
    const struct oneroster_export export = {
        .store = here.store, .node = "n", .path = dir, .version = ONEROSTER_1_2};
    assert_int_equal(oneroster_export(&export, &report), S_OK);
    kit_store_close(&here);
    assert_int_equal(stat(dir, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);

    kit_store_open(&there);
    assert_int_equal(import_folder(&there, dir, &outcome), S_OK);
    assert_int_equal(outcome.people.added, 9);
    assert_int_equal(outcome.members_changed, 4);
    oneroster_outcome_release(&outcome);
    struct db *db = store_read_begin(there.store);
    assert_true(person_find(db, bytes_text("li"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("李 明")));
    assert_true(person_find(db, bytes_text("=cmd"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("=SUM(A1)")));
    assert_true(bytes_equal(person.institution, bytes_text("-minus")));
    assert_true(person_find(db, bytes_text("babu"), &texts, &person));
    assert_int_equal(person.institution.size, 0);
    assert_int_equal(person.gender, GENDER_MALE);
    assert_true(cohort_row_find(db, bytes_text("Klasse \"A\""), &row));
    assert_string_equal(row.title, "第一班");
    store_read_end(there.store, db);
    buffer_release(&texts);
    kit_store_close(&there);
    kit_scratch_remove(scratch);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct report report = {.status = S_OK};
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    const struct oneroster_export export = {
        .store = kit.store, .node = "n", .path = "/proc/nowhere", .version = ONEROSTER_1_2};
    assert_int_equal(oneroster_export(&export, &report), S_IO);
    assert_non_null(strstr(report.text, "/proc/nowhere"));
    kit_store_close(&kit);
}

/* Killed, or with no room, in the middle: no file of the folder is half one. */
static void a_folder_has_whole_files_or_those_of_before(void **state)
{
    struct report report = {.status = S_OK};
    struct rlimit before, limit;
    struct kit_store kit;
    char dir[400], path[500];
    uint8_t data[16];
    (void)state;

    kit_store_open(&kit);
    school_make(&kit);
    snprintf(dir, sizeof dir, "%s/roster", kit.dir);
    snprintf(path, sizeof path, "%s/users.csv", dir);
    const struct oneroster_export export = {.store = kit.store, .node = "n", .node_dir = kit.dir, .path = dir, .version = ONEROSTER_1_2};
    assert_int_equal(mkdir(dir, 0700), 0);
    kit_file_write(path, "before", 6);
    signal(SIGXFSZ, SIG_IGN); /* as in main() */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 200, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const enum status status = oneroster_export(&export, &report);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, S_NO_SPACE);
    assert_int_equal(kit_file_read(path, data, sizeof data), 6);
    assert_memory_equal(data, "before", 6);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_exported_changes_nothing_here),
        cmocka_unit_test(a_folder_has_whole_files_or_those_of_before),
        cmocka_unit_test(an_archive_is_there_when_it_is_whole_and_changes_nothing),
        cmocka_unit_test(another_node_gets_the_same_school),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_told),
    };
    return KIT_RUN(tests);
}
