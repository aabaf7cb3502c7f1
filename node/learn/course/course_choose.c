/* Which version is served: pins, rollback, and finding the one that a person means. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/learn/course/course_choose.h"

uint64_t course_wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool course_is_held(const struct course_row *row)
{
    return row->state == COURSE_IMPORTED || row->state == COURSE_PUBLISHED || row->state == COURSE_INSTALLED;
}

/* The better to serve: pinned, then published, then the later one. */
static bool is_better(const struct course_row *a, const struct course_row *b)
{
    if (a->is_pinned != b->is_pinned) {
        return a->is_pinned;
    }
    if (a->is_withdrawn != b->is_withdrawn) {
        return b->is_withdrawn;
    }
    if (a->stamp != b->stamp) {
        return a->stamp > b->stamp;
    }
    return a->imported_ms != b->imported_ms ? a->imported_ms > b->imported_ms : a->id > b->id;
}

/* Makes `id` (0: none) the only current one of those of `lang`. */
static enum status set_current(struct db *db, const struct buffer *ids, const char *lang, int64_t id)
{
    struct course_row row;
    enum status status = S_OK;

    for (size_t at = 0; status == S_OK && course_row_next(db, ids, &at, &row);) {
        if (strcmp(row.lang, lang) == 0 && row.is_current != (row.id == id)) {
            row.is_current = row.id == id;
            status = course_row_update(db, &row);
        }
    }
    return status;
}

enum status course_choose(struct db *db, const char *course, const char *lang)
{
    struct course_row row, best = {.id = 0};
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    status = course_row_list_of(db, bytes_text(course), &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        if (strcmp(row.lang, lang) == 0 && course_is_held(&row) &&
            (best.id == 0 || is_better(&row, &best))) {
            best = row;
        }
    }
    if (status == S_OK) {
        status = set_current(db, &ids, lang, best.id);
    }
    buffer_release(&ids);
    return status;
}

struct course_latest course_latest(struct db *db, const struct course_row *row)
{
    struct course_latest latest = {0};
    struct course_row other;
    struct buffer ids;

    buffer_init(&ids);
    if (course_row_list_of(db, bytes_text(row->course), &ids) == S_OK) {
        for (size_t at = 0; course_row_next(db, &ids, &at, &other);) {
            if (id_equal(&other.publisher, &row->publisher) && strcmp(other.lang, row->lang) == 0) {
                latest.stamp = other.stamp > latest.stamp ? other.stamp : latest.stamp;
                latest.imported_ms = other.imported_ms > latest.imported_ms ? other.imported_ms : latest.imported_ms;
            }
        }
    }
    buffer_release(&ids);
    return latest;
}

/* Looks through all versions of a course for the one that is meant. */
struct search {
    const struct course_ref *ref;
    bool must_be_held;
    bool is_known;     /* the course exists at all */
    bool is_ambiguous; /* more than one language, and none was named */
    char langs[256];
    struct course_row best;
};

static void search_visit(struct search *search, const struct course_row *row)
{
    const struct course_ref *ref = search->ref;
    bool is_meant = ref->version[0] ? strcmp(ref->version, row->version) == 0 : true;

    search->is_known = true;
    if ((ref->lang[0] && strcmp(ref->lang, row->lang) != 0) || !is_meant ||
        (search->must_be_held && !course_is_held(row))) {
        return;
    }
    if (search->best.id && strcmp(search->best.lang, row->lang) != 0) {
        search->is_ambiguous = true;
        size_t used = strlen(search->langs);
        snprintf(search->langs + used, sizeof search->langs - used, ", %s", row->lang);
    }
    if (!search->best.id) {
        snprintf(search->langs, sizeof search->langs, "%s", row->lang);
    }
    if (!search->best.id || strcmp(search->best.lang, row->lang) != 0 || row->is_current ||
        (!search->best.is_current && is_better(row, &search->best))) {
        search->best = *row;
    }
}

enum status course_resolve(struct db *db, const struct course_ref *ref, bool must_be_held,
                           struct course_row *row_out, struct report *report)
{
    struct search search = {.ref = ref, .must_be_held = must_be_held};
    struct course_row row;
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    status = course_row_list_of(db, bytes_text(ref->course), &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        search_visit(&search, &row);
    }
    buffer_release(&ids);
    if (status != S_OK) {
        return report_set(report, status, "cannot read the courses: %s", status_text(status));
    }
    if (!search.is_known) {
        return report_set(report, S_NOT_FOUND,
                          "course \"%s\" is not known here: see qanat course list --available", ref->course);
    }
    if (!search.best.id) {
        return report_set(report, S_NOT_FOUND,
                          "course \"%s\"%s%s%s%s is %s: see qanat course list --available", ref->course,
                          ref->lang[0] ? " in " : "", ref->lang, ref->version[0] ? " version " : "",
                          ref->version, must_be_held ? "not held here" : "not known here");
    }
    if (search.is_ambiguous) {
        return report_set(report, S_USAGE,
                          "course \"%s\" is here in several languages: say --lang, one of %s", ref->course,
                          search.langs);
    }
    *row_out = search.best;
    return S_OK;
}

enum status course_unpin(struct db *db, const char *course, const char *lang)
{
    struct course_row row;
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    status = course_row_list_of(db, bytes_text(course), &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        if (row.is_pinned && strcmp(row.lang, lang) == 0) {
            row.is_pinned = false;
            status = course_row_update(db, &row);
        }
    }
    buffer_release(&ids);
    return status == S_OK ? course_choose(db, course, lang) : status;
}

enum status course_pin(struct db *db, const struct course_row *row)
{
    struct course_row pinned;
    enum status status = course_unpin(db, row->course, row->lang);

    if (status != S_OK || !course_row_get(db, row->id, &pinned)) {
        return status != S_OK ? status : S_STALE;
    }
    pinned.is_pinned = true;
    status = course_row_update(db, &pinned);
    return status == S_OK ? course_choose(db, row->course, row->lang) : status;
}

enum status course_rollback(struct db *db, const struct course_row *current, struct course_row *row_out)
{
    struct course_row row, best = {.id = 0}, now = *current;
    struct buffer ids;
    enum status status;

    buffer_init(&ids);
    now.is_pinned = now.is_withdrawn = false; /* older by age alone */
    status = course_row_list_of(db, bytes_text(current->course), &ids);
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        if (strcmp(row.lang, current->lang) == 0 && row.id != current->id &&
            course_is_held(&row)) {
            row.is_pinned = row.is_withdrawn = false;
            if (is_better(&now, &row) && (best.id == 0 || is_better(&row, &best))) {
                best = row;
            }
        }
    }
    buffer_release(&ids);
    if (status != S_OK || best.id == 0) {
        return status != S_OK ? status : S_NOT_FOUND;
    }
    status = course_pin(db, &best);
    return status == S_OK && !course_row_get(db, best.id, row_out) ? S_STALE : status;
}
