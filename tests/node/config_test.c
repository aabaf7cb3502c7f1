#include "node/config.h"
#include "node/dir.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_defaults_hold_until_something_is_set(void **state)
{
    struct config config;
    struct report report;
    (void)state;

    config_init(&config);
    report_clear(&report);
    assert_string_equal(config.listen, "");
    assert_int_equal(config.disclosure_min, 10);
    assert_int_equal(config_set(&config, "disclosure_min", "5", &report), S_OK);
    assert_int_equal(config.disclosure_min, 5);
    assert_int_equal(config_set(&config, "relay_demand", "false", &report), S_OK);
    assert_false(config.relay_demand);
}

static void a_wrong_option_is_named(void **state)
{
    struct config config;
    struct report report;
    (void)state;

    config_init(&config);
    report_clear(&report);
    assert_int_equal(config_set(&config, "lisen", "x", &report), S_INVALID);
    assert_non_null(strstr(report.text, "'lisen'"));
    report_clear(&report);
    assert_int_equal(config_set(&config, "sync_interval_s", "soon", &report), S_INVALID);
    assert_non_null(strstr(report.text, "'soon'"));
    report_clear(&report);
    assert_int_equal(config_set(&config, "sync_interval_s", "0", &report), S_INVALID);
    report_clear(&report);
    assert_int_equal(config_set(&config, "relay_demand", "yes", &report), S_INVALID);
}

static void a_kind_is_one_of_five(void **state)
{
    static const char *const kinds[] = {"", "hub", "national", "training", "regional", "campus"};
    struct config config;
    struct report report;
    (void)state;

    config_init(&config);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        report_clear(&report);
        assert_int_equal(config_set(&config, "kind", kinds[i], &report), S_OK);
    }
    report_clear(&report);
    assert_int_equal(config_set(&config, "kind", "Hub", &report), S_INVALID);
    assert_non_null(strstr(report.text, "'Hub'"));
}

static void the_longest_text_fits_and_one_byte_more_does_not(void **state)
{
    struct config config;
    struct report report;
    char text[CONFIG_TEXT_MAX + 1];
    (void)state;

    config_init(&config);
    report_clear(&report);
    memset(text, 'x', sizeof text);
    text[CONFIG_TEXT_MAX] = '\0';
    assert_int_equal(config_set(&config, "neighbours", text, &report), S_TOO_LARGE);
    text[CONFIG_TEXT_MAX - 1] = '\0';
    report_clear(&report);
    assert_int_equal(config_set(&config, "neighbours", text, &report), S_OK);
    assert_string_equal(config.neighbours, text);
}

static void any_text_comes_back_as_it_was_written(void **state)
{
    static const char *const names[] = {"a \"b\" \\c", "Cost ${HOME}", "${FOO", "$5}", "\\${A}\\"};
    char dir[200], path[220];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct config written, read;
        struct report report = {.status = S_OK};
        config_init(&written);
        config_init(&read);
        snprintf(written.name, sizeof written.name, "%s", names[i]);
        snprintf(written.region, sizeof written.region, "}");
        assert_int_equal(config_save(&written, path, &report), S_OK);
        assert_int_equal(config_load(&read, path, &report), S_OK);
        assert_string_equal(read.name, names[i]);
        assert_string_equal(read.region, "}");
    }
    kit_scratch_remove(dir);
}

