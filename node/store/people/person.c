#include "node/store/people/person.h"

#include <stdatomic.h>

#include "replication/base/check.h"
#include "replication/base/limits.h"

static _Atomic uint64_t generation;

uint64_t person_generation(void)
{
    return atomic_load(&generation);
}

void person_changed(void)
{
    atomic_fetch_add(&generation, 1);
}

void person_read(struct statement *statement, struct person *person)
{
    person->row = statement_int(statement, 0);
    person->id = statement_blob(statement, 1);
    person->name = statement_blob(statement, 2);
    person->gender = (int)statement_int(statement, 3);
    person->role = (int)statement_int(statement, 4);
    person->institution = statement_blob(statement, 5);
    person->password = statement_blob(statement, 6);
    person->registered_ms = statement_int(statement, 7);
    person->lang = statement_blob(statement, 8);
}

/* Moves a text into `texts`, which has room for it. */
static struct bytes text_keep(struct buffer *texts, struct bytes text)
{
    size_t at = texts->size;

    buffer_append(texts, text.data, text.size);
    return bytes_of(texts->data + at, text.size);
}

bool person_find(struct db *db, struct bytes id, struct buffer *texts, struct person *person_out)
{
    struct statement *statement = db_statement(db, STATEMENT_person_find);

    statement_bind_text(statement, 1, id);
    bool is_found = statement_step(statement);
    if (is_found) {
        person_read(statement, person_out);
        buffer_clear(texts);
        buffer_reserve(texts, person_out->id.size + person_out->name.size + person_out->institution.size +
                                  person_out->password.size + person_out->lang.size + 1);
        person_out->id = text_keep(texts, person_out->id);
        person_out->name = text_keep(texts, person_out->name);
        person_out->institution = text_keep(texts, person_out->institution);
        person_out->password = text_keep(texts, person_out->password);
        person_out->lang = text_keep(texts, person_out->lang);
    }
    statement_reset(statement);
    return is_found;
}

bool person_row_visit(struct db *db, int64_t row, person_row_take *take, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_person_get);
    struct person person;

    statement_bind_int(statement, 1, row);
    bool is_found = statement_step(statement);
    if (is_found) {
        person_read(statement, &person);
        take(ctx, &person);
    }
    statement_reset(statement);
    return is_found;
}

bool person_find_dims(struct db *db, struct bytes id, struct person *person_out)
{
    struct statement *statement = db_statement(db, STATEMENT_person_find_dims);

    statement_bind_text(statement, 1, id);
    bool is_found = statement_step(statement);
    if (is_found) {
        person_out->row = statement_int(statement, 0);
        person_out->gender = (int)statement_int(statement, 1);
        person_out->role = (int)statement_int(statement, 2);
    }
    statement_reset(statement);
    return is_found;
}

size_t person_page(struct db *db, struct bytes after, size_t max, person_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_person_page);
    struct person person;
    size_t count = 0;

    statement_bind_text(statement, 1, after);
    statement_bind_int(statement, 2, (int64_t)max);
    while (statement_step(statement)) {
        person_read(statement, &person);
        count++;
        if (visit(ctx, &person) != S_OK) {
            break;
        }
    }
    statement_reset(statement);
    return count;
}

int64_t person_count(struct db *db)
{
    struct statement *statement = db_statement(db, STATEMENT_person_count);
    int64_t count = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return count;
}

int64_t person_room(struct db *db, int64_t wanted)
{
    struct statement *statement = db_statement(db, STATEMENT_person_last);
    int64_t last = statement_step(statement) ? statement_int(statement, 0) : 0; /* no fewer than there are */

    statement_reset(statement);
    if (last + wanted <= PEOPLE_MAX) {
        return wanted;
    }
    int64_t room = PEOPLE_MAX - person_count(db);
    room = room < 0 ? 0 : room;
    return room < wanted ? room : wanted;
}

/* Binds name to lang from `index` on. */
static void person_bind(struct statement *statement, int index, const struct person *person)
{
    statement_bind_text(statement, index, person->name);
    statement_bind_int(statement, index + 1, person->gender);
    statement_bind_int(statement, index + 2, person->role);
    statement_bind_text(statement, index + 3, person->institution);
    if (person->password.size) {
        statement_bind_text(statement, index + 4, person->password);
    } else {
        statement_bind_null(statement, index + 4);
    }
    statement_bind_int(statement, index + 5, person->registered_ms);
    statement_bind_text(statement, index + 6, person->lang);
}

enum status person_insert(struct db *db, const struct person *person)
{
    struct statement *statement = db_statement(db, STATEMENT_person_insert);

    CHECK(person->id.size > 0);
    atomic_fetch_add(&generation, 1);
    statement_bind_text(statement, 1, person->id);
    person_bind(statement, 2, person);
    return statement_run(statement);
}

enum status person_update(struct db *db, const struct person *person)
{
    struct statement *statement = db_statement(db, STATEMENT_person_update);

    CHECK(person->row > 0);
    atomic_fetch_add(&generation, 1);
    statement_bind_int(statement, 1, person->row);
    person_bind(statement, 2, person);
    return statement_run(statement);
}

static enum status text_set(struct db *db, enum statement_name name, int64_t row, struct bytes text)
{
    struct statement *statement = db_statement(db, name);

    statement_bind_int(statement, 1, row);
    statement_bind_text(statement, 2, text);
    return statement_run(statement);
}

enum status person_set_lang(struct db *db, int64_t row, struct bytes lang)
{
    return text_set(db, STATEMENT_person_set_lang, row, lang);
}

enum status person_set_password(struct db *db, int64_t row, struct bytes password)
{
    CHECK(password.size > 0);
    return text_set(db, STATEMENT_person_set_password, row, password);
}

enum status person_delete(struct db *db, int64_t row)
{
    struct statement *statement = db_statement(db, STATEMENT_person_delete);

    atomic_fetch_add(&generation, 1);
    db_set_erasing(db, true);
    statement_bind_int(statement, 1, row);
    return statement_run(statement);
}
