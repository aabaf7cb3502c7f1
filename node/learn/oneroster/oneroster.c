#include "node/learn/oneroster/oneroster.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/input.h"
#include "node/learn/cohort/cohort.h"
#include "node/learn/csv.h"
#include "node/learn/oneroster/oneroster_zip.h"
#include "replication/base/check.h"

enum { REFUSALS_SHOWN = 100, COLUMNS_MAX = 16 };

/* Everything of one import. Maps are JSON objects: sourcedId -> text. */
struct roster_reader {
    const struct oneroster_import *import;
    struct oneroster_outcome *outcome;
    struct report *report;
    struct oneroster_zip *zip; /* NULL: a folder */
    json_t *orgs, *sexes, *roles;          /* of users by sourcedId */
    json_t *people;                        /* sourcedId -> our id */
    json_t *courses;                       /* sourcedId -> our id */
    json_t *classes;                       /* sourcedId -> cohort */
    json_t *learners, *trainers, *leavers; /* cohort -> [ids] */
    FILE *csv;                             /* the people's file that is being made */
    uint64_t lines;                        /* of it so far */
};

void oneroster_outcome_init(struct oneroster_outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    person_outcome_init(&outcome->people);
    refusals_init(&outcome->refusals, REFUSALS_SHOWN);
}

void oneroster_outcome_release(struct oneroster_outcome *outcome)
{
    person_outcome_release(&outcome->people);
    refusals_release(&outcome->refusals);
}

/* --- one file ------------------------------------------------------------------------------------------- */

typedef void row_take(struct roster_reader *reader, const struct csv_record *record,
                      const struct csv_column *columns);

static enum status rows_read(struct roster_reader *reader, const char *name, struct csv *csv,
                             const struct csv_column *columns, row_take *take)
{
    struct csv_record record;
    enum status status;

    while ((status = csv_next(csv, &record)) == S_OK || status == S_INVALID) {
        if (status == S_OK) {
            take(reader, &record, columns);
        } else {
            refusals_add(&reader->outcome->refusals, REFUSAL_ROW, record.line, "%s, column %zu: %s", name,
                         record.column, csv_fault_text(record.fault));
        }
    }
    return status == S_NOT_FOUND
               ? S_OK
               : report_set(reader->report, status, "'%s' could not be read to its end", name);
}

/* *in_out is NULL for a file that is not there, which is no error unless `is_needed`. */
static enum status file_open(struct roster_reader *reader, const char *name, bool is_needed, FILE **in_out)
{
    char path[DIR_PATH_MAX];

    if (reader->zip) {
        *in_out = oneroster_zip_find(reader->zip, name);
        return S_OK;
    }
    *in_out = NULL;
    if (dir_path(reader->import->path, name, path) != S_OK) {
        return report_set(reader->report, S_TOO_LARGE, "the path '%s' is too long", reader->import->path);
    }
    *in_out = input_stream(path, is_needed ? reader->report : NULL);
    return !*in_out && is_needed ? S_NOT_FOUND : S_OK;
}

static enum status file_read(struct roster_reader *reader, const char *name, bool is_needed,
                             const struct csv_column *wanted, size_t count, row_take *take)
{
    struct csv_column columns[COLUMNS_MAX]; /* where they are in this file */
    struct report mine = {.status = S_OK};
    FILE *in;
    enum status status = file_open(reader, name, is_needed, &in);

    if (status != S_OK || !in) {
        return status;
    }
    struct csv *csv = csv_new(in);
    csv_take_short(csv);
    CHECK(count <= COLUMNS_MAX);
    memcpy(columns, wanted, count * sizeof *columns);
    status = csv_header(csv, columns, count, NULL, NULL, &mine);
    status = status == S_OK ? rows_read(reader, name, csv, columns, take)
                            : report_set(reader->report, status, "%s: %s", name, mine.text);
    csv_free(csv);
    if (!reader->zip) {
        fclose(in);
    }
    return status;
}

/* The field of a column as a text of its own, in `out` (cut); fields end with a NUL. */
static const char *text_of(const struct csv_record *record, const struct csv_column *column)
{
    struct bytes field = csv_unguard(csv_field(record, column));

    return field.size ? (const char *)field.data : "";
}

