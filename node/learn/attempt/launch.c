#include "node/learn/attempt/launch.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/activity_tree.h"
#include "node/learn/attempt/xapi.h"
#include "node/learn/course/course_choose.h"
#include "node/store/course/cohort.h"
#include "node/store/course/course_item.h"
#include "replication/base/check.h"

enum { TOKEN_BYTES = 24 };

const char *launch_runtime_text(int runtime)
{
    static const char *const texts[] = {"plain", "scorm12", "scorm2004", "cmi5", "h5p", "cartridge", "tincan"};

    return runtime >= 0 && (size_t)runtime < sizeof texts / sizeof *texts ? texts[runtime] : texts[0]; /* of a damaged row */
}

static int runtime_of(enum package_format format, const struct course_item *item)
{
    switch (format) {
    case PACKAGE_PLAIN:
        return xapi_is_tincan(item) ? RUNTIME_TINCAN : RUNTIME_PLAIN;
    case PACKAGE_SCORM12:
        return RUNTIME_SCORM12;
    case PACKAGE_SCORM2004:
        return RUNTIME_SCORM2004;
    case PACKAGE_CMI5:
        return RUNTIME_CMI5;
    case PACKAGE_COMMON_CARTRIDGE:
        return RUNTIME_CARTRIDGE;
    case PACKAGE_H5P:
        return RUNTIME_H5P;
    }
    return RUNTIME_PLAIN;
}

static bool token_hash(const char *token, struct hash *hash_out)
{
    if (strlen(token) != LAUNCH_TOKEN_SIZE - 1) {
        return false;
    }
    *hash_out = hash_of(bytes_text("qanat launch"), bytes_text(token));
    return true;
}

bool launch_token_find(struct db *db, const char *token, int64_t now_ms, int64_t grace_ms,
                       struct launch_row *row_out)
{
    struct hash hash;

    return token_hash(token, &hash) && launch_row_find_token(db, &hash, row_out) &&
           now_ms < row_out->expires_ms + grace_ms;
}

/* --- opening
 * ---------------------------------------------------------------------------------------------------- */

/* The person's registration: in the cohort that is named, where somebody has put them; else the latest, else a new one. */
static enum status registration_choose(struct db *db, struct launch_open *open)
{
    struct registration_wish wish = {.person = open->person,
                                     .course = bytes_text(open->version_row.course),
                                     .cohort = open->cohort,
                                     .now_ms = open->now_ms};

    if (open->cohort.size == 0) {
        return registration_find_current(db, open->person, wish.course, &open->registration)
                   ? S_OK
                   : registration_open(db, &wish, &open->registration);
    }
    if (open->cohort.size > REGISTRATION_COHORT_MAX) {
        return report_set(&open->report, S_TOO_LARGE, "The name of a cohort has at most %d bytes.", REGISTRATION_COHORT_MAX);
    }
    if (!registration_row_find(db, wish.person, wish.course, wish.cohort, &open->registration)) {
        return report_set(&open->report, S_NOT_FOUND, "You are in no cohort \"%.*s\" of the course \"%s\": who runs the cohort adds you.",
                          (int)open->cohort.size, (const char *)open->cohort.data, open->version_row.course);
    }
    return S_OK;
}

/* A cohort stays with its version. */
static enum status version_of_cohort(struct db *db, struct launch_open *open, const char *lang)
{
    struct cohort_version found[2];
    struct course_row row;
    size_t count = cohort_find(db, bytes_text(open->registration.cohort),
                               bytes_text(open->registration.course), bytes_text(lang), found);

    if (count == 0 || *open->registration.cohort == '\0' || open->version.size > 0) {
        return S_OK;
    }
    if (!course_row_find(db, bytes_text(open->registration.course), bytes_text(found[0].lang),
                         bytes_text(found[0].version), &found[0].publisher, &row) ||
        !course_is_held(&row)) {
        return report_set(&open->report, S_NOT_FOUND,
                          "Version \"%s\" of this cohort's course is not here yet.", found[0].version);
    }
    open->version_row = row;
    return S_OK;
}

static enum status version_choose(struct db *db, struct launch_open *open)
{
    char course[COURSE_ID_MAX + 1], lang[LANG_MAX + 1], version[VERSION_MAX + 1];

