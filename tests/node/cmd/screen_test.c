#include "node/cmd/screen.h"
#include "tests/kit/kit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_terminal_gets_nothing_that_steers_it(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    char shown[256] = "";
    (void)state;

    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    FILE *terminal = fopen(ptsname(master), "w");
    assert_non_null(terminal);
    FILE *out = screen_open(terminal, "\n\t");
    assert_ptr_not_equal(out, terminal);
    fputs("\033]0;owned\007 \xc2\x9b" "2J caf\xc3\xa9\r\xe2\x80\xae\xd8\xb9\t\xf0\x9f\x8c\x8d\n", out);
    assert_true(screen_close(out, terminal));
    assert_true(read(master, shown, sizeof shown - 1) > 0);
    assert_string_equal(shown, "?]0;owned? ?2J caf\xc3\xa9??\xd8\xb9\t\xf0\x9f\x8c\x8d\r\n"); /* "\r\n": the terminal's own */
    fclose(terminal);
    close(master);
}

static void a_file_gets_the_bytes_as_they_are(void **state)
{
    FILE *file = tmpfile();
    (void)state;

    assert_ptr_equal(screen_open(file, "\n"), file);
    assert_true(screen_close(file, file));
    assert_null(screen_open(NULL, "\n"));
    fclose(file);
}

static void characters_that_are_printed_in_pieces_stay_whole(void **state)
{
    static const char text[] = "\xd8\xb9\xd9\x85\xe4\xb8\xad\xf0\x9f\x8c\x8d\xc2\x85.\xe4\xb8";
    char *shown = NULL;
    size_t size;
    (void)state;

    for (size_t piece = 1; piece <= sizeof text - 1; piece++) {
        FILE *under = open_memstream(&shown, &size), *out = screen_over(under, "");
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            fwrite(text + at, 1, sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece, out);
            fflush(out);
        }
        assert_true(screen_close(out, under));
        fclose(under);
        assert_string_equal(shown, "\xd8\xb9\xd9\x85\xe4\xb8\xad\xf0\x9f\x8c\x8d?.??");
        free(shown);
    }
}

static void a_long_text_passes_whole_over_the_edges_of_its_blocks(void **state)
{
    enum { COUNT = 20000 };
    char *shown = NULL, *text = malloc(2 * COUNT + 2);
    size_t size;
    (void)state;

    for (int shift = 0; shift < 2; shift++) {
        text[0] = 'a';
        for (size_t i = 0; i < COUNT; i++) {
            memcpy(text + shift + 2 * i, "\xd8\xb9", 2);
        }
        text[shift + 2 * COUNT] = '\0';
        FILE *under = open_memstream(&shown, &size), *out = screen_over(under, "");
        fputs(text, out);
        assert_true(screen_close(out, under));
        fclose(under);
        assert_string_equal(shown, text);
        free(shown);
        under = open_memstream(&shown, &size);
        screen_line(under, text);
        screen_line(under, NULL);
        fclose(under);
        assert_string_equal(shown, text);
        free(shown);
    }
    free(text);
}

static void what_is_lost_is_told(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;

    assert_non_null(full);
    FILE *out = screen_over(full, "\n");
    fputs("one line\n", out);
    assert_true(fflush(out) != 0 || ferror(out));
    assert_ptr_not_equal(out, full);
    screen_close(out, full);
    fclose(full);
}

static void a_line_stays_one_line(void **state)
{
    char *shown = NULL;
    size_t size;
    FILE *out = open_memstream(&shown, &size);
    (void)state;

    screen_line(out, "title\n  issuer: somebody\r\tx");
    fclose(out);
    assert_string_equal(shown, "title?  issuer: somebody??x");
    free(shown);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_gets_nothing_that_steers_it),
        cmocka_unit_test(a_file_gets_the_bytes_as_they_are),
        cmocka_unit_test(characters_that_are_printed_in_pieces_stay_whole),
        cmocka_unit_test(a_long_text_passes_whole_over_the_edges_of_its_blocks),
        cmocka_unit_test(what_is_lost_is_told),
        cmocka_unit_test(a_line_stays_one_line),
    };
    return KIT_RUN(tests);
}
