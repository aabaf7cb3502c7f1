/* imsmanifest.xml in its four families, and what is wrong with broken ones. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

static const char scorm12[] =
    "<?xml version='1.0'?><manifest identifier='m' xmlns='http://www.imsproject.org/xsd/imscp_rootv1p1p2'"
    " xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_rootv1p2'><metadata><schema>ADL "
    "SCORM</schema><schemaversion>1.2</schemaversion>"
    "<lom><general><language>fr</language></general></lom></metadata>"
    "<organizations default='b'><organization identifier='a'><title>Wrong</title></organization>"
    "<organization identifier='b'><title> Tenir un\n centre </title>"
    "<item identifier='i1'><title>Part one</title><item identifier='i2' identifierref='r1' "
    "parameters='?page=2'><title>Lesson</title>"
    "<adlcp:masteryscore>80</adlcp:masteryscore></item></item>"
    "<item identifier='i3' identifierref='r2'><title>End</title></item></organization></organizations>"
    "<resources xml:base='web/'><resource identifier='r1' type='webcontent' adlcp:scormtype='sco' "
    "href='a%20b.html'/>"
    "<resource identifier='r2' type='webcontent' adlcp:scormtype='asset' xml:base='more/' "
    "href='../END.html?x=1#y'/></resources></manifest>";

static void scorm_12_is_read_with_its_tree_its_base_paths_and_its_mastery_score(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml", scorm12}, {"web/a b.html", "<p>a"}, {"web/end.html", "<p>end"}, {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->format, PACKAGE_SCORM12);
    kit_text_is(manifest->title, "Tenir un centre");
    kit_text_is(manifest->lang, "fr");
    kit_text_is(manifest->entry, "web/a b.html?page=2");
    assert_int_equal(manifest->mastery_percent, 80);
    assert_int_equal(manifest->item_count, 3);
    kit_text_is(manifest->items[0].kind, "heading");
    assert_int_equal(manifest->items[0].depth, 0);
    kit_text_is(manifest->items[1].title, "Lesson");
    kit_text_is(manifest->items[1].kind, "sco");
    assert_int_equal(manifest->items[1].depth, 1);
    assert_int_equal(manifest->items[1].mastery_percent, 80);
    assert_int_equal(manifest->items[2].depth, 0);
    kit_text_is(manifest->items[2].entry, "web/end.html?x=1#y"); /* the case differs: found, and noted */
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "web/END.html", 12));
    assert_int_equal(manifest->member_count, 3);
    kit_text_is(manifest->members[0].path, "imsmanifest.xml");
    assert_true(manifest->original_size > 0);
    import_package_release(&import->package);
}

/* None is asked for then, which is said: else everybody would pass and nobody know why. */
static void a_score_to_pass_with_that_cannot_be_is_noted(void **state)
{
    static const struct {
        const char *said;
        int32_t percent;
    } cases[] = {{"0", 0},   {"100", 100}, {" 69.5 ", 70}, {"", -1},     {"100.01", -1},
                 {"-1", -1}, {"70,5", -1}, {"80%", -1},    {"high", -1}, {"0x10", -1}};
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = strstr(scorm12, ">80<");
        char text[sizeof scorm12 + 16];
        const struct kit_file files[] = {
            {"imsmanifest.xml", text}, {"web/a b.html", "<p>a"}, {"web/end.html", "<p>end"}, {NULL, NULL}};

        snprintf(text, sizeof text, "%.*s>%s%s", (int)(at - scorm12), scorm12, cases[i].said, at + 3);
        kit_archive_write(import->path, KIT_ZIP, files);
        assert_int_equal(kit_import_read(import), S_OK);
        struct bytes notes = import->package.notes;
        assert_int_equal(import->package.manifest.items[1].mastery_percent, cases[i].percent);
        assert_int_equal(import->package.manifest.mastery_percent, cases[i].percent);
        struct bytes details = import->package.manifest.items[1].details; /* whole percents are said by the row */
        bool is_exact = details.size > 0 && memmem(details.data, details.size, "\"masteryScore\":0.69", 19) != NULL;
        assert_int_equal(is_exact, cases[i].percent == 70);
        assert_int_equal(details.size > 0 && memmem(details.data, details.size, "masteryScore", 12) != NULL, is_exact);
        assert_int_equal(notes.size > 0 && memmem(notes.data, notes.size, "\"Lesson\" is passed with cannot be", 33) != NULL,
                         cases[i].said[0] != '\0' && cases[i].percent < 0);
        import_package_release(&import->package);
    }
}

