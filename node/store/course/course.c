#include "node/store/course/course.h"

#include <stdio.h>
#include <string.h>

#include "node/store/engine.h"

#define DELETED_ID "course_deleted"

static const char *const state_names[] = {
    [COURSE_IMPORTED] = "imported", [COURSE_PUBLISHED] = "published", [COURSE_CATALOGUED] = "catalogued",
    [COURSE_FETCHING] = "fetching", [COURSE_WAITING] = "waiting",     [COURSE_INSTALLED] = "installed",
    [COURSE_REFUSED] = "refused",
};

const char *course_state_name(enum course_state state)
{
    return state_names[state];
}

static enum course_state state_of(const char *name)
{
    for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++) {
        if (strcmp(state_names[i], name) == 0) {
            return (enum course_state)i;
        }
    }
    return COURSE_REFUSED;
}

static void take_text(struct statement *statement, int column, char *out, size_t size)
{
    statement_take_text(statement, column, out, size);
}

static void take_raw(struct statement *statement, int column, uint8_t *out, size_t size)
{
    struct bytes value = statement_blob(statement, column);

    memset(out, 0, size);
    if (value.size == size) {
        memcpy(out, value.data, size);
    }
}

static void take_row(struct statement *get, struct course_row *row)
{
    memset(row, 0, sizeof *row);
    row->id = statement_int(get, 0);
    take_text(get, 1, row->course, sizeof row->course);
    take_text(get, 2, row->lang, sizeof row->lang);
    take_text(get, 3, row->version, sizeof row->version);
    take_raw(get, 4, row->publisher.b, sizeof row->publisher.b);
    take_text(get, 5, row->title, sizeof row->title);
    take_text(get, 6, row->series, sizeof row->series);
    take_text(get, 7, row->localises, sizeof row->localises);
    row->format = (enum package_format)statement_int(get, 8);
    take_raw(get, 9, row->manifest.b, sizeof row->manifest.b);
    row->manifest_size = (uint64_t)statement_int(get, 10);
    row->size = (uint64_t)statement_int(get, 11);
    row->member_count = (uint64_t)statement_int(get, 12);
    row->stamp = (uint64_t)statement_int(get, 13);
    row->published_ms = (uint64_t)statement_int(get, 14);
    row->imported_ms = (uint64_t)statement_int(get, 15);
    row->state = state_of(statement_string(get, 16));
    row->missing = (uint64_t)statement_int(get, 17);
    take_text(get, 18, row->problem, sizeof row->problem);
    row->is_current = statement_int(get, 19) != 0;
    row->is_pinned = statement_int(get, 20) != 0;
    row->is_listed = statement_int(get, 21) != 0;
    row->is_asked = statement_int(get, 22) != 0;
    row->is_withdrawn = statement_int(get, 23) != 0;
    take_text(get, 24, row->source_lang, sizeof row->source_lang);
    take_text(get, 25, row->source_version, sizeof row->source_version);
}

bool course_row_get(struct db *db, int64_t id, struct course_row *row_out)
{
    struct statement *get = db_statement(db, STATEMENT_course_get);
    bool is_found;

    statement_bind_int(get, 1, id);
    is_found = statement_step(get);
    if (is_found) {
        take_row(get, row_out);
    }
    statement_reset(get);
    return is_found;
}

bool course_row_find(struct db *db, struct bytes course, struct bytes lang, struct bytes version,
                     const struct id *publisher, struct course_row *row_out)
{
    struct statement *find = db_statement(db, STATEMENT_course_find);
    int64_t id = 0;

    statement_bind_text(find, 1, course);
    statement_bind_text(find, 2, lang);
    statement_bind_text(find, 3, version);
    statement_bind_blob(find, 4, bytes_of(publisher->b, sizeof publisher->b));
    if (statement_step(find)) {
        id = statement_int(find, 0);
    }
    statement_reset(find);
    return id != 0 && course_row_get(db, id, row_out);
}

bool course_row_current(struct db *db, struct bytes course, struct bytes lang, struct course_row *row_out)
{
    struct statement *find = db_statement(db, STATEMENT_course_find_current);
    int64_t id = 0;

    statement_bind_text(find, 1, course);
    statement_bind_text(find, 2, lang);
    if (statement_step(find)) {
        id = statement_int(find, 0);
    }
    statement_reset(find);
    return id != 0 && course_row_get(db, id, row_out);
}

/* What may change of a version, in the order of both queries, from parameter `at` on. */
static void changeable_bind(struct statement *statement, int at, const struct course_row *row)
{
    statement_bind_string(statement, at++, row->title);
    statement_bind_string(statement, at++, row->series);
    statement_bind_string(statement, at++, row->localises);
    statement_bind_int(statement, at++, row->format);
    statement_bind_blob(statement, at++, bytes_of(row->manifest.b, sizeof row->manifest.b));
    statement_bind_int(statement, at++, (int64_t)row->manifest_size);
    statement_bind_int(statement, at++, (int64_t)row->size);
    statement_bind_int(statement, at++, (int64_t)row->member_count);
    statement_bind_int(statement, at++, (int64_t)row->stamp);
    statement_bind_int(statement, at++, (int64_t)row->published_ms);
    statement_bind_int(statement, at++, (int64_t)row->imported_ms);
    statement_bind_string(statement, at++, state_names[row->state]);
    statement_bind_int(statement, at++, (int64_t)row->missing);
    statement_bind_string(statement, at++, row->problem);
    statement_bind_int(statement, at++, row->is_current);
    statement_bind_int(statement, at++, row->is_pinned);
    statement_bind_int(statement, at++, row->is_listed);
    statement_bind_int(statement, at++, row->is_asked);
    statement_bind_int(statement, at++, row->is_withdrawn);
    statement_bind_string(statement, at++, row->source_lang);
    statement_bind_string(statement, at++, row->source_version);
}

