#include "replication/base/status.h"
#include "tests/kit/kit.h"

#include <errno.h>
#include <string.h>

static void every_status_has_a_text_of_its_own(void **state)
{
    static const char *const texts[] = {
#define X(name, text) text,
        STATUS_LIST(X)
#undef X
    };
    const size_t count = sizeof texts / sizeof *texts;
    (void)state;

    assert_int_equal(S_OK, 0);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(status_text((enum status)i), texts[i]);
        for (size_t j = i + 1; j < count; j++) {
            assert_string_not_equal(texts[i], texts[j]);
        }
    }
    assert_string_equal(status_text((enum status)count), "unknown status");
}

static void a_disk_without_inodes_a_quota_and_a_limit_on_files_are_full_too(void **state)
{
    static const int others[] = {0, EIO, EROFS, EACCES, ENOMEM, EMFILE, ENOENT, EFAULT};
    (void)state;

    assert_true(error_is_no_space(ENOSPC));
    assert_true(error_is_no_space(EDQUOT));
    assert_true(error_is_no_space(EFBIG));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(error_is_no_space(others[i]));
    }
}

static void the_first_report_wins(void **state)
{
    struct report report;
    (void)state;

    report_clear(&report);
    assert_int_equal(report_set(&report, S_NOT_FOUND, "no course \"%s\"", "a"), S_NOT_FOUND);
    assert_int_equal(report_set(&report, S_IO, "and so the disk"), S_IO);
    assert_int_equal(report.status, S_NOT_FOUND);
    assert_string_equal(report.text, "no course \"a\"");
    report_clear(&report);
    assert_int_equal(report.status, S_OK);
    assert_string_equal(report.text, "");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(report_set(NULL, S_BUSY, "text"), S_BUSY);
}

static void a_long_text_is_cut_at_its_edge(void **state)
{
    char text[REPORT_TEXT_MAX + 10];
    struct report report;
    (void)state;

    memset(text, 'x', sizeof text);
    text[REPORT_TEXT_MAX - 1] = '\0';
    report_clear(&report);
    report_set(&report, S_INVALID, "%s", text);
    assert_int_equal(strlen(report.text), REPORT_TEXT_MAX - 1);
    text[REPORT_TEXT_MAX - 1] = 'x';
    text[sizeof text - 1] = '\0';
    report_clear(&report);
    report_set(&report, S_INVALID, "%s", text);
    assert_int_equal(strlen(report.text), REPORT_TEXT_MAX - 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text_of_its_own),
        cmocka_unit_test(a_disk_without_inodes_a_quota_and_a_limit_on_files_are_full_too),
        cmocka_unit_test(the_first_report_wins),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_long_text_is_cut_at_its_edge),
    };
    return KIT_RUN(tests);
}