    if (open->course.size == 0 || open->course.size > COURSE_ID_MAX || open->lang.size > LANG_MAX ||
        open->version.size > VERSION_MAX) {
        return report_set(&open->report, S_NOT_FOUND, "There is no such course here.");
    }
    snprintf(course, sizeof course, "%.*s", (int)open->course.size, (const char *)open->course.data);
    snprintf(lang, sizeof lang, "%.*s", (int)open->lang.size,
             open->lang.size ? (const char *)open->lang.data : "");
    snprintf(version, sizeof version, "%.*s", (int)open->version.size,
             open->version.size ? (const char *)open->version.data : "");
    struct course_ref ref = {course, lang, version};
    enum status status = course_resolve(db, &ref, true, &open->version_row, &open->report);
    if (status == S_OK) {
        status = registration_choose(db, open);
    }
    return status == S_OK ? version_of_cohort(db, open, lang) : status;
}

static struct bytes keep(struct launch_open *open, struct bytes text, enum status *status)
{
    struct bytes copy = arena_copy(open->arena, text);

    *status = copy.data ? *status : S_NO_MEMORY;
    return copy;
}

static enum status item_keep(struct launch_open *open, const struct item_sum *sum)
{
    enum status status = S_OK;

    open->opened = sum->item;
    open->opened.id = keep(open, sum->item.id, &status);
    open->opened.title = keep(open, sum->item.title, &status);
    open->opened.entry = keep(open, sum->item.entry, &status);
    open->opened.kind = keep(open, sum->item.kind, &status);
    open->opened.details = keep(open, sum->item.details, &status);
    open->seconds_before = sum->seconds;
    return status;
}

/* The course itself: nothing is shown, the engine decides what is. */
static enum status course_keep(struct launch_open *open)
{
    enum status status = S_OK;

    open->opened = (struct course_item){.kind = bytes_text("course"), .mastery_percent = -1};
    open->opened.id = open->opened.entry = open->opened.details = bytes_of("", 0);
    open->opened.title = keep(open, bytes_text(open->version_row.title), &status);
    return status;
}

static enum status item_choose(struct db *db, struct launch_open *open)
{
    const struct item_sum *chosen = NULL;
    struct item_sums sums;
    enum status status = item_sums_load(db, open->version_row.id, open->registration.id, &sums);
    bool is_sequenced =
        status == S_OK && open->version_row.format == PACKAGE_SCORM2004 && activity_tree_is_in(&sums);

    if (is_sequenced) {
        status = activity_tree_load(db, open, &sums);
    }
    if (is_sequenced && open->is_course) {
        item_sums_release(&sums);
        return status == S_OK ? course_keep(open) : status;
    }
    if (status == S_OK && open->item.size == 0) {
        chosen = item_sums_next(&sums);
    }
    for (size_t i = 0; i < sums.count && status == S_OK && open->item.size > 0 && !chosen; i++) {
        bool is_it = !sums.items[i].is_heading && bytes_equal(sums.items[i].item.id, open->item);
        chosen = is_it ? &sums.items[i] : NULL;
    }
    if (status == S_OK) {
        status = chosen ? item_keep(open, chosen)
                        : report_set(&open->report, S_NOT_FOUND, "This course has no such item to open.");
    }
    item_sums_release(&sums);
    return status;
}

/* What is shown and says nothing of itself is done when it was opened. */
static bool kind_is_silent(struct bytes kind)
{
    static const char *const silent[] = {"asset", "webcontent", "weblink", "discussion", "lti"};

    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        if (bytes_equal(kind, bytes_text(silent[i]))) {
            return true;
        }
    }
    return false;
}

/* Did the person leave something of the item in this other registration of the course, in this very version? */
static bool was_left_elsewhere(struct db *db, const struct launch_open *open, int64_t registration, struct registration_row *from_out)
{
    struct launch_row last = open->row, holder;

    if (registration == open->registration.id || !registration_row_get(db, registration, from_out) ||
        strcmp(from_out->course, open->registration.course) != 0) {
        return false;
    }
    last.registration = registration;
    last.attempt = launch_row_attempt(db, registration, last.item);
    int64_t id = launch_row_state_holder(db, &last);
    return id > 0 && launch_row_get(db, id, &holder) && holder.course == open->row.course;
}

/* Who began alone and was then put into a cohort, or was moved to another, goes on where they were; a course that was completed there begins anew. */
static bool state_bring(struct db *db, const struct launch_open *open, struct buffer *state)
{
    struct registration_row from = {.id = 0}, latest = {.id = 0};
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)registration_row_list_of(db, open->person, &ids);
    for (size_t at = 0; at + sizeof id <= ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        latest = was_left_elsewhere(db, open, id, &from) ? from : latest;
    }
    buffer_release(&ids);
    return latest.id > 0 && latest.status != REGISTRATION_COMPLETED &&
           launch_row_state(db, latest.id, open->row.item, launch_row_attempt(db, latest.id, open->row.item), state);
}