static const char *map_get(json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));

    return text ? text : "";
}

static void map_put(json_t *map, const char *key, const char *text)
{
    if (*key && *text) {
        json_object_set_new(map, key, json_string(text));
    }
}

static bool is_deleted(const char *status)
{
    return strcmp(status, "tobedeleted") == 0 || strcmp(status, "inactive") == 0;
}

/* --- what users.csv needs ------------------------------------------------------------------------------- */

static const struct csv_column org_columns[] = {{"sourcedid", true, -1}, {"name", true, -1}};
static void org_take(struct roster_reader *reader, const struct csv_record *record,
                     const struct csv_column *columns)
{
    const char *sourced = text_of(record, &columns[0]);

    if (strcmp(sourced, ONEROSTER_NO_ORG) != 0) {
        map_put(reader->orgs, sourced, text_of(record, &columns[1]));
    }
}

static const struct csv_column sex_columns[] = {{"sourcedid", true, -1}, {"sex", true, -1}};
static void sex_take(struct roster_reader *reader, const struct csv_record *record,
                     const struct csv_column *columns)
{
    map_put(reader->sexes, text_of(record, &columns[0]), text_of(record, &columns[1]));
}

/* OneRoster 1.2 has roles in a file of their own; the primary one decides. */
static const struct csv_column role_columns[] = {
    {"usersourcedid", true, -1}, {"role", true, -1}, {"roletype", false, -1}, {"orgsourcedid", false, -1}};
static void role_take(struct roster_reader *reader, const struct csv_record *record,
                      const struct csv_column *columns)
{
    const char *user = text_of(record, &columns[0]);

    if (!json_object_get(reader->roles, user) || strcmp(text_of(record, &columns[2]), "primary") == 0) {
        map_put(reader->roles, user, text_of(record, &columns[1]));
    }
}

/* --- users ---------------------------------------------------------------------------------------------- */

enum user_field {
    USER_SOURCED_ID,
    USER_STATUS,
    USER_ROLE,
    USER_ORGS,
    USER_PRIMARY_ORG,
    USER_GIVEN,
    USER_MIDDLE,
    USER_FAMILY,
    USER_ID,
    USER_FIELD_COUNT
};

/* False for those who are neither taught nor teach here. */
static bool role_map(const char *role, enum role *role_out)
{
    static const struct {
        const char *word;
        enum role role;
    } roles[] = {{"student", ROLE_LEARNER},
                 {"teacher", ROLE_FACILITATOR},
                 {"aide", ROLE_FACILITATOR},
                 {"proctor", ROLE_FACILITATOR},
                 {"administrator", ROLE_MANAGER},
                 {"principal", ROLE_MANAGER},
                 {"siteAdministrator", ROLE_MANAGER},
                 {"districtAdministrator", ROLE_MANAGER},
                 {"systemAdministrator", ROLE_MANAGER},
                 {"counselor", ROLE_LEARNER},
                 {"", ROLE_LEARNER}};

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcasecmp(roles[i].word, role) == 0) {
            *role_out = roles[i].role;
            return true;
        }
    }
    return false;
}

static enum gender sex_map(const char *sex)
{
    enum gender gender = GENDER_NOT_ASKED;

    if (strcasecmp(sex, "unspecified") == 0) {
        return GENDER_UNDISCLOSED;
    }
    return gender_parse(bytes_text(sex), &gender) ? gender : GENDER_NOT_ASKED;
}

/* True for a text of Chinese, Japanese or Korean letters. */
static bool is_family_first(const char *text)
{
    return (uint8_t)text[0] >= 0xe3 && (uint8_t)text[0] <= 0xed;
}

void oneroster_name(struct buffer *out, const char *given, const char *middle, const char *family)
{
    const bool is_turned = is_family_first(given) && is_family_first(family);
    const char *const parts[] = {is_turned ? family : given, middle, is_turned ? given : family};

    for (size_t i = 0; i < 3; i++) {
        if (*parts[i]) {
            if (out->size && !is_turned) {
                buffer_append_u8(out, ' ');
            }
            buffer_append(out, parts[i], strlen(parts[i]));
        }
    }
}

/* The first of a list "a,b". */
static void first_of(const char *list, char out[128])
{
    snprintf(out, 128, "%.*s", (int)strcspn(list, ","), list);
}

