/* Which held objects are named for what is wanted. */
#include <stdlib.h>
#include <string.h>

#include "tests/kit/courses.h"

static void import_files(struct kit_pair *pair, const char *lang, const struct kit_file *files)
{
    kit_course_import(&pair->hub, "c", lang, files, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
}

static size_t bases_of(struct kit_pair *pair, const struct hash *object, struct hash *bases)
{
    struct db *db = store_read_begin(pair->campus.node.store);
    size_t count = course_object_bases(&pair->campus.courses, db, object, BASES_MAX, bases);

    store_read_end(pair->campus.node.store, db);
    return count;
}

static void assert_base_is(struct kit_pair *pair, const char *wanted, const char *base)
{
    struct hash object = hash_of(bytes_of(NULL, 0), bytes_text(wanted)), bases[BASES_MAX];
    struct hash expected = hash_of(bytes_of(NULL, 0), bytes_text(base));

    assert_int_equal(bases_of(pair, &object, bases), 1);
    assert_true(hash_equal(&bases[0], &expected));
}

static void a_changed_member_names_the_same_path_and_a_new_one_its_neighbour(void **state)
{
    struct kit_pair *pair = *state;
    const struct kit_file first[] = {
        {"index.html", "one"}, {"pages/a.html", "page a"}, {"pages/z.css", "style"}, {NULL, NULL}};
    const struct kit_file second[] = {{"index.html", "two"},
                                      {"pages/b.html", "page b"},
                                      {"pages/y.css", "other style"},
                                      {"pages/c.js", "nothing like it"},
                                      {NULL, NULL}};
    struct course_row row;
    struct hash bases[BASES_MAX];

    kit_course_subscribe(&pair->campus, "c");
    import_files(pair, "en", first);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_INSTALLED);
    import_files(pair, "en", second);
    struct course_row fresh = kit_course_row(&pair->campus, "c", "en", "2");
    assert_int_equal(bases_of(pair, &fresh.manifest, bases),
                     1); /* manifests resemble each other most of all */
    assert_true(hash_equal(&bases[0], &row.manifest));
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1);
    assert_base_is(pair, "two", "one");
    assert_base_is(pair, "page b", "page a");
    assert_base_is(pair, "other style", "style");
    struct hash alone = hash_of(bytes_of(NULL, 0), bytes_text("nothing like it"));
    assert_int_equal(bases_of(pair, &alone, bases), 0);
    assert_int_equal(bases_of(pair, &fresh.manifest, bases), 0); /* here now */
}

static void a_new_language_names_the_pages_of_another(void **state)
{
    struct kit_pair *pair = *state;
    const struct kit_file english[] = {{"index.html", "welcome"}, {NULL, NULL}};
    const struct kit_file french[] = {{"index.html", "bienvenue"}, {NULL, NULL}};

    kit_course_subscribe(&pair->campus, "c");
    import_files(pair, "en", english);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    import_files(pair, "fr", french);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1);
    assert_base_is(pair, "bienvenue", "welcome");
}

/* Imports `size` bytes with `inserted` others in the middle. */
static void import_film(struct kit_pair *pair, size_t size, size_t inserted)
{
    struct archive *archive = kit_archive_open(pair->hub.path, KIT_TAR);
    uint8_t *data = malloc(size + inserted);
    struct kit_random random;
    struct course_imported imported;
    const struct course_import import = {.path = pair->hub.path, .id = "c", .lang = "en"};

    kit_random_seed(&random, 5);
    for (size_t i = 0; i < size + inserted; i++) {
        data[i] = (uint8_t)kit_random_u64(&random);
    }
    memmove(data + size / 2 + inserted, data + size / 2, size / 2);
    kit_archive_add(archive, "index.html", "film", 4);
    kit_archive_add(archive, "film.mp4", data, size + inserted);
    kit_archive_close(archive);
    free(data);
    assert_int_equal(course_import(&pair->hub.courses, &import, &imported, &pair->hub.report), S_OK);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
}

/* The chunk into which something was put names the one that lay between the same two. */
static void a_changed_chunk_names_what_lay_between_its_neighbours(void **state)
{
    struct kit_pair *pair = *state;
    struct wanted wanted[16];
    struct hash bases[BASES_MAX];
    uint64_t size;

    kit_course_subscribe(&pair->campus, "c");
    import_film(pair, 8 << 20, 0);
    kit_objects_move(&pair->hub, &pair->campus, 1000);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
    import_film(pair, 8 << 20, 30000);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1); /* the manifest */
    struct db *db = store_read_begin(pair->campus.node.store);
    size_t count = course_object_wanted(&pair->campus.courses, db, 0, 16, wanted);
    store_read_end(pair->campus.node.store, db);
    assert_true(count >= 1 && count <= 4);
    for (size_t i = 0; i < count; i++) {
        assert_true(bases_of(pair, &wanted[i].object, bases) >= 1);
        db = store_read_begin(pair->campus.node.store);
        assert_true(course_object_find(&pair->campus.courses, db, &bases[0], &size));
        store_read_end(pair->campus.node.store, db);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_changed_member_names_the_same_path_and_a_new_one_its_neighbour),
        KIT_PAIR_TEST(a_new_language_names_the_pages_of_another),
        KIT_PAIR_TEST(a_changed_chunk_names_what_lay_between_its_neighbours),
    };
    return KIT_RUN(tests);
}
