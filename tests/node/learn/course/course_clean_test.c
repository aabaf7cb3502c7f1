/* What nothing reaches goes; a dry run says exactly that, and changes nothing. */
#include "node/learn/course/course_clean.h"

#include "node/store/course/cohort.h"
#include "tests/kit/courses.h"

static const struct kit_file first[] = {{"index.html", "first"}, {"shared.css", "shared"}, {NULL, NULL}};
static const struct kit_file second[] = {{"index.html", "second"}, {"shared.css", "shared"}, {NULL, NULL}};

/* The campus follows the hub through two versions of a course. */
static void follow_two_versions(struct kit_pair *pair)
{
    kit_course_subscribe(&pair->campus, "c");
    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    kit_course_import(&pair->hub, "c", "en", second, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "2").state, COURSE_INSTALLED);
}

static size_t clean(struct kit_courses *node, bool is_dry, uint64_t *bytes_out)
{
    struct buffer cleaned;
    struct course_clean clean = {.courses = &node->courses, .is_dry = is_dry, .cleaned = &cleaned};

    buffer_init(&cleaned);
    assert_int_equal(store_write_wait(node->node.store, course_clean_run, &clean), is_dry ? S_STALE : S_OK);
    assert_true(clean.is_counted);
    kit_job(node, blobs_sweep, node->node.blobs);
    const struct course_cleaned *list = (const struct course_cleaned *)(const void *)cleaned.data;
    size_t count = cleaned.size / sizeof *list;
    *bytes_out = clean.orphan_bytes;
    for (size_t i = 0; i < count; i++) {
        *bytes_out += list[i].bytes;
    }
    buffer_release(&cleaned);
    return count;
}

static void a_replaced_version_goes_and_what_others_share_stays(void **state)
{
    struct kit_pair *pair = *state;
    uint64_t dry, real;

    follow_two_versions(pair);
    size_t files = kit_count_files(pair->campus.node.dir, "blobs");
    assert_int_equal(clean(&pair->campus, true, &dry), 1);
    assert_int_equal(kit_count_files(pair->campus.node.dir, "blobs"), files);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
    assert_int_equal(clean(&pair->campus, false, &real), 1);
    assert_true(dry == real && real > 5);
    assert_int_equal(kit_count_files(pair->campus.node.dir, "blobs"),
                     files - 3); /* the page, the manifest and the recipe */
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_CATALOGUED);
    assert_int_equal(clean(&pair->campus, false, &real), 0);
    assert_int_equal(real, 0);
}

static enum status pin_first(struct db *db, void *arg)
{
    struct course_row row = kit_course_row(arg, "c", "en", "1");

    return cohort_pin(db, "autumn", &row);
}

static void what_a_cohort_stays_with_stays(void **state)
{
    struct kit_pair *pair = *state;
    uint64_t bytes;

    follow_two_versions(pair);
    kit_job(&pair->campus, pin_first, &pair->campus);
    assert_int_equal(clean(&pair->campus, false, &bytes), 0);
    assert_int_equal(clean(&pair->hub, false, &bytes), 0); /* nor does a publisher lose its own */
}

static enum status put_orphan(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    struct bytes data = bytes_text("asked for by a node below");
    struct hash hash = hash_of(bytes_of(NULL, 0), data);

    return course_object_put(&node->courses, db, &hash, data);
}

static void contents_without_a_version_go(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->campus;
    uint64_t bytes;

    kit_job(node, put_orphan, node);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 1);
    assert_int_equal(clean(node, false, &bytes), 0);
    assert_int_equal(bytes, 25);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_replaced_version_goes_and_what_others_share_stays),
        KIT_PAIR_TEST(what_a_cohort_stays_with_stays),
        KIT_PAIR_TEST(contents_without_a_version_go),
    };
    return KIT_RUN(tests);
}
