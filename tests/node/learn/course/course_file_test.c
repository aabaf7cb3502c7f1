/* Files of a held version: one by one, all to a folder, all verified. */
#include "node/blob/folder.h"
#include "node/learn/course/course_choose.h"
#include "node/learn/course/course_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kit/courses.h"

static unsigned disk_syncs;
static bool disk_fails;

/* Before the C library's: a disk of which a test sees that it was synced, and that may fail then. */
int syncfs(int fd)
{
    disk_syncs++;
    if (disk_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_syncfs, fd);
}

static const struct kit_file files[] = {
    {"index.html", "<title>T</title>"}, {"a/b c.css", "body{}"}, {"a/empty.js", ""}, {NULL, NULL}};

static enum status open_file(struct kit_courses *node, const char *path, struct course_file *file)
{
    const struct course_ref ref = {.course = "c", .lang = "", .version = ""};
    struct db *db = store_read_begin(node->node.store);

    report_clear(&node->report);
    struct course_row row;
    enum status status = course_resolve(db, &ref, true, &row, &node->report);
    if (status == S_OK) {
        status = course_file_find(db, row.id, bytes_text(path), file);
    }
    if (status == S_OK) {
        assert_int_equal(file->fd, -1);
        status = course_file_open_found(node->node.blobs, file);
    }
    store_read_end(node->node.store, db);
    return status;
}

static void a_file_is_opened_by_its_path_with_size_and_media_type(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_file file;
    char text[16] = "";

    kit_course_import(node, "c", "en", files, NULL);
    assert_int_equal(open_file(node, "a/b c.css", &file), S_OK);
    assert_int_equal(file.size, 6);
    assert_string_equal(file.media_type, "text/css; charset=utf-8");
    assert_int_equal(read(file.fd, text, sizeof text), 6);
    assert_string_equal(text, "body{}");
    close(file.fd);
    assert_int_equal(open_file(node, "a", &file), S_NOT_FOUND);
    assert_int_equal(open_file(node, "../index.html", &file), S_NOT_FOUND);
    assert_int_equal(open_file(node, "indexes.html", &file), S_NOT_FOUND);
}

/* A package packed on a Mac: the names of its files are composed when it is imported, the addresses in its pages are as they were. */
static void a_file_is_found_by_a_name_whose_letters_are_in_parts(void **state)
{
    static const struct kit_file summer[] = {{"index.html", "x"}, {"\xc3\xa9t\xc3\xa9.css", "b{}"}, {NULL, NULL}};
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_file file;

    kit_course_import(node, "c", "en", summer, NULL);
    assert_int_equal(open_file(node, "e\xcc\x81te\xcc\x81.css", &file), S_OK);
    assert_int_equal(file.size, 3);
    close(file.fd);
    assert_int_equal(open_file(node, "e\xcc\x81t\xc3\xa9.css", &file), S_OK);
    close(file.fd);
    assert_int_equal(open_file(node, "e\xcc\x81ta.css", &file), S_NOT_FOUND);
}

/* A content has no name, so it is only for everybody or for nobody. */
/* Pages that were made on Windows name their files as they like. */
static void a_file_is_found_in_other_letters(void **state)
{
    static const struct kit_file pages[] = {{"index.html", "x"}, {"Images/Logo.PNG", "abc"}, {NULL, NULL}};
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_file file;

    kit_course_import(node, "c", "en", pages, NULL);
    assert_int_equal(open_file(node, "images/logo.png", &file), S_OK);
    assert_int_equal(file.size, 3);
    close(file.fd);
    assert_int_equal(open_file(node, "images/logo.pn", &file), S_NOT_FOUND);
}

/* As Canvas writes them. */
static void pages_of_a_cartridge_find_files_behind_its_words(void **state)
{
    static const struct kit_file pages[] = {
        {"index.html", "x"}, {"web_resources/a b/one.png", "abc"}, {"media/two.png", "ab"}, {"wiki_content/page-2.html", "four"}, {NULL, NULL}};
    static const struct {
        const char *path;
        uint64_t size; /* 0: there is none */
    } cases[] = {
        {"wiki_content/$IMS-CC-FILEBASE$/a b/one.png", 3},
        {"$IMS-CC-FILEBASE$../media/two.png", 2},
        {"wiki_content/$WIKI_REFERENCE$/pages/page-2", 4},
        {"wiki_content/$WIKI_REFERENCE$/pages/$IMS-CC-FILEBASE$/a b/one.png", 3},
        {"$IMS-CC-FILEBASE$/one.png", 0},
        {"$IMS-CC-FILEBASE$", 0},
        {"$IMS-CC-FILEBASE$/../..", 0},
    };
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_file file;

    kit_course_import(node, "c", "en", pages, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(open_file(node, cases[i].path, &file), cases[i].size ? S_OK : S_NOT_FOUND);
        if (cases[i].size) {
            assert_int_equal(file.size, cases[i].size);
            close(file.fd);
        }
    }
}

static void a_content_is_opened_by_its_hash_once_it_is_published(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct hash page = hash_of(bytes_of(NULL, 0), bytes_text(files[0].content));
    struct course_file file;

    kit_course_import(node, "c", "en", files, NULL);
    struct hash manifest = kit_course_row(node, "c", "en", "1").manifest;
    struct db *db = store_read_begin(node->node.store);
    assert_int_equal(course_blob_open(node->node.blobs, db, &page, &file), S_NOT_FOUND);
    store_read_end(node->node.store, db);
    kit_course_publish(node, "c");
    db = store_read_begin(node->node.store);
    assert_int_equal(course_blob_open(node->node.blobs, db, &page, &file), S_OK);
    assert_int_equal(file.size, strlen(files[0].content));
    close(file.fd);
    assert_int_equal(course_blob_open(node->node.blobs, db, &manifest, &file), S_OK);
    close(file.fd);
    page.b[0] ^= 1;
    assert_int_equal(course_blob_open(node->node.blobs, db, &page, &file), S_NOT_FOUND);
    store_read_end(node->node.store, db);
}

