#include "node/store/course/cohort.h"

#include <stdio.h>
#include <string.h>

enum status cohort_pin(struct db *db, const char *cohort, const struct course_row *row)
{
    struct statement *put = db_statement(db, STATEMENT_course_cohort_put);

    statement_bind_string(put, 1, row->course);
    statement_bind_string(put, 2, row->lang);
    statement_bind_string(put, 3, cohort);
    statement_bind_string(put, 4, row->version);
    statement_bind_blob(put, 5, bytes_of(row->publisher.b, sizeof row->publisher.b));
    return statement_run(put);
}

enum status cohort_unpin(struct db *db, const char *cohort, const char *course, const char *lang,
                         int64_t *count_out)
{
    struct statement *drop = db_statement(db, STATEMENT_course_cohort_delete);

    statement_bind_string(drop, 1, course);
    statement_bind_string(drop, 2, cohort);
    statement_bind_string(drop, 3, lang);
    enum status status = statement_run(drop);
    *count_out = db_changes(db);
    return status;
}

size_t cohort_find(struct db *db, struct bytes cohort, struct bytes course, struct bytes lang,
                   struct cohort_version found_out[2])
{
    struct statement *find = db_statement(db, STATEMENT_course_cohort_find);
    size_t count = 0;

    statement_bind_text(find, 1, course);
    statement_bind_text(find, 2, cohort);
    statement_bind_text(find, 3, lang);
    while (count < 2 && statement_step(find)) {
        struct cohort_version *found = &found_out[count++];
        struct bytes publisher = statement_blob(find, 2);

        memset(found, 0, sizeof *found);
        statement_take_text(find, 0, found->lang, sizeof found->lang);
        statement_take_text(find, 1, found->version, sizeof found->version);
        if (publisher.size == sizeof found->publisher.b) {
            memcpy(found->publisher.b, publisher.data, publisher.size);
        }
    }
    statement_reset(find);
    return count;
}

size_t cohort_list(struct db *db, const struct course_row *row, struct buffer *names)
{
    struct statement *list = db_statement(db, STATEMENT_course_cohort_of);
    size_t count = 0;

    statement_bind_string(list, 1, row->course);
    statement_bind_string(list, 2, row->lang);
    statement_bind_string(list, 3, row->version);
    statement_bind_blob(list, 4, bytes_of(row->publisher.b, sizeof row->publisher.b));
    for (; statement_step(list); count++) {
        const char *name = statement_string(list, 0);

        buffer_append(names, name, strlen(name) + 1);
    }
    statement_reset(list);
    return count;
}
