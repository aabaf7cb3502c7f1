#include "node/learn/original/rebuild.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "replication/package/recipe.h"
#include "tests/node/learn/original/archives.h"

struct attempt {
    struct kit_courses *node;
    struct blob_batch *batch;
    struct recipe recipe;
    uint64_t original_size;
    enum status expected;
};

/* Stores `encoding` as a blob and rebuilds with it in the place of the recipe. */
static void rebuild_with(struct attempt *attempt, const struct manifest *manifest, struct bytes encoding)
{
    struct manifest altered = *manifest;
    struct member part;
    struct blob_batch *batch = blob_batch_open(attempt->node->node.blobs);
    struct blob_writer *writer = blob_writer_open(batch);
    char file[400];

    assert_int_equal(blob_writer_write(writer, encoding), S_OK);
    assert_int_equal(blob_writer_finish(writer, &part), S_OK);
    blob_writer_close(writer);
    assert_int_equal(blob_batch_store(batch), S_OK);
    altered.parts = &part;
    altered.part_count = 1;
    snprintf(file, sizeof file, "%s/made", attempt->node->node.dir);
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(original_rebuild(attempt->node->node.blobs, &altered, fd), attempt->expected);
    assert_true(lseek(fd, 0, SEEK_END) <= (off_t)manifest->original_size);
    close(fd);
    blob_batch_close(batch);
}

static void with_recipe(void *ctx, const struct manifest *manifest)
{
    struct attempt *attempt = ctx;
    struct buffer encoding = {0};

    assert_int_equal(recipe_encode(&attempt->recipe, &encoding), S_OK);
    rebuild_with(attempt, manifest, buffer_bytes(&encoding));
    buffer_release(&encoding);
}

static void with_nonsense(void *ctx, const struct manifest *manifest)
{
    rebuild_with(ctx, manifest, bytes_text("no recipe"));
}

/* A recipe may say what it likes: no more is written than the archive had, and its hash decides. */
static void hostile_recipes_give_nothing(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct attempt attempt = {.node = node};
    struct course_imported imported;
    static struct recipe_entry many[1000];

    archives_write(node->path, KIT_ZIP, 0);
    archives_import(node, "1", &imported);
    attempt.expected = S_INVALID;
    archives_manifest(node, "1", with_nonsense, &attempt);
    attempt.recipe = (struct recipe){.skeleton = bytes_text("something else")};
    attempt.expected = S_CORRUPT;
    archives_manifest(node, "1", with_recipe, &attempt);
    for (size_t i = 0; i < 1000; i++) {
        many[i] = (struct recipe_entry){.source = 3}; /* the largest member, again and again */
    }
    attempt.recipe = (struct recipe){.entries = many, .entry_count = 1000};
    archives_manifest(node, "1", with_recipe, &attempt);
    many[0] = (struct recipe_entry){.source = 77};
    attempt.recipe.entry_count = 1;
    attempt.expected = S_INVALID;
    archives_manifest(node, "1", with_recipe, &attempt);
    many[0] = (struct recipe_entry){
        .source = 1, .settings = {6, 15}, .blocks = bytes_of("\x06", 1), .packed_size = 1};
    archives_manifest(node, "1", with_recipe, &attempt);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {KIT_PAIR_TEST(hostile_recipes_give_nothing)};

    return KIT_RUN(tests);
}
