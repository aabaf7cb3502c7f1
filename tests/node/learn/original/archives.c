#include "tests/node/learn/original/archives.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/course/course_file.h"
#include "node/learn/original/scan.h"

enum { TEXT_SIZE = 90000, NOISE_SIZE = 40000 };

void archives_write(const char *path, enum kit_archive kind, int changed)
{
    struct archive *archive = kit_archive_open(path, kind);
    char *text = malloc(TEXT_SIZE + 64);
    uint8_t noise[NOISE_SIZE];
    struct kit_random random;
    size_t size = 0;

    kit_random_seed(&random, 11);
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)kit_random_u64(&random);
    }
    while (size < TEXT_SIZE) {
        size += (size_t)sprintf(text + size, "<p>lesson %llu",
                                (unsigned long long)kit_random_below(&random, 500));
    }
    if (changed) {
        memcpy(text + 30000, "another sentence", 16);
    }
    kit_archive_add(archive, "index.html", "<title>T</title>", 16);
    kit_archive_add(archive, "text.html", text, size);
    kit_archive_add(archive, "noise.bin", noise, sizeof noise);
    kit_archive_add(archive, "copy.bin", noise, sizeof noise);
    kit_archive_add(archive, "empty.js", "", 0);
    kit_archive_close(archive);
    free(text);
}

void archives_import(struct kit_courses *node, const char *version, struct course_imported *imported_out)
{
    const struct course_import import = {.path = node->path, .id = "c", .lang = "en", .version = version};

    report_clear(&node->report);
    if (course_import(&node->courses, &import, imported_out, &node->report) != S_OK) {
        fail_msg("%s", node->report.text);
    }
}

void archives_same(struct kit_courses *node, const char *version)
{
    static uint8_t was[1 << 20], is[1 << 20];
    struct course_row row = kit_course_row(node, "c", "en", version);
    struct original original;
    char file[400];

    snprintf(file, sizeof file, "%s/original", node->node.dir);
    report_clear(&node->report);
    if (original_export(node->node.blobs, &row, file, &original, &node->report) != S_OK) {
        fail_msg("%s", node->report.text);
    }
    size_t size = kit_file_read(node->path, was, sizeof was);
    assert_int_equal(kit_file_read(file, is, sizeof is), size);
    assert_int_equal(original.size, size);
    assert_memory_equal(was, is, size);
    assert_int_equal(unlink(file), 0);
}

void archives_manifest(struct kit_courses *node, const char *version,
                       void (*look)(void *ctx, const struct manifest *manifest), void *ctx)
{
    struct course_row row = kit_course_row(node, "c", "en", version);
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;

    assert_int_equal(
        course_manifest_load(node->node.blobs, &row, &arena, &encoding, &manifest, &node->report), S_OK);
    look(ctx, &manifest);
    buffer_release(&encoding);
    arena_release(&arena);
}

bool archives_scan(const char *path, const char *answers)
{
    int in = open(path, O_RDONLY), out = open(answers, O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(in >= 0 && out >= 0);
    bool is_done = original_scan(in, out);
    close(in), close(out);
    return is_done;
}