static void one_option_is_written_anew_and_the_rest_stays(void **state)
{
    static const struct {
        const char *before, *after;
    } files[] = {
        {"# ours\nname = \"a\"\nuplink = \"tcp://b:1\" # the old one\nkind = \"campus\"", "# ours\nname = \"a\"\nuplink = \"tcp://c:2\"\nkind = \"campus\""},
        {"  uplink=\"tcp://b:1\"\n", "uplink = \"tcp://c:2\"\n"},
        {"name = \"a\"", "name = \"a\"\nuplink = \"tcp://c:2\"\n"},
        {"name = \"a\" uplink = \"tcp://b:1\"\n", "name = \"a\" uplink = \"tcp://b:1\"\nuplink = \"tcp://c:2\"\n"},
        {"", "uplink = \"tcp://c:2\"\n"},
    };
    char dir[200], path[220];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct report report = {.status = S_OK};
        struct config config;
        struct buffer text;
        config_init(&config);
        buffer_init(&text);
        assert_int_equal(dir_write_file(path, bytes_text(files[i].before), 0600, &report), S_OK);
        snprintf(config.uplink, sizeof config.uplink, "tcp://c:2");
        assert_int_equal(config_rewrite(&config, path, "uplink", &report), S_OK);
        assert_int_equal(dir_read_file(path, CONFIG_FILE_MAX, &text, &report), S_OK);
        buffer_append_u8(&text, 0);
        assert_string_equal((const char *)text.data, files[i].after);
        config_init(&config);
        assert_int_equal(config_load(&config, path, &report), S_OK);
        assert_string_equal(config.uplink, "tcp://c:2");
        buffer_release(&text);
    }
    kit_scratch_remove(dir);
}

static void addresses_are_looked_at_before_anything_is_bound_to_them(void **state)
{
    static const char *const right[] = {"127.0.0.1:80", "[::1]:8080", "localhost:65535", "*:0", "0.0.0.0:7700", "hub.example.org:1"};
    static const char *const wrong[] = {"127.0.0.1", "nonsense", "a:", "a:123456", "a:65536", "a:abc", "a:8o", "x y:80", "::1:80", "[::1]80",
                                        "[]:80", "[::1]:", "[a]b]:80", "a[:1", "http://a:80", "a:80/x", "a:-1", "a: 80", "a:+80"};
    struct config config;
    struct report report;
    char text[CONFIG_TEXT_MAX];
    (void)state;

    config_init(&config);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        report_clear(&report);
        assert_int_equal(config_set(&config, "http", right[i], &report), S_OK);
        snprintf(text, sizeof text, "tcp://%s", right[i]);
        assert_int_equal(config_set(&config, "listen", text, &report), S_OK);
        assert_int_equal(config_set(&config, "listen", right[i], &report), S_INVALID);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        report_clear(&report);
        assert_int_equal(config_set(&config, "content", wrong[i], &report), S_INVALID);
        assert_non_null(strstr(report.text, wrong[i]));
        report_clear(&report);
        snprintf(text, sizeof text, "tcp://%s", wrong[i]);
        assert_int_equal(config_set(&config, "uplink", text, &report), S_INVALID);
    }
    report_clear(&report);
    assert_int_equal(config_set(&config, "listen", "", &report), S_OK);
    assert_int_equal(config_set(&config, "listen", "tcp://127.0.0.1:*", &report), S_OK);
    assert_int_equal(config_set(&config, "http", ":8080", &report), S_OK);
    assert_int_equal(config_set(&config, "http", "127.0.0.1:*", &report), S_INVALID);
    report_clear(&report);
    assert_int_equal(config_set(&config, "listen", "tcp://:*", &report), S_INVALID);
    report_clear(&report);
    memset(text, 'x', ENDPOINT_MAX);
    memcpy(text, "tcp://", 6);
    memcpy(text + ENDPOINT_MAX - 3, ":80", 4); /* ENDPOINT_MAX bytes; with its NUL one too many */
    assert_int_equal(config_set(&config, "listen", text, &report), S_INVALID);
    report_clear(&report);
    memcpy(text + ENDPOINT_MAX - 4, ":80", 4);
    assert_int_equal(config_set(&config, "listen", text, &report), S_OK);
}

static void a_public_address_is_one_and_ends_before_its_path(void **state)
{
    static const char *const wrong[] = {"x", "learn.example", "ftp://learn.example", "https://", "https:///x", "https://learn example", "https://h/?a",
                                        "https://h/#a", "https://h/\"", "https://h\n"};
    static const char *const right[][2] = {{"https://h", "https://h"}, {"https://h:8443/", "https://h:8443"}, {"HTTP://h/qanat//", "HTTP://h/qanat"},
                                           {"https://[::1]:80/", "https://[::1]:80"}, {"https://\xd9\x85.example", "https://\xd9\x85.example"}, {"", ""}};
    struct report report = {.status = S_OK};
    struct config config;
    (void)state;

    config_init(&config);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        report_clear(&report);
        assert_int_equal(config_set(&config, "public_url", wrong[i], &report), S_INVALID);
        assert_non_null(strstr(report.text, "option 'public_url'"));
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(config_set(&config, "public_content", right[i][0], &report), S_OK);
        assert_string_equal(config.public_content, right[i][1]);
    }
}

