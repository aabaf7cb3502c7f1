#include "node/store/disk/salvage.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/log.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

enum { CELLS = 2000, PAGE = 4096 };

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

static enum status cells_run(struct db *db, void *arg)
{
    struct buffer value;
    char key[64];
    enum status status = S_OK;
    (void)arg;

    buffer_init(&value);
    for (int i = 0; i < CELLS && status == S_OK; i++) {
        snprintf(key, sizeof key, "c\x1f%d\x1f%d", i % 7, i);
        buffer_clear(&value);
        cell_value_number(&value, CELL_COUNT, i);
        status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
    }
    buffer_release(&value);
    return status;
}

/* Fills the desk's database and closes it; `path_out` is the file. */
static void desk_fill(struct desk *desk, char path_out[300])
{
    assert_int_equal(store_write_wait(desk->store, cells_run, NULL), S_OK);
    desk_shut(desk);
    snprintf(path_out, 300, "%s/qanat.db", desk->dir);
}

static int64_t number_of(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *get = NULL;
    int64_t number = -1;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &get, NULL) == SQLITE_OK && sqlite3_step(get) == SQLITE_ROW) {
        number = sqlite3_column_int64(get, 0);
    }
    sqlite3_finalize(get);
    sqlite3_close(db);
    return number;
}

static void page_overwrite(const char *path, int64_t page, size_t size)
{
    static const char rubbish[PAGE] = "this was a page";
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_int_equal(pwrite(fd, rubbish, size, (page - 1) * PAGE), size);
    close(fd);
}

static const struct salvage_table *table_of(const struct salvage *salvage, const char *name)
{
    for (size_t i = 0; i < salvage->count; i++) {
        if (strcmp(salvage->tables[i].name, name) == 0) {
            return &salvage->tables[i];
        }
    }
    fail_msg("no table %s", name);
    return NULL;
}

static bool is_there(struct desk *desk, const char *name)
{
    char path[320];

    snprintf(path, sizeof path, "%s/%s", desk->dir, name);
    return access(path, F_OK) == 0;
}

static void a_sound_database_comes_out_whole_under_another_name(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    struct id before = {{0}}, after;
    char path[300];

    assert_int_equal(store_write_wait(desk->store, cells_run, NULL), S_OK);
    own_living(desk->store, &before);
    desk_fill(desk, path);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    for (size_t i = 0; i < salvage.count; i++) {
        assert_false(salvage.tables[i].is_damaged || salvage.tables[i].refused);
    }
    assert_false(salvage.has_fresh_schema);
    assert_int_equal(table_of(&salvage, "cell")->rows, CELLS);
    assert_true(is_there(desk, "qanat.db.damaged"));
    assert_false(is_there(desk, "qanat.db.rebuilt") || is_there(desk, "tmp/salvage"));
    assert_int_equal(
        number_of(path, "SELECT count(*) FROM pragma_integrity_check() WHERE integrity_check <> 'ok'"), 0);
    desk_reopen(desk);
    assert_int_equal(store_write_wait(desk->store, cells_run, NULL), S_OK);
    assert_true(own_living(desk->store, &after));
    assert_false(id_equal(&before, &after)); /* nothing is written on */
}

static void a_bad_page_costs_its_own_rows_and_no_others(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300];

    desk_fill(desk, path);
    int64_t page = number_of(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'cell'");
    assert_true(page > 1 && number_of(path, "PRAGMA page_count") > page + 40);
    int64_t leaf = 0; /* some leaf of the table: the first page of that kind in the second half of the file */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (int64_t i = number_of(path, "PRAGMA page_count") / 2; !leaf; i++) {
        uint8_t kind = 0;
        assert_int_equal(pread(fd, &kind, 1, (i - 1) * PAGE), 1);
        leaf = kind == 0x0d ? i : 0;
    }
    close(fd);
    page_overwrite(path, leaf, PAGE);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    size_t damaged = 0;
    for (size_t i = 0; i < salvage.count; i++) { /* which of the two large tables it was does not matter */
        const struct salvage_table *table = &salvage.tables[i];
        damaged += table->is_damaged;
        assert_true(!table->is_damaged || table->rows < CELLS);
        assert_true(table->is_damaged || strcmp(table->name, "cell") != 0 || table->rows == CELLS);
    }
    assert_true(damaged <= 1); /* none: it was no table's, but of a search index */
    assert_int_equal(number_of(path, "SELECT count(*) FROM stream"), 1);
}

static void without_its_first_page_the_rest_is_read_with_a_fresh_one(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300];

    desk_fill(desk, path);
    page_overwrite(path, 1, PAGE);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    assert_true(salvage.has_fresh_schema);
    assert_int_equal(table_of(&salvage, "cell")->rows, CELLS);
    assert_int_equal(number_of(path, "SELECT count(*) FROM stream"), 1);
    desk_reopen(desk);
}

