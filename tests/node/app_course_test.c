/* The seam between link and courses in a running node: opened, it sweeps, renews the wants and answers. */
#include "node/app_course.h"

#include "node/store/course/blob.h"
#include "tests/kit/courses.h"

static const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};

static void course_close(struct app_course *course, uv_loop_t *loop)
{
    app_course_close(course);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

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
    uv_loop_t loop;
    struct member member;
    uint64_t size;

    assert_int_equal(blob_writer_write(writer, bytes_text("left")), S_OK);
    assert_int_equal(blob_writer_finish(writer, &member), S_OK);
    blob_writer_close(writer);
    assert_int_equal(blob_batch_store(batch), S_OK); /* and never its rows */
    kit_course_import(node, "c", "en", files, NULL);
    struct hash manifest = kit_course_row(node, "c", "en", "1").manifest;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(app_course_open(&course, &options, &loop, &node->report), S_OK);
    assert_int_equal(store_write_wait(node->node.store, nothing, NULL), S_OK);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 3); /* the page, the manifest and the recipe */
    struct db *db = store_read_begin(node->node.store);
    assert_true(course.content.read.find(course.content.read.ctx, db, &manifest, &size));
    assert_int_equal(course.content.read.wanted(course.content.read.ctx, db, 0, 1, &(struct wanted){.size = 0}), 0);
    store_read_end(node->node.store, db);
    course_close(&course, &loop);
    app_course_close(&course); /* also when it was never opened */
    blob_batch_close(batch);
}

static const char left[] = "written by a process that was killed before its transaction was committed";

static enum status expect_left(struct db *db, void *arg)
{
    const struct member member = {.hash = hash_of(bytes_of(NULL, 0), bytes_text(left)), .size = sizeof left - 1};
    bool is_whole;
    int64_t id;

    return blob_expect(arg, db, &member, &id, &is_whole);
}

static enum status put_left(struct db *db, void *arg)
{
    const struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(left));
    struct buffer completed;

    buffer_init(&completed);
    assert_int_equal(blob_put(arg, db, &hash, bytes_text(left), &completed), S_OK);
    buffer_release(&completed);
    return S_DENIED;
}

/* Nobody can ask for it before: the link is opened behind the seam. */
static void what_a_killed_process_wrote_is_held_once_the_seam_is_open(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct app_options options = {
        .dir = node->node.dir, .config = &node->config, .identity = &node->identity, .store = node->node.store};
    const struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(left));
    struct app_course course = {.blobs = NULL};
    uv_loop_t loop;
    struct blob_row row;

    assert_int_equal(store_write_wait(node->node.store, expect_left, node->node.blobs), S_OK);
    assert_int_equal(store_write_wait(node->node.store, put_left, node->node.blobs), S_DENIED);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(app_course_open(&course, &options, &loop, &node->report), S_OK);
    struct db *db = store_read_begin(node->node.store);
    assert_true(blob_row_find(db, &hash, &row));
    assert_true(row.is_whole);
    store_read_end(node->node.store, db);
    course_close(&course, &loop);
}

/* Is a chunk of anything missing at `node`? */
static bool lacks_chunk(struct kit_courses *node)
{
    struct db *db = store_read_begin(node->node.store);
    struct blob_row blob = {.id = 0};
    bool is_lacking = false;

    while (!is_lacking && blob_row_next(db, blob.id, &blob)) {
        is_lacking = blob_row_lacks_chunk(db, blob.id);
    }
    store_read_end(node->node.store, db);
    return is_lacking;
}

static void chunks_of_the_version_before_are_copied_behind_the_commit_that_names_them(void **state)
{
    struct kit_pair *pair = *state;
    struct kit_courses *campus = &pair->campus;
    const struct app_options options = {
        .dir = campus->node.dir, .config = &campus->config, .identity = &campus->identity, .store = campus->node.store};
    struct app_course course = {.blobs = NULL};
    uv_loop_t loop;

    kit_course_import_large(&pair->hub, "video", 3 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, campus);
    kit_course_subscribe(campus, "video");
    kit_objects_move(&pair->hub, campus, 1000);
    kit_course_import_large(&pair->hub, "video", 4 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(app_course_open(&course, &options, &loop, &campus->report), S_OK);
    campus->courses.blobs = course.blobs; /* as the link puts what comes */
    kit_catalogue_move(&pair->hub, campus);
    kit_objects_move(&pair->hub, campus, 1000);
    assert_true(lacks_chunk(campus));
    store_drain(campus->node.store);
    app_course_continue(&course);
    assert_int_equal(store_write_wait(campus->node.store, nothing, NULL), S_OK); /* behind the job */
    assert_false(lacks_chunk(campus));
    store_drain(campus->node.store);
    assert_false(blobs_copy_is_due(course.blobs));
    assert_false(course.is_copying);
    campus->courses.blobs = campus->node.blobs;
    course_close(&course, &loop);
}

/* In a command of its own as in a node that runs: nothing else would begin it, and who waits until all is put together would wait for ever. */
static void a_look_that_was_put_off_is_taken_up(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    const struct app_options options = {
        .dir = node->node.dir, .config = &node->config, .identity = &node->identity, .store = node->node.store};
    struct app_course course = {.blobs = NULL};
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(app_course_open(&course, &options, &loop, &node->report), S_OK);
    assert_int_equal(store_write_wait(node->node.store, nothing, NULL), S_OK); /* behind the first look */
    store_drain(node->node.store);
    course.courses.rest = (struct rest){.until_ms = 1, .is_put_off = true};
    assert_false(app_course_is_settled(&course));
    app_course_continue(&course);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 1); /* the timer is due, and goes on */
    assert_int_equal(store_write_wait(node->node.store, nothing, NULL), S_OK);
    store_drain(node->node.store);
    assert_true(app_course_is_settled(&course));
    course_close(&course, &loop);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(the_seam_sweeps_what_a_crash_left_and_answers_for_objects),
        KIT_PAIR_TEST(what_a_killed_process_wrote_is_held_once_the_seam_is_open),
        KIT_PAIR_TEST(a_look_that_was_put_off_is_taken_up),
        KIT_PAIR_TEST(chunks_of_the_version_before_are_copied_behind_the_commit_that_names_them),
    };
    return KIT_RUN(tests);
}
