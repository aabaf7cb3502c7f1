/* The describing child's own input: frames that make no sense, and which format wins. */
#include "node/learn/import/import_describe.h"

#include <string.h>
#include <unistd.h>

#include "tests/kit/import.h"

/* Runs import_describe() in this process over pipes; the first answer's type. */
static enum import_frame describe(const struct kit_file *files, bool is_ended)
{
    struct import_reader reader;
    enum import_frame type = IMPORT_FRAME_DONE;
    struct bytes payload;
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    for (; files->path; files++) {
        if (files->path[0]) {
            import_frame_write(in[1], IMPORT_FRAME_MEMBER, bytes_text(files->path));
        }
        if (files->content) {
            import_frame_write(in[1], IMPORT_FRAME_FILE, bytes_text(files->content));
        }
    }
    if (is_ended) {
        import_frame_write(in[1], IMPORT_FRAME_DONE, bytes_of(NULL, 0));
    }
    close(in[1]);
    import_describe(in[0], out[1]);
    close(in[0]);
    close(out[1]);
    import_reader_init(&reader, out[0]);
    assert_int_equal(import_frame_read(&reader, &type, &payload), S_OK);
    import_reader_release(&reader);
    close(out[0]);
    return type;
}

static void frames_without_sense_are_a_fault(void **state)
{
    const struct kit_file good[] = {{"index.html", "<title>x</title>"}, {NULL, NULL}};
    const struct kit_file file_first[] = {{"", "no member before it"}, {NULL, NULL}};

    (void)state;
    assert_int_equal(describe(good, true), IMPORT_FRAME_DESCRIPTION);
    assert_int_equal(describe(good, false), IMPORT_FRAME_FAULT);
    assert_int_equal(describe(file_first, true), IMPORT_FRAME_FAULT);
    assert_int_equal(describe(good + 1, true), IMPORT_FRAME_FAULT);
}

static void cmi5_wins_over_scorm_and_scorm_over_pages(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml", "<courseStructure><course id='urn:c'/><au id='urn:a'><url>index.html</url></au></courseStructure>"},
        {"imsmanifest.xml",
         "<manifest><resources><resource type='webcontent' href='index.html'/></resources></manifest>"},
        {"index.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.format, PACKAGE_CMI5);
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, files + 1);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    assert_int_equal(import->package.manifest.format,
                     PACKAGE_PLAIN); /* a content package that claims no standard */
    import_package_release(&import->package);
}

#define SCO "<manifest><resources><resource type='webcontent' href='p.html'/></resources></manifest>"

static void a_package_beside_other_things_is_taken_from_its_folder(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"a/course/imsmanifest.xml", SCO}, {"a/course/p.html", "x"}, {"read me.txt", "t"}, {NULL, NULL}};
    const struct kit_file site[] = {{"README.md", "# Site"}, {"a/imsmanifest.xml", SCO}, {"a/p.html", "x"}, {NULL, NULL}};
    const struct kit_file two[] = {{"a/imsmanifest.xml", SCO}, {"a/p.html", "x"}, {"b/IMSmanifest.xml", SCO}, {"b/c/cmi5.xml", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "a/course/p.html");
    assert_int_equal(import->package.manifest.item_count, 1);
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "\"a/course/\"", 11));
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, site);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "README.md");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "1 package(s)", 12));
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, two);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.format, PACKAGE_PLAIN);
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "2 package(s)", 12));
    import_package_release(&import->package);
}

/* As they are packed with a letter of who sends them. */
static void a_book_and_a_page_of_tin_can_are_found_in_their_folders(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file book[] = {
        {"book/META-INF/container.xml", "<container><rootfiles><rootfile full-path='in/book.opf'/></rootfiles></container>"},
        {"book/in/book.opf", "<package><manifest><item id='a' href='a.xhtml' media-type='application/xhtml+xml'/>"
                             "<item id='b' href='b.xhtml' media-type='application/xhtml+xml'/></manifest>"
                             "<spine><itemref idref='b'/><itemref idref='a'/></spine></package>"},
        {"book/in/a.xhtml", "<html/>"},
        {"book/in/b.xhtml", "<html/>"},
        {"read me.txt", "t"},
        {NULL, NULL}};
    const struct kit_file page[] = {
        {"a/tincan.xml", "<tincan><activities><activity id='urn:a'><launch>story.html</launch></activity></activities></tincan>"},
        {"a/index.html", "x"},
        {"a/story.html", "x"},
        {"read me.txt", "t"},
        {NULL, NULL}};
    const struct kit_file nothing[] = {
        {"tincan.xml", "<tincan><activities><activity id='urn:a'><launch>gone.html</launch></activity></activities></tincan>"},
        {"index.html", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, book);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 2);
    kit_text_is(import->package.manifest.entry, "book/in/b.xhtml");
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, page);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    kit_text_is(import->package.manifest.entry, "a/story.html");
    import_package_release(&import->package);
    kit_archive_write(import->path, KIT_ZIP, nothing);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "index.html");
    assert_int_equal(import->package.notes.size, 0);
    import_package_release(&import->package);
}

static void a_manifest_is_one_in_capitals_after_an_empty_line_and_large_in_deep_folders(void **state)
{
    static char large[40000];
    struct kit_import *import = *state;
    const struct kit_file upper[] = {{"IMSMANIFEST.XML", "\r\n<?xml version='1.0'?>" SCO}, {"p.html", "x"}, {NULL, NULL}};
    const struct kit_file deep[] = {{"a/b/c/imsmanifest.xml", large}, {"a/b/c/p.html", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, upper);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "p.html");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "IMSMANIFEST.XML", 15));
    import_package_release(&import->package);
    memset(large, ' ', sizeof large - 1);
    memcpy(large + sizeof large - sizeof SCO, SCO, sizeof SCO);
    kit_archive_write(import->path, KIT_ZIP, deep);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "a/b/c/p.html");
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_manifest_is_one_in_capitals_after_an_empty_line_and_large_in_deep_folders),
        KIT_IMPORT_TEST(a_book_and_a_page_of_tin_can_are_found_in_their_folders),
        KIT_IMPORT_TEST(a_package_beside_other_things_is_taken_from_its_folder),
        KIT_IMPORT_TEST(frames_without_sense_are_a_fault),
        KIT_IMPORT_TEST(cmi5_wins_over_scorm_and_scorm_over_pages),
    };
    return KIT_RUN(tests);
}
