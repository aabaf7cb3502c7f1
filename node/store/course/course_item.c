#include "node/store/course/course_item.h"

static void row_read(struct statement *statement, uint32_t *number_out, struct course_item *item)
{
    *number_out = (uint32_t)statement_int(statement, 0);
    item->id = statement_blob(statement, 1);
    item->title = statement_blob(statement, 2);
    item->entry = statement_blob(statement, 3);
    item->depth = (uint32_t)statement_int(statement, 4);
    item->mastery_percent = (int32_t)statement_int(statement, 5);
    item->kind = statement_blob(statement, 6);
    item->details = statement_blob(statement, 7);
}

enum status course_item_list(struct db *db, int64_t course, course_item_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_course_item_list);
    struct course_item item;
    uint32_t number;

    statement_bind_int(statement, 1, course);
    while (statement_step(statement)) {
        row_read(statement, &number, &item);
        visit(ctx, number, &item);
    }
    statement_reset(statement);
    return db_status(db);
}

int64_t course_item_count(struct db *db, int64_t course)
{
    struct statement *statement = db_statement(db, STATEMENT_course_item_count);

    statement_bind_int(statement, 1, course);
    int64_t count = statement_step(statement) ? statement_int(statement, 0) : 0;
    statement_reset(statement);
    return count;
}

bool course_item_find(struct db *db, int64_t course, struct bytes id, course_item_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_course_item_find);
    struct course_item item;
    uint32_t number;

    statement_bind_int(statement, 1, course);
    statement_bind_text(statement, 2, id);
    bool is_found = statement_step(statement);
    if (is_found) {
        row_read(statement, &number, &item);
        visit(ctx, number, &item);
    }
    statement_reset(statement);
    return is_found;
}

enum status course_search_find(struct db *db, struct bytes query, struct buffer *ids)
{
    struct statement *statement = db_statement(db, STATEMENT_course_search_find);

    statement_bind_text(statement, 1, query);
    statement_bind_int(statement, 2, COURSE_FOUND_MAX);
    while (statement_step(statement)) {
        int64_t id = statement_int(statement, 0);
        buffer_append(ids, &id, sizeof id);
    }
    statement_reset(statement);
    return db_status(db);
}

enum status course_item_insert(struct db *db, int64_t course, uint32_t number, const struct course_item *item)
{
    struct statement *statement = db_statement(db, STATEMENT_course_item_insert);

    statement_bind_int(statement, 1, course);
    statement_bind_int(statement, 2, number);
    statement_bind_text(statement, 3, item->id);
    statement_bind_text(statement, 4, item->title);
    statement_bind_text(statement, 5, item->entry);
    statement_bind_int(statement, 6, item->depth);
    statement_bind_int(statement, 7, item->mastery_percent);
    statement_bind_text(statement, 8, item->kind);
    statement_bind_text(statement, 9, item->details);
    return statement_run(statement);
}

enum status course_item_delete_all(struct db *db, int64_t course)
{
    struct statement *statement = db_statement(db, STATEMENT_course_item_delete_all);

    statement_bind_int(statement, 1, course);
    return statement_run(statement);
}

enum status course_search_put(struct db *db, int64_t course, struct bytes text)
{
    struct statement *statement = db_statement(db, STATEMENT_course_search_delete);

    statement_bind_int(statement, 1, course);
    if (statement_run(statement) != S_OK || text.size == 0) {
        return db_status(db);
    }
    statement = db_statement(db, STATEMENT_course_search_insert);
    statement_bind_int(statement, 1, course);
    statement_bind_text(statement, 2, text);
    return statement_run(statement);
}