static void text_write(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

static void a_broken_file_is_refused_with_its_line(void **state)
{
    struct config config;
    struct report report;
    char dir[128], path[256];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    config_init(&config);
    report_clear(&report);
    assert_int_equal(config_load(&config, path, &report), S_NOT_FOUND);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("http = \"127.0.0.1:1\"\nnonsense = 3\n", file);
    fclose(file);
    assert_int_equal(config_load(&config, path, &report), S_INVALID);
    assert_non_null(strstr(report.text, ":2:"));
    assert_string_equal(config.http, "");
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("# late_after_h = 1\n\nlate_after_h = 0\n", file);
    fclose(file);
    report_clear(&report);
    assert_int_equal(config_load(&config, path, &report), S_INVALID);
    assert_non_null(strstr(report.text, ":3: option 'late_after_h'"));
    kit_scratch_remove(dir);
}

static void faults_are_told_with_the_lines_they_stand_in(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"# a\n# b\n\nnonsense = 3\n", ":4: no such option 'nonsense'"},
        {"/* a\n b */ // c\nnonsense = 3\n", ":3: no such option 'nonsense'"},
        {"name = \"a # b\n// c\"\nnonsense = 3\n", ":3: no such option 'nonsense'"},
        {"http = \"127.0.0.1:1\" # c\n# d\nlate_after_h = x\n", ":3: invalid integer value for option 'late_after_h'"},
        {"# a\nname = \"a\nhttp = 1\n", ":2: a quoted text begins here and does not end"},
        {"# a\nname = 'a\\'\n", ":2: a quoted text begins here and does not end"},
        {"# a\n\n/* b\nname = 1\n", ":3: a comment begins here and does not end"},
        {"late_after_h = 0\nname = \"\nlate_after_h = 4\"\n", ":1: option 'late_after_h'"},
        {"# a\n\"", ":2: a quoted text begins here and does not end"},
    };
    struct config config;
    struct report report;
    char dir[128], path[256];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_write(path, cases[i].text, strlen(cases[i].text));
        config_init(&config);
        report_clear(&report);
        assert_int_equal(config_load(&config, path, &report), S_INVALID);
        assert_non_null(strstr(report.text, path));
        assert_non_null(strstr(report.text, cases[i].said));
    }
    kit_scratch_remove(dir);
}

static void an_option_that_stands_twice_is_noted_and_the_last_one_holds(void **state)
{
    static const struct {
        const char *text, *note;
        int line; /* where late_after_h is set last */
    } cases[] = {
        {"listen = \"tcp://0.0.0.0:1\"\nlate_after_h = 3\n", "", 2},
        {"late_after_h = 3\n# late_after_h = 4\n", "", 1},
        {"late_after_h = 3\nname = \"\nlate_after_h = 4\"\n", "", 1}, /* within a text nothing is set */
        {"late_after_h = 3\nlate_after_h\n= 4\n", "'late_after_h' is set in line 1 and again in line 3: the last one holds", 3},
        {"late_after_h = 3\n\n/* a\n */ late_after_h = 4\n", "'late_after_h' is set in line 1 and again in line 4: the last one holds", 4},
        {"late_after_h = 9 late_after_h = 8\nlate_after_h = 4\n", "'late_after_h' is set in line 1 and again in line 1: the last one holds", 2},
        {"uplink = \"tcp://a:1\"\nrelay_demand = true\nlate_after_h = 4\nuplink = \"tcp://a:1\"\n",
         "'uplink' is set in line 1 and again in line 4: the last one holds", 3},
        {"relay_demand = true\nrelay_demand = true\n", "'relay_demand' is set in line 1 and again in line 2: the last one holds", 0},
    };
    struct config config;
    struct report report;
    char dir[256], path[300];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(path, sizeof path, "%s/%zu.conf", dir, i);
        FILE *file = fopen(path, "w");
        fputs(cases[i].text, file);
        fclose(file);
        config_init(&config);
        report_clear(&report);
        assert_int_equal(config_load(&config, path, &report), S_OK);
        assert_string_equal(config.twice, cases[i].note);
        if (i >= 3 && i <= 6) {
            assert_int_equal(config.late_after_h, 4);
        }
        assert_int_equal(config_line(path, "late_after_h"), cases[i].line);
    }
    snprintf(path, sizeof path, "%s/none.conf", dir);
    assert_int_equal(config_line(path, "late_after_h"), 0);
    kit_scratch_remove(dir);
}

