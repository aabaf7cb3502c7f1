#include "node/learn/oneroster/oneroster_export.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "node/dir.h"
#include "node/draft.h"
#include "node/learn/csv.h"
#include "node/learn/import/import_pack.h"
#include "node/learn/oneroster/oneroster.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/cohort_row.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { PAGE = 1000, SOURCED_MAX = 320, DATE_SIZE = 11, YEAR_MS_DAYS = 364 };

/* Its files, in the order of their writing. */
enum file {
    FILE_MANIFEST,
    FILE_USERS,
    FILE_ROLES,
    FILE_DEMOGRAPHICS,
    FILE_ORGS,
    FILE_COURSES,
    FILE_CLASSES,
    FILE_SESSIONS,
    FILE_ENROLLMENTS,
    FILE_COUNT
};

#define COMMON "sourcedId,status,dateLastModified,"
static const struct {
    const char *name;
    const char *header[2]; /* of 1.1 and 1.2; NULL: that version has no such file */
} files[FILE_COUNT] = {
    [FILE_MANIFEST] = {"manifest.csv", {"propertyName,value", "propertyName,value"}},
    [FILE_USERS] = {"users.csv",
                    {COMMON "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
                            "identifier,email,sms,phone,"
                            "agentSourcedIds,grades,password",
                     COMMON "enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
                            "sms,phone,agentSourcedIds,grades,"
                            "password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
                            "preferredFamilyName,primaryOrgSourcedId,pronouns"}},
    [FILE_ROLES] = {"roles.csv",
                    {NULL, COMMON
                     "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"}},
    [FILE_DEMOGRAPHICS] = {"demographics.csv",
                           {COMMON "birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
                                   "nativeHawaiianOrOtherPacificIslander,"
                                   "white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
                                   "countryOfBirthCode,stateOfBirthAbbreviation,"
                                   "cityOfBirth,publicSchoolResidenceStatus",
                            COMMON "birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
                                   "nativeHawaiianOrOtherPacificIslander,"
                                   "white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
                                   "countryOfBirthCode,stateOfBirthAbbreviation,"
                                   "cityOfBirth,publicSchoolResidenceStatus"}},
    [FILE_ORGS] = {"orgs.csv",
                   {COMMON "name,type,identifier,parentSourcedId",
                    COMMON "name,type,identifier,parentSourcedId"}},
    [FILE_COURSES] = {"courses.csv",
                      {COMMON
                       "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
                       COMMON
                       "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes"}},
    [FILE_CLASSES] = {"classes.csv",
                      {COMMON "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
                              "termSourcedIds,subjects,subjectCodes,periods",
                       COMMON "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
                              "termSourcedIds,subjects,subjectCodes,periods"}},
    [FILE_SESSIONS] = {"academicSessions.csv",
                       {COMMON "title,type,startDate,endDate,parentSourcedId,schoolYear",
                        COMMON "title,type,startDate,endDate,parentSourcedId,schoolYear"}},
    [FILE_ENROLLMENTS] = {
        "enrollments.csv",
        {COMMON "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
         COMMON "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"}}};

struct exporting {
    const struct oneroster_export *export;
    FILE *out[FILE_COUNT];
    struct draft draft[FILE_COUNT]; /* of a folder: no file of it stands there by half */
    json_t *orgs, *courses; /* those that are written already */
    struct buffer last;     /* id of the person, name of the cohort that was written last */
    const struct cohort_row *cohort;
    struct buffer cohorts; /* struct cohort_row of a page */
    int64_t member;        /* row of the member that was written last */
};

