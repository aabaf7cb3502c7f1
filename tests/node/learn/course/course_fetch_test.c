/* Large members in chunks, interruptions, no room, and manifests that lie. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "tests/kit/courses.h"

static void a_large_member_comes_in_chunks_and_survives_a_restart_in_between(void **state)
{
    struct kit_pair *pair = *state;
    struct blobs *again;
    size_t first, rest;

    kit_course_import_large(&pair->hub, "video", 3 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "video");
    first = kit_objects_move(&pair->hub, &pair->campus, 5);
    assert_int_equal(first, 5);
    /* The node stops and starts: its handle of the blobs is another one. */
    assert_int_equal(blobs_open(pair->campus.node.dir, pair->campus.node.store, &again, &pair->campus.report),
                     S_OK);
    pair->campus.courses.blobs = again;
    kit_course_refresh(&pair->campus);
    rest = kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "1").state, COURSE_INSTALLED);
    assert_true(first + rest >= 2 + 3 &&
                rest > 0); /* nothing came twice: the count of objects is that of the package */
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1000), 0);
    pair->campus.courses.blobs = pair->campus.node.blobs;
    blobs_close(again);
}

static void without_room_a_version_waits_and_says_so_in_numbers(void **state)
{
    struct kit_pair *pair = *state;
    struct course_row row;
    uint64_t room;

    kit_course_import_large(&pair->hub, "video", 2 * 1024 * 1024, 2);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, &pair->campus);
    blobs_have_room(pair->campus.node.blobs, 0, &room);
    blobs_set_floor(pair->campus.node.blobs, room + (1ULL << 40));
    kit_course_subscribe(&pair->campus, "video");
    row = kit_course_row(&pair->campus, "video", "en", "1");
    assert_int_equal(row.state, COURSE_WAITING);
    assert_non_null(strstr(row.problem, "MiB are free above disk_floor_mib"));
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 10), 0);
    blobs_set_floor(pair->campus.node.blobs, 0);
    kit_course_refresh(&pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "1").state, COURSE_INSTALLED);
}

/* Puts an object that claims to be the manifest of the version that is being fetched. */
static enum status put_false_manifest(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    struct course_row row = kit_course_row(node, "c", "en", "1");

    return course_object_put(&node->courses, db, &row.manifest, bytes_text("no manifest"));
}

static void a_manifest_that_is_none_is_refused_and_asked_for_no_more(void **state)
{
    struct kit_pair *pair = *state;
    const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};

    kit_course_import(&pair->hub, "c", "en", files, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    (void)store_write_wait(pair->campus.node.store, put_false_manifest, &pair->campus);
    struct course_row row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_not_equal(row.state, COURSE_INSTALLED);
    kit_course_refresh(&pair->campus);
    assert_int_not_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
}

/* What is wanted at `node`, and how much of that lies here. */
static size_t wanted_count(struct kit_courses *node, size_t *here_out)
{
    struct wanted wanted[64];
    struct db *db = store_read_begin(node->node.store);
    size_t count = course_object_wanted(&node->courses, db, 0, 64, wanted);
    uint64_t size;

    *here_out = 0;
    for (size_t i = 0; i < count; i++) {
        *here_out += course_object_find(&node->courses, db, &wanted[i].object, &size);
    }
    store_read_end(node->node.store, db);
    return count;
}

static enum status copy(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    const struct blob_copier copier = course_copier(&node->courses);

    return blobs_copy(node->node.blobs, db, &copier);
}

/* The second version of a film that went on a little; its manifest is at the campus, whose blobs copy later. */
static void second_version(struct kit_pair *pair)
{
    kit_course_import_large(&pair->hub, "video", 4 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_FETCHING);
}

static void first_version(struct kit_pair *pair)
{
    kit_course_import_large(&pair->hub, "video", 3 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "video");
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "1").state, COURSE_INSTALLED);
    blobs_copy_later(pair->campus.node.blobs);
}

