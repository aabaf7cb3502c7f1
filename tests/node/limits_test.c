#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/limits.h"
#include "tests/kit/kit.h"

/* In a process of its own: what limits_take() says under the limit, and whether the report has `text`. */
static enum status taken(int resource, rlim_t soft, rlim_t hard, const char *text)
{
    int code;
    pid_t child = fork();

    if (child == 0) {
        const struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
        struct report report = {.status = S_OK};
        setrlimit((__rlimit_resource_t)resource, &limit);
        enum status status = limits_take(&report);
        _exit(status != S_OK && !strstr(report.text, text) ? 99 : (int)status);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    return (enum status)WEXITSTATUS(code);
}

static void what_is_too_small_is_named(void **state)
{
    (void)state;
    assert_int_equal(taken(RLIMIT_NOFILE, LIMIT_FILES_MIN - 1, LIMIT_FILES_MIN - 1, "open files is 31, and at least 32"), S_DENIED);
    assert_int_equal(taken(RLIMIT_NOFILE, LIMIT_FILES_MIN, LIMIT_FILES_MIN, ""), S_OK);
    assert_int_equal(taken(RLIMIT_STACK, 1023 << 10, 1023 << 10, "the stack is 1023 KiB, and at least 1024 KiB"), S_DENIED);
    assert_int_equal(taken(RLIMIT_STACK, 1024 << 10, 1024 << 10, ""), S_OK);
}

static void a_soft_limit_is_raised(void **state)
{
    (void)state;
    assert_int_equal(taken(RLIMIT_NOFILE, 10, 64, ""), S_OK);
    assert_int_equal(taken(RLIMIT_STACK, 256 << 10, 8 << 20, ""), S_OK);
}

static void a_machine_without_limits_has_none_to_complain_of(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(limits_take(&report), S_OK);
    assert_int_equal(report.status, S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_small_is_named),
        cmocka_unit_test(a_soft_limit_is_raised),
        cmocka_unit_test(a_machine_without_limits_has_none_to_complain_of),
    };
    return KIT_RUN(tests);
}