static enum status state_load(struct db *db, struct launch_open *open, bool is_first)
{
    enum status status = S_OK;
    struct buffer state;

    buffer_init(&state);
    if (launch_row_state(db, open->registration.id, open->row.item, open->row.attempt, &state) ||
        (is_first && !activity_tree_is_root(&open->row) && state_bring(db, open, &state))) {
        open->state = keep(open, buffer_bytes(&state), &status);
    }
    buffer_release(&state);
    return status;
}

static enum status row_insert(struct db *db, struct launch_open *open)
{
    struct launch_row *row = &open->row;
    uint8_t random[TOKEN_BYTES];

    randombytes_buf(random, sizeof random);
    sodium_bin2base64(open->token, LAUNCH_TOKEN_SIZE, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    *row = (struct launch_row){.registration = open->registration.id,
                               .person = open->person,
                               .course = open->version_row.id,
                               .runtime = runtime_of(open->version_row.format, &open->opened),
                               .created_ms = open->now_ms,
                               .expires_ms = open->now_ms + LAUNCH_LIFE_MS,
                               .score = EVENT_NO_SCORE};
    CHECK(token_hash(open->token, &row->token));
    CHECK(open->opened.id.size < sizeof row->item);
    if (open->opened.id.size) {
        memcpy(row->item, open->opened.id.data, open->opened.id.size);
    }
    row->item[open->opened.id.size] = '\0';
    int last = launch_row_attempt(db, open->registration.id, row->item);
    row->attempt = last == 0 ? 1 : open->is_fresh ? last + 1 : last;
    if (activity_tree_is_root(row)) {
        activity_tree_continue(db, row);
        open->tree = open->is_fresh ? bytes_of("", 0) : open->tree;
    }
    if (kind_is_silent(open->opened.kind)) {
        row->completion = CMI_YES;
        row->completed_ms = open->now_ms;
    }
    enum status status = state_load(db, open, last == 0 && !open->is_fresh);
    return status == S_OK ? launch_row_insert(db, row) : status;
}

enum status launch_open_run(struct db *db, void *arg)
{
    struct launch_open *open = arg;

    report_clear(&open->report);
    enum status status = version_choose(db, open);
    if (status == S_OK) {
        status = item_choose(db, open);
    }
    if (status == S_OK) {
        status = row_insert(db, open);
    }
    if (status == S_OK) {
        status = xapi_session_open(db, open);
    }
    if (status == S_OK) {
        memcpy(open->registration.lang, open->version_row.lang, sizeof open->registration.lang);
        memcpy(open->registration.version, open->version_row.version, sizeof open->registration.version);
        status = registration_settle(db, open->version_row.id, &open->registration);
    }
    return status;
}

/* --- committing
 * ------------------------------------------------------------------------------------------------- */

static void mastery_take(void *ctx, uint32_t number, const struct course_item *item)
{
    (void)number;
    *(double *)ctx = cmi_mastery(item->mastery_percent, item->details);
}

/* The score that decides over success; negative: none does. Of cmi5 the verbs do, which were held against the mastery score when they were said
 * (lrs/cmi5.h). */
static double mastery_of(struct db *db, const struct launch_row *row)
{
    double mastery = -1;

    if (row->runtime != RUNTIME_CMI5) {
        course_item_find(db, row->course, bytes_text(row->item), mastery_take, &mastery);
    }
    return mastery;
}

static bool is_done(const struct launch_row *row)
{
    return row->success == CMI_YES || row->completion == CMI_YES;
}

/* What the launch says now: what it does not speak of stays. */
static void row_apply(const struct launch_commit *commit, int64_t at_ms, struct launch_row *row)
{
    const struct cmi_result *result = &commit->result;

    row->seq = commit->seq;
    row->completion = result->completion ? (int)result->completion : row->completion;
    row->success = result->success ? (int)result->success : row->success;
    row->score = result->score != CMI_NONE ? result->score : row->score;
    row->progress = result->progress != CMI_NONE ? result->progress : row->progress;
    row->seconds = result->seconds > row->seconds ? result->seconds : row->seconds;
    if (!is_done(row)) {
        row->completed_ms = 0;
    } else if (row->completed_ms == 0) {
        row->completed_ms = at_ms;
    }
}

/* An old commit can still say that it was done earlier. */
static bool stale_apply(const struct launch_commit *commit, int64_t at_ms, struct launch_row *row)
{
    bool was_done = commit->result.completion == CMI_YES || commit->result.success == CMI_YES;

    if (commit->seq >= row->seq || !was_done || !is_done(row) || at_ms >= row->completed_ms) {
        return false;
    }
    row->completed_ms = at_ms;
    return true;
}

/* When it happened, as far as that can be. */
static int64_t commit_time(const struct launch_commit *commit, const struct launch_row *row)
{
    return commit->at_ms > row->created_ms && commit->at_ms < commit->now_ms ? commit->at_ms : commit->now_ms;
}

/* Whether its state is what another device is to go on from. Who has the course open twice goes on from where they worked last: a launch that only stayed open
 * (and says its time when it closes) takes nothing from one that was worked in since; one that was opened earlier takes it from a later one by work alone, done
 * when that one was last heard of. */
static bool state_goes_on(struct db *db, const struct launch_commit *commit, const struct launch_row *row)
{
    int64_t id = launch_row_state_holder(db, row);
    struct launch_row holder;

    if (id == 0 || id == row->id || !launch_row_get(db, id, &holder)) {
        return true;
    }
    int64_t heard_ms = holder.ended_ms > 0 ? holder.ended_ms : holder.expires_ms - LAUNCH_LIFE_MS;
    if (id < row->id) {
        return commit->work != CMI_NO || heard_ms <= row->created_ms;
    }
    return commit->work == CMI_YES && commit_time(commit, row) > heard_ms;
}

static bool commit_apply(struct launch_commit *commit, struct launch_row *row)
{
    int64_t at_ms = commit_time(commit, row);
    bool has_changed = false;

    commit->is_stale = commit->seq <= row->seq;
    if (commit->is_stale) {
        has_changed = stale_apply(commit, at_ms, row);
    } else {
        row_apply(commit, at_ms, row);
        has_changed = true;
    }
    if (commit->is_end && row->ended_ms == 0) {
        row->ended_ms = commit->now_ms;
        row->expires_ms = commit->now_ms;
        has_changed = true;
    } else if (has_changed && row->ended_ms == 0) {
        row->expires_ms = commit->now_ms + LAUNCH_LIFE_MS;
    }
    return has_changed;
}

enum status launch_say(struct db *db, const struct launch_said *said)
{
    struct launch_commit commit = {.launch = said->launch, .result = said->result, .now_ms = said->now_ms};
    struct registration_row registration;
    struct launch_row row;