/* Damages the stored content of "index.html". */
static void damage(struct kit_courses *node)
{
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(files[0].content));
    char hex[HASH_HEX_SIZE], path[500];

    hash_hex(&hash, hex);
    snprintf(path, sizeof path, "%s/blobs/%.2s/%s", node->node.dir, hex, hex);
    int fd = open(path, O_WRONLY);
    assert_int_equal(write(fd, "X", 1), 1);
    close(fd);
}

static void an_export_is_the_package_file_for_file(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_tally tally;
    struct course_row row;
    char to[400], path[500];
    uint8_t data[64];

    kit_course_import(node, "c", "en", files, NULL);
    row = kit_course_row(node, "c", "en", "1");
    snprintf(to, sizeof to, "%s/out", node->node.dir);
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_OK);
    assert_int_equal(tally.files, 3);
    for (const struct kit_file *file = files; file->path; file++) {
        snprintf(path, sizeof path, "%s/%s", to, file->path);
        assert_int_equal(kit_file_read(path, data, sizeof data), strlen(file->content));
        assert_memory_equal(data, file->content, strlen(file->content));
    }
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report),
                     S_OK); /* again: replaced */
    assert_int_equal(kit_count_files(node->node.dir, "out"), 3);
}

static void a_link_in_the_way_of_an_export_is_not_followed(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_tally tally;
    char to[400], path[500];

    kit_course_import(node, "c", "en", files, NULL);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    snprintf(to, sizeof to, "%s/out", node->node.dir);
    assert_int_equal(mkdir(to, 0755), 0);
    snprintf(path, sizeof path, "%s/a", to);
    assert_int_equal(symlink(node->node.dir, path), 0);
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_IO);
    assert_non_null(strstr(node->report.text, "a/b c.css"));
}

static void damage_is_found_by_verify_and_never_exported(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_tally tally;
    char to[400];

    kit_course_import(node, "c", "en", files, NULL);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    assert_int_equal(course_verify(node->node.blobs, &row, NULL, NULL, &tally, &node->report), S_OK);
    assert_int_equal(tally.files, 3);
    damage(node);
    assert_int_equal(course_verify(node->node.blobs, &row, NULL, NULL, &tally, &node->report), S_CORRUPT);
    assert_int_equal(tally.faults, 1);
    report_clear(&node->report);
    snprintf(to, sizeof to, "%s/out", node->node.dir);
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_CORRUPT);
    assert_non_null(strstr(node->report.text, "index.html"));
    assert_int_not_equal(access(to, F_OK), 0); /* half a course is none */
    assert_int_equal(mkdir(to, 0755), 0);
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_CORRUPT);
    assert_int_equal(access(to, F_OK), 0); /* who had the folder keeps it */
    snprintf(to, sizeof to, "%s/out/index.html", node->node.dir);
    assert_int_not_equal(access(to, F_OK), 0);
}

static void an_export_is_done_when_it_is_on_the_disk(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_tally tally;
    char to[400];

    kit_course_import(node, "c", "en", files, NULL);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    snprintf(to, sizeof to, "%s/out", node->node.dir);
    disk_syncs = 0;
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_OK);
    assert_int_equal(disk_syncs, 1);
    snprintf(to, sizeof to, "%s/other", node->node.dir);
    disk_fails = true;
    assert_int_equal(course_export(node->node.blobs, &row, to, &tally, &node->report), S_IO);
    disk_fails = false;
    assert_int_not_equal(access(to, F_OK), 0);
}

/* Whose files these are, or the disk, is at fault: another copy would help as little. */
static void what_cannot_be_read_need_not_be_fetched_again(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_tally tally;
    char name[BLOB_NAME_MAX], path[500];

    kit_course_import(node, "c", "en", files, NULL);
    struct course_row row = kit_course_row(node, "c", "en", "1");
    blob_name(&row.manifest, false, name);
    snprintf(path, sizeof path, "%s/blobs/%s", node->node.dir, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* to root, too, nothing to read */
    assert_int_equal(course_verify(node->node.blobs, &row, NULL, NULL, &tally, &node->report), S_IO);
    assert_non_null(strstr(node->report.text, "cannot be read"));
    assert_null(strstr(node->report.text, "remove the version"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_file_is_opened_by_its_path_with_size_and_media_type),
        KIT_PAIR_TEST(a_file_is_found_by_a_name_whose_letters_are_in_parts),
        KIT_PAIR_TEST(a_file_is_found_in_other_letters),
        KIT_PAIR_TEST(pages_of_a_cartridge_find_files_behind_its_words),
        KIT_PAIR_TEST(a_content_is_opened_by_its_hash_once_it_is_published),
        KIT_PAIR_TEST(an_export_is_the_package_file_for_file),
        KIT_PAIR_TEST(a_link_in_the_way_of_an_export_is_not_followed),
        KIT_PAIR_TEST(what_cannot_be_read_need_not_be_fetched_again),
        KIT_PAIR_TEST(damage_is_found_by_verify_and_never_exported),
        KIT_PAIR_TEST(an_export_is_done_when_it_is_on_the_disk),
    };
    return KIT_RUN(tests);
}
