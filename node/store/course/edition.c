#include "node/store/course/edition.h"

#include <string.h>

#include "node/store/course/cohort.h"

static bool course_is_known(struct db *db, struct bytes course)
{
    struct statement *statement = db_statement(db, STATEMENT_edition_known);

    statement_bind_text(statement, 1, course);
    return statement_has_row(statement);
}

static void text_copy(char *out, size_t size_max, struct bytes text)
{
    if (text.size <= size_max) {
        memcpy(out, text.data, text.size);
        out[text.size] = '\0';
    }
}

/* The one version that the cohort stays with. */
static bool cohort_edition(struct db *db, struct bytes course, struct bytes lang, struct bytes cohort,
                           struct edition *edition_out)
{
    struct cohort_version found[2];

    if (cohort.size == 0 || cohort_find(db, cohort, course, lang, found) != 1) {
        return false;
    }
    text_copy(edition_out->lang, LANG_MAX, bytes_text(found[0].lang));
    text_copy(edition_out->version, VERSION_MAX, bytes_text(found[0].version));
    edition_out->is_known = true;
    return true;
}

void edition_find(struct db *db, struct bytes course, struct bytes lang, struct bytes cohort,
                  struct edition *edition_out)
{
    memset(edition_out, 0, sizeof *edition_out);
    if (cohort_edition(db, course, lang, cohort, edition_out)) {
        return;
    }
    struct statement *statement = db_statement(db, STATEMENT_edition_current);

    statement_bind_text(statement, 1, course);
    statement_bind_text(statement, 2, lang);
    if (statement_step(statement)) {
        text_copy(edition_out->lang, LANG_MAX, statement_blob(statement, 0));
        text_copy(edition_out->version, VERSION_MAX, statement_blob(statement, 1));
        edition_out->is_known = true;
        if (statement_step(statement)) { /* a second one: in which of them, nobody said */
            edition_out->lang[0] = edition_out->version[0] = '\0';
        }
    }
    statement_reset(statement);
    if (!edition_out->is_known) {
        edition_out->is_known = course_is_known(db, course);
    }
}
