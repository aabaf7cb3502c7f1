/* GET over HTTP in the loop, against a server of canned answers. */
#include "node/link/mirror/http.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/link/mirror/web.h"

struct asker {
    uv_loop_t loop;
    struct web web;
    struct mirror_http *http;
    struct mirror_get *get;
    long code;
    uint64_t from, total;
    char body[256], error[256];
    size_t size, cost;
    int waits; /* so often it takes nothing at first */
    bool refuses, stops, is_done;
    enum status status;
};

static bool on_begun(void *ctx, long code, uint64_t from, uint64_t total)
{
    struct asker *asker = ctx;

    asker->code = code;
    asker->from = from;
    asker->total = total;
    return !asker->refuses;
}

static enum mirror_taken on_data(void *ctx, const uint8_t *data, size_t size)
{
    struct asker *asker = ctx;

    if (asker->stops) {
        return MIRROR_STOP;
    }
    if (asker->waits > 0) {
        asker->waits--;
        return MIRROR_WAIT;
    }
    assert_true(asker->size + size <= sizeof asker->body);
    memcpy(asker->body + asker->size, data, size);
    asker->size += size;
    return MIRROR_TAKEN;
}

static void on_cost(void *ctx, size_t size)
{
    ((struct asker *)ctx)->cost += size;
}

static void on_done(void *ctx, enum status status, const char *error)
{
    struct asker *asker = ctx;

    asker->is_done = true;
    asker->status = status;
    asker->get = NULL;
    snprintf(asker->error, sizeof asker->error, "%s", error);
    uv_stop(&asker->loop);
}

static const struct mirror_taker taker = {on_begun, on_data, on_cost, on_done};

/* Asks for `size` bytes from `from` (0: all) and lets the loop run until the end. */
static void ask(struct asker *asker, const struct web_answer *answers, size_t count, uint64_t from,
                uint64_t size)
{
    char url[64];
    struct mirror_request request = {
        .url = url, .from = from, .size = size, .proxy = "", .is_local = true, .taker = &taker, .ctx = asker};

    assert_int_equal(uv_loop_init(&asker->loop), 0);
    web_open(&asker->web, &asker->loop, answers, count);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", asker->web.port);
    asker->http = mirror_http_new(&asker->loop);
    asker->get = mirror_get_start(asker->http, &request, NULL);
    assert_non_null(asker->get);
    while (!asker->is_done) {
        uv_run(&asker->loop, UV_RUN_ONCE);
        if (asker->get && asker->code && asker->size == 0 && asker->waits == 0) {
            mirror_get_resume(asker->get);
        }
    }
}

static void leave(struct asker *asker)
{
    mirror_http_free(asker->http);
    web_close(&asker->web);
    uv_run(&asker->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&asker->loop), 0);
}

static void a_content_comes_whole(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "hello", 5, 0};
    struct asker asker = {0};
    (void)state;

    ask(&asker, &answer, 1, 0, 0);
    assert_int_equal(asker.status, S_OK);
    assert_int_equal(asker.code, 200);
    assert_int_equal(asker.total, 5);
    assert_memory_equal(asker.body, "hello", 5);
    assert_non_null(strstr(asker.web.requests[0], "GET /x HTTP/1.1"));
    assert_null(strstr(asker.web.requests[0], "Range:"));
    assert_true(asker.cost > strlen(asker.web.requests[0]));
    leave(&asker);
}

static void a_part_is_asked_for_and_said(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-14/100\r\n",
                                      "hello", 5, 0};
    struct asker asker = {0};
    (void)state;

    ask(&asker, &answer, 1, 10, 5);
    assert_int_equal(asker.status, S_OK);
    assert_int_equal(asker.from, 10);
    assert_int_equal(asker.total, 100);
    assert_non_null(strstr(asker.web.requests[0], "Range: bytes=10-14\r\n"));
    leave(&asker);
}

static void a_part_without_its_place_is_not_taken_for_one(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes */100\r\n",
                                      "hello", 5, 0};
    struct asker asker = {0};
    (void)state;

    ask(&asker, &answer, 1, 10, 5);
    assert_true(asker.from == UINT64_MAX);
    leave(&asker);
}

static void a_taker_may_wait_and_stop(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "hello", 5, 0};
    struct asker waits = {.waits = 1}, stops = {.stops = true}, refuses = {.refuses = true};
    (void)state;

    ask(&waits, &answer, 1, 0, 0);
    assert_int_equal(waits.status, S_OK);
    assert_memory_equal(waits.body, "hello", 5);
    leave(&waits);
    ask(&stops, &answer, 1, 0, 0);
    assert_int_equal(stops.status, S_DENIED);
    leave(&stops);
    ask(&refuses, &answer, 1, 0, 0);
    assert_int_equal(refuses.status, S_DENIED);
    assert_int_equal(refuses.size, 0);
    leave(&refuses);
}

