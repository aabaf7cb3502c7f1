#include "replication/base/check.h"
#include "tests/kit/kit.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf back;
static const char *seen_file, *seen_text;
static int seen_line;

static void handler_leap(const char *file, int line, const char *text)
{
    seen_file = file;
    seen_line = line;
    seen_text = text;
    longjmp(back, 1);
}

static void a_condition_that_holds_is_evaluated_once_and_passes(void **state)
{
    int count = 0;
    (void)state;

    CHECK(++count == 1);
    assert_int_equal(count, 1);
}

static void a_failed_check_names_its_place_and_text(void **state)
{
    volatile int line = 0;
    (void)state;

    check_set_handler(handler_leap);
    if (setjmp(back) == 0) {
        line = __LINE__ + 1;
        CHECK(1 + 1 == 3);
        fail();
    }
    check_set_handler(NULL);
    assert_int_equal(seen_line, line);
    assert_string_equal(seen_text, "1 + 1 == 3");
    assert_non_null(strstr(seen_file, "check_test.c"));
}

static void handler_return(const char *file, int line, const char *text)
{
    (void)file, (void)line, (void)text;
}

/* In a child, so that its abort() does not end the tests; without a core file. */
static int child_status(check_handler *handler)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        check_set_handler(handler);
        CHECK(child != 0);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void the_process_ends_whether_or_not_there_is_a_handler(void **state)
{
    int without = child_status(NULL), with = child_status(handler_return);
    (void)state;

    assert_true(WIFSIGNALED(without) && WTERMSIG(without) == SIGABRT);
    assert_true(WIFSIGNALED(with) && WTERMSIG(with) == SIGABRT);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_that_holds_is_evaluated_once_and_passes),
        cmocka_unit_test(a_failed_check_names_its_place_and_text),
        cmocka_unit_test(the_process_ends_whether_or_not_there_is_a_handler),
    };
    return KIT_RUN(tests);
}
