#include "node/learn/course/course_source.h"

#include <stdio.h>
#include <string.h>

static const char *source_course(const struct course_row *row)
{
    return row->localises[0] ? row->localises : row->course;
}

/* Later in the life of one language. */
static bool is_later(const struct course_row *a, const struct course_row *b)
{
    return a->stamp != b->stamp ? a->stamp > b->stamp : a->imported_ms > b->imported_ms;
}

typedef void row_look(void *ctx, const struct course_row *row);

static void each_version(struct db *db, const char *course, row_look *look, void *ctx)
{
    struct course_row row;
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(course), &ids);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (course_row_get(db, id, &row) && !row.is_withdrawn) {
            look(ctx, &row);
        }
    }
    buffer_release(&ids);
}

/* --- choosing --- */

struct choice {
    const struct course_row *of;
    const char *lang, *version; /* "": any */
    struct course_row best;     /* id 0: none */
};

static void original_look(void *ctx, const struct course_row *row)
{
    struct choice *choice = ctx;
    bool is_same = strcmp(row->course, choice->of->course) == 0 && strcmp(row->lang, choice->of->lang) == 0;

    if (!is_same && !row->source_lang[0] &&
        (choice->best.id == 0 || is_later(&choice->best, row) ||
         (!is_later(row, &choice->best) && row->id < choice->best.id))) {
        choice->best = *row;
    }
}

static void version_look(void *ctx, const struct course_row *row)
{
    struct choice *choice = ctx;

    if (strcmp(row->lang, choice->lang) == 0 &&
        (!choice->version[0] || strcmp(row->version, choice->version) == 0) &&
        (choice->best.id == 0 || row->is_current ||
         (!choice->best.is_current && is_later(row, &choice->best)))) {
        choice->best = *row;
    }
}

enum status course_source_choose(struct db *db, const char *from, struct course_row *row,
                                 struct report *report)
{
    struct choice original = {.of = row}, version = {.of = row, .version = ""};
    char lang[LANG_MAX + 1];

    row->source_lang[0] = row->source_version[0] = '\0';
    if (from && from[0]) {
        const char *at = strchr(from, '@');

        snprintf(lang, sizeof lang, "%.*s", (int)(at ? at - from : (long)strlen(from)), from);
        version.version = at ? at + 1 : "";
    } else {
        each_version(db, source_course(row), original_look, &original);
        snprintf(lang, sizeof lang, "%s", original.best.lang);
    }
    version.lang = lang;
    if (lang[0]) {
        each_version(db, source_course(row), version_look, &version);
    }
    if (version.best.id == 0 && from && from[0]) {
        return report_set(report, S_NOT_FOUND, "--from \"%.100s\": no such version of \"%s\" is known here",
                          from, source_course(row));
    }
    if (version.best.id != 0) {
        snprintf(row->source_lang, sizeof row->source_lang, "%s", version.best.lang);
        snprintf(row->source_version, sizeof row->source_version, "%s", version.best.version);
    }
    return S_OK;
}

/* --- standing --- */

struct sources {
    const struct course_row *of;
    struct course_row then, now; /* id 0: not known */
};

static void then_look(void *ctx, const struct course_row *row)
{
    struct sources *sources = ctx;

    if (strcmp(row->lang, sources->of->source_lang) == 0 &&
        strcmp(row->version, sources->of->source_version) == 0 &&
        (sources->then.id == 0 || is_later(row, &sources->then))) {
        sources->then = *row;
    }
}

/* The newest by whoever made the one it was made from; when that one is not known, by anybody. */
static void now_look(void *ctx, const struct course_row *row)
{
    struct sources *sources = ctx;

    if (strcmp(row->lang, sources->of->source_lang) == 0 &&
        (sources->then.id == 0 || id_equal(&row->publisher, &sources->then.publisher)) &&
        (sources->now.id == 0 || is_later(row, &sources->now))) {
        sources->now = *row;
    }
}

void course_standing_get(struct db *db, const struct course_row *row, struct course_standing *standing_out)
{
    struct sources sources = {.of = row};

    memset(standing_out, 0, sizeof *standing_out);
    if (!row->source_lang[0]) {
        return;
    }
    standing_out->is_translation = true;
    snprintf(standing_out->course, sizeof standing_out->course, "%s", source_course(row));
    each_version(db, source_course(row), then_look, &sources);
    each_version(db, source_course(row), now_look, &sources);
    if (sources.now.id == 0) {
        return;
    }
    snprintf(standing_out->newest, sizeof standing_out->newest, "%s", sources.now.version);
    standing_out->is_behind = strcmp(sources.now.version, row->source_version) != 0;
    if (!standing_out->is_behind ||
        !(sources.then.id && sources.then.is_listed && sources.now.is_listed && row->is_listed)) {
        standing_out->is_counted = !standing_out->is_behind;
        return;
    }
    standing_out->members = course_member_behind(db, sources.then.id, sources.now.id, row->id);
    standing_out->is_counted = true;
}
