#include "node/cmd/finding_print.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

struct printed {
    enum status status;
    char *out;
    struct report report;
};

static struct printed print(bool is_json, bool has_fault)
{
    struct printed printed = {.out = NULL};
    struct command_context context = {.dir = "/data", .is_json = is_json};
    struct findings findings;
    size_t size;

    context.out = open_memstream(&printed.out, &size);
    findings_init(&findings);
    if (has_fault) {
        findings_add(&findings, FINDING_DISK_LOW, "/data", "3 MiB are free");
    }
    printed.status = findings_print(&context, &findings, json_pack("{s:s}", "dir", "/data"));
    printed.report = context.report;
    fclose(context.out);
    findings_release(&findings);
    return printed;
}

static void without_faults_it_is_done(void **state)
{
    struct printed printed = print(false, false);
    (void)state;

    assert_int_equal(printed.status, S_OK);
    assert_string_equal(printed.out, "nothing is wrong\n");
    free(printed.out);
}

static void each_fault_is_shown_with_what_to_do_and_fails_the_command(void **state)
{
    struct printed printed = print(false, true);
    (void)state;

    assert_int_equal(command_exit_code(printed.status), EXIT_PROBLEM);
    assert_non_null(strstr(printed.out, "disk_low  /data: 3 MiB are free\n    free some space"));
    assert_non_null(strstr(printed.report.text, "1 fault found in '/data'"));
    free(printed.out);
}

static void json_has_the_same_rows(void **state)
{
    struct printed printed = print(true, true);
    json_t *document = json_loads(printed.out, 0, NULL);
    (void)state;

    json_t *row = json_array_get(json_object_get(document, "findings"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "code")), "disk_low");
    assert_string_equal(json_string_value(json_object_get(document, "dir")), "/data");
    json_decref(document);
    free(printed.out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_it_is_done),
        cmocka_unit_test(each_fault_is_shown_with_what_to_do_and_fails_the_command),
        cmocka_unit_test(json_has_the_same_rows),
    };
    return KIT_RUN(tests);
}
