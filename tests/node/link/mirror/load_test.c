/* A content cut into its objects as it comes from a server of canned answers. */
#include "node/link/mirror/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"
#include "tests/node/link/mirror/web.h"

enum { PIECES = 4, PIECE = 1000, TOTAL = PIECES * PIECE };

struct desk {
    struct kit_store kit;
    uv_loop_t loop;
    uv_async_t wake;
    struct web web;
    struct mirror_http *http;
    struct link_content content;
    struct mirror_owner owner;
    struct mirror_load *load;
    uint8_t bytes[TOTAL];
    struct hash objects[PIECES];
    char url[64];
    unsigned put; /* one bit for each object that was stored */
    unsigned due; /* and for each that is wanted */
    size_t moved, stored;
    bool may_move;
    enum status put_status;
};

static enum status put(void *ctx, struct db *db, const struct hash *object, struct bytes data)
{
    struct desk *desk = ctx;
    (void)db;

    for (unsigned i = 0; i < PIECES && desk->put_status == S_OK; i++) {
        if (hash_equal(object, &desk->objects[i])) {
            assert_memory_equal(data.data, desk->bytes + i * PIECE, PIECE);
            desk->put |= 1u << i;
        }
    }
    return desk->put_status;
}

static bool on_may_move(void *ctx)
{
    return ((struct desk *)ctx)->may_move;
}

static void on_moved(void *ctx, size_t size)
{
    ((struct desk *)ctx)->moved += size;
}

static bool on_is_due(void *ctx, const struct hash *object)
{
    struct desk *desk = ctx;

    for (unsigned i = 0; i < PIECES; i++) {
        if (hash_equal(object, &desk->objects[i])) {
            return desk->due & 1u << i;
        }
    }
    return false;
}

static void on_stored(void *ctx, size_t size)
{
    ((struct desk *)ctx)->stored += size;
}

static void on_changed(void *ctx)
{
    (void)ctx;
}

static void on_store(void *ctx)
{
    uv_async_send(&((struct desk *)ctx)->wake);
}

static void on_wake(uv_async_t *wake)
{
    store_drain(((struct desk *)wake->data)->kit.store);
}

static int setup(void **state)
{
    struct desk *desk = test_calloc(1, sizeof *desk);

    kit_store_open(&desk->kit);
    assert_int_equal(uv_loop_init(&desk->loop), 0);
    uv_async_init(&desk->loop, &desk->wake, on_wake);
    desk->wake.data = desk;
    store_set_wake(desk->kit.store, on_store, desk);
    desk->http = mirror_http_new(&desk->loop);
    desk->content = (struct link_content){.ctx = desk, .put = put};
    desk->owner = (struct mirror_owner){on_may_move, on_moved, on_is_due, on_stored, on_changed, desk};
    for (unsigned i = 0; i < PIECES; i++) {
        memset(desk->bytes + i * PIECE, (int)('a' + i), PIECE);
        desk->objects[i] = hash_of(bytes_of(NULL, 0), bytes_of(desk->bytes + i * PIECE, PIECE));
    }
    desk->due = 15;
    desk->may_move = true;
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    mirror_load_free(desk->load);
    mirror_http_free(desk->http);
    web_close(&desk->web);
    uv_close((uv_handle_t *)&desk->wake, NULL);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    kit_store_close(&desk->kit);
    test_free(desk);
    return 0;
}

/* Brings the pieces `first` to `last` from a server that answers so. */
static void load_run(struct desk *desk, const struct web_answer *answers, size_t count, unsigned first,
                     unsigned last)
{
    struct content_piece *pieces = calloc(PIECES, sizeof *pieces);
    struct mirror_load_options options = {.http = desk->http,
                                          .store = desk->kit.store,
                                          .content = &desk->content,
                                          .owner = &desk->owner,
                                          .url = desk->url,
                                          .proxy = ""};

    web_open(&desk->web, &desk->loop, answers, count);
    snprintf(desk->url, sizeof desk->url, "http://127.0.0.1:%d/", desk->web.port);
    for (unsigned i = first; i <= last; i++) {
        pieces[options.place.count++] = (struct content_piece){desk->objects[i], i * PIECE, PIECE};
    }
    options.place.pieces = pieces;
    options.place.total = TOTAL;
    desk->load = mirror_load_start(&options);
    for (int i = 0; i < 10000 && !mirror_load_is_over(desk->load); i++) {
        uv_run(&desk->loop, UV_RUN_ONCE);
        mirror_load_tick(desk->load);
        if (mirror_load_is_waiting(desk->load)) {
            desk->may_move = true;
            mirror_load_resume(desk->load);
        }
    }
    assert_true(mirror_load_is_over(desk->load));
}