/* One row; NULL is an empty field. */
static void row_write(FILE *out, const char *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        csv_write_field(out, bytes_text(fields[i] ? fields[i] : ""), i == 0);
    }
    putc('\n', out);
}
#define ROW(out, ...)                                                                                        \
    row_write(out, (const char *const[]){__VA_ARGS__},                                                       \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static const char *text_of(struct bytes text, char *out, size_t size)
{
    snprintf(out, size, "%.*s", (int)text.size, text.size ? (const char *)text.data : "");
    return out;
}

/* --- people --- */

/* The sourcedId of an institution: the same in every export. */
static void org_write(struct exporting *exporting, const char *name, char out[SOURCED_MAX])
{
    struct hash hash = hash_of(bytes_text("oneroster org"), bytes_text(name));
    char hex[HASH_HEX_SIZE];

    hash_hex(&hash, hex);
    snprintf(out, SOURCED_MAX, "%s", *name ? hex : ONEROSTER_NO_ORG);
    out[*name ? 16 : strlen(ONEROSTER_NO_ORG)] = '\0';
    if (*name && !json_object_get(exporting->orgs, out)) {
        json_object_set_new(exporting->orgs, out, json_true());
        ROW(exporting->out[FILE_ORGS], out, NULL, NULL, name, "school", NULL, ONEROSTER_NO_ORG);
    }
}

/* Given and family name: parted at the last space where that makes the same name again, else all is given. */
static void name_part(const char *name, char *given, char *family, size_t size)
{
    const char *space = strrchr(name, ' ');
    struct buffer again;

    snprintf(given, size, "%s", name);
    *family = '\0';
    if (!space || space == name) {
        return;
    }
    snprintf(given, size, "%.*s", (int)(space - name), name);
    snprintf(family, size, "%s", space + 1);
    buffer_init(&again);
    oneroster_name(&again, given, "", family);
    if (!bytes_equal(buffer_bytes(&again), bytes_text(name))) {
        snprintf(given, size, "%s", name);
        *family = '\0';
    }
    buffer_release(&again);
}

static const char *role_word(int role)
{
    return role >= ROLE_MANAGER ? "administrator" : role >= ROLE_FACILITATOR ? "teacher" : "student";
}

/* OneRoster 1.1 knows two words. */
static const char *sex_word(enum oneroster_version version, int gender)
{
    return gender == GENDER_FEMALE                                    ? "female"
           : gender == GENDER_MALE                                    ? "male"
           : gender == GENDER_OTHER && version == ONEROSTER_1_2       ? "other"
           : gender == GENDER_UNDISCLOSED && version == ONEROSTER_1_2 ? "unspecified"
                                                                      : NULL;
}

static enum status person_write(void *ctx, const struct person *person)
{
    struct exporting *exporting = ctx;
    const enum oneroster_version version = exporting->export->version;
    const char *role = role_word(person->role), *sex = sex_word(version, person->gender);
    char id[SOURCED_MAX], name[1024], given[1024], family[1024], institution[1024], org[SOURCED_MAX];

    buffer_clear(&exporting->last);
    buffer_append(&exporting->last, person->id.data, person->id.size);
    text_of(person->id, id, sizeof id);
    name_part(text_of(person->name, name, sizeof name), given, family, sizeof given);
    org_write(exporting, text_of(person->institution, institution, sizeof institution), org);
    if (version == ONEROSTER_1_1) {
        ROW(exporting->out[FILE_USERS], id, NULL, NULL, "true", org, role, id, NULL, given, family, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    } else {
        ROW(exporting->out[FILE_USERS], id, NULL, NULL, "true", id, NULL, given, family, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, org, NULL);
        ROW(exporting->out[FILE_ROLES], id, NULL, NULL, id, "primary", role, NULL, NULL, org, NULL);
    }
    if (sex) {
        ROW(exporting->out[FILE_DEMOGRAPHICS], id, NULL, NULL, NULL, sex, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL);
    }
    return S_OK;
}

static void people_write(struct exporting *exporting)
{
    struct store *store = exporting->export->store;
    size_t seen = PAGE;

    while (seen == PAGE) {
        struct db *db = store_read_begin(store);
        struct buffer after = exporting->last; /* borrowed by the page, while rows write the new one */
        buffer_init(&exporting->last);
        seen = person_page(db, buffer_bytes(&after), PAGE, person_write, exporting);
        store_read_end(store, db);
        buffer_release(&after);
    }
    buffer_clear(&exporting->last);
}

/* --- cohorts --- */

static void date_write(int64_t ms, char out[DATE_SIZE])
{
    char text[TIMESTAMP_TEXT_SIZE];

    timestamp_format(ms, text);
    snprintf(out, DATE_SIZE, "%.10s", text);
}

static void cohort_keep(void *ctx, const struct cohort_row *row)
{
    struct exporting *exporting = ctx;

    buffer_append(&exporting->cohorts, row, sizeof *row);
}

static void class_write(struct exporting *exporting, const struct cohort_row *row)
{
    int64_t starts_ms = row->starts_ms ? row->starts_ms : row->created_ms;
    int64_t ends_ms = row->ends_ms > starts_ms ? row->ends_ms : starts_ms + YEAR_MS_DAYS * 86400000LL;
    const char *title = *row->title ? row->title : row->cohort;
    char starts[DATE_SIZE], ends[DATE_SIZE], year[5], term[SOURCED_MAX];

    date_write(starts_ms, starts);
    date_write(ends_ms, ends);
    snprintf(year, sizeof year, "%.4s", ends);
    snprintf(term, sizeof term, "term %s", row->cohort);
    if (!json_object_get(exporting->courses, row->course)) {
        json_object_set_new(exporting->courses, row->course, json_true());
        ROW(exporting->out[FILE_COURSES], row->course, NULL, NULL, NULL, row->course, row->course, NULL,
            ONEROSTER_NO_ORG, NULL, NULL);
    }
    ROW(exporting->out[FILE_SESSIONS], term, NULL, NULL, title, "term", starts, ends, NULL, year);
    ROW(exporting->out[FILE_CLASSES], row->cohort, NULL, NULL, title, NULL, row->course, row->cohort,
        "scheduled", NULL, ONEROSTER_NO_ORG, term, NULL, NULL, NULL);
}

static void member_write(void *ctx, const struct cohort_member *member)
{
    struct exporting *exporting = ctx;
    char id[SOURCED_MAX], enrollment[2 * SOURCED_MAX];

    exporting->member = member->person;
    text_of(member->id, id, sizeof id);
    snprintf(enrollment, sizeof enrollment, "%s/%s", exporting->cohort->cohort, id);
    ROW(exporting->out[FILE_ENROLLMENTS], enrollment, NULL, NULL, exporting->cohort->cohort, ONEROSTER_NO_ORG,
        id, member->is_trainer ? "teacher" : "student", "false", NULL, NULL);
}

static void members_write(struct exporting *exporting, const struct cohort_row *row)
{
    struct store *store = exporting->export->store;
    size_t seen = PAGE;

    exporting->cohort = row;
    exporting->member = 0;
    while (seen == PAGE) {
        struct db *db = store_read_begin(store);
        seen = cohort_member_page(db, row, exporting->member, PAGE, member_write, exporting);
        store_read_end(store, db);
    }
}

static void cohorts_write(struct exporting *exporting)
{
    struct store *store = exporting->export->store;
    struct cohort_row row;
    size_t seen = PAGE;

    while (seen == PAGE) {
        struct db *db = store_read_begin(store);
        buffer_clear(&exporting->cohorts);
        seen = cohort_row_page(db, buffer_bytes(&exporting->last), PAGE, cohort_keep, exporting);
        store_read_end(store, db);
        for (size_t at = 0; at < exporting->cohorts.size; at += sizeof row) {
            memcpy(&row, exporting->cohorts.data + at, sizeof row);
            class_write(exporting, &row);
            members_write(exporting, &row);
            buffer_clear(&exporting->last);
            buffer_append(&exporting->last, row.cohort, strlen(row.cohort));
        }
    }
}

/* --- the folder, or the archive --- */

/* Which files are here, and which the version knows beside them. */
static void manifest_write(struct exporting *exporting)
{
    static const char *const absent[] = {"categories", "classResources", "courseResources",
                                         "lineItems",  "resources",      "results",
                                         NULL},
                             *const absent_new[] = {"lineItemLearningObjectiveIds",
                                                    "lineItemScoreScales",
                                                    "resultLearningObjectiveIds",
                                                    "resultScoreScales",
                                                    "scoreScales",
                                                    "userProfiles",
                                                    "userResources",
                                                    NULL};
    const bool is_new = exporting->export->version == ONEROSTER_1_2;
    FILE *out = exporting->out[FILE_MANIFEST];
    char name[64];

    ROW(out, "manifest.version", "1.0");
    ROW(out, "oneroster.version", is_new ? "1.2" : "1.1");
    for (int i = FILE_USERS; i < FILE_COUNT; i++) {
        if (exporting->out[i]) {
            snprintf(name, sizeof name, "file.%.*s", (int)strcspn(files[i].name, "."), files[i].name);
            ROW(out, name, "bulk");
        }
    }
    for (int k = 0; k < (is_new ? 2 : 1); k++) {
        for (const char *const *at = k ? absent_new : absent; *at; at++) {
            snprintf(name, sizeof name, "file.%s", *at);
            ROW(out, name, "absent");
        }
    }
    ROW(out, "source.systemName", "Qanat");
    ROW(out, "source.systemCode", exporting->export->node);
}

/* One file of the export: in the folder, or without a name until it is put into the archive. */
static enum status file_make(struct exporting *exporting, int i, struct report *report)
{
    const struct oneroster_export *export = exporting->export;
    FILE **out = &exporting->out[i];
    char path[DIR_PATH_MAX];

    if (export->is_zip) {
        *out = dir_scratch_file(export->node_dir);
        return *out ? S_OK
                    : report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                                 "no file can be made in '%s/tmp': %s", export->node_dir, strerror(errno));
    }
    if (dir_path(export->path, files[i].name, path) != S_OK) {
        return report_set(report, S_TOO_LARGE, "the path '%s' is too long", export->path);
    }
    *out = draft_open(&exporting->draft[i], path) ? draft_stream(&exporting->draft[i]) : NULL;
    return *out ? S_OK
                : report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "'%s' cannot be written: %s", path, strerror(errno));
}

