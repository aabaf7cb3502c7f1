#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/dir.h"
#include "tests/kit/kit.h"

static int setup(void **state)
{
    char *dir = test_calloc(1, 256);

    kit_scratch_make(dir, 256);
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    kit_scratch_remove(*state);
    test_free(*state);
    return 0;
}

static void replace(const char *dir, const char *name, const char *content)
{
    char path[DIR_PATH_MAX];

    assert_int_equal(dir_path(dir, name, path), S_OK);
    assert_int_equal(dir_write_file(path, bytes_text(content), 0600, NULL), S_OK);
}

static void an_identity_comes_back_from_a_private_file(void **state)
{
    const char *dir = *state;
    uint8_t seed[IDENTITY_SEED_SIZE];
    struct identity identity, loaded;
    struct stat info;
    char path[DIR_PATH_MAX];

    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)(i * 7);
    }
    identity_derive(&identity, seed);
    assert_int_equal(dir_save_identity(dir, &identity, NULL), S_OK);
    assert_int_equal(dir_load_identity(dir, &loaded, NULL), S_OK);
    assert_memory_equal(&identity, &loaded, sizeof identity);
    dir_path(dir, "node.key", path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void a_damaged_key_file_is_named(void **state)
{
    static const char *const contents[] = {
        "",
        "qanat node key 1\n",
        "qanat node key 1\n00112233\n",
        "qanat node key 2\n000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "qanat node key 1\nzz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "qanat node key 1\n000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nmore",
    };
    const char *dir = *state;
    struct identity identity;

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct report report = {.status = S_OK};
        replace(dir, "node.key", contents[i]);
        assert_int_equal(dir_load_identity(dir, &identity, &report), S_CORRUPT);
        assert_non_null(strstr(report.text, "node.key"));
    }
}

static void a_missing_key_file_is_not_found(void **state)
{
    struct identity identity;
    struct federation federation;

    assert_int_equal(dir_load_identity(*state, &identity, NULL), S_NOT_FOUND);
    assert_int_equal(dir_load_federation(*state, &federation, NULL), S_NOT_FOUND);
}

static void a_federation_comes_back(void **state)
{
    struct federation federation, loaded;

    memset(&federation, 0, sizeof federation);
    memset(federation.id.b, 0xa1, sizeof federation.id.b);
    memset(federation.authority_public, 0xb2, sizeof federation.authority_public);
    memset(federation.secret, 0xc3, sizeof federation.secret);
    memset(federation.name, 'n', FEDERATION_NAME_MAX - 4);
    strcat(federation.name, "\"\xc3\xa9\\");
    assert_int_equal(strlen(federation.name), FEDERATION_NAME_MAX);
    assert_int_equal(dir_save_federation(*state, &federation, NULL), S_OK);
    assert_int_equal(dir_load_federation(*state, &loaded, NULL), S_OK);
    assert_memory_equal(&federation, &loaded, sizeof federation);
}

static void a_federation_file_that_is_not_one_is_named(void **state)
{
    static const char *const contents[] = {
        "", "[]", "{}", "{\"id\": \"00\", \"name\": \"x\"}", "{\"name\": 3}", "\xff"};
    struct federation federation;

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct report report = {.status = S_OK};
        replace(*state, "federation.json", contents[i]);
        assert_int_equal(dir_load_federation(*state, &federation, &report), S_CORRUPT);
        assert_non_null(strstr(report.text, "federation.json"));
    }
}

static void a_name_that_is_not_utf8_is_refused(void **state)
{
    struct federation federation;

    memset(&federation, 0, sizeof federation);
    strcpy(federation.name, "\xff\xfe");
    assert_int_equal(dir_save_federation(*state, &federation, NULL), S_INVALID);
}

KIT_TESTS()
{
#define KEYS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        KEYS_TEST(an_identity_comes_back_from_a_private_file),
        KEYS_TEST(a_damaged_key_file_is_named),
        KEYS_TEST(a_missing_key_file_is_not_found),
        KEYS_TEST(a_federation_comes_back),
        KEYS_TEST(a_federation_file_that_is_not_one_is_named),
        KEYS_TEST(a_name_that_is_not_utf8_is_refused),
    };
    return KIT_RUN(tests);
}
