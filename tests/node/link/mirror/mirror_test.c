/* Which wants a mirror brings, when, and who is told to leave them to it. */
#include "node/link/mirror/mirror.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/link/sessions.h"
#include "node/store/course/mirror.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"
#include "tests/node/link/mirror/web.h"

enum { OBJECTS = 3, OBJECT = 40000 };

struct desk {
    struct kit_store kit;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t tick;
    struct web web;
    struct link_content content;
    struct session_context context;
    struct mirrors *mirrors;
    uint8_t bytes[OBJECTS][OBJECT];
    struct hash objects[OBJECTS];
    atomic_bool is_held[OBJECTS]; /* by the writer, and read by the loop */
    char url[MIRROR_URL_MAX + 1];
};

static bool find(void *ctx, struct db *db, const struct hash *object, uint64_t *size_out)
{
    const struct desk *desk = ctx;
    (void)db;

    *size_out = OBJECT;
    for (size_t i = 0; i < OBJECTS; i++) {
        if (hash_equal(object, &desk->objects[i])) {
            return desk->is_held[i];
        }
    }
    return false;
}

static size_t wanted(void *ctx, struct db *db, size_t skip, size_t max, struct wanted *wanted_out)
{
    const struct desk *desk = ctx;
    size_t count = 0;
    (void)db;

    for (size_t i = 0; i < OBJECTS && count < max; i++) {
        if (!desk->is_held[i] && skip == 0) {
            wanted_out[count++] = (struct wanted){desk->objects[i], OBJECT};
        } else if (!desk->is_held[i]) {
            skip--;
        }
    }
    return count;
}

static enum status put(void *ctx, struct db *db, const struct hash *object, struct bytes data)
{
    struct desk *desk = ctx;
    (void)db;

    for (size_t i = 0; i < OBJECTS; i++) {
        if (hash_equal(object, &desk->objects[i])) {
            assert_memory_equal(data.data, desk->bytes[i], OBJECT);
            desk->is_held[i] = true;
        }
    }
    return S_OK;
}

static void on_store(void *ctx)
{
    uv_async_send(&((struct desk *)ctx)->wake);
}

static void on_wake(uv_async_t *wake)
{
    store_drain(((struct desk *)wake->data)->kit.store);
}

static void on_tick(uv_timer_t *tick)
{
    (void)tick; /* so that UV_RUN_ONCE comes back */
}

static enum status name_run(struct db *db, void *arg)
{
    struct desk *desk = arg;

    return mirror_put(db, members_roster(desk->context.members), &desk->context.self, desk->url, true);
}

static int setup(void **state)
{
    struct desk *desk = test_calloc(1, sizeof *desk);
    struct report report = {.status = S_OK};

    kit_store_open(&desk->kit);
    assert_int_equal(uv_loop_init(&desk->loop), 0);
    uv_async_init(&desk->loop, &desk->wake, on_wake);
    desk->wake.data = desk;
    uv_timer_init(&desk->loop, &desk->tick);
    uv_timer_start(&desk->tick, on_tick, 20, 20);
    store_set_wake(desk->kit.store, on_store, desk);
    for (size_t i = 0; i < OBJECTS; i++) {
        memset(desk->bytes[i], (int)('a' + i), OBJECT);
        desk->objects[i] = hash_of(bytes_of(NULL, 0), bytes_of(desk->bytes[i], OBJECT));
    }
    desk->content =
        (struct link_content){.ctx = desk, .put = put, .read = {.ctx = desk, .find = find, .wanted = wanted}};
    desk->context = (struct session_context){
        .loop = &desk->loop,
        .store = desk->kit.store,
        .members = members_open(desk->kit.store, &desk->kit.federation, &report),
        .gate = gate_new(&desk->loop, desk->kit.store),
        .content = &desk->content,
        .self = desk->kit.identity.node,
    };
    assert_non_null(desk->context.members);
    desk->context.sessions = sessions_new(&desk->context);
    desk->mirrors = mirrors_new(&desk->context, "");
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    mirrors_stop(desk->mirrors);
    while (!mirrors_is_idle(desk->mirrors)) {
        uv_run(&desk->loop, UV_RUN_ONCE);
    }
    mirrors_free(desk->mirrors);
    sessions_free(desk->context.sessions);
    gate_stop(desk->context.gate);
    gate_free(desk->context.gate);
    web_close(&desk->web);
    uv_close((uv_handle_t *)&desk->wake, NULL);
    uv_close((uv_handle_t *)&desk->tick, NULL);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    members_close(desk->context.members);
    kit_store_close(&desk->kit);
    test_free(desk);
    return 0;
}

