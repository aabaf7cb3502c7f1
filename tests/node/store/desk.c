#include "tests/node/store/desk.h"

#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/kit/kit.h"

static void desk_start(struct desk *desk, bool must_create)
{
    struct store_options options = {.must_create = must_create, .anchor_dir = desk->anchors};
    struct report report = {.status = S_OK};

    if (store_open(desk->dir, &options, &desk->store, &report) != S_OK) {
        fail_msg("%s", report.text);
    }
    store_set_identity(desk->store, &desk->identity, &desk->federation);
}

struct desk *desk_open(void)
{
    struct desk *desk = test_calloc(1, sizeof *desk);
    uint8_t seed[IDENTITY_SEED_SIZE];

    memset(seed, 7, sizeof seed);
    memset(desk->federation.b, 3, sizeof desk->federation.b);
    identity_derive(&desk->identity, seed);
    kit_scratch_make(desk->dir, sizeof desk->dir);
    kit_scratch_make(desk->anchors, sizeof desk->anchors);
    desk_start(desk, true);
    return desk;
}

void desk_shut(struct desk *desk)
{
    store_close(desk->store);
    desk->store = NULL;
}

void desk_reopen(struct desk *desk)
{
    desk_shut(desk);
    desk_start(desk, false);
}

void desk_close(struct desk *desk)
{
    desk_shut(desk);
    kit_scratch_remove(desk->dir);
    kit_scratch_remove(desk->anchors);
    test_free(desk);
}

int desk_column_get(sqlite3 *handle, const char *column, int64_t dot, uint8_t out[DESK_COLUMN_MAX])
{
    sqlite3_stmt *get = NULL;
    char sql[80];

    snprintf(sql, sizeof sql, "SELECT %s FROM cell WHERE dot = ?1", column);
    CHECK(sqlite3_prepare_v2(handle, sql, -1, &get, NULL) == SQLITE_OK);
    sqlite3_bind_int64(get, 1, dot);
    CHECK(sqlite3_step(get) == SQLITE_ROW);
    int size = sqlite3_column_bytes(get, 0);
    memcpy(out, sqlite3_column_blob(get, 0), (size_t)size);
    sqlite3_finalize(get);
    return size;
}

bool desk_column_put(sqlite3 *handle, const char *column, int64_t dot, const uint8_t *data, int size)
{
    sqlite3_stmt *put = NULL;
    char sql[80];

    snprintf(sql, sizeof sql, "UPDATE cell SET %s = ?1 WHERE dot = ?2", column);
    CHECK(sqlite3_prepare_v2(handle, sql, -1, &put, NULL) == SQLITE_OK);
    sqlite3_bind_blob(put, 1, data, size, SQLITE_TRANSIENT);
    sqlite3_bind_int64(put, 2, dot);
    bool is_put = sqlite3_step(put) == SQLITE_DONE;
    sqlite3_finalize(put);
    return is_put;
}