static void what_looks_like_a_comment_may_be_text(void **state)
{
    static const char text[] = "\xef\xbb\xbf# a comment\r\nname = \"a # b // c /* d\"#x\r\nlisten = tcp://[::1]:7700 // e\n"
                               "region=a#b\nhttp='127.0.0.1:1'/* f */content = \"\"\n#";
    struct config config;
    struct report report = {.status = S_OK};
    char dir[128], path[256];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    text_write(path, text, sizeof text - 1);
    config_init(&config);
    assert_int_equal(config_load(&config, path, &report), S_OK);
    assert_string_equal(config.name, "a # b // c /* d");
    assert_string_equal(config.listen, "tcp://[::1]:7700");
    assert_string_equal(config.http, "127.0.0.1:1");
    kit_scratch_remove(dir);
}

static void a_file_is_text_of_a_bounded_size(void **state)
{
    static char text[CONFIG_FILE_MAX + 1];
    struct config config;
    struct report report = {.status = S_OK};
    char dir[128], path[256];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.conf", dir);
    config_init(&config);
    text_write(path, "name = \"a\"\0", 11);
    assert_int_equal(config_load(&config, path, &report), S_INVALID);
    assert_non_null(strstr(report.text, "it holds a byte of zero"));
    memset(text, '\n', sizeof text);
    text_write(path, text, sizeof text - 1);
    report_clear(&report);
    assert_int_equal(config_load(&config, path, &report), S_OK);
    text_write(path, text, sizeof text);
    assert_int_equal(config_load(&config, path, &report), S_TOO_LARGE);
    report_clear(&report);
    assert_int_equal(config_load(&config, dir, &report), S_INVALID);
    assert_non_null(strstr(report.text, "is a folder and no file"));
    kit_scratch_remove(dir);
}

static void the_samples_are_read_as_they_stand(void **state)
{
    static const char *const samples[] = {"hub", "centre", "campus"};
    const char *source = getenv("QANAT_SRC");
    struct config config;
    struct report report;
    char path[512];
    (void)state;

    if (!source) {
        skip();
    }
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        snprintf(path, sizeof path, "%s/conf/%s.conf", source, samples[i]);
        config_init(&config);
        report_clear(&report);
        assert_int_equal(config_load(&config, path, &report), S_OK);
        assert_string_not_equal(config.name, "");
        assert_string_not_equal(config.http, "");
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_hold_until_something_is_set),
        cmocka_unit_test(a_wrong_option_is_named),
        cmocka_unit_test(a_kind_is_one_of_five),
        cmocka_unit_test(the_longest_text_fits_and_one_byte_more_does_not),
        cmocka_unit_test(any_text_comes_back_as_it_was_written),
        cmocka_unit_test(a_public_address_is_one_and_ends_before_its_path),
        cmocka_unit_test(addresses_are_looked_at_before_anything_is_bound_to_them),
        cmocka_unit_test(a_broken_file_is_refused_with_its_line),
        cmocka_unit_test(faults_are_told_with_the_lines_they_stand_in),
        cmocka_unit_test(an_option_that_stands_twice_is_noted_and_the_last_one_holds),
        cmocka_unit_test(what_looks_like_a_comment_may_be_text),
        cmocka_unit_test(a_file_is_text_of_a_bounded_size),
        cmocka_unit_test(the_samples_are_read_as_they_stand),
        cmocka_unit_test(one_option_is_written_anew_and_the_rest_stays),
    };
    return KIT_RUN(tests);
}