static void scorm_2004_is_read_with_measures_of_its_sequencing_collection(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"course/imsmanifest.xml",
         "<manifest xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_v1p3' "
         "xmlns:imsss='http://www.imsglobal.org/xsd/imsss'><metadata>"
         "<schemaversion>2004 4th Edition</schemaversion></metadata><organizations><organization "
         "identifier='o'><title>T</title>"
         "<item identifier='i' identifierref='r'><title>I</title><imsss:sequencing "
         "IDRef='s'/></item></organization></organizations>"
         "<resources><resource identifier='r' adlcp:scormType='sco' href='i.html'/></resources>"
         "<imsss:sequencingCollection><imsss:sequencing ID='s'><imsss:objectives><imsss:primaryObjective "
         "satisfiedByMeasure='true'>"
         "<imsss:minNormalizedMeasure>0.7</imsss:minNormalizedMeasure></imsss:primaryObjective></"
         "imsss:objectives></imsss:sequencing>"
         "</imsss:sequencingCollection></manifest>"},
        {"course/i.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_TAR_GZ, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.format, PACKAGE_SCORM2004);
    assert_int_equal(import->package.manifest.mastery_percent, 70);
    kit_text_is(import->package.manifest.entry,
                "course/i.html"); /* everything lies in one folder: accepted, and kept so */
    import_package_release(&import->package);
}

static void a_common_cartridge_is_read_with_web_links_and_without_its_wrapping_item(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml",
         "<manifest xmlns='http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1'><metadata><schema>IMS Common "
         "Cartridge</schema>"
         "<lom><general><title><string "
         "language='en'>Cartridge</string></title></general></lom></metadata><organizations><organization>"
         "<item identifier='root'><item identifier='m'><title>Module</title><item identifier='p' "
         "identifierref='r1'><title>Page</title></item>"
         "<item identifier='w' "
         "identifierref='r2'><title>Link</title></item></item></item></organization></"
         "organizations><resources>"
         "<resource identifier='r1' type='webcontent' href='p.html'><file href='gone.css'/></resource>"
         "<resource identifier='r2' type='imswl_xmlv1p1'><file "
         "href='w.xml'/></resource></resources></manifest>"},
        {"p.html", "x"},
        {"w.xml", "<webLink><title>L</title><url href='https://example.org/'/></webLink>"},
        {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->format, PACKAGE_COMMON_CARTRIDGE);
    kit_text_is(manifest->title, "Cartridge");
    kit_text_is(manifest->lang, "en");
    assert_int_equal(manifest->item_count, 3);
    assert_int_equal(manifest->items[0].depth, 0);
    kit_text_is(manifest->items[1].entry, "p.html");
    kit_text_is(manifest->items[2].kind, "weblink");
    kit_text_is(manifest->items[2].entry, "https://example.org/");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "gone.css", 8));
    import_package_release(&import->package);
}