    if (!launch_row_get(db, said->launch, &row) ||
        !registration_row_get(db, row.registration, &registration)) {
        return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
    }
    cmi_judge(&commit.result, mastery_of(db, &row));
    commit.seq = row.seq;
    commit.result.completion = row.completion == CMI_YES ? CMI_YES : commit.result.completion;
    commit.result.success = row.success == CMI_YES ? CMI_YES : commit.result.success;
    commit.result.score = row.score > commit.result.score ? row.score : commit.result.score;
    commit.result.progress = row.progress > commit.result.progress ? row.progress : commit.result.progress;
    row_apply(&commit,
              said->at_ms > row.created_ms && said->at_ms < said->now_ms ? said->at_ms : said->now_ms, &row);
    enum status status = launch_row_update(db, &row);
    return status == S_OK ? registration_settle(db, row.course, &registration) : status;
}

enum status launch_commit_run(struct db *db, void *arg)
{
    struct launch_commit *commit = arg;
    struct launch_row *row = &commit->row;
    enum status status = S_OK;

    if (!launch_row_get(db, commit->launch, row) || (commit->person > 0 && row->person != commit->person) ||
        !registration_row_get(db, row->registration, &commit->registration)) {
        return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
    }
    cmi_judge(&commit->result, mastery_of(db, row));
    if (!commit_apply(commit, row)) {
        return S_OK;
    }
    bool ends_session = commit->is_end && row->session > 0 && commit->lrs;
    if (!commit->is_stale && commit->state.size > 0 && !activity_tree_is_root(row) && state_goes_on(db, commit, row)) {
        status = launch_row_put_state(db, row, commit->state);
    }
    if (status == S_OK) {
        status = launch_row_update(db, row);
    }
    if (status == S_OK && !commit->is_stale) {
        status = activity_tree_commit(db, commit);
    }
    if (status == S_OK) {
        status = registration_settle(db, row->course, &commit->registration);
    }
    if (status == S_OK && !commit->is_stale) { /* what is observed of them finds the rows as they are now */
        status = xapi_statements_take(commit->lrs, db, row, commit->statements);
    }
    return status == S_OK && ends_session
               ? xapi_session_end(commit->lrs, db, row, commit->now_ms)
               : status;
}
