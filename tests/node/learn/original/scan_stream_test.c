#include "node/learn/original/scan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/import.h"
#include "tests/replication/package/deflated.h"

/* Scans `stream` as a file with something on both sides. */
static bool scan_one(struct kit_import *import, struct bytes stream, struct scan_stream *out,
                     struct scan *scan)
{
    struct buffer file = {0};

    buffer_append(&file, "front", 5);
    buffer_append(&file, stream.data, stream.size);
    buffer_append(&file, "back", 4);
    kit_file_write(import->path, file.data, file.size);
    memset(scan, 0, sizeof *scan);
    scan->fd = open(import->path, O_RDONLY);
    scan->size = file.size;
    arena_init(&scan->arena, 1 << 20);
    bool is_sound = scan_stream(scan, 5, file.size, NULL, NULL, out);
    close(scan->fd);
    buffer_release(&file);
    return is_sound;
}

static void the_settings_of_a_stream_are_found(void **state)
{
    struct kit_import *import = *state;

    for (int level = 1; level <= 9; level++) {
        struct buffer content = {0}, stream = {0};
        struct scan_stream found;
        struct scan scan;

        deflated_content(&content, DEFLATED_MIXED, 700000, (uint64_t)level);
        deflated_make(&stream, buffer_bytes(&content), level, 8 + level % 2);
        assert_true(scan_one(import, buffer_bytes(&stream), &found, &scan));
        assert_int_equal(found.packed_size, stream.size);
        assert_int_equal(found.plain_size, content.size);
        struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&content));
        assert_true(hash_equal(&found.hash, &hash));
        assert_true(found.settings.level > 0);
        arena_release(&scan.arena);
        buffer_release(&content), buffer_release(&stream);
    }
}

/* Level 0 of zlib: stored blocks that no search would end. */
static void a_stored_stream_needs_no_settings(void **state)
{
    struct kit_import *import = *state;
    struct buffer content = {0}, stream = {0};
    struct scan_stream found;
    struct scan scan;

    deflated_content(&content, DEFLATED_PROSE, 700000, 1);
    deflated_make(&stream, buffer_bytes(&content), 0, 8);
    assert_true(scan_one(import, buffer_bytes(&stream), &found, &scan));
    assert_int_equal(found.plain_size, content.size);
    assert_true(found.settings.level > 0);
    arena_release(&scan.arena);
    buffer_release(&content), buffer_release(&stream);
}

/* Literals only: no search finds nothing in prose. */
static void a_stream_of_another_encoder_has_none(void **state)
{
    struct kit_import *import = *state;
    struct deflate_symbol *symbols = calloc(5000, sizeof *symbols);
    struct deflate_writer writer = {.bits = 0};
    struct buffer content = {0};
    struct scan_stream found;
    struct scan scan;

    deflated_content(&content, DEFLATED_PROSE, 5000, 1);
    for (size_t i = 0; i < 5000; i++) {
        symbols[i].value = content.data[i];
    }
    deflate_write_block(&writer, DEFLATE_DYNAMIC, true, symbols, 5000, bytes_of(NULL, 0));
    assert_true(scan_one(import, buffer_bytes(&writer.out), &found, &scan));
    assert_int_equal(found.plain_size, 5000);
    assert_int_equal(found.settings.level, 0);
    arena_release(&scan.arena);
    buffer_release(&content), buffer_release(&writer.out);
    free(symbols);
}

static void what_is_no_stream_is_a_fault(void **state)
{
    struct kit_import *import = *state;
    struct scan_stream found;
    struct scan scan;

    assert_false(scan_one(import, bytes_text("\377\377\377"), &found, &scan));
    arena_release(&scan.arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(the_settings_of_a_stream_are_found),
        KIT_IMPORT_TEST(a_stored_stream_needs_no_settings),
        KIT_IMPORT_TEST(a_stream_of_another_encoder_has_none),
        KIT_IMPORT_TEST(what_is_no_stream_is_a_fault),
    };
    return KIT_RUN(tests);
}
