#include "node/cmd/authority_key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/kit/kit.h"

static char scratch[128], path[160];

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/a.key", scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

static void file_write(const void *data, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void a_key_comes_back_and_is_never_overwritten(void **state)
{
    uint8_t public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];
    struct authority_keys keys = {0};
    struct report report = {0};
    struct stat info;
    (void)state;

    assert_int_equal(authority_key_make(path, public_key, secret, &report), S_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_OK);
    assert_memory_equal(keys.public_keys[0], public_key, sizeof public_key);
    assert_memory_equal(keys.signers[0].sign_secret, secret, sizeof secret);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_EXISTS);
    assert_int_equal(keys.count, 1);
    report_clear(&report);
    assert_int_equal(authority_key_make(path, public_key, secret, &report), S_EXISTS);
    authority_keys_clear(&keys);
    assert_int_equal(keys.count, 0);
}

static void a_key_file_of_the_first_versions_is_read(void **state)
{
    uint8_t seed[32] = {7}, public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];
    struct authority_keys keys = {0};
    struct report report = {0};
    (void)state;

    file_write(seed, sizeof seed);
    crypto_sign_seed_keypair(public_key, secret, seed);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_OK);
    assert_memory_equal(keys.public_keys[0], public_key, sizeof public_key);
}

static void what_is_no_key_is_named(void **state)
{
    struct authority_keys keys = {0};
    struct report report = {0};
    (void)state;

    assert_int_equal(authority_keys_load(&keys, path, &report), S_NOT_FOUND);
    report_clear(&report);
    file_write("qanat authority key 1\nzz", 24);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_CORRUPT);
    assert_non_null(strstr(report.text, path));
    report_clear(&report);
    file_write("", 0);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_CORRUPT);
    assert_int_equal(keys.count, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_comes_back_and_is_never_overwritten, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_file_of_the_first_versions_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_key_is_named, setup, teardown),
    };
    return KIT_RUN(tests);
}
