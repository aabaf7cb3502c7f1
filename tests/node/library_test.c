#include "node/library.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/kit/kit.h"

#define FUNCTIONS(of) of(crc32) of(adler32)
static struct {
    FUNCTIONS(LIBRARY_POINTER)
} lib;
static const char *const names[] = {FUNCTIONS(LIBRARY_NAME)};

static void functions_are_those_of_the_library(void **state)
{
    struct library library = LIBRARY("libz.so.1", names, lib);
    struct report report = {.status = S_OK};
    (void)state;

    memset(&lib, 0, sizeof lib);
    assert_int_equal(library_load(&library, &report), S_OK);
    assert_true(library.is_loaded);
    assert_int_equal(lib.crc32(0, (const Bytef *)"123456789", 9), 0xcbf43926);
    assert_int_equal(lib.adler32(1, (const Bytef *)"abc", 3), 0x024d0127);
}

static void what_is_loaded_is_not_looked_for_again(void **state)
{
    struct library library = LIBRARY("libz.so.1", names, lib);
    (void)state;

    assert_int_equal(library_load(&library, NULL), S_OK);
    memset(&lib, 0, sizeof lib);
    assert_int_equal(library_load(&library, NULL), S_OK);
    assert_null(lib.crc32);
}

static void a_library_that_is_not_there_is_named(void **state)
{
    struct library library = LIBRARY("libqanat-has-none.so.7", names, lib);
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(library_load(&library, &report), S_IO);
    assert_non_null(strstr(report.text, "'libqanat-has-none.so.7' cannot be loaded"));
    assert_false(library.is_loaded);
    library.file = "libz.so.1"; /* as if it had been installed meanwhile */
    assert_int_equal(library_load(&library, NULL), S_OK);
}

static void a_function_that_is_not_in_it_is_named(void **state)
{
    static const char *const others[] = {"crc32", "crc32_of_tomorrow"};
    struct library library = LIBRARY("libz.so.1", others, lib);
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(library_load(&library, &report), S_IO);
    assert_non_null(strstr(report.text, "'libz.so.1' has no function 'crc32_of_tomorrow'"));
    assert_false(library.is_loaded);
}

/* A process of its own needs the library: what it says on stderr is in `text`; the code it ends with. */
static int need_apart(struct library *library, char *text, size_t size)
{
    int ends[2], outcome = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        library_need(library);
        _exit(lib.crc32 ? 0 : 1);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    return WEXITSTATUS(outcome);
}

static void who_cannot_go_on_without_it_ends(void **state)
{
    struct library library = LIBRARY("libqanat-has-none.so.7", names, lib);
    char text[512];
    (void)state;

    assert_int_equal(need_apart(&library, text, sizeof text), LIBRARY_EXIT);
    assert_non_null(strstr(text, "qanat: 'libqanat-has-none.so.7' cannot be loaded: install its package"));
    library.file = "libz.so.1";
    memset(&lib, 0, sizeof lib);
    assert_int_equal(need_apart(&library, text, sizeof text), 0);
    assert_string_equal(text, "");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_those_of_the_library),
        cmocka_unit_test(what_is_loaded_is_not_looked_for_again),
        cmocka_unit_test(a_library_that_is_not_there_is_named),
        cmocka_unit_test(a_function_that_is_not_in_it_is_named),
        cmocka_unit_test(who_cannot_go_on_without_it_ends),
    };
    return KIT_RUN(tests);
}