/* The highest number of a row that was ever deleted: none up to it is given again, as launches may still name it. */
static int64_t deleted_id(struct db *db)
{
    int64_t id;

    return property_get(db, DELETED_ID, &id, sizeof id) ? id : 0;
}

static int64_t next_id(struct db *db)
{
    struct statement *last = db_statement(db, STATEMENT_course_last_id);
    int64_t id = statement_step(last) ? statement_int(last, 0) : 0, deleted = deleted_id(db);

    statement_reset(last);
    return (id > deleted ? id : deleted) + 1;
}

enum status course_row_insert(struct db *db, struct course_row *row)
{
    const int64_t id = next_id(db);
    struct statement *insert = db_statement(db, STATEMENT_course_insert);
    enum status status;

    statement_bind_int(insert, 1, id);
    statement_bind_string(insert, 2, row->course);
    statement_bind_string(insert, 3, row->lang);
    statement_bind_string(insert, 4, row->version);
    statement_bind_blob(insert, 5, bytes_of(row->publisher.b, sizeof row->publisher.b));
    changeable_bind(insert, 6, row);
    status = statement_run(insert);
    row->id = status == S_OK ? id : 0;
    return status;
}

enum status course_row_update(struct db *db, const struct course_row *row)
{
    struct statement *update = db_statement(db, STATEMENT_course_update);

    statement_bind_int(update, 1, row->id);
    changeable_bind(update, 2, row);
    return statement_run(update);
}

enum status course_row_delete(struct db *db, int64_t id)
{
    struct statement *delete = db_statement(db, STATEMENT_course_delete);

    statement_bind_int(delete, 1, id);
    enum status status = statement_run(delete);
    if (status == S_OK && id > deleted_id(db)) {
        status = property_put(db, DELETED_ID, bytes_of(&id, sizeof id));
    }
    return status;
}

/* Appends the first column of every row, and resets. */
static enum status take_ids(struct db *db, struct statement *statement, struct buffer *ids)
{
    while (statement_step(statement)) {
        int64_t id = statement_int(statement, 0);

        buffer_append(ids, &id, sizeof id);
    }
    statement_reset(statement);
    return db_status(db);
}

bool course_row_next(struct db *db, const struct buffer *ids, size_t *at, struct course_row *row_out)
{
    int64_t id;

    while (*at + sizeof id <= ids->size) {
        memcpy(&id, ids->data + *at, sizeof id);
        *at += sizeof id;
        if (course_row_get(db, id, row_out)) {
            return true;
        }
    }
    return false;
}

enum status course_row_list(struct db *db, struct buffer *ids)
{
    return take_ids(db, db_statement(db, STATEMENT_course_list), ids);
}

enum status course_row_list_shown(struct db *db, const char *lang, const char *series, size_t known_max, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_list_shown);

    statement_bind_int(list, 1, (int64_t)known_max);
    statement_bind_string(list, 2, lang);
    statement_bind_string(list, 3, series);
    return take_ids(db, list, ids);
}

enum status course_row_list_of(struct db *db, struct bytes course, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_list_of);

    statement_bind_text(list, 1, course);
    return take_ids(db, list, ids);
}

enum status course_row_list_in_state(struct db *db, enum course_state state, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_list_in_state);

    statement_bind_string(list, 1, state_names[state]);
    return take_ids(db, list, ids);
}

uint64_t course_size_in_state(struct db *db, enum course_state state)
{
    struct statement *size = db_statement(db, STATEMENT_course_size_in_state);

    statement_bind_string(size, 1, state_names[state]);
    uint64_t bytes = statement_step(size) ? (uint64_t)statement_int(size, 0) : 0;
    statement_reset(size);
    return bytes;
}

enum status course_row_list_with_manifest(struct db *db, const struct hash *manifest, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_list_with_manifest);

    statement_bind_blob(list, 1, bytes_of(manifest->b, sizeof manifest->b));
    return take_ids(db, list, ids);
}

enum status course_row_list_with_blob(struct db *db, int64_t blob, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_list_with_blob);

    statement_bind_int(list, 1, blob);
    return take_ids(db, list, ids);
}

struct bytes course_part_name(size_t number, char name_out[COURSE_PART_NAME_MAX])
{
    snprintf(name_out, COURSE_PART_NAME_MAX, COURSE_PARTS "%06zu", number);
    return bytes_text(name_out);
}