/* What is known here goes before what the file does not say. */
static void stored_apply(struct roster_reader *reader, const char *id, bool has_sex, enum gender *gender,
                         enum role *role)
{
    struct person person;
    struct db *db = store_read_begin(reader->import->store);

    if (person_find_dims(db, bytes_text(id), &person)) {
        *gender = has_sex ? *gender : (enum gender)person.gender;
        *role = person.role >= ROLE_TRAINER ? (enum role)person.role : *role;
    }
    store_read_end(reader->import->store, db);
}

/* A row of the people's file, on the line that it has in users.csv; an empty line for one that is left out.
 */
static void user_take(struct roster_reader *reader, const struct csv_record *record,
                      const struct csv_column *columns)
{
    const char *sourced = text_of(record, &columns[USER_SOURCED_ID]),
               *own = text_of(record, &columns[USER_ID]);
    const char *id = *own ? own : sourced, *sex = map_get(reader->sexes, sourced);
    const char *word = text_of(record, &columns[USER_ROLE]);
    enum gender gender = sex_map(sex);
    enum role role;
    struct buffer name;
    char org[128];

    reader->outcome->users++;
    for (; reader->lines + 1 < record->line; reader->lines++) {
        putc('\n', reader->csv);
    }
    if (!role_map(*word ? word : map_get(reader->roles, sourced), &role) ||
        is_deleted(text_of(record, &columns[USER_STATUS]))) {
        reader->outcome->left_out++;
        return;
    }
    map_put(reader->people, sourced, id);
    stored_apply(reader, id, *sex != '\0', &gender, &role);
    first_of(text_of(record, &columns[USER_PRIMARY_ORG]), org);
    if (!*org) {
        first_of(text_of(record, &columns[USER_ORGS]), org);
    }
    buffer_init(&name);
    oneroster_name(&name, text_of(record, &columns[USER_GIVEN]), text_of(record, &columns[USER_MIDDLE]),
                   text_of(record, &columns[USER_FAMILY]));
    csv_write_field(reader->csv, bytes_text(id), true);
    csv_write_field(reader->csv, buffer_bytes(&name), false);
    csv_write_field(reader->csv, bytes_text(gender_text(gender)), false);
    csv_write_field(reader->csv, bytes_text(role_text(role)), false);
    csv_write_field(reader->csv, bytes_text(map_get(reader->orgs, org)), false);
    putc('\n', reader->csv);
    reader->lines++;
    buffer_release(&name);
}

static enum status people_import(struct roster_reader *reader, char *text, size_t size)
{
    FILE *in = fmemopen(text, size, "r");
    const struct person_import import = {.store = reader->import->store,
                                         .in = in,
                                         .now_ms = reader->import->now_ms,
                                         .is_dry_run = reader->import->is_dry_run};

    CHECK(in);
    enum status status = person_import(&import, &reader->outcome->people, reader->report);
    fclose(in);
    if (status == S_PARTIAL) {
        report_clear(reader->report);
        return S_OK; /* said at the end */
    }
    return status;
}

static enum status users_read(struct roster_reader *reader)
{
    bool is_sourced = strcmp(reader->import->id_column, "sourcedid") == 0; /* a column is looked for once */
    const struct csv_column columns[USER_FIELD_COUNT] = {
        [USER_SOURCED_ID] = {"sourcedid", true, -1},
        [USER_STATUS] = {"status", false, -1},
        [USER_ROLE] = {"role", false, -1},
        [USER_ORGS] = {"orgsourcedids", false, -1},
        [USER_PRIMARY_ORG] = {"primaryorgsourcedid", false, -1},
        [USER_GIVEN] = {"givenname", true, -1},
        [USER_MIDDLE] = {"middlename", false, -1},
        [USER_FAMILY] = {"familyname", true, -1},
        [USER_ID] = {is_sourced ? "" : reader->import->id_column, false, -1}};
    char *text = NULL;
    size_t size = 0;

    reader->csv = open_memstream(&text, &size);
    CHECK(reader->csv);
    fputs("id,name,gender,role,institution\n", reader->csv);
    reader->lines = 1;
    enum status status = file_read(reader, "users.csv", true, columns, USER_FIELD_COUNT, user_take);
    fclose(reader->csv);
    if (status == S_OK) {
        status = people_import(reader, text, size);
    }
    free(text);
    return status;
}