static void a_content_comes_in_its_objects(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 0};

    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_OK);
    assert_int_equal(desk->put, 15);
    assert_int_equal(desk->stored, TOTAL);
    assert_true(desk->moved > TOTAL + 100); /* headers cost, too */
    assert_null(strstr(desk->web.requests[0], "Range:"));
}

static void a_part_of_it_is_asked_for_as_a_range(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000-2999/4000\r\n", desk->bytes + PIECE,
        2 * PIECE, 0};

    load_run(desk, &answer, 1, 1, 2);
    assert_int_equal(mirror_load_status(desk->load), S_OK);
    assert_int_equal(desk->put, 6);
    assert_true(mirror_load_is_ranged(desk->load));
    assert_non_null(strstr(desk->web.requests[0], "Range: bytes=1000-2999"));
}

static void a_break_is_taken_up_at_its_byte(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answers[] = {
        {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 1500},
        {"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1500-3999/4000\r\n", desk->bytes + 1500, 2500,
         0}};

    load_run(desk, answers, 2, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_OK);
    assert_int_equal(desk->put, 15);
    assert_int_equal(desk->web.count, 2);
    assert_non_null(strstr(desk->web.requests[1], "Range: bytes=1500-3999"));
}

static void a_server_without_ranges_is_taken_up_from_the_start(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answers[] = {{"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 1500},
                                         {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 0}};

    load_run(desk, answers, 2, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_OK);
    assert_int_equal(desk->put, 15);
    assert_int_equal(desk->stored, TOTAL);
    assert_true(mirror_load_is_rangeless(desk->load));
}

static void it_is_given_up_after_breaks_without_a_byte(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"", "x", 1, 0};

    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_UNREACHABLE);
    assert_int_equal(desk->web.count, MIRROR_LOAD_TRIES);
    assert_int_equal(desk->put, 0);
}

static void one_wrong_byte_is_a_lie_and_what_was_right_is_kept(void **state)
{
    struct desk *desk = *state;
    uint8_t bytes[TOTAL];
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", bytes, TOTAL, 0};

    memcpy(bytes, desk->bytes, TOTAL);
    bytes[2 * PIECE + 7] ^= 1;
    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_BAD_DIGEST);
    assert_int_equal(desk->put, 3);
}

static void another_size_is_a_lie_before_a_byte_is_taken(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "please sign in", 14, 0};

    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_BAD_DIGEST);
    assert_int_equal(desk->stored, 0);
}

static void another_place_is_a_lie(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2000-3999/4000\r\n", desk->bytes, 2 * PIECE, 0};

    load_run(desk, &answer, 1, 1, 2);
    assert_int_equal(mirror_load_status(desk->load), S_BAD_DIGEST);
}

static void what_it_lacks_is_said(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 404 Not Found\r\n", "no", 2, 0};

    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_NOT_FOUND);
}

static void it_ends_where_somebody_else_goes_on(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 0};

    desk->due = 1 | 8;
    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_OK);
    assert_int_equal(desk->put, 1);
}

static void it_waits_for_the_rate(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 0};

    desk->may_move = false;
    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(desk->put, 15);
}

static void a_full_disk_ends_it(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", desk->bytes, TOTAL, 0};

    desk->put_status = S_NO_SPACE;
    load_run(desk, &answer, 1, 0, 3);
    assert_int_equal(mirror_load_status(desk->load), S_NO_SPACE);
    assert_int_equal(desk->stored, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_content_comes_in_its_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_of_it_is_asked_for_as_a_range, setup, teardown),
        cmocka_unit_test_setup_teardown(a_break_is_taken_up_at_its_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_without_ranges_is_taken_up_from_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_given_up_after_breaks_without_a_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(one_wrong_byte_is_a_lie_and_what_was_right_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(another_size_is_a_lie_before_a_byte_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(another_place_is_a_lie, setup, teardown),
        cmocka_unit_test_setup_teardown(what_it_lacks_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(it_ends_where_somebody_else_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(it_waits_for_the_rate, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_ends_it, setup, teardown),
    };
    return KIT_RUN(tests);
}