enum status course_member_insert(struct db *db, int64_t course, struct bytes path, int64_t blob,
                                 struct bytes media_type)
{
    struct statement *insert = db_statement(db, STATEMENT_course_member_insert);

    statement_bind_int(insert, 1, course);
    statement_bind_text(insert, 2, path);
    statement_bind_int(insert, 3, blob);
    statement_bind_text(insert, 4, media_type);
    return statement_run(insert);
}

/* Takes the member that `statement` (course, path) finds, and resets it. */
static bool take_member(struct statement *statement, course_member_take *take, void *ctx)
{
    struct course_member_row row;
    bool is_found = statement_step(statement);

    if (is_found) {
        row.path = statement_blob(statement, 0);
        row.blob = statement_int(statement, 1);
        row.media_type = statement_blob(statement, 2);
        take_raw(statement, 3, row.hash.b, sizeof row.hash.b);
        row.size = (uint64_t)statement_int(statement, 4);
        row.is_whole = statement_int(statement, 5) != 0;
        take(ctx, &row);
    }
    statement_reset(statement);
    return is_found;
}

bool course_member_find(struct db *db, int64_t course, struct bytes path, course_member_take *take, void *ctx)
{
    struct statement *get = db_statement(db, STATEMENT_course_member_get);

    statement_bind_int(get, 1, course);
    statement_bind_text(get, 2, path);
    return take_member(get, take, ctx);
}

bool course_member_find_any_case(struct db *db, int64_t course, struct bytes path, course_member_take *take, void *ctx)
{
    struct statement *get = db_statement(db, STATEMENT_course_member_get_any_case);

    statement_bind_int(get, 1, course);
    statement_bind_text(get, 2, path);
    return take_member(get, take, ctx);
}

bool course_member_next(struct db *db, int64_t course, struct bytes after, course_member_take *take,
                        void *ctx)
{
    struct statement *next = db_statement(db, STATEMENT_course_member_next);

    statement_bind_int(next, 1, course);
    statement_bind_text(next, 2, after);
    return take_member(next, take, ctx);
}

bool course_member_before(struct db *db, int64_t course, struct bytes before, course_member_take *take,
                          void *ctx)
{
    struct statement *get = db_statement(db, STATEMENT_course_member_before);

    statement_bind_int(get, 1, course);
    statement_bind_text(get, 2, before);
    return take_member(get, take, ctx);
}

enum status course_member_drop_blob(struct db *db, int64_t blob)
{
    struct statement *drop = db_statement(db, STATEMENT_course_member_drop_blob);

    statement_bind_int(drop, 1, blob);
    return statement_run(drop);
}

uint64_t course_member_count(struct db *db, int64_t course)
{
    struct statement *count = db_statement(db, STATEMENT_course_member_count);
    uint64_t members = 0;

    statement_bind_int(count, 1, course);
    if (statement_step(count)) {
        members = (uint64_t)statement_int(count, 0);
    }
    statement_reset(count);
    return members;
}

void course_member_missing(struct db *db, int64_t course, uint64_t *count_out, uint64_t *size_out)
{
    struct statement *missing = db_statement(db, STATEMENT_course_blob_missing);

    *count_out = *size_out = 0;
    statement_bind_int(missing, 1, course);
    if (statement_step(missing)) {
        *count_out = (uint64_t)statement_int(missing, 0);
        *size_out = (uint64_t)statement_int(missing, 1);
    }
    statement_reset(missing);
}

enum status course_blob_list(struct db *db, int64_t course, struct buffer *ids)
{
    struct statement *list = db_statement(db, STATEMENT_course_blob_list);

    statement_bind_int(list, 1, course);
    return take_ids(db, list, ids);
}

bool course_blob_is_used(struct db *db, int64_t blob)
{
    struct statement *any = db_statement(db, STATEMENT_course_member_any);
    bool is_used;

    statement_bind_int(any, 1, blob);
    is_used = statement_step(any);
    statement_reset(any);
    return is_used;
}

enum status course_orphan_list(struct db *db, struct buffer *ids)
{
    return take_ids(db, db_statement(db, STATEMENT_course_orphan_list), ids);
}

uint64_t course_member_behind(struct db *db, int64_t then, int64_t now, int64_t translation)
{
    struct statement *behind = db_statement(db, STATEMENT_course_member_behind);

    statement_bind_int(behind, 1, then);
    statement_bind_int(behind, 2, now);
    statement_bind_int(behind, 3, translation);
    uint64_t count = statement_step(behind) ? (uint64_t)statement_int(behind, 0) : 0;
    statement_reset(behind);
    return count;
}

enum status course_member_delete_all(struct db *db, int64_t course)
{
    struct statement *delete = db_statement(db, STATEMENT_course_member_delete_all);

    statement_bind_int(delete, 1, course);
    return statement_run(delete);
}

uint64_t course_size_left(struct db *db)
{
    uint64_t count, size, left = 0;
    struct course_row row;
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_in_state(db, COURSE_FETCHING, &ids);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (course_row_get(db, id, &row)) {
            course_member_missing(db, id, &count, &size);
            left += row.is_listed ? size : row.size;
        }
    }
    buffer_release(&ids);
    return left;
}
