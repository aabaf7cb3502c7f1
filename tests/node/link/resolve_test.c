#include "node/link/resolve.h"

#include <string.h>

#include "tests/kit/kit.h"

static void names_are_told_from_addresses(void **state)
{
    static const char *const names[] = {"tcp://127.1:7700", "tcp://hub.example.org:1",
                                        "tcp://1.2.3.4.example:5"};
    static const char *const others[] = {"tcp://127.0.0.1:7700",
                                         "tcp://[::1]:7700",
                                         "tcp://*:7700",
                                         "localhost:7700",
                                         "tcp://localhost",
                                         "tcp://:7700",
                                         "",
                                         "tcp://a/b:1"};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(resolve_is_name(names[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(resolve_is_name(others[i]));
    }
}

static bool is_loopback(const struct resolved *found)
{
    bool is_all = found->count > 0;

    for (size_t i = 0; i < found->count; i++) {
        is_all = is_all && (strcmp(found->address[i], "tcp://127.0.0.1:7700") == 0 ||
                            strcmp(found->address[i], "tcp://[::1]:7700") == 0);
    }
    return is_all;
}

static void a_name_becomes_addresses_and_an_address_stays_what_it_is(void **state)
{
    struct resolved found;
    struct report report = {.status = S_OK};
    (void)state;

    /* "127.1" is no address as we write them, and every system knows what it means: nobody need be asked. */
    assert_int_equal(resolve_now("tcp://127.1:7700", &found, &report), S_OK);
    assert_true(is_loopback(&found));
    assert_int_equal(resolve_now("tcp://Localhost:7700", &found, &report), S_OK); /* nor need a file say this one */
    assert_true(is_loopback(&found));
    assert_int_equal(resolve_now("tcp://[fe80::1]:7700", &found, &report), S_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.address[0], "tcp://[fe80::1]:7700");
    assert_int_equal(resolve_now("tcp://nowhere.invalid:7700", &found, &report), S_UNREACHABLE);
    assert_int_equal(found.count, 0);
    assert_non_null(strstr(report.text, "'nowhere.invalid'"));
}

struct answers {
    size_t count;
    struct resolved found;
    char error[200];
};

static void on_answer(void *ctx, const struct resolved *found, const char *error)
{
    struct answers *answers = ctx;

    answers->count++;
    answers->found = *found;
    snprintf(answers->error, sizeof answers->error, "%s", error ? error : "");
}

static void the_loop_is_told_once_and_not_after_a_cancel(void **state)
{
    struct answers good = {0}, bad = {0}, cancelled = {0};
    uv_loop_t loop;
    (void)state;

    assert_int_equal(uv_loop_init(&loop), 0);
    assert_non_null(resolve_start(&loop, "tcp://localhost:7700", on_answer, &good));
    assert_non_null(resolve_start(&loop, "tcp://nowhere.invalid:7700", on_answer, &bad));
    resolve_cancel(resolve_start(&loop, "tcp://127.1:1", on_answer, &cancelled));
    resolve_cancel(NULL);
    assert_int_equal(good.count, 0); /* never from within */
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(good.count, 1);
    assert_true(is_loopback(&good.found));
    assert_int_equal(bad.count, 1);
    assert_non_null(strstr(bad.error, "no address is known"));
    assert_int_equal(cancelled.count, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_told_from_addresses),
        cmocka_unit_test(a_name_becomes_addresses_and_an_address_stays_what_it_is),
        cmocka_unit_test(the_loop_is_told_once_and_not_after_a_cancel),
    };
    return KIT_RUN(tests);
}
