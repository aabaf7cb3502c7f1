/* The describing child's own input: frames that make no sense, and which format wins. */
#include "node/learn/import/import_describe.h"

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
        {"cmi5.xml", "<courseStructure><course/><au id='a'><url>index.html</url></au></courseStructure>"},
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(frames_without_sense_are_a_fault),
        KIT_IMPORT_TEST(cmi5_wins_over_scorm_and_scorm_over_pages),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