/* Names a server that answers so. */
static void serve(struct desk *desk, const struct web_answer *answers, size_t count)
{
    web_open(&desk->web, &desk->loop, answers, count);
    snprintf(desk->url, sizeof desk->url, "http://127.0.0.1:%d/", desk->web.port);
    assert_int_equal(store_write_wait(desk->kit.store, name_run, desk), S_OK);
    assert_true(members_refresh(desk->context.members));
}

static bool all_held(const struct desk *desk)
{
    return desk->is_held[0] && desk->is_held[1] && desk->is_held[2];
}

static void run(struct desk *desk, int turns)
{
    for (int i = 0; i < turns && !all_held(desk); i++) {
        mirrors_tick(desk->mirrors);
        uv_run(&desk->loop, UV_RUN_ONCE);
    }
}

static bool takes(struct desk *desk, size_t index, bool is_far)
{
    struct db *db = store_read_begin(desk->kit.store);
    const struct wanted want = {desk->objects[index], OBJECT};
    bool is_taken = mirrors_take(desk->mirrors, db, &want, is_far);

    store_read_end(desk->kit.store, db);
    return is_taken;
}

static void what_is_wanted_comes(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answers[] = {{"HTTP/1.1 200 OK\r\n", desk->bytes[0], OBJECT, 0},
                                         {"HTTP/1.1 200 OK\r\n", desk->bytes[1], OBJECT, 0},
                                         {"HTTP/1.1 200 OK\r\n", desk->bytes[2], OBJECT, 0}};
    struct mirror_record record;

    /* One that is held leaves the two others, so that the order of their answers is known: one at a time. */
    serve(desk, answers, 3);
    for (size_t i = 0; i < OBJECTS; i++) {
        desk->is_held[0] = i != 0;
        desk->is_held[1] = i != 1;
        desk->is_held[2] = i != 2;
        run(desk, 500);
        assert_true(all_held(desk));
    }
    for (int i = 0; i < 20; i++) {
        uv_run(&desk->loop, UV_RUN_ONCE); /* the last one is durable, too */
    }
    mirrors_stop(desk->mirrors);
    while (!mirrors_is_idle(desk->mirrors)) {
        uv_run(&desk->loop, UV_RUN_ONCE);
    }
    struct db *db = store_read_begin(desk->kit.store);
    mirror_record_get(db, desk->url, &record);
    store_read_end(desk->kit.store, db);
    assert_int_equal(record.bytes, OBJECTS * OBJECT);
    assert_int_equal(record.objects, OBJECTS);
    assert_string_equal(record.error, "");
}

static void sessions_leave_it_what_it_has(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 404 Not Found\r\n", "no", 2, 0};

    assert_false(takes(desk, 0, true)); /* none is named */
    serve(desk, &answer, 1);
    assert_true(takes(desk, 0, true));
    assert_false(takes(desk, 0, false)); /* a neighbour need not wait */
    for (int i = 0; i < 500 && takes(desk, 2, true); i++) {
        mirrors_tick(desk->mirrors);
        uv_run(&desk->loop, UV_RUN_ONCE);
    }
    assert_false(takes(desk, 0, true)); /* it lacks them: who has a session brings them */
    assert_false(takes(desk, 2, true));
    assert_int_equal(desk->web.count, OBJECTS);
    run(desk, 20);
    assert_int_equal(desk->web.count, OBJECTS); /* and is not asked again */
}

static void a_liar_is_not_asked_twice(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", "please sign in", 14, 0};

    serve(desk, &answer, 1);
    run(desk, 60);
    assert_true(desk->web.count >= 1 && desk->web.count <= MIRROR_LOADS_MAX);
    assert_false(takes(desk, 0, true));
    assert_false(desk->is_held[0] || desk->is_held[1] || desk->is_held[2]);
}

static enum status window_add(struct db *db, void *text)
{
    struct window window;
    int64_t id;

    assert_int_equal(window_parse(text, &window, NULL), S_OK);
    return window_row_add(db, NULL, &window, &id);
}

static void outside_a_window_it_is_not_asked(void **state)
{
    struct desk *desk = *state;
    const struct web_answer answer = {"HTTP/1.1 200 OK\r\n", desk->bytes[0], OBJECT, 0};
    char text[] = "00:00-24:00 for results";

    assert_int_equal(store_write_wait(desk->kit.store, window_add, text), S_OK);
    assert_true(gate_refresh(desk->context.gate));
    serve(desk, &answer, 1);
    run(desk, 30);
    assert_int_equal(desk->web.count, 0);
    assert_false(takes(desk, 0, true));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_wanted_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(sessions_leave_it_what_it_has, setup, teardown),
        cmocka_unit_test_setup_teardown(a_liar_is_not_asked_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(outside_a_window_it_is_not_asked, setup, teardown),
    };
    return KIT_RUN(tests);
}
