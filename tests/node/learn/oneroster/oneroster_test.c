#include "node/learn/oneroster/oneroster.h"

#include <stdio.h>
#include <string.h>

#include "node/store/people/cohort_row.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static char dir[256];

static void file_put(const char *name, const char *text)
{
    char path[320];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static enum status import(struct kit_store *kit, bool is_dry_run, struct oneroster_outcome *outcome,
                          struct report *report)
{
    const struct oneroster_import import = {.store = kit->store,
                                            .federation = &kit->federation,
                                            .path = dir,
                                            .id_column = "username",
                                            .now_ms = KIT_NOW_S * 1000LL,
                                            .is_dry_run = is_dry_run};

    oneroster_outcome_init(outcome);
    report_clear(report);
    return oneroster_import(&import, outcome, report);
}

static void school_write(void)
{
    file_put("orgs.csv", "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,active,,"
                         "مدرسة النور,school,,\n");
    file_put("demographics.csv", "sourcedId,status,dateLastModified,birthDate,sex\nu1,active,,,female\n");
    file_put("users.csv",
             "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,"
             "givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
             "u1,active,,true,o1,student,amina,,Amina,Sow,B.,,,,,,,\n"
             "u2,active,,true,\"o1,o2\",teacher,wang,,小明,王,,,,,,,,\n"
             "u3,active,,true,o1,guardian,parent1,,P,Q,,,,,,,,\n"
             "u4,active,,true,o1,student,,,No,Login,,,,,,,,\n"
             "u5,active,,true,o1,student,empty,,,,,,,,,,,\n");
    file_put("courses.csv", "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
                            "orgSourcedId,subjects,subjectCodes\nc1,,,,Teaching,tdc,,o1,,\n");
    file_put("classes.csv",
             "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,"
             "classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
             "k1,,,Class A,,c1,A-1,scheduled,,o1,t1,,,\n");
    file_put("enrollments.csv", "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,"
                                "userSourcedId,role,primary,beginDate,endDate\n"
                                "e1,active,,k1,o1,u1,student,,,\ne2,active,,k1,o1,u2,teacher,true,,\ne3,"
                                "active,,k1,o1,u9,student,,,\n");
}

static void a_school_comes_in_once(void **state)
{
    struct oneroster_outcome outcome;
    struct kit_store kit;
    struct report report;
    struct person person;
    struct buffer texts = {0};
    struct cohort_row row;
    int64_t learners, trainers;
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    kit_store_open(&kit);
    school_write();
    assert_int_equal(import(&kit, true, &outcome, &report), S_PARTIAL);
    assert_int_equal(outcome.people.added, 3);
    assert_int_equal(outcome.left_out, 1);
    oneroster_outcome_release(&outcome);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(person_count(db), 0);
    store_read_end(kit.store, db);

    assert_int_equal(import(&kit, false, &outcome, &report), S_PARTIAL);
    assert_int_equal(outcome.people.added, 3);
    assert_int_equal(outcome.people.refusals.reason[REFUSAL_MISSING].count, 1);
    assert_int_equal(outcome.people.refusals.reason[REFUSAL_MISSING].examples[0].line, 6); /* of users.csv */
    assert_int_equal(outcome.refusals.total, 1);
    assert_int_equal(outcome.cohorts_added, 1);
    assert_int_equal(outcome.members_changed, 2);
    oneroster_outcome_release(&outcome);

    db = store_read_begin(kit.store);
    assert_true(person_find(db, bytes_text("amina"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("Amina B. Sow")));
    assert_true(bytes_equal(person.institution, bytes_text("مدرسة النور")));
    assert_int_equal(person.gender, GENDER_FEMALE);
    assert_true(person_find(db, bytes_text("wang"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("王小明")));
    assert_int_equal(person.role, ROLE_FACILITATOR);
    assert_true(person_find(db, bytes_text("u4"), &texts, &person)); /* no username */
    assert_false(person_find(db, bytes_text("parent1"), &texts, &person));
    assert_true(cohort_row_find(db, bytes_text("A-1"), &row));
    assert_string_equal(row.course, "tdc");
    cohort_member_counts(db, row.id, &learners, &trainers);
    assert_int_equal(learners, 1);
    assert_int_equal(trainers, 1);
    store_read_end(kit.store, db);

    assert_int_equal(import(&kit, false, &outcome, &report), S_PARTIAL);
    assert_int_equal(outcome.people.unchanged, 3);
    assert_int_equal(outcome.people.added + outcome.people.updated, 0);
    assert_int_equal(outcome.cohorts_unchanged, 1);
    assert_int_equal(outcome.members_changed, 0);
    oneroster_outcome_release(&outcome);
    buffer_release(&texts);
    kit_store_close(&kit);
    kit_scratch_remove(dir);
}

static void version_1_2_has_roles_apart_and_says_who_left(void **state)
{
    struct oneroster_outcome outcome;
    struct kit_store kit;
    struct report report;
    struct person person;
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    kit_store_open(&kit);
    assert_int_equal(import(&kit, false, &outcome, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "users.csv"));
    oneroster_outcome_release(&outcome);
    school_write();
    file_put("users.csv", "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,"
                          "familyName,middleName,primaryOrgSourcedId\n"
                          "u1,,,true,amina,,Amina,Sow,,o1\nu2,,,true,wang,,Ming,Wang,,o1\n");
    file_put(
        "roles.csv",
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
        "userProfileSourcedId\n"
        "r1,,,u1,primary,student,,,o1,\nr2,,,u2,secondary,student,,,o1,\nr3,,,u2,primary,teacher,,,o1,\n");
    file_put("enrollments.csv",
             "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n"
             "e1,active,,k1,o1,u1,student\ne2,active,,k1,o1,u2,teacher\n");
    assert_int_equal(import(&kit, false, &outcome, &report), S_OK);
    assert_int_equal(outcome.members_changed, 2);
    oneroster_outcome_release(&outcome);
    struct db *db = store_read_begin(kit.store);
    assert_true(person_find_dims(db, bytes_text("wang"), &person));
    assert_int_equal(person.role, ROLE_FACILITATOR);
    store_read_end(kit.store, db);
    file_put("enrollments.csv",
             "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n"
             "e1,tobedeleted,,k1,o1,u1,student\n");
    assert_int_equal(import(&kit, false, &outcome, &report), S_OK);
    assert_int_equal(outcome.members_changed, 1);
    oneroster_outcome_release(&outcome);
    file_put("classes.csv", "title\nx\n");
    assert_int_equal(import(&kit, false, &outcome, &report), S_INVALID);
    assert_non_null(strstr(report.text, "classes.csv"));
    oneroster_outcome_release(&outcome);
    kit_store_close(&kit);
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_school_comes_in_once),
        cmocka_unit_test(version_1_2_has_roles_apart_and_says_who_left),
    };
    return KIT_RUN(tests);
}