/* --- classes and who is in them ------------------------------------------------------------------------- */

static const struct csv_column course_columns[] = {
    {"sourcedid", true, -1}, {"coursecode", false, -1}, {"title", true, -1}};
static void course_take(struct roster_reader *reader, const struct csv_record *record,
                        const struct csv_column *columns)
{
    const char *sourced = text_of(record, &columns[0]), *code = text_of(record, &columns[1]);

    map_put(reader->courses, sourced, *code ? code : sourced);
}

static struct cohorts cohorts_of(const struct roster_reader *reader)
{
    return (struct cohorts){.store = reader->import->store,
                            .federation = reader->import->federation,
                            .now_ms = reader->import->now_ms};
}

static const struct csv_column class_columns[] = {{"sourcedid", true, -1},
                                                  {"title", true, -1},
                                                  {"coursesourcedid", true, -1},
                                                  {"classcode", false, -1},
                                                  {"status", false, -1}};
static void class_take(struct roster_reader *reader, const struct csv_record *record,
                       const struct csv_column *columns)
{
    const char *sourced = text_of(record, &columns[0]), *title = text_of(record, &columns[1]);
    const char *course = map_get(reader->courses, text_of(record, &columns[2])),
               *code = text_of(record, &columns[3]);
    const char *cohort = *code ? code : sourced;
    struct cohorts cohorts = cohorts_of(reader);
    struct report mine = {.status = S_OK};
    struct cohort_row row;

    if (is_deleted(text_of(record, &columns[4]))) {
        return;
    }
    struct db *db = store_read_begin(reader->import->store);
    bool is_known = cohort_row_find(db, bytes_text(cohort), &row);
    store_read_end(reader->import->store, db);
    const struct cohort_wish wish = {.cohort = cohort,
                                     .title = *title ? title : NULL,
                                     .course = *course ? course : text_of(record, &columns[2]),
                                     .starts_ms = -1,
                                     .ends_ms = -1};
    bool is_same = is_known && (!*title || strcmp(*row.title ? row.title : cohort, title) == 0) &&
                   strcmp(row.course, wish.course) == 0;
    if (!is_same && !reader->import->is_dry_run && cohort_put(&cohorts, &wish, !is_known, &mine) != S_OK) {
        refusals_add(&reader->outcome->refusals, REFUSAL_NAME, record->line, "classes.csv: %s", mine.text);
        return;
    }
    map_put(reader->classes, sourced, cohort);
    reader->outcome->cohorts_unchanged += is_same;
    reader->outcome->cohorts_added += !is_same;
}

static void list_add(json_t *lists, const char *cohort, const char *person)
{
    json_t *list = json_object_get(lists, cohort);

    if (!list) {
        list = json_array();
        json_object_set_new(lists, cohort, list);
    }
    json_array_append_new(list, json_string(person));
}

static const struct csv_column enrollment_columns[] = {
    {"classsourcedid", true, -1}, {"usersourcedid", true, -1}, {"role", true, -1}, {"status", false, -1}};
static void enrollment_take(struct roster_reader *reader, const struct csv_record *record,
                            const struct csv_column *columns)
{
    const char *cohort = map_get(reader->classes, text_of(record, &columns[0]));
    const char *person = map_get(reader->people, text_of(record, &columns[1]));
    enum role role;

    if (!*cohort || !*person) {
        refusals_add(&reader->outcome->refusals, *cohort ? REFUSAL_PERSON : REFUSAL_ROW, record->line,
                     "enrollments.csv: %s '%.64s' is in no other file", *cohort ? "user" : "class",
                     text_of(record, &columns[*cohort ? 1 : 0]));
    } else if (is_deleted(text_of(record, &columns[3]))) {
        list_add(reader->leavers, cohort, person);
    } else if (role_map(text_of(record, &columns[2]), &role)) {
        list_add(role == ROLE_LEARNER ? reader->learners : reader->trainers, cohort, person);
    }
}

enum change { CHANGE_LEARNERS, CHANGE_TRAINERS, CHANGE_LEAVERS };

