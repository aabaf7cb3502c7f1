/* Writing: the name appears with the whole file, or not at all. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "tests/kit/kit.h"
#include "tests/kit/package.h"

static const struct bundle_head head = {.created_ms = 1};

static void nothing_has_the_name_before_the_end(void **state)
{
    char scratch[256], path[300];
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    struct identity identity;
    struct bundle_counts counts = {.cells = 0};
    struct bundle_out out;
    struct report report = {.status = S_OK};
    struct stat info;
    (void)state;

    identity_derive(&identity, seed);
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/bundle", scratch);
    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    assert_int_equal(bundle_out_frame(&out, bytes_text("frame"), &report), S_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    bundle_out_abort(&out);
    assert_int_equal(kit_count_files(scratch, "."), 0);
    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    mode_t before = umask(077);
    assert_int_equal(bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &report),
                     S_OK);
    umask(before);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644); /* on the other machine another user reads it */
    strcat(path, ".minisig");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    assert_int_equal(out.size, BUNDLE_HEAD_SIZE + 4 + BUNDLE_TRAILER_SIZE);
    assert_int_equal(kit_count_files(scratch, "."), 2); /* with its .minisig */
    kit_scratch_remove(scratch);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    struct bundle_out out;
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(bundle_out_open(&out, "/nonexistent/folder/bundle", &head, &report), S_IO);
    assert_non_null(strstr(report.text, "/nonexistent/folder/bundle"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_the_name_before_the_end),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return KIT_RUN(tests);
}
