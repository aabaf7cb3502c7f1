#include <string.h>

#include "node/store/people/record.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static int setup(void **state)
{
    struct kit_store *kit = test_calloc(1, sizeof *kit);

    kit_store_open(kit);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_store_close(*state);
    test_free(*state);
    return 0;
}

static enum status rows_run(struct db *db, void *arg)
{
    bool is_new;

    (void)arg;
    for (int i = 1; i <= 3; i++) {
        struct record record = {
            .id = record_id_free(db, 5), .uuid = {(uint8_t)i}, .body = bytes_text("body")};
        assert_int_equal(record_insert(db, &record, &is_new), S_OK);
        assert_true(is_new);
        assert_int_equal(record.id, (5 << RECORD_TIME_SHIFT) + i - 1);
    }
    struct record again = {.id = 1, .uuid = {1}, .body = bytes_text("other")};
    assert_int_equal(record_insert(db, &again, &is_new), S_OK);
    assert_false(is_new);
    return record_void(db, 5 << RECORD_TIME_SHIFT);
}

static size_t page(struct kit_store *kit, int64_t below, bool is_ascending, int64_t *first_out)
{
    struct db *db = store_read_begin(kit->store);
    struct statement *statement = record_page_begin(db, 0, below, is_ascending);
    size_t count = 0;
    int64_t id;

    while (record_page_next(statement, &id)) {
        *first_out = count++ ? *first_out : id;
    }
    statement_reset(statement);
    store_read_end(kit->store, db);
    return count;
}

static void pages_leave_out_what_is_voided(void **state)
{
    struct kit_store *kit = *state;
    int64_t first, low = 5 << RECORD_TIME_SHIFT;

    assert_int_equal(store_write_wait(kit->store, rows_run, NULL), S_OK);
    assert_int_equal(page(kit, INT64_MAX, false, &first), 2);
    assert_int_equal(first, low + 2);
    assert_int_equal(page(kit, low + 2, true, &first), 1);
    assert_int_equal(first, low + 1);
}

static enum status references_run(struct db *db, void *arg)
{
    static const uint8_t target[RECORD_UUID_SIZE] = {4};
    struct record_reference found[4];

    (void)arg;
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(record_reference_put(db, target, i, i == 4), S_OK);
    }
    assert_int_equal(record_references(db, target, 0, 4, found), 4);
    assert_true(found[3].is_voiding && found[3].id == 4 && !found[0].is_voiding);
    assert_int_equal(record_references(db, target, 4, 4, found), 1);
    assert_int_equal(record_reference_drop(db, target, 5), S_OK);
    assert_int_equal(record_references(db, target, 4, 4, found), 0);
    return S_OK;
}

static void references_are_listed_page_by_page(void **state)
{
    struct kit_store *kit = *state;

    assert_int_equal(store_write_wait(kit->store, references_run, NULL), S_OK);
}

static void data_visit(void *ctx, struct bytes media_type, struct bytes body)
{
    (void)media_type;
    *(size_t *)ctx = body.size;
}

static enum status attachments_run(struct db *db, void *arg)
{
    size_t size = 0;

    (void)arg;
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(record_attachment_put(db, bytes_text("abc"), bytes_text("a/b"), bytes_text("data")),
                         S_OK);
        assert_int_equal(record_attachment_use(db, i, bytes_text("abc")), S_OK);
    }
    assert_true(record_attachment_find(db, bytes_text("abc"), data_visit, &size));
    assert_int_equal(size, 4);
    assert_int_equal(record_delete(db, 1), S_OK);
    assert_true(record_attachment_find(db, bytes_text("abc"), data_visit, &size));
    assert_int_equal(record_delete(db, 2), S_OK);
    assert_false(record_attachment_find(db, bytes_text("abc"), data_visit, &size));
    return S_OK;
}

static void attachments_go_with_their_last_use(void **state)
{
    struct kit_store *kit = *state;

    assert_int_equal(store_write_wait(kit->store, attachments_run, NULL), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_leave_out_what_is_voided, setup, teardown),
        cmocka_unit_test_setup_teardown(references_are_listed_page_by_page, setup, teardown),
        cmocka_unit_test_setup_teardown(attachments_go_with_their_last_use, setup, teardown),
    };
    return KIT_RUN(tests);
}
