#include "node/learn/import/import_digest.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/import.h"

static void the_whole_file_is_digested_and_its_position_stays(void **state)
{
    struct kit_import *import = *state;
    static uint8_t data[300 * 1024 + 7];
    struct hash expected, found;
    uint64_t size;

    randombytes_buf_deterministic(data, sizeof data, (const unsigned char *)"seed of thirty-two bytes, really");
    kit_file_write(import->path, data, sizeof data);
    crypto_hash_sha256(expected.b, data, sizeof data);
    int fd = open(import->path, O_RDONLY);
    assert_int_equal(lseek(fd, 11, SEEK_SET), 11);
    assert_int_equal(import_digest_end(import_digest_start(fd), &found, &size), S_OK);
    assert_int_equal(size, sizeof data);
    assert_true(hash_equal(&found, &expected));
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 11);
    import_digest_drop(import_digest_start(fd));
    close(fd);
}

static void what_cannot_be_read_is_said(void **state)
{
    struct kit_import *import = *state;
    struct hash found;
    uint64_t size;

    int fd = open(import->node.dir, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_int_equal(import_digest_end(import_digest_start(fd), &found, &size), S_IO);
    close(fd);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(the_whole_file_is_digested_and_its_position_stays),
        KIT_IMPORT_TEST(what_cannot_be_read_is_said),
    };
    return KIT_RUN(tests);
}