static enum status files_open(struct exporting *exporting, struct report *report)
{
    const struct oneroster_export *export = exporting->export;
    enum status status = S_OK;

    if (!export->is_zip && mkdir(export->path, 0700) != 0 && errno != EEXIST) {
        return report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "the folder '%s' cannot be made: %s", export->path, strerror(errno));
    }
    for (int i = 0; i < FILE_COUNT && status == S_OK; i++) {
        const char *header = files[i].header[export->version];
        if (header) {
            status = file_make(exporting, i, report);
        }
        if (exporting->out[i]) {
            fprintf(exporting->out[i], "%s\n", header);
        }
    }
    return status;
}

static enum status files_close(struct exporting *exporting, struct import_pack *zip, enum status status,
                               struct report *report)
{
    for (int i = 0; i < FILE_COUNT; i++) {
        FILE *out = exporting->out[i];
        if (!out) {
            draft_close(&exporting->draft[i]);
            continue;
        }
        bool has_failed = fflush(out) != 0 || ferror(out);
        if (!has_failed && status == S_OK && zip) {
            status = import_pack_file(zip, files[i].name, out, report);
        }
        has_failed = fclose(out) != 0 || has_failed;
        if (!has_failed && status == S_OK && !zip) {
            has_failed = !draft_publish(&exporting->draft[i], true);
        }
        if (has_failed && status == S_OK) {
            status = report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO,
                                "'%s' could not be written to its end (%s): %s", exporting->export->path,
                                files[i].name, strerror(errno));
        }
        draft_close(&exporting->draft[i]);
    }
    return status;
}

