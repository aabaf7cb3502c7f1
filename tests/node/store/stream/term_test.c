#include "node/store/stream/term.h"

#include <stdio.h>
#include <string.h>

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

struct request {
    char text[600];
    int64_t number;
    enum status status;
};

static enum status number_run(struct db *db, void *arg)
{
    struct request *request = arg;

    request->number = term_number(db, bytes_text(request->text), true);
    struct bytes text = term_text(db, request->number);
    assert_true(bytes_equal(text, bytes_text(request->text)));
    return request->status;
}

static int64_t number_of(struct desk *desk, const char *text)
{
    struct request request = {.status = S_OK};

    snprintf(request.text, sizeof request.text, "%s", text);
    assert_int_equal(store_write_wait(desk->store, number_run, &request), S_OK);
    return request.number;
}

static void a_text_keeps_its_number(void **state)
{
    struct desk *desk = *state;

    int64_t completed = number_of(desk, "completed"), none = number_of(desk, "");
    assert_int_not_equal(completed, none);
    assert_int_equal(number_of(desk, "completed"), completed);
    desk_reopen(desk);
    assert_int_equal(number_of(desk, "completed"), completed);
    assert_int_equal(number_of(desk, ""), none);
}

static void a_reader_finds_texts_but_adds_none(void **state)
{
    struct desk *desk = *state;

    int64_t number = number_of(desk, "course");
    struct db *db = store_read_begin(desk->store);
    assert_true(bytes_equal(term_text(db, number), bytes_text("course")));
    assert_int_equal(term_number(db, bytes_text("course"), false), number);
    assert_int_equal(term_number(db, bytes_text("unknown"), false), 0);
    assert_null(term_text(db, number + 1).data);
    store_read_end(desk->store, db);
}

static void a_number_given_in_an_undone_job_is_forgotten(void **state)
{
    struct desk *desk = *state;
    struct request request = {.text = "undone", .status = S_STALE};

    number_of(desk, "before");
    assert_int_equal(store_write_wait(desk->store, number_run, &request), S_STALE);
    int64_t other = number_of(desk, "another");
    assert_int_equal(other, request.number); /* given again, to another text */
    assert_int_not_equal(number_of(desk, "undone"), other);
    struct db *db = store_read_begin(desk->store);
    assert_true(bytes_equal(term_text(db, other), bytes_text("another")));
    store_read_end(desk->store, db);
}

static enum status many_run(struct db *db, void *arg)
{
    char text[600];
    int64_t *first = arg;

    for (int i = 0; i < 30000; i++) {
        memset(text, 'x', sizeof text);
        snprintf(text + 560, 40, "%d", i);
        int64_t number = term_number(db, bytes_text(text), true);
        *first = i ? *first : number;
        assert_true(number > 0);
    }
    memset(text, 'x', sizeof text);
    snprintf(text + 560, 40, "0");
    assert_int_equal(term_number(db, bytes_text(text), true), *first);
    assert_true(bytes_equal(term_text(db, *first), bytes_text(text)));
    return S_OK;
}

static void more_terms_than_the_cache_holds_work_too(void **state)
{
    struct desk *desk = *state;
    int64_t first = 0;

    assert_true(30000 * 560 > TERMS_BYTES_MAX);
    assert_int_equal(store_write_wait(desk->store, many_run, &first), S_OK);
}

KIT_TESTS()
{
#define TERM_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TERM_TEST(a_text_keeps_its_number),
        TERM_TEST(a_reader_finds_texts_but_adds_none),
        TERM_TEST(a_number_given_in_an_undone_job_is_forgotten),
        TERM_TEST(more_terms_than_the_cache_holds_work_too),
    };
    return KIT_RUN(tests);
}