static void rows_whose_parent_is_lost_are_left_out(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300];

    desk_fill(desk, path);
    assert_int_equal(
        number_of(path,
                  "INSERT INTO want_base (object, number, base) VALUES (x'01', 1, x'02') RETURNING number"),
        1);
    assert_int_equal(number_of(path, "SELECT count(*) FROM want_base"), 1);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    assert_int_equal(number_of(path, "SELECT count(*) FROM want_base"), 0);
    assert_int_equal(number_of(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void what_is_no_database_at_all_is_refused_and_kept(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300];
    struct stat info;

    desk_fill(desk, path);
    int fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(write(fd, "rubbish", 7), 7);
    }
    close(fd);
    enum status status = salvage_run(desk->dir, &salvage, &report);
    if (status != S_OK) {
        assert_int_equal(status, S_CORRUPT);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_size, 420);
        assert_false(is_there(desk, "qanat.db.damaged") || is_there(desk, "qanat.db.rebuilding") ||
                     is_there(desk, "tmp/salvage"));
    }
}

static void a_replacement_that_was_cut_short_ends_at_the_next_start(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300], other[320];

    desk_fill(desk, path);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    for (int moved = 0; moved < 2; moved++) { /* the log is out of the way; then the old database too */
        snprintf(other, sizeof other, "%s.rebuilt", path);
        assert_int_equal(rename(path, other), 0);
        if (!moved) {
            snprintf(other, sizeof other, "%s.damaged", path);
            assert_int_equal(rename(other, path), 0);
        }
        assert_int_equal(salvage_finish(desk->dir, &report), S_OK);
        assert_true(is_there(desk, "qanat.db") && is_there(desk, "qanat.db.damaged") &&
                    !is_there(desk, "qanat.db.rebuilt"));
    }
    snprintf(other, sizeof other, "%s.rebuilt", path);
    assert_int_equal(rename(path, other), 0);
    desk_reopen(desk); /* opening for writing ends it by itself */
    assert_int_equal(number_of(path, "SELECT count(*) FROM cell"), CELLS);
}

static void a_file_that_was_cut_off_gives_what_stands_before_the_cut(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char path[300];
    struct stat info;

    desk_fill(desk, path);
    int64_t cells = number_of(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'cell'");
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size / PAGE > cells + 10);
    assert_int_equal(truncate(path, info.st_size - 5 * PAGE), 0);
    assert_int_equal(salvage_run(desk->dir, &salvage, &report), S_OK);
    assert_in_range(table_of(&salvage, "cell")->rows, CELLS / 2, CELLS);
    desk_reopen(desk);
}

static void of_an_empty_file_the_log_is_read(void **state)
{
    struct desk *desk = *state;
    struct salvage salvage;
    struct report report = {.status = S_OK};
    char log[320], text[900];
    struct stat before, after;

    assert_int_equal(store_write_wait(desk->store, cells_run, NULL), S_OK);
    snprintf(log, sizeof log, "%s/qanat.db-wal", desk->dir); /* closing empties it */
    assert_int_equal(stat(log, &before), 0);
    struct desk copy = *desk;
    kit_scratch_make(copy.dir, sizeof copy.dir);
    snprintf(text, sizeof text, "cp %s %s/qanat.db-wal && : > %s/qanat.db", log, copy.dir, copy.dir);
    assert_int_equal(system(text), 0);
    struct store_options options = {.anchor_dir = desk->anchors};
    struct store *store = NULL;
    assert_int_equal(store_open(copy.dir, &options, &store, &report), S_CORRUPT);
    assert_non_null(strstr(report.text, "scrub --repair"));
    options.read_only = true;
    assert_int_equal(store_open(copy.dir, &options, &store, NULL), S_CORRUPT);
    snprintf(log, sizeof log, "%s/qanat.db-wal", copy.dir);
    assert_int_equal(stat(log, &after), 0);
    assert_int_equal(before.st_size, after.st_size); /* nobody deleted it */
    assert_false(store_is_absent(copy.dir));
    report_clear(&report);
    assert_int_equal(salvage_run(copy.dir, &salvage, &report), S_OK);
    assert_int_equal(table_of(&salvage, "cell")->rows, CELLS);
    kit_scratch_remove(copy.dir);
}

KIT_TESTS()
{
#define SALVAGE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SALVAGE_TEST(a_sound_database_comes_out_whole_under_another_name),
        SALVAGE_TEST(a_bad_page_costs_its_own_rows_and_no_others),
        SALVAGE_TEST(without_its_first_page_the_rest_is_read_with_a_fresh_one),
        SALVAGE_TEST(rows_whose_parent_is_lost_are_left_out),
        SALVAGE_TEST(what_is_no_database_at_all_is_refused_and_kept),
        SALVAGE_TEST(a_file_that_was_cut_off_gives_what_stands_before_the_cut),
        SALVAGE_TEST(of_an_empty_file_the_log_is_read),
        SALVAGE_TEST(a_replacement_that_was_cut_short_ends_at_the_next_start),
    };

    log_set_level((enum log_level) - 1);
    return KIT_RUN(tests);
}
