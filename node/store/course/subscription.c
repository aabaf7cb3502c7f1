#include "node/store/course/subscription.h"

#include <stdio.h>

static bool has_room(struct db *db, const struct subscription *subscription)
{
    struct statement *room = db_statement(db, STATEMENT_course_subscription_room);

    statement_bind_int(room, 1, SUBSCRIPTIONS_MAX);
    statement_bind_string(room, 2, subscription->course);
    statement_bind_string(room, 3, subscription->series);
    statement_bind_string(room, 4, subscription->lang);
    statement_bind_string(room, 5, subscription->publisher);
    bool has_room = statement_step(room) && statement_int(room, 0) != 0;
    statement_reset(room);
    return has_room;
}

enum status subscription_put(struct db *db, const struct subscription *subscription)
{
    if (!has_room(db, subscription)) {
        return db_status(db) != S_OK ? db_status(db) : S_TOO_LARGE;
    }
    struct statement *put = db_statement(db, STATEMENT_course_subscription_put);

    statement_bind_string(put, 1, subscription->course);
    statement_bind_string(put, 2, subscription->series);
    statement_bind_string(put, 3, subscription->lang);
    statement_bind_string(put, 4, subscription->publisher);
    statement_bind_int(put, 5, subscription->has_all_versions);
    return statement_run(put);
}

enum status subscription_delete(struct db *db, const struct subscription *subscription, int64_t *count_out)
{
    struct statement *delete = db_statement(db, STATEMENT_course_subscription_delete);
    enum status status;

    statement_bind_string(delete, 1, subscription->course);
    statement_bind_string(delete, 2, subscription->series);
    statement_bind_string(delete, 3, subscription->lang);
    statement_bind_string(delete, 4, subscription->publisher);
    status = statement_run(delete);
    *count_out = db_changes(db);
    return status;
}

enum status subscription_delete_all(struct db *db, int64_t *count_out)
{
    enum status status = statement_run(db_statement(db, STATEMENT_course_subscription_delete_all));

    *count_out = db_changes(db);
    return status;
}

size_t subscription_list(struct db *db, struct subscription *list_out, size_t max)
{
    struct statement *list = db_statement(db, STATEMENT_course_subscription_list);
    size_t count = 0;

    while (count < max && statement_step(list)) {
        struct subscription *one = &list_out[count++];

        statement_take_text(list, 0, one->course, sizeof one->course);
        statement_take_text(list, 1, one->series, sizeof one->series);
        statement_take_text(list, 2, one->lang, sizeof one->lang);
        statement_take_text(list, 3, one->publisher, sizeof one->publisher);
        one->has_all_versions = statement_int(list, 4) != 0;
    }
    statement_reset(list);
    return count;
}
