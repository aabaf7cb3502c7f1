/* The seam between link and courses in a running node: opened, it sweeps, renews the wants and answers. */
#include "node/app_course.h"

#include "tests/kit/courses.h"

static const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static void the_seam_sweeps_what_a_crash_left_and_answers_for_objects(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct blob_batch *batch = blob_batch_open(node->node.blobs);
    struct blob_writer *writer = blob_writer_open(batch);
    const struct app_options options = {
        .dir = node->node.dir, .config = &node->config, .identity = &node->identity, .store = node->node.store};
    struct app_course course = {.blobs = NULL};
    struct member member;
    uint64_t size;

    assert_int_equal(blob_writer_write(writer, bytes_text("left")), S_OK);
    assert_int_equal(blob_writer_finish(writer, &member), S_OK);
    blob_writer_close(writer);
    assert_int_equal(blob_batch_store(batch), S_OK); /* and never its rows */
    kit_course_import(node, "c", "en", files, NULL);
    struct hash manifest = kit_course_row(node, "c", "en", "1").manifest;
    assert_int_equal(app_course_open(&course, &options, &node->report), S_OK);
    assert_int_equal(store_write_wait(node->node.store, nothing, NULL), S_OK);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 3); /* the page, the manifest and the recipe */
    struct db *db = store_read_begin(node->node.store);
    assert_true(course.content.read.find(course.content.read.ctx, db, &manifest, &size));
    assert_int_equal(course.content.read.wanted(course.content.read.ctx, db, 0, 1, &(struct wanted){.size = 0}), 0);
    store_read_end(node->node.store, db);
    app_course_close(&course);
    app_course_close(&course); /* also when it was never opened */
    blob_batch_close(batch);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(the_seam_sweeps_what_a_crash_left_and_answers_for_objects),
    };
    return KIT_RUN(tests);
}
