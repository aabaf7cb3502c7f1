#include "node/store/stream/doubt.h"

#include <string.h>

#include "replication/base/check.h"

bool doubt_is_same(const struct doubt *a, const struct doubt *b)
{
    return a->kind == b->kind && strcmp(a->node, b->node) == 0 && strcmp(a->period, b->period) == 0;
}

size_t doubt_list(struct db *db, struct doubt out[DOUBTS_MAX])
{
    struct statement *list = db_statement(db, STATEMENT_doubt_list);
    size_t count = 0;

    while (count < DOUBTS_MAX && statement_step(list)) {
        struct doubt *doubt = &out[count++];
        statement_take_text(list, 0, doubt->node, sizeof doubt->node);
        doubt->kind = (int)statement_int(list, 1);
        statement_take_text(list, 2, doubt->period, sizeof doubt->period);
        doubt->figure = statement_int(list, 3);
        doubt->bound = statement_int(list, 4);
        doubt->since_ms = statement_int(list, 5);
    }
    statement_reset(list);
    return count;
}

static void key_bind(struct statement *statement, const struct doubt *doubt)
{
    statement_bind_string(statement, 1, doubt->node);
    statement_bind_int(statement, 2, doubt->kind);
    statement_bind_string(statement, 3, doubt->period);
}

enum status doubt_replace(struct db *db, const struct doubt *doubts, size_t count)
{
    struct doubt before[DOUBTS_MAX];
    size_t before_count = doubt_list(db, before);
    enum status status = db_status(db);

    CHECK(count <= DOUBTS_MAX);
    for (size_t i = 0; i < before_count && status == S_OK; i++) {
        size_t at = 0;
        while (at < count && !doubt_is_same(&doubts[at], &before[i])) {
            at++;
        }
        if (at == count) {
            struct statement *drop = db_statement(db, STATEMENT_doubt_drop);
            key_bind(drop, &before[i]);
            status = statement_run(drop);
        }
    }
    for (size_t i = 0; i < count && status == S_OK; i++) {
        struct statement *put = db_statement(db, STATEMENT_doubt_put);
        key_bind(put, &doubts[i]);
        statement_bind_int(put, 4, doubts[i].figure);
        statement_bind_int(put, 5, doubts[i].bound);
        statement_bind_int(put, 6, doubts[i].since_ms);
        status = statement_run(put);
    }
    return status;
}
