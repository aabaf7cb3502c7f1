/* Letting go: shared files stay, others go, and nothing is left behind. */
#include <string.h>

#include "node/store/course/blob.h"
#include "tests/kit/courses.h"

static const struct kit_file first[] = {{"index.html", "1"}, {"shared.css", "s"}, {NULL, NULL}};
static const struct kit_file second[] = {{"index.html", "2"}, {"shared.css", "s"}, {NULL, NULL}};

struct removal {
    struct kit_courses *node;
    const char *version;
};

static enum status remove_one(struct db *db, void *arg)
{
    struct removal *removal = arg;
    struct course_row row = kit_course_row(removal->node, "c", "en", removal->version);

    return course_remove(&removal->node->courses, db, &row);
}

static void remove_version(struct kit_courses *node, const char *version)
{
    struct removal removal = {node, version};

    kit_job(node, remove_one, &removal);
    kit_job(node, blobs_sweep, node->node.blobs);
}

static void only_files_that_no_other_version_needs_are_deleted(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    kit_course_import(node, "c", "en", first, NULL);
    kit_course_import(node, "c", "en", second, NULL);
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 3 + 2 + 2); /* and two manifests, two recipes */
    remove_version(node, "1");
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 2 + 1 + 1);
    assert_true(kit_course_row(node, "c", "en", "2").is_current);
    remove_version(node, "2");
    assert_int_equal(kit_count_files(node->node.dir, "blobs"), 0);
}

static void an_own_published_version_is_withdrawn_and_can_be_imported_anew(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    remove_version(&pair->hub, "1");
    assert_int_equal(kit_count_files(pair->hub.node.dir, "blobs"), 0);
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_true(kit_course_row(&pair->campus, "c", "en", "1").is_withdrawn);
    kit_course_refresh(&pair->hub);
    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(kit_course_row(&pair->hub, "c", "en", "2").state, COURSE_PUBLISHED);
}

/* Under the name that it had, or with other files of which some were here: what it needs of the one before stays. */
static void a_version_that_was_let_go_comes_back_under_its_name_whole(void **state)
{
    struct kit_pair *pair = *state;
    struct course_import import = {.path = pair->hub.path, .id = "c", .lang = "en", .version = "1"};
    struct course_imported imported;
    struct report report;

    for (int i = 0; i < 4; i++) {
        kit_archive_write(pair->hub.path, KIT_ZIP, i == 2 ? second : first);
        assert_int_equal(course_import(&pair->hub.courses, &import, &imported, &report), S_OK);
        kit_job(&pair->hub, blobs_sweep, pair->hub.node.blobs);
        assert_int_equal(kit_count_files(pair->hub.node.dir, "blobs"), 4); /* its files, the manifest, the recipe */
        kit_course_publish(&pair->hub, "c");
        kit_catalogue_move(&pair->hub, &pair->campus);
        kit_course_subscribe(&pair->campus, "c");
        assert_int_not_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 0);
        assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
        remove_version(&pair->hub, "1");
        kit_catalogue_move(&pair->hub, &pair->campus);
        remove_version(&pair->campus, "1");
    }
}

static enum status forget_manifest(struct db *db, void *arg)
{
    struct removal *removal = arg;
    struct course_row row = kit_course_row(removal->node, "c", "en", removal->version);
    struct blob_row manifest;

    return blob_row_find(db, &row.manifest, &manifest) ? blob_drop(db, manifest.id) : S_NOT_FOUND;
}

/* As a program before this one left it behind when it imported anew what was removed. */
static void a_version_without_its_manifest_is_not_called_whole_and_comes_with_its_archive(void **state)
{
    struct kit_pair *pair = *state;
    struct removal removal = {&pair->hub, "1"};

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    for (int i = 0; i < 2; i++) { /* imported, then published */
        kit_job(&pair->hub, forget_manifest, &removal);
        kit_job(&pair->hub, blobs_sweep, pair->hub.node.blobs);
        kit_course_refresh(&pair->hub);
        assert_int_equal(kit_course_row(&pair->hub, "c", "en", "1").state, i == 0 ? COURSE_IMPORTED : COURSE_FETCHING);
        assert_false(kit_course_row(&pair->hub, "c", "en", "1").is_listed);
        kit_course_import(&pair->hub, "c", "en", first, NULL);
        assert_int_equal(kit_count_files(pair->hub.node.dir, "blobs"), 4);
        assert_true(kit_course_row(&pair->hub, "c", "en", "1").is_listed);
        kit_course_publish(&pair->hub, "c");
        assert_int_equal(kit_course_row(&pair->hub, "c", "en", "1").state, COURSE_PUBLISHED);
    }
}

static enum status lose_one(struct db *db, void *arg)
{
    struct removal *removal = arg;
    struct course_row row = kit_course_row(removal->node, "c", "en", removal->version);

    return course_release(db, &row);
}

/* A machine built anew pulls its catalogue back; what it published and nobody took is nowhere any more, and would be waited for at every node above. */
static void an_own_published_version_that_was_lost_can_be_withdrawn(void **state)
{
    struct kit_pair *pair = *state;
    struct removal loss = {&pair->hub, "1"};

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_job(&pair->hub, lose_one, &loss);
    kit_course_refresh(&pair->hub);
    assert_int_equal(kit_course_row(&pair->hub, "c", "en", "1").state, COURSE_FETCHING);
    remove_version(&pair->hub, "1");
    kit_course_refresh(&pair->hub);
    assert_int_equal(kit_course_row(&pair->hub, "c", "en", "1").state, COURSE_CATALOGUED);
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_true(kit_course_row(&pair->campus, "c", "en", "1").is_withdrawn);
}

static void a_fetched_version_goes_back_to_the_catalogue(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    kit_objects_move(&pair->hub, &pair->campus, 2); /* half of it */
    remove_version(&pair->campus, "1");
    assert_int_equal(kit_count_files(pair->campus.node.dir, "blobs"), 0);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_CATALOGUED);
    kit_course_refresh(&pair->campus); /* still subscribed: it comes again */
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 4);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(only_files_that_no_other_version_needs_are_deleted),
        KIT_PAIR_TEST(an_own_published_version_is_withdrawn_and_can_be_imported_anew),
        KIT_PAIR_TEST(a_version_that_was_let_go_comes_back_under_its_name_whole),
        KIT_PAIR_TEST(a_version_without_its_manifest_is_not_called_whole_and_comes_with_its_archive),
        KIT_PAIR_TEST(an_own_published_version_that_was_lost_can_be_withdrawn),
        KIT_PAIR_TEST(a_fetched_version_goes_back_to_the_catalogue),
    };
    return KIT_RUN(tests);
}