static void codes_have_their_meaning(void **state)
{
    static const struct {
        const char *head;
        enum status status;
    } cases[] = {
        {"HTTP/1.1 404 Not Found\r\n", S_NOT_FOUND},
        {"HTTP/1.1 410 Gone\r\n", S_NOT_FOUND},
        {"HTTP/1.1 503 Service Unavailable\r\n", S_BUSY},
        {"HTTP/1.1 429 Too Many Requests\r\n", S_BUSY},
        {"HTTP/1.1 500 Oh\r\n", S_UNREACHABLE},
        {"HTTP/1.1 403 No\r\n", S_UNREACHABLE},
        {"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n", S_UNREACHABLE},
        {"HTTP/1.1 302 Found\r\nLocation: /x\r\n", S_UNREACHABLE}, /* for ever */
        {"nonsense\r\n", S_UNREACHABLE},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct web_answer answer = {cases[i].head, "oh", 2, 0};
        struct asker asker = {0};

        ask(&asker, &answer, 1, 0, 0);
        assert_int_equal(asker.status, cases[i].status);
        assert_int_equal(asker.size, 0);
        assert_true(asker.web.count <= MIRROR_HTTP_REDIRECTS_MAX + 1);
        leave(&asker);
    }
}

static void a_broken_connection_is_no_content(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "hello", 5, 3};
    struct asker asker = {0};
    (void)state;

    ask(&asker, &answer, 1, 0, 0);
    assert_int_equal(asker.status, S_UNREACHABLE);
    assert_true(asker.error[0] != '\0');
    leave(&asker);
}

static void endless_headers_are_cut(void **state)
{
    static char head[MIRROR_HTTP_HEADER_MAX + 1024] = "HTTP/1.1 200 OK\r\n";
    const struct web_answer answer = {"", head, sizeof head - 1, 0};
    struct asker asker = {0};
    (void)state;

    for (size_t size = strlen(head); size + 40 < sizeof head; size += 40) {
        snprintf(head + size, 41, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    }
    ask(&asker, &answer, 1, 0, 0);
    assert_int_equal(asker.status, S_UNREACHABLE);
    leave(&asker);
}

static void this_machine_is_not_called_for_another_name(void **state)
{
    struct asker asker = {0};
    struct mirror_request request = {
        .url = "http://127.0.0.1:1/x", .proxy = "", .taker = &taker, .ctx = &asker};
    static const char *const urls[] = {
        "http://127.0.0.1:1/",          "http://[::1]:1/",   "http://169.254.169.254/", "http://0.0.0.0:1/",
        "http://[::ffff:127.0.0.1]:1/", "http://224.0.0.1/", "http://[fe80::1]/"};
    (void)state;

    assert_int_equal(uv_loop_init(&asker.loop), 0);
    asker.http = mirror_http_new(&asker.loop);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        asker.is_done = false;
        request.url = urls[i];
        request.is_local = false;
        assert_non_null(mirror_get_start(asker.http, &request, NULL));
        while (!asker.is_done) {
            uv_run(&asker.loop, UV_RUN_ONCE);
        }
        assert_int_equal(asker.status, S_UNREACHABLE);
    }
    mirror_http_free(asker.http);
    uv_run(&asker.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&asker.loop), 0);
}

static void what_runs_can_be_ended(void **state)
{
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "hello", 5, 0};
    struct asker asker = {0};
    char url[64];
    struct mirror_request request = {
        .url = url, .proxy = "", .is_local = true, .taker = &taker, .ctx = &asker};
    (void)state;

    assert_int_equal(uv_loop_init(&asker.loop), 0);
    web_open(&asker.web, &asker.loop, &answer, 1);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", asker.web.port);
    asker.http = mirror_http_new(&asker.loop);
    struct mirror_get *first = mirror_get_start(asker.http, &request, NULL);
    assert_non_null(mirror_get_start(asker.http, &request, NULL)); /* ended with all */
    mirror_get_stop(first);
    leave(&asker);
    assert_false(asker.is_done);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_content_comes_whole),
        cmocka_unit_test(a_part_is_asked_for_and_said),
        cmocka_unit_test(a_part_without_its_place_is_not_taken_for_one),
        cmocka_unit_test(a_taker_may_wait_and_stop),
        cmocka_unit_test(codes_have_their_meaning),
        cmocka_unit_test(a_broken_connection_is_no_content),
        cmocka_unit_test(endless_headers_are_cut),
        cmocka_unit_test(this_machine_is_not_called_for_another_name),
        cmocka_unit_test(what_runs_can_be_ended),
    };
    return KIT_RUN(tests);
}
