#include "node/learn/attempt/registration.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/cmi.h"
#include "node/store/course/course.h"
#include "node/store/course/course_item.h"
#include "node/store/people/cohort_row.h"
#include "replication/base/check.h"

enum { TEXTS_MAX = 64 * 1024 * 1024, DONE = 10000 };

const char *registration_status_text(int status)
{
    static const char *const texts[] = {"enrolled", "started", "completed"};

    return status >= 0 && (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "?"; /* of a damaged row */
}

/* --- items ------------------------------------------------------------------------------------------------------ */

struct loading {
    struct item_sums *sums;
    int64_t course;
    struct buffer items;      /* struct item_sum */
    struct item_sum **by_id;  /* of those that open */
    size_t by_id_count;
    bool is_full;
};

static struct bytes keep(struct loading *loading, struct bytes text)
{
    struct bytes copy = arena_copy(&loading->sums->arena, text);

    loading->is_full = loading->is_full || !copy.data;
    return copy.data ? copy : bytes_of("", 0);
}

static bool kind_is(const struct course_item *item, const char *kind)
{
    return bytes_equal(item->kind, bytes_text(kind));
}

/* Discussions, tools and links of a cartridge lead out of it: nobody says when they are done. */
static bool kind_counts(const struct course_item *item)
{
    return !kind_is(item, "heading") && !kind_is(item, "weblink") && !kind_is(item, "discussion") && !kind_is(item, "lti");
}

static void item_take(void *ctx, uint32_t number, const struct course_item *item)
{
    struct loading *loading = ctx;
    struct item_sum sum = {.number = number, .item = *item, .score = CMI_NONE};

    sum.item.id = keep(loading, item->id);
    sum.item.title = keep(loading, item->title);
    sum.item.entry = keep(loading, item->entry);
    sum.item.kind = keep(loading, item->kind);
    sum.item.details = keep(loading, item->details);
    sum.is_heading = kind_is(item, "heading") || item->entry.size == 0;
    sum.counts = !sum.is_heading && kind_counts(item);
    buffer_append(&loading->items, &sum, sizeof sum);
}

static int by_id_compare(const void *a, const void *b)
{
    const struct item_sum *left = *(struct item_sum *const *)a, *right = *(struct item_sum *const *)b;
    int order = bytes_compare(left->item.id, right->item.id);

    return order ? order : (left < right ? -1 : left > right);
}

/* The first item with this id. */
static struct item_sum *sum_find(struct loading *loading, struct bytes id)
{
    size_t low = 0, high = loading->by_id_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(loading->by_id[middle]->item.id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < loading->by_id_count && bytes_equal(loading->by_id[low]->item.id, id) ? loading->by_id[low] : NULL;
}

/* Completed and not failed, or passed. */
static bool is_finished(int completion, int success)
{
    return success == CMI_YES || (completion == CMI_YES && success != CMI_NO);
}

static void launch_add(void *ctx, const struct launch_row *row)
{
    struct loading *loading = ctx;
    struct item_sums *sums = loading->sums;
    struct item_sum *sum = sum_find(loading, bytes_text(row->item));

    sums->seconds += row->seconds;
    sums->started_ms = sums->started_ms == 0 || row->created_ms < sums->started_ms ? row->created_ms : sums->started_ms;
    if (*row->item == '\0') { /* of the course itself: the latest says how it stands */
        sums->whole = (struct item_sum){.launch_count = sums->whole.launch_count + 1,
                                        .completion = row->completion,
                                        .success = row->success,
                                        .score = row->score,
                                        .progress = row->progress,
                                        .done_ms = row->completed_ms};
        return;
    }
    if (!sum) {
        sums->has_gone = sums->has_gone || row->course == loading->course;
        return;
    }
    bool is_done = !kind_is(&sum->item, "au") && is_finished(row->completion, row->success);
    if (is_done && !sum->has_done) {
        sum->done_ms = 0; /* not before a launch did all of it */
    }
    sum->launch_count++;
    sum->completion = row->completion > sum->completion ? row->completion : sum->completion;
    if (row->success == CMI_YES && sum->success != CMI_YES) {
        sum->done_ms = 0; /* it was done when it was passed */
    }
    if (row->completed_ms > 0 && (is_done || !sum->has_done) && row->success >= sum->success && (sum->done_ms == 0 || row->completed_ms < sum->done_ms)) {
        sum->done_ms = row->completed_ms;
    }
    sum->has_done = sum->has_done || is_done;
    sum->success = row->success > sum->success ? row->success : sum->success;
    sum->score = row->score > sum->score ? row->score : sum->score;
    sum->progress = row->progress > sum->progress ? row->progress : sum->progress;
    sum->seconds += row->seconds;
}

/* cmi5 section 13.1.4, moveOn; everything else: one launch was passed, or completed and not failed; that another failed, before or after, takes nothing
 * back. A unit without a rule is done when it was opened. */
static void done_judge(struct item_sum *sum)
{
    bool is_completed = sum->completion == CMI_YES, is_passed = sum->success == CMI_YES;

    sum->is_done = sum->has_done || is_finished(sum->completion, sum->success);
    if (!kind_is(&sum->item, "au")) {
        return;
    }
    json_t *details = json_loadb((const char *)sum->item.details.data, sum->item.details.size, 0, NULL);
    const char *move_on = json_string_value(json_object_get(details, "moveOn"));
    move_on = move_on ? move_on : "NotApplicable";
    sum->has_rule = true;
    if (strcmp(move_on, "Passed") == 0) {
        sum->is_done = is_passed;
    } else if (strcmp(move_on, "Completed") == 0) {
        sum->is_done = is_completed;
    } else if (strcmp(move_on, "CompletedAndPassed") == 0) {
        sum->is_done = is_completed && is_passed;
    } else if (strcmp(move_on, "CompletedOrPassed") == 0) {
        sum->is_done = is_completed || is_passed;
    } else {
        sum->has_rule = false;
        sum->is_done = sum->launch_count > 0;
    }
    json_decref(details);
}

static void sums_index(struct loading *loading)
{
    struct item_sums *sums = loading->sums;

    sums->items = (struct item_sum *)(void *)loading->items.data;
    sums->count = loading->items.size / sizeof *sums->items;
    loading->by_id = malloc((sums->count + 1) * sizeof(struct item_sum *));
    CHECK(loading->by_id);
    for (size_t i = 0; i < sums->count; i++) {
        if (!sums->items[i].is_heading) {
            loading->by_id[loading->by_id_count++] = &sums->items[i];
        }
    }
    qsort(loading->by_id, loading->by_id_count, sizeof *loading->by_id, by_id_compare);
}

/* A course of links alone is done when all were opened. A unit of cmi5 without a rule is satisfied when others have one; where none has, the course would be
 * done before anybody opened it, so each is to be opened. */
static void counts_settle(struct item_sums *sums)
{
    bool has_one = false, has_rule = false;

    for (size_t i = 0; i < sums->count; i++) {
        done_judge(&sums->items[i]);
        has_one = has_one || sums->items[i].counts;
        has_rule = has_rule || sums->items[i].has_rule;
    }
    for (size_t i = 0; i < sums->count; i++) {
        struct item_sum *sum = &sums->items[i];
        bool is_free = has_rule && !sum->has_rule && kind_is(&sum->item, "au");
        sum->counts = has_one ? sum->counts : !sum->is_heading;
        sum->is_done = !sum->is_heading && (sum->is_done || is_free);
    }
}

enum status item_sums_load(struct db *db, int64_t course, int64_t registration, struct item_sums *sums_out)
{
    struct loading loading = {.sums = sums_out, .course = course};

    memset(sums_out, 0, sizeof *sums_out);
    arena_init(&sums_out->arena, TEXTS_MAX);
    buffer_init(&loading.items);
    enum status status = course_item_list(db, course, item_take, &loading);
    sums_index(&loading);
    if (status == S_OK && registration > 0) {
        status = launch_row_sum(db, registration, launch_add, &loading);
    }
    counts_settle(sums_out);
    free(loading.by_id);
    return status == S_OK && loading.is_full ? S_NO_MEMORY : status;
}

void item_sums_release(struct item_sums *sums)
{
    free(sums->items);
    arena_release(&sums->arena);
    memset(sums, 0, sizeof *sums);
}

const struct item_sum *item_sums_next(const struct item_sums *sums)
{
    const struct item_sum *first = NULL;

    for (size_t i = 0; i < sums->count; i++) {
        const struct item_sum *sum = &sums->items[i];
        if (sum->counts && (!sum->is_done || sum->launch_count == 0)) { /* what need not be opened is offered all the same */
            return sum;
        }
        first = first || sum->is_heading ? first : sum;
    }
    return first;
}

/* --- the registration ------------------------------------------------------------------------------------------- */

static void text_keep(char *out, size_t size, struct bytes text)
{
    CHECK(text.size < size);
    if (text.size) {
        memcpy(out, text.data, text.size);
    }
    out[text.size] = '\0';
}

static bool learns_in_cohort(struct db *db, const struct registration_row *row, const struct cohort_row *cohort)
{
    bool is_trainer = false;

    return cohort_member_find(db, cohort->id, row->person, &is_trainer) && !is_trainer;
}

/* Not of a cohort that is none of this node's (lists of results bring names), or is here no more. */
static bool was_taken_out(struct db *db, const struct registration_row *row)
{
    struct cohort_row cohort;

    return *row->cohort && cohort_row_find(db, bytes_text(row->cohort), &cohort) && !learns_in_cohort(db, row, &cohort);
}

bool registration_find_current(struct db *db, int64_t person, struct bytes course, struct registration_row *row_out)
{
    struct registration_row row;
    struct cohort_row cohort;
    struct buffer ids;
    int64_t id;

    if (!registration_row_find_latest(db, person, course, row_out)) {
        return false;
    }
    if (!was_taken_out(db, row_out)) {
        return true;
    }
    buffer_init(&ids);
    (void)registration_row_list_of(db, person, &ids);
    for (size_t at = 0; at + sizeof id <= ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (registration_row_get(db, id, &row) && bytes_equal(bytes_text(row.course), course) && *row.cohort &&
            cohort_row_find(db, bytes_text(row.cohort), &cohort) && learns_in_cohort(db, &row, &cohort)) {
            *row_out = row;
        }
    }
    buffer_release(&ids);
    return true;
}

enum status registration_open(struct db *db, const struct registration_wish *wish, struct registration_row *row_out)
{
    if (wish->course.size > COURSE_ID_MAX || wish->cohort.size > REGISTRATION_COHORT_MAX) {
        return S_TOO_LARGE;
    }
    if (registration_row_find(db, wish->person, wish->course, wish->cohort, row_out) || db_status(db) != S_OK) {
        return db_status(db);
    }
    memset(row_out, 0, sizeof *row_out);
    randombytes_buf(row_out->uuid, sizeof row_out->uuid);
    row_out->uuid[6] = (uint8_t)(0x40 | (row_out->uuid[6] & 0x0f)); /* RFC 9562, version 4 */
    row_out->uuid[8] = (uint8_t)(0x80 | (row_out->uuid[8] & 0x3f));
    row_out->person = wish->person;
    text_keep(row_out->course, sizeof row_out->course, wish->course);
    text_keep(row_out->cohort, sizeof row_out->cohort, wish->cohort);
    row_out->status = REGISTRATION_ENROLLED;
    row_out->score = EVENT_NO_SCORE;
    row_out->created_ms = wish->now_ms;
    row_out->mark_status = REGISTRATION_NO_MARK;
    row_out->mark_score = EVENT_NO_SCORE;
    row_out->is_due = true;
    return registration_row_insert(db, row_out);
}

/* What the items say together; in a sequenced course what its rollup says. */
static void sums_fold(const struct item_sums *sums, struct registration_row *row)
{
    int64_t counted = 0, done = 0, progress = 0, scores = 0, scored = 0, done_ms = 0;

    for (size_t i = 0; i < sums->count; i++) {
        const struct item_sum *sum = &sums->items[i];
        if (sum->score != CMI_NONE) {
            scores += sum->score;
            scored++;
        }
        if (!sum->counts) {
            continue;
        }
        counted++;
        done += sum->is_done;
        progress += sum->is_done ? DONE : sum->progress;
        done_ms = sum->is_done && sum->done_ms > done_ms ? sum->done_ms : done_ms;
    }
    const struct item_sum *whole = &sums->whole;
    bool is_completed = counted > 0 && done == counted;
    row->progress = counted ? progress / counted : 0;
    row->score = scored ? (scores + scored / 2) / scored : EVENT_NO_SCORE;
    if (whole->completion != CMI_UNKNOWN || whole->success != CMI_UNKNOWN) { /* SN RB.1.5: the rollup decides */
        is_completed = is_finished(whole->completion, whole->success);
        done_ms = is_completed && whole->done_ms ? whole->done_ms : done_ms;
        row->progress = is_completed ? DONE : whole->progress > row->progress ? whole->progress : row->progress;
        row->score = whole->score != CMI_NONE ? whole->score : row->score;
    }
    row->seconds = sums->seconds;
    row->started_ms = sums->started_ms;
    row->status = is_completed ? REGISTRATION_COMPLETED : sums->started_ms ? REGISTRATION_STARTED : REGISTRATION_ENROLLED;
    row->completed_ms = !is_completed ? 0 : done_ms ? done_ms : sums->started_ms;
}

static void mark_apply(struct registration_row *row)
{
    if (row->mark_status != REGISTRATION_NO_MARK) {
        row->completed_ms = row->mark_status != REGISTRATION_COMPLETED ? 0 : row->completed_ms ? row->completed_ms : row->marked_ms;
        row->progress = row->mark_status == REGISTRATION_COMPLETED ? DONE : row->progress;
        row->status = row->mark_status;
    }
    if (row->mark_score != EVENT_NO_SCORE) {
        row->score = row->mark_score;
    }
}

/* The versions that a registration was launched in, each once. */
static void version_take(void *ctx, const struct launch_row *row)
{
    struct buffer *versions = ctx;
    const int64_t *known = (const int64_t *)(const void *)versions->data;

    for (size_t i = 0; i < versions->size / sizeof *known; i++) {
        if (known[i] == row->course) {
            return;
        }
    }
    buffer_append(versions, &row->course, sizeof row->course);
}

/* What was completed stays completed: `row` as this version says becomes what another one says in which all was done. Of a version that is not here any
 * more, or was imported anew with other items, nobody knows what it consisted of: what it came to before (`was`) holds. */
static enum status completion_keep(struct db *db, const struct registration_row *was, struct registration_row *row)
{
    struct registration_row other;
    struct item_sums sums;
    struct buffer versions;
    bool is_gone = false;

    buffer_init(&versions);
    enum status status = launch_row_sum(db, row->id, version_take, &versions);
    const int64_t *version = (const int64_t *)(const void *)versions.data;
    for (size_t i = 0; i < versions.size / sizeof *version && status == S_OK && row->status != REGISTRATION_COMPLETED; i++) {
        status = item_sums_load(db, version[i], row->id, &sums);
        other = *row;
        sums_fold(&sums, &other);
        is_gone = is_gone || sums.count == 0 || sums.has_gone;
        if (status == S_OK && other.status == REGISTRATION_COMPLETED) {
            other.score = other.score > row->score ? other.score : row->score;
            *row = other;
        }
        item_sums_release(&sums);
    }
    if (status == S_OK && is_gone && row->status != REGISTRATION_COMPLETED && was->status == REGISTRATION_COMPLETED) {
        row->status = was->status;
        row->completed_ms = was->completed_ms;
        row->progress = was->progress;
        row->score = was->score > row->score ? was->score : row->score;
    }
    buffer_release(&versions);
    return status;
}

/* By whose items: its own, but of a version that a program of before removed, with its items, by those of the one in its language that is here. */
static int64_t version_judging(struct db *db, int64_t course, const struct registration_row *row)
{
    struct course_row current;

    bool is_unknown = course_item_count(db, course) == 0;
    return is_unknown && course_row_current(db, bytes_text(row->course), bytes_text(row->lang), &current) ? current.id : course;
}

enum status registration_settle(struct db *db, int64_t course, struct registration_row *row)
{
    const struct registration_row was = *row;
    struct item_sums sums;
    enum status status = item_sums_load(db, version_judging(db, course, row), row->id, &sums);

    if (status == S_OK) {
        sums_fold(&sums, row);
        status = row->status == REGISTRATION_COMPLETED ? S_OK : completion_keep(db, &was, row);
    }
    if (status == S_OK) {
        mark_apply(row);
        row->is_due = true;
        status = registration_row_update(db, row);
    }
    item_sums_release(&sums);
    return status;
}

/* --- by hand ---------------------------------------------------------------------------------------------------- */

/* The version of the latest launch. */
static void course_take(void *ctx, const struct launch_row *row)
{
    struct launch_row *latest = ctx;

    if (row->id > latest->id) {
        latest->id = row->id;
        latest->course = row->course;
    }
}

enum status registration_mark(struct db *db, const struct registration_mark *mark)
{
    struct launch_row latest = {.id = 0};
    struct registration_row row;

    if (!registration_row_get(db, mark->registration, &row)) {
        return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
    }
    if (mark->reason.size > REGISTRATION_REASON_MAX) {
        return S_TOO_LARGE;
    }
    if (row.mark_status != REGISTRATION_NO_MARK) {
        row.status = REGISTRATION_ENROLLED; /* it was the mark that said how it stands */
    }
    row.mark_status = mark->status;
    row.mark_score = mark->score;
    row.mark_by = mark->by;
    row.marked_ms = mark->now_ms;
    text_keep(row.mark_reason, sizeof row.mark_reason, mark->reason);
    enum status status = launch_row_sum(db, row.id, course_take, &latest);
    return status == S_OK ? registration_settle(db, latest.course, &row) : status;
}

enum status registration_certify(struct db *db, int64_t registration, int64_t certified_ms)
{
    struct registration_row row;

    if (!registration_row_get(db, registration, &row)) {
        return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
    }
    row.certified_ms = certified_ms;
    row.is_due = true;
    return registration_row_update(db, &row);
}