static void what_lies_in_the_version_before_is_not_wanted_but_copied(void **state)
{
    struct kit_pair *pair = *state;
    size_t here;

    first_version(pair);
    second_version(pair);
    assert_true(blobs_copy_is_due(pair->campus.node.blobs));
    assert_true(wanted_count(&pair->campus, &here) > 0);
    assert_int_equal(here, 0);
    kit_course_refresh(&pair->campus); /* another process begins so */
    assert_true(wanted_count(&pair->campus, &here) > 0);
    assert_int_equal(here, 0);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_FETCHING);
    kit_job(&pair->campus, copy, &pair->campus);
    assert_false(blobs_copy_is_due(pair->campus.node.blobs));
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_INSTALLED);
    assert_int_equal(wanted_count(&pair->campus, &here), 0);
}

/* Damages the large file of the only version that is installed. */
static void film_damage(struct kit_courses *node)
{
    struct db *db = store_read_begin(node->node.store);
    struct blob_row blob = {.id = 0};
    uint64_t size;

    while (blob_row_next(db, blob.id, &blob) && (!blob.is_whole || blob.size <= MEMBER_WHOLE_MAX)) {
    }
    store_read_end(node->node.store, db);
    assert_true(blob.size > MEMBER_WHOLE_MAX);
    int from = blob_open(node->node.blobs, &blob.hash, &size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "damaged", 7, 0), 7);
    close(fd);
    close(from);
}

static void what_lies_damaged_in_the_version_before_is_wanted(void **state)
{
    struct kit_pair *pair = *state;
    size_t here;

    first_version(pair);
    second_version(pair);
    film_damage(&pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    kit_job(&pair->campus, copy, &pair->campus);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_FETCHING);
    assert_int_equal(wanted_count(&pair->campus, &here), 1);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1000), 1);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_INSTALLED);
}

/* The row of the film that came first. */
static struct blob_row film_row(struct db *db)
{
    struct blob_row blob = {.id = 0};

    while (blob_row_next(db, blob.id, &blob) && blob.size <= MEMBER_WHOLE_MAX) {
    }
    assert_true(blob.size > MEMBER_WHOLE_MAX);
    return blob;
}

static enum status refuse_film(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    struct blob_row film = film_row(db);
    int64_t refused = -film.id;
    struct buffer told;

    assert_int_equal(blob_row_set_whole(db, film.id, false), S_OK);
    assert_int_equal(blob_row_set_all_held(db, film.id, false), S_OK);
    buffer_init(&told);
    buffer_append(&told, &refused, sizeof refused);
    enum status status = course_blobs_completed(&node->courses, db, &told);
    buffer_release(&told);
    return status;
}

static void what_was_to_be_copied_from_a_file_that_is_refused_is_wanted(void **state)
{
    struct kit_pair *pair = *state;

    first_version(pair);
    second_version(pair);
    assert_true(blobs_copy_is_due(pair->campus.node.blobs));
    kit_job(&pair->campus, refuse_film, &pair->campus);
    kit_job(&pair->campus, copy, &pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "2").state, COURSE_INSTALLED);
}

static void what_the_disk_lost_of_a_half_fetched_film_is_wanted_again(void **state)
{
    struct kit_pair *pair = *state;
    char part[BLOB_NAME_MAX];

    kit_course_import_large(&pair->hub, "video", 3 * 1024 * 1024, 1);
    kit_course_publish(&pair->hub, "video");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "video");
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 5), 5);
    struct db *db = store_read_begin(pair->campus.node.store);
    struct blob_row film = film_row(db);
    store_read_end(pair->campus.node.store, db);
    blob_name(&film.hash, true, part);
    int fd = openat(pair->campus.node.blobs->blobs_fd, part, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write_at(fd, bytes_text("damaged"), 0), S_OK);
    close(fd);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "video", "en", "1").state, COURSE_INSTALLED);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_large_member_comes_in_chunks_and_survives_a_restart_in_between),
        KIT_PAIR_TEST(without_room_a_version_waits_and_says_so_in_numbers),
        KIT_PAIR_TEST(a_manifest_that_is_none_is_refused_and_asked_for_no_more),
        KIT_PAIR_TEST(what_lies_in_the_version_before_is_not_wanted_but_copied),
        KIT_PAIR_TEST(what_lies_damaged_in_the_version_before_is_wanted),
        KIT_PAIR_TEST(what_was_to_be_copied_from_a_file_that_is_refused_is_wanted),
        KIT_PAIR_TEST(what_the_disk_lost_of_a_half_fetched_film_is_wanted_again),
    };
    return KIT_RUN(tests);
}
