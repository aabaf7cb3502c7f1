#include "node/store/course/want.h"

#include <string.h>

#include "replication/base/check.h"

static struct bytes hash_bytes(const struct hash *hash)
{
    return bytes_of(hash->b, sizeof hash->b);
}

enum status want_put(struct db *db, const struct hash *object, uint64_t size, enum want_rank rank,
                     uint64_t place)
{
    struct statement *put = db_statement(db, STATEMENT_want_put);

    CHECK(place >> WANT_PLACE_BITS == 0);
    statement_bind_blob(put, 1, hash_bytes(object));
    statement_bind_int(put, 2, (int64_t)size);
    statement_bind_int(put, 3, (int64_t)rank << WANT_PLACE_BITS | (int64_t)place);
    return statement_run(put);
}

enum status want_drop(struct db *db, const struct hash *object)
{
    struct statement *drop = db_statement(db, STATEMENT_want_delete);

    statement_bind_blob(drop, 1, hash_bytes(object));
    return statement_run(drop);
}

enum status want_drop_all(struct db *db)
{
    return statement_run(db_statement(db, STATEMENT_want_delete_all));
}

bool want_find(struct db *db, const struct hash *object)
{
    struct statement *find = db_statement(db, STATEMENT_want_find);

    statement_bind_blob(find, 1, hash_bytes(object));
    return statement_has_row(find);
}

size_t want_scan(struct db *db, size_t skip, size_t max, struct wanted *wanted_out)
{
    struct statement *scan = db_statement(db, STATEMENT_want_scan);
    size_t count = 0;

    statement_bind_int(scan, 1, (int64_t)skip);
    statement_bind_int(scan, 2, (int64_t)max);
    while (count < max && statement_step(scan)) {
        struct bytes object = statement_blob(scan, 0);

        if (object.size == sizeof wanted_out[count].object.b) {
            memcpy(wanted_out[count].object.b, object.data, object.size);
            wanted_out[count++].size = (uint64_t)statement_int(scan, 1);
        }
    }
    statement_reset(scan);
    return count;
}

enum status want_set_bases(struct db *db, const struct hash *object, const struct hash *bases, size_t count)
{
    enum status status = S_OK;

    if (!want_find(db, object)) {
        return S_OK;
    }
    for (size_t i = 0; i < count && status == S_OK; i++) {
        struct statement *put = db_statement(db, STATEMENT_want_base_put);

        statement_bind_blob(put, 1, hash_bytes(object));
        statement_bind_int(put, 2, (int64_t)i);
        statement_bind_blob(put, 3, hash_bytes(&bases[i]));
        status = statement_run(put);
    }
    return status;
}

size_t want_bases(struct db *db, const struct hash *object, size_t max, struct hash *bases_out)
{
    struct statement *scan = db_statement(db, STATEMENT_want_base_scan);
    size_t count = 0;

    statement_bind_blob(scan, 1, hash_bytes(object));
    while (count < max && statement_step(scan)) {
        struct bytes base = statement_blob(scan, 0);

        if (base.size == sizeof bases_out[count].b) {
            memcpy(bases_out[count++].b, base.data, base.size);
        }
    }
    statement_reset(scan);
    return count;
}

void want_totals(struct db *db, uint64_t *count_out, uint64_t *size_out)
{
    struct statement *totals = db_statement(db, STATEMENT_want_totals);

    *count_out = *size_out = 0;
    if (statement_step(totals)) {
        *count_out = (uint64_t)statement_int(totals, 0);
        *size_out = (uint64_t)statement_int(totals, 1);
    }
    statement_reset(totals);
}
