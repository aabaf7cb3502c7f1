#include "node/store/disk/backup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/store/connection.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static enum status put_run(struct db *db, void *arg)
{
    struct buffer value;
    char key[24];

    snprintf(key, sizeof key, "k%d", *(int *)arg % 500);
    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, *(int *)arg);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static void put(struct desk *desk, int value)
{
    assert_int_equal(store_write_wait(desk->store, put_run, &value), S_OK);
}

/* Makes `copy` the desk's database. */
static void desk_take(struct desk *desk, const char *copy)
{
    char path[300];

    snprintf(path, sizeof path, "%s/qanat.db", desk->dir);
    desk_shut(desk);
    assert_int_equal(rename(copy, path), 0);
    snprintf(path, sizeof path, "%s/qanat.db-wal", desk->dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/qanat.db-shm", desk->dir);
    unlink(path);
    desk_reopen(desk);
}

static struct stream_head head_of(struct desk *desk, const struct id *incarnation)
{
    const struct stream_id stream = {desk->identity.node, *incarnation, TOPIC_RESULTS};
    struct certificate certificate = {0};
    struct db *db = store_read_begin(desk->store);

    assert_true(stream_find(db, &stream, &certificate));
    store_read_end(desk->store, db);
    return certificate.head;
}

static void a_copy_is_one_moment_and_goes_on_under_a_fresh_incarnation(void **state)
{
    struct desk *desk = *state;
    char copy[300];
    struct buffer blobs;
    struct report report = {.status = S_OK};
    struct id before, after;
    struct stat info;

    put(desk, 1);
    put(desk, 2);
    assert_true(own_living(desk->store, &before));
    snprintf(copy, sizeof copy, "%s/copy.db", desk->anchors);
    buffer_init(&blobs);
    assert_int_equal(store_backup(desk->store, copy, NULL, &blobs, &report), S_OK);
    assert_int_equal(blobs.size, 0);
    assert_int_equal(stat(copy, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    put(desk, 3);
    assert_int_equal(head_of(desk, &before).seq, 3);
    assert_int_equal(store_detach(copy, &report), S_OK);
    desk_take(desk, copy);
    assert_int_equal(head_of(desk, &before).seq, 2);
    put(desk, 4);
    assert_true(own_living(desk->store, &after));
    assert_false(id_equal(&before, &after));
    assert_int_equal(head_of(desk, &before).seq, 2); /* the old one stays as it was */
    assert_int_equal(head_of(desk, &after).seq, 1);
    buffer_release(&blobs);
}

/* Even when the anchor says exactly what the copy says: the original may be alive elsewhere. */
static void a_copy_with_a_matching_anchor_does_not_go_on_either(void **state)
{
    struct desk *desk = *state;
    char copy[300];
    struct buffer blobs;
    struct report report = {.status = S_OK};
    struct id before, after;

    put(desk, 1);
    assert_true(own_living(desk->store, &before));
    snprintf(copy, sizeof copy, "%s/copy.db", desk->anchors);
    buffer_init(&blobs);
    assert_int_equal(store_backup(desk->store, copy, NULL, &blobs, &report), S_OK);
    assert_int_equal(store_detach(copy, &report), S_OK);
    desk_take(desk, copy);
    put(desk, 2);
    assert_true(own_living(desk->store, &after));
    assert_false(id_equal(&before, &after));
    buffer_release(&blobs);
}

static void writing_goes_on_during_the_copy(void **state)
{
    enum { WRITES = 2000 };
    static int values[WRITES];
    struct desk *desk = *state;
    char copy[300];
    struct buffer blobs;
    struct report report = {.status = S_OK};
    struct id living;
    struct db *db;

    put(desk, 0);
    for (int i = 0; i < WRITES; i++) {
        values[i] = i + 1;
        store_write(desk->store, put_run, &values[i], NULL);
    }
    snprintf(copy, sizeof copy, "%s/copy.db", desk->anchors);
    buffer_init(&blobs);
    assert_int_equal(store_backup(desk->store, copy, NULL, &blobs, &report), S_OK);
    put(desk, WRITES + 1);
    assert_true(own_living(desk->store, &living));
    assert_int_equal(store_detach(copy, &report), S_OK);
    desk_take(desk, copy);
    struct stream_head head = head_of(desk, &living);
    db = store_read_begin(desk->store);
    assert_true(db_query_is_ok(db, "PRAGMA integrity_check(1)"));
    assert_int_equal(db_query_int(db, "SELECT count(*) FROM cell"), head.count);
    store_read_end(desk->store, db);
    buffer_release(&blobs);
}

static void a_copy_over_something_else_is_refused(void **state)
{
    struct desk *desk = *state;
    struct buffer blobs;
    struct report report = {.status = S_OK};
    char path[300];

    snprintf(path, sizeof path, "%s/qanat.db", desk->dir);
    buffer_init(&blobs);
    assert_int_equal(store_backup(desk->store, path, NULL, &blobs, &report), S_EXISTS);
    assert_int_equal(access(path, F_OK), 0);
    report_clear(&report);
    assert_int_equal(store_backup(desk->store, "/nonexistent/copy", NULL, &blobs, &report), S_IO);
    assert_non_null(strstr(report.text, "/nonexistent/copy"));
    buffer_release(&blobs);
}

KIT_TESTS()
{
#define BACKUP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BACKUP_TEST(a_copy_is_one_moment_and_goes_on_under_a_fresh_incarnation),
        BACKUP_TEST(a_copy_with_a_matching_anchor_does_not_go_on_either),
        BACKUP_TEST(writing_goes_on_during_the_copy),
        BACKUP_TEST(a_copy_over_something_else_is_refused),
    };
    return KIT_RUN(tests);
}
