#include "node/cmd/forward.h"

#include <string.h>

#include "tests/kit/kit.h"

static void becomes(const char *word, const char *expected)
{
    struct buffer words;

    buffer_init(&words);
    command_word_write(word, 4711, &words);
    assert_int_equal(words.size, strlen(expected) + 1);
    assert_string_equal((const char *)words.data, expected);
    buffer_release(&words);
}

static void own_files_are_named_so_that_the_node_finds_them(void **state)
{
    (void)state;
    becomes("/dev/stdin", "/proc/4711/fd/0");
    becomes("/dev/stdout", "/proc/4711/fd/1");
    becomes("/dev/stderr", "/proc/4711/fd/2");
    becomes("/dev/fd/63", "/proc/4711/fd/63");
    becomes("/proc/self/fd/63", "/proc/4711/fd/63");
    becomes("/proc/thread-self/fd/5", "/proc/4711/fd/5");
    becomes("--original=/dev/fd/63", "--original=/proc/4711/fd/63");
}

static void other_words_stay_as_they_are(void **state)
{
    static const char *const words[] = {"",
                                        "--",
                                        "-",
                                        "--json",
                                        "--by=course",
                                        "/dev/null",
                                        "/dev/stdinx",
                                        "a=/dev/fd/3",
                                        "fd/3",
                                        "/home/dev/fd/3",
                                        "--lang=",
                                        "/proc/selfish/x"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        becomes(words[i], words[i]);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_files_are_named_so_that_the_node_finds_them),
        cmocka_unit_test(other_words_stay_as_they_are),
    };
    return KIT_RUN(tests);
}
