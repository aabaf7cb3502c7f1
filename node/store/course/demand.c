#include "node/store/course/demand.h"

#include <string.h>

static bool is_wanted(struct db *db, const struct hash *object)
{
    struct statement *find = db_statement(db, STATEMENT_demand_find);

    statement_bind_blob(find, 1, bytes_of(object->b, sizeof object->b));
    bool is_found = statement_step(find);
    statement_reset(find);
    return is_found;
}

static int64_t demand_count(struct db *db)
{
    struct statement *counting = db_statement(db, STATEMENT_demand_count);
    int64_t count = statement_step(counting) ? statement_int(counting, 0) : 0;

    statement_reset(counting);
    return count;
}

enum status demand_put(struct db *db, const struct hash *object, uint64_t until_ms)
{
    if (!is_wanted(db, object) && demand_count(db) >= DEMANDS_MAX) {
        return S_BUSY;
    }
    struct statement *put = db_statement(db, STATEMENT_demand_put);

    statement_bind_blob(put, 1, bytes_of(object->b, sizeof object->b));
    statement_bind_int(put, 2, (int64_t)until_ms);
    return statement_run(put);
}

enum status demand_drop(struct db *db, const struct hash *object)
{
    struct statement *drop = db_statement(db, STATEMENT_demand_drop);

    statement_bind_blob(drop, 1, bytes_of(object->b, sizeof object->b));
    return statement_run(drop);
}

enum status demand_expire(struct db *db, uint64_t now_ms)
{
    struct statement *expire = db_statement(db, STATEMENT_demand_expire);

    statement_bind_int(expire, 1, (int64_t)now_ms);
    return statement_run(expire);
}

bool demand_next(struct db *db, const struct hash *after, uint64_t now_ms, struct hash *object_out)
{
    struct statement *next = db_statement(db, STATEMENT_demand_after);

    statement_bind_blob(next, 1, after ? bytes_of(after->b, sizeof after->b) : bytes_of(NULL, 0));
    statement_bind_int(next, 2, (int64_t)now_ms);
    bool is_found = statement_step(next) && statement_take_raw(next, 0, object_out->b, sizeof object_out->b);
    statement_reset(next);
    return is_found;
}
