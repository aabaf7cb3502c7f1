/* Course structures that are not built as their schema says are refused by the name of the element; what is not cmi5's may stand in them. */
#include "node/learn/import/import_cmi5_structure.h"

#include <stdio.h>

#include "tests/kit/import.h"

#define STRUCTURE(text) "<courseStructure xmlns='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd' xmlns:x='urn:x'>\n" text "</courseStructure>"
#define COURSE          "<course id='urn:c'><title><langstring>C</langstring></title></course>"
#define UNIT(more)      "<au id='urn:a'><title><langstring>A</langstring></title><url>one.html</url>" more "</au>"

static void what_would_be_passed_over_is_refused(void **state)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {STRUCTURE(COURSE UNIT(UNIT(""))), "cmi5.xml, line 2: <au> \"urn:a\" cannot hold <au>"},
        {STRUCTURE(COURSE "<block id='urn:b'><unit id='urn:u'/>" UNIT("") "</block>"), "cmi5.xml, line 2: <block> \"urn:b\" cannot hold <unit>"},
        {STRUCTURE(COURSE "<AU id='urn:b'><url>one.html</url></AU>" UNIT("")), "cmi5.xml, line 1: <courseStructure> cannot hold <AU>"},
        {STRUCTURE(COURSE COURSE UNIT("")), "<courseStructure> has more than one <course>"},
        {STRUCTURE(COURSE UNIT("<url>two.html</url>")), "<au> \"urn:a\" has more than one <url>"},
        {STRUCTURE(COURSE UNIT("<masteryScore>0.8</masteryScore>")), "<au> \"urn:a\" cannot hold <masteryScore>"},
        {STRUCTURE(COURSE "<au id='urn:a'><title/></au>"), "<au> \"urn:a\" lacks its <url>"},
        {STRUCTURE(COURSE "<au id='urn:a' mastery='0.8'><url>one.html</url></au>"), "<au> \"urn:a\" cannot have the attribute \"mastery\""},
        {STRUCTURE(COURSE "<objectives>" UNIT("") "</objectives>"), "<objectives> cannot hold <au>"},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct kit_file files[] = {{"cmi5.xml", cases[i].text}, {"one.html", "x"}, {"two.html", "x"}, {NULL, NULL}};
        kit_archive_write(import->path, KIT_ZIP, files);
        kit_import_refused(import, cases[i].fault);
    }
}

static void what_is_of_others_may_stand_in_it(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml", STRUCTURE("<x:au/>" COURSE "<objectives><objective id='urn:o'><title/></objective></objectives>"
                               "<au id='urn:a' x:mastery='1' masteryscore='0.5'><url>one.html</url><x:url>two.html</x:url>"
                               "<objectives><objective idref='urn:o'/></objectives><description/><title/></au>")},
        {"one.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    assert_int_equal(import->package.manifest.items[0].mastery_percent, 50);
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(what_would_be_passed_over_is_refused),
        KIT_IMPORT_TEST(what_is_of_others_may_stand_in_it),
    };
    return KIT_RUN(tests);
}
