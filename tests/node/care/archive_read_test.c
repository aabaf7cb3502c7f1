#include "node/care/archive.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static char scratch[128], path[160], other[160];

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/archive", scratch);
    snprintf(other, sizeof other, "%s/other", scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

/* about "hello", empty "", a file "0123456789", and one taken out again. */
static void archive_make(void)
{
    struct archive_writer *writer;
    struct report report = {.status = S_OK};
    struct hash hash, expected = hash_of(bytes_of(NULL, 0), bytes_text("0123456789"));
    FILE *file = tmpfile();

    fputs("0123456789", file);
    fflush(file);
    assert_int_equal(archive_create(path, &writer, &report), S_OK);
    assert_int_equal(archive_add_bytes(writer, "about", 0644, bytes_text("hello")), S_OK);
    assert_int_equal(archive_add_bytes(writer, "gone", 0644, bytes_text("never mind")), S_OK);
    assert_int_equal(archive_take_back(writer), S_OK);
    assert_int_equal(archive_add_bytes(writer, "empty", 0600, bytes_of(NULL, 0)), S_OK);
    assert_int_equal(archive_add_file(writer, "blobs/file", 0600, fileno(file), 10, &hash), S_OK);
    assert_true(hash_equal(&hash, &expected));
    assert_int_equal(archive_finish(writer), S_OK);
    archive_close(writer);
    fclose(file);
}

/* Reads all of it; S_NOT_FOUND when it holds to its end. */
static enum status archive_walk(const char *from, int *files_out)
{
    struct archive_reader *reader;
    struct archive_entry entry;
    struct report report = {.status = S_OK};
    struct buffer content;
    enum status status = archive_open(from, &reader, &report);

    *files_out = 0;
    if (status != S_OK) {
        return status;
    }
    buffer_init(&content);
    while (status == S_OK && (status = archive_next(reader, &entry, &report)) == S_OK) {
        ++*files_out;
        status = archive_take_bytes(reader, 4096, &content, &report);
    }
    buffer_release(&content);
    archive_reader_close(reader);
    return status;
}

static void what_was_written_comes_back(void **state)
{
    struct archive_reader *reader;
    struct archive_entry entry;
    struct report report = {.status = S_OK};
    struct buffer content;
    struct hash hash, expected = hash_of(bytes_of(NULL, 0), bytes_text("0123456789"));
    FILE *file = tmpfile();
    (void)state;

    archive_make();
    buffer_init(&content);
    assert_int_equal(archive_open(path, &reader, &report), S_OK);
    assert_int_equal(archive_next(reader, &entry, &report), S_OK);
    assert_string_equal(entry.name, "about");
    assert_int_equal(entry.mode, 0644);
    assert_int_equal(archive_take_bytes(reader, 5, &content, &report), S_OK);
    assert_memory_equal(content.data, "hello", 5);
    assert_int_equal(archive_next(reader, &entry, &report), S_OK);
    assert_int_equal(entry.size, 0);
    assert_int_equal(archive_take_bytes(reader, 5, &content, &report), S_OK);
    assert_int_equal(archive_next(reader, &entry, &report), S_OK);
    assert_int_equal(archive_take_file(reader, fileno(file), &hash, &report), S_OK);
    assert_true(hash_equal(&hash, &expected));
    assert_int_equal(ftell(file) >= 0 ? lseek(fileno(file), 0, SEEK_END) : -1, 10);
    assert_int_equal(archive_next(reader, &entry, &report), S_NOT_FOUND);
    archive_reader_close(reader);
    buffer_release(&content);
    fclose(file);
}

static size_t bytes_read(uint8_t *out, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t got = fread(out, 1, size, file);
    fclose(file);
    return got;
}

static void bytes_write(const uint8_t *data, size_t size)
{
    FILE *file = fopen(other, "w");
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static void any_flipped_bit_and_any_cut_is_found(void **state)
{
    uint8_t data[1024];
    int files;
    (void)state;

    archive_make();
    size_t size = bytes_read(data, sizeof data);
    assert_int_equal(archive_walk(path, &files), S_NOT_FOUND);
    assert_int_equal(files, 3);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1 << bit % 8);
        bytes_write(data, size);
        enum status status = archive_walk(other, &files);
        assert_true(status == S_CORRUPT || status == S_INVALID || status == S_VERSION || status == S_TOO_LARGE);
        data[bit / 8] = (uint8_t)(data[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        bytes_write(data, cut);
        enum status status = archive_walk(other, &files);
        assert_true(status == S_CORRUPT || status == S_INVALID);
    }
    data[size] = 0;
    bytes_write(data, size + 1);
    assert_int_equal(archive_walk(other, &files), S_CORRUPT);
}

static void another_file_is_no_backup(void **state)
{
    int files;
    (void)state;

    bytes_write((const uint8_t *)"a text of somebody", 18);
    assert_int_equal(archive_walk(other, &files), S_INVALID);
    assert_int_equal(archive_walk("/nonexistent", &files), S_NOT_FOUND);
}

KIT_TESTS()
{
#define READ_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        READ_TEST(what_was_written_comes_back),
        READ_TEST(any_flipped_bit_and_any_cut_is_found),
        READ_TEST(another_file_is_no_backup),
    };
    return KIT_RUN(tests);
}