static enum status members_put(struct roster_reader *reader, const char *cohort, json_t *list,
                               enum change change)
{
    struct cohorts cohorts = cohorts_of(reader);
    size_t count = json_array_size(list);
    struct bytes *ids = calloc(count + 1, sizeof *ids);
    struct report mine = {.status = S_OK};
    struct cohort_outcome outcome;

    CHECK(ids);
    for (size_t i = 0; i < count; i++) {
        ids[i] = bytes_text(json_string_value(json_array_get(list, i)));
    }
    const struct cohort_people people = {ids, count};
    cohort_outcome_init(&outcome);
    enum status status = change == CHANGE_LEAVERS ? cohort_drop(&cohorts, cohort, &people, &outcome, &mine)
                                                  : cohort_add(&cohorts, cohort, change == CHANGE_TRAINERS,
                                                               &people, &outcome, &mine);
    reader->outcome->members_changed += outcome.changed;
    reader->outcome->members_unchanged += outcome.unchanged;
    if (status == S_PARTIAL) {
        refusals_add(&reader->outcome->refusals, REFUSAL_PERSON, 0, "class '%.64s': %s", cohort, mine.text);
        status = S_OK;
    }
    cohort_outcome_release(&outcome);
    free(ids);
    return status == S_OK ? S_OK : report_set(reader->report, status, "%s", mine.text);
}

static enum status lists_put(struct roster_reader *reader, json_t *lists, enum change change)
{
    const char *cohort;
    json_t *list;
    enum status status = S_OK;

    json_object_foreach(lists, cohort, list)
    {
        if (status == S_OK && reader->import->is_dry_run) {
            reader->outcome->members_changed += json_array_size(list);
        } else if (status == S_OK) {
            status = members_put(reader, cohort, list, change);
        }
    }
    return status;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

#define COUNT(columns) (sizeof(columns) / sizeof *(columns))

static enum status all_read(struct roster_reader *reader)
{
    enum status status = file_read(reader, "orgs.csv", false, org_columns, COUNT(org_columns), org_take);

    if (status == S_OK) {
        status = file_read(reader, "demographics.csv", false, sex_columns, COUNT(sex_columns), sex_take);
    }
    if (status == S_OK) {
        status = file_read(reader, "roles.csv", false, role_columns, COUNT(role_columns), role_take);
    }
    if (status == S_OK) {
        status = users_read(reader);
    }
    if (status == S_OK) {
        status = file_read(reader, "courses.csv", false, course_columns, COUNT(course_columns), course_take);
    }
    if (status == S_OK) {
        status = file_read(reader, "classes.csv", false, class_columns, COUNT(class_columns), class_take);
    }
    if (status == S_OK) {
        status = file_read(reader, "enrollments.csv", false, enrollment_columns, COUNT(enrollment_columns),
                           enrollment_take);
    }
    return status;
}

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum status oneroster_import(const struct oneroster_import *import, struct oneroster_outcome *outcome,
                             struct report *report)
{
    struct roster_reader reader = {.import = import, .outcome = outcome, .report = report};
    json_t **const maps[] = {&reader.orgs,     &reader.sexes,    &reader.roles,
                             &reader.people,   &reader.courses,  &reader.classes,
                             &reader.learners, &reader.trainers, &reader.leavers};

    for (size_t i = 0; i < COUNT(maps); i++) {
        *maps[i] = json_object();
        CHECK(*maps[i]);
    }
    enum status status = is_folder(import->path)
                             ? S_OK
                             : oneroster_zip_open(import->path, import->node_dir, &reader.zip, report);
    if (status == S_OK) {
        status = all_read(&reader);
    }
    if (status == S_OK) {
        status = lists_put(&reader, reader.learners, CHANGE_LEARNERS);
    }
    if (status == S_OK) {
        status = lists_put(&reader, reader.trainers, CHANGE_TRAINERS);
    }
    if (status == S_OK) {
        status = lists_put(&reader, reader.leavers, CHANGE_LEAVERS);
    }
    for (size_t i = 0; i < COUNT(maps); i++) {
        json_decref(*maps[i]);
    }
    oneroster_zip_close(reader.zip);
    const uint64_t refused = outcome->refusals.total + outcome->people.refusals.total;
    return status == S_OK ? refusals_report(refused, "the reasons stand above", report) : status;
}
