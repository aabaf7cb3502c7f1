/* Volumes: their names, and which of those that are there stay. */
#include "node/bundle/volume.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static void names_are_counted_from_the_second(void **state)
{
    char path[DIR_PATH_MAX], longest[DIR_PATH_MAX];
    (void)state;

    assert_true(volume_path("/stick/b", 1, path));
    assert_string_equal(path, "/stick/b");
    assert_true(volume_path("/stick/b", 12, path));
    assert_string_equal(path, "/stick/b.12");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_true(volume_path(longest, 1, path));
    assert_false(volume_path(longest, 2, path));
}

static void volume_make_as(const struct kit_store *kit, const char *path, const struct id *target, unsigned number)
{
    const struct bundle_head head = {
        .federation = kit->federation.id, .from = kit->identity.node, .target = *target, .created_ms = 1};
    const struct bundle_counts counts = {.volume = number, .is_last = number > 1};
    const struct bundle_signer signer = {&kit->identity, "hub"};
    struct report report = {.status = S_OK};
    struct bundle_out out;

    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    assert_int_equal(bundle_out_finish(&out, &counts, &signer, &report), S_OK);
}

static void volume_make(const struct kit_store *kit, const char *path, const struct id *target)
{
    volume_make_as(kit, path, target, 1);
}

static void what_a_former_export_left_is_removed_and_nothing_else(void **state)
{
    const struct id target = {{7}}, other = {{8}};
    char path[300], volume[DIR_PATH_MAX];
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    const struct bundle_node node = {kit.store, NULL, &kit.identity, &kit.federation, kit.dir};
    snprintf(path, sizeof path, "%s/stick", kit.dir);
    for (unsigned number = 1; number <= 6; number++) { /* the fifth is for another node */
        assert_true(volume_path(path, number, volume));
        volume_make_as(&kit, volume, number == 5 ? &other : &target, number);
    }
    assert_false(volume_is_last(path, 1));
    assert_true(volume_is_last(path, 2));
    assert_false(volume_is_last(path, 7));
    assert_int_equal(volumes_drop_left(&node, path, &target, 3), 2);
    for (unsigned number = 1; number <= 6; number++) {
        assert_true(volume_path(path, number, volume));
        assert_int_equal(access(volume, F_OK) == 0, number < 3 || number > 4);
        strcat(volume, ".minisig");
        assert_int_equal(access(volume, F_OK) == 0, number < 3 || number > 4);
    }
    assert_true(volume_path(path, 3, volume));
    volume_make_as(&kit, volume, &target, 1); /* a bundle of its own with such a name */
    assert_int_equal(volumes_drop_left(&node, path, &target, 3), 0);
    assert_int_equal(access(volume, F_OK), 0);
    kit_store_close(&kit);
}

static void whole_ones_stay_and_foreign_ones_are_not_touched(void **state)
{
    const struct id target = {{7}}, other = {{8}};
    char path[300], second[310];
    struct report report = {.status = S_OK};
    struct seen seen = {.slots = NULL};
    struct kit_store kit;
    unsigned next;
    (void)state;

    kit_store_open(&kit);
    const struct bundle_node node = {kit.store, NULL, &kit.identity, &kit.federation, kit.dir};
    snprintf(path, sizeof path, "%s/stick", kit.dir);
    snprintf(second, sizeof second, "%s.2", path);
    assert_int_equal(volumes_resume(&node, path, &target, &seen, &next, &report), S_OK);
    assert_int_equal(next, 1);
    volume_make(&kit, path, &target);
    assert_int_equal(volumes_resume(&node, path, &target, &seen, &next, &report), S_OK);
    assert_int_equal(next, 2);
    volume_make(&kit, second, &other);
    assert_int_equal(volumes_resume(&node, path, &target, &seen, &next, &report), S_EXISTS);
    volume_make(&kit, second, &target);
    assert_int_equal(volumes_resume(&node, path, &target, &seen, &next, &report), S_OK);
    assert_int_equal(next, 3);
    FILE *file = fopen(second, "r+b"); /* a damaged one is made anew */
    assert_int_equal(fseek(file, 60, SEEK_SET), 0);
    assert_int_equal(fputc('x', file), 'x');
    assert_int_equal(fclose(file), 0);
    assert_int_equal(volumes_resume(&node, path, &target, &seen, &next, &report), S_OK);
    assert_int_equal(next, 2);
    seen_release(&seen);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_counted_from_the_second),
        cmocka_unit_test(what_a_former_export_left_is_removed_and_nothing_else),
        cmocka_unit_test(whole_ones_stay_and_foreign_ones_are_not_touched),
    };
    return KIT_RUN(tests);
}
