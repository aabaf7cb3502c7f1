#include "node/care/finding.h"

#include <ctype.h>
#include <string.h>

#include "tests/kit/kit.h"

static void every_code_is_snake_case_and_alone(void **state)
{
    (void)state;
    for (int i = 0; i < FINDING_COUNT; i++) {
        const char *code = finding_code_text((enum finding_code)i);
        assert_true(strlen(code) > 3);
        for (const char *c = code; *c; c++) {
            assert_true(islower((unsigned char)*c) || *c == '_');
        }
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(code, finding_code_text((enum finding_code)other));
        }
    }
}

static void a_finding_carries_code_subject_cause_and_fix(void **state)
{
    struct findings findings;
    (void)state;

    findings_init(&findings);
    findings_add(&findings, FINDING_DISK_LOW, "/data", "%d MiB are free", 17);
    findings_add(&findings, FINDING_WAL_LARGE, "qanat.db-wal", "big");
    findings_note(&findings, "disk");
    json_t *row = json_array_get(findings.rows, 0);
    assert_string_equal(json_string_value(json_object_get(row, "code")), "disk_low");
    assert_string_equal(json_string_value(json_object_get(row, "level")), "fault");
    assert_string_equal(json_string_value(json_object_get(row, "subject")), "/data");
    assert_string_equal(json_string_value(json_object_get(row, "cause")), "17 MiB are free");
    assert_true(strlen(json_string_value(json_object_get(row, "fix"))) > 10);
    assert_int_equal(findings.faults, 1); /* advice is no fault */
    assert_int_equal(findings.total, 2);
    assert_int_equal(findings_count(&findings, FINDING_DISK_LOW), 1);
    assert_int_equal(findings_count(&findings, FINDING_DISK_FULL), 0);
    assert_int_equal(json_array_size(findings.checked), 1);
    findings_release(&findings);
}

static void texts_of_damaged_things_become_utf_8(void **state)
{
    struct findings findings;
    (void)state;

    findings_init(&findings);
    findings_add(&findings, FINDING_CELLS_DAMAGED, "caf\xe9", "%s", "\xff\xfe");
    assert_string_equal(json_string_value(json_object_get(json_array_get(findings.rows, 0), "subject")), "caf?");
    assert_string_equal(json_string_value(json_object_get(json_array_get(findings.rows, 0), "cause")), "??");
    findings_release(&findings);
}

static void only_so_many_are_kept_and_all_are_counted(void **state)
{
    struct findings findings;
    (void)state;

    findings_init(&findings);
    for (int i = 0; i < FINDINGS_KEPT_MAX + 5; i++) {
        findings_add(&findings, FINDING_BLOB_MISSING, "x", "y");
    }
    assert_int_equal(json_array_size(findings.rows), FINDINGS_KEPT_MAX);
    assert_int_equal(findings.faults, FINDINGS_KEPT_MAX + 5);
    findings_release(&findings);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_snake_case_and_alone),
        cmocka_unit_test(a_finding_carries_code_subject_cause_and_fix),
        cmocka_unit_test(texts_of_damaged_things_become_utf_8),
        cmocka_unit_test(only_so_many_are_kept_and_all_are_counted),
    };
    return KIT_RUN(tests);
}