static void a_broken_manifest_is_refused_with_its_line_or_its_missing_file(void **state)
{
    static const struct {
        const char *name, *content, *part;
    } cases[] = {
        {"imsmanifest.xml", "<?xml version='1.0'?>\n", "\"imsmanifest.xml\" is not well-formed XML: line 2"},
        {"imsmanifest.xml", "<manifest><organizations></manifest>", "not well-formed"},
        {"imsmanifest.xml", "<other/>", "does not begin with a <manifest>"},
        {"imsmanifest.xml", "<manifest/>", "neither items nor pages"},
        {"imsmanifest.xml", "<!DOCTYPE m [<!ENTITY a 'b'>]><manifest>&a;</manifest>",
         "declares XML entities"},
        {"imsmanifest.xml",
         "<manifest><organizations><organization><item identifier='i' "
         "identifierref='x'><title>One</title></item></organization>"
         "</organizations></manifest>",
         "item \"One\" refers to resource \"x\", which is not declared"},
        {"imsmanifest.xml",
         "<manifest><organizations><organization><item identifier='i' "
         "identifierref='x'><title>One</title></item></organization>"
         "</organizations><resources><resource identifier='x' href='gone.html'/></resources></manifest>",
         "item \"One\" opens \"gone.html\", which is not in the package"},
        {"imsmanifest.xml",
         "<manifest><organizations><organization><item identifier='i' "
         "identifierref='x'><title>One</title></item></organization>"
         "</organizations><resources><resource identifier='x' "
         "href='../../etc/passwd'/></resources></manifest>",
         "which is not in the package"},
        {"cmi5.xml", "<courseStructure/>", "holds a <course>"},
        {"cmi5.xml", "<courseStructure><course id='urn:c'/><au id='urn:a'><url>gone.html</url></au></courseStructure>",
         "unit \"urn:a\" opens \"gone.html\", which is not in the package"},
        {"h5p.json", "{", "h5p.json is not well-formed JSON: line 1"},
        {"h5p.json", "[]", "mainLibrary"},
        {"data.csv", "a,b", "no course in it"},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct kit_file files[] = {{cases[i].name, cases[i].content}, {"other.txt", "x"}, {NULL, NULL}};

        kit_archive_write(import->path, KIT_ZIP, files);
        kit_import_refused(import, cases[i].part);
    }
}

static void damaged_bytes_never_hurt_the_parent(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml", scorm12}, {"web/a b.html", "<p>a"}, {"web/end.html", "<p>end"}, {NULL, NULL}};
    uint8_t data[8192], copy[8192];
    struct kit_random random;
    size_t size;

    kit_random_seed(&random, kit_fresh_seed());
    kit_archive_write(import->path, KIT_TAR, files);
    size = kit_file_read(import->path, data, sizeof data);
    for (int round = 0; round < 60; round++) {
        memcpy(copy, data, size);
        for (uint64_t i = 1 + kit_random_below(&random, 4); i > 0; i--) {
            copy[512 + kit_random_below(&random, sizeof scorm12)] = (uint8_t)kit_random_u64(&random);
        }
        kit_file_write(import->path, copy, size);
        (void)kit_import_read(import);
        import_package_release(&import->package);
    }
}

static void of_several_organizations_the_default_is_taken_and_the_others_are_told(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml",
         "<manifest><organizations default='b'><organization identifier='a'><item identifier='i' identifierref='r'><title>A</title></item></organization>"
         "<organization identifier='b'><item identifier='i' identifierref='r'><title>B</title></item></organization></organizations>"
         "<resources><resource identifier='r' type='webcontent' href='p.html'/></resources></manifest>"},
        {"p.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    kit_text_is(import->package.manifest.items[0].title, "B");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "1 more organization(s)", 22));
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(of_several_organizations_the_default_is_taken_and_the_others_are_told),
        KIT_IMPORT_TEST(scorm_12_is_read_with_its_tree_its_base_paths_and_its_mastery_score),
        KIT_IMPORT_TEST(a_score_to_pass_with_that_cannot_be_is_noted),
        KIT_IMPORT_TEST(scorm_2004_is_read_with_measures_of_its_sequencing_collection),
        KIT_IMPORT_TEST(a_common_cartridge_is_read_with_web_links_and_without_its_wrapping_item),
        KIT_IMPORT_TEST(a_broken_manifest_is_refused_with_its_line_or_its_missing_file),
        KIT_IMPORT_TEST(damaged_bytes_never_hurt_the_parent),
    };
    return KIT_RUN(tests);
}