enum status oneroster_export(const struct oneroster_export *export, struct report *report)
{
    struct exporting exporting = {.export = export, .orgs = json_object(), .courses = json_object()};
    struct import_pack zip = {.out = NULL};

    for (int i = 0; i < FILE_COUNT; i++) {
        exporting.draft[i].fd = -1;
    }
    enum status status =
        export->is_zip ? import_pack_open(&zip, export->path, export->now_ms, report) : S_OK;

    if (status == S_OK) {
        status = files_open(&exporting, report);
    }
    if (status == S_OK) {
        manifest_write(&exporting);
        ROW(exporting.out[FILE_ORGS], ONEROSTER_NO_ORG, NULL, NULL, export->node, "district",
            ONEROSTER_NO_ORG, NULL);
        people_write(&exporting);
        cohorts_write(&exporting);
    }
    status = files_close(&exporting, export->is_zip ? &zip : NULL, status, report);
    if (status == S_OK && !export->is_zip) {
        (void)dir_sync_parent(export->path); /* the folder's own name; where it cannot be synced it is as good as it gets */
    }
    status = import_pack_close(&zip, status, report);
    json_decref(exporting.orgs);
    json_decref(exporting.courses);
    buffer_release(&exporting.last);
    buffer_release(&exporting.cohorts);
    return status;
}
