/* Links and tools of cartridges, in files and in the manifest; packages of questions alone. */
#include "node/learn/import/import_link.h"

#include "tests/kit/import.h"

static void links_and_tools_lead_where_their_xml_says(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml",
         "<manifest xmlns='http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1'><metadata><schema>IMS Thin Common Cartridge</schema></metadata>"
         "<organizations><organization><item identifier='root'><item identifier='i1' identifierref='r1'><title>Link</title></item>"
         "<item identifier='i2' identifierref='r2'><title>Tool</title></item><item identifier='i3' identifierref='r3'><title>File</title></item>"
         "</item></organization></organizations><resources>"
         "<resource identifier='r1' type='imswl_xmlv1p3'><webLink xmlns='l'><title>L</title><url href='https://example.org/'/></webLink></resource>"
         "<resource identifier='r2' type='imsbasiclti_xmlv1p3'><cartridge_basiclti_link xmlns='c' xmlns:b='b'><b:launch_url>https://tool.example.org/"
         "</b:launch_url></cartridge_basiclti_link></resource>"
         "<resource identifier='r3' type='imsbasiclti_xmlv1p0'><file href='t.xml'/></resource></resources></manifest>"},
        {"t.xml", "<link xmlns:b='b'><b:launch_url>http://a.example.org/</b:launch_url>"
                  "<b:secure_launch_url>https://a.example.org/</b:secure_launch_url></link>"},
        {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->item_count, 3);
    kit_text_is(manifest->items[0].entry, "https://example.org/");
    kit_text_is(manifest->items[1].entry, "https://tool.example.org/");
    kit_text_is(manifest->items[2].entry, "https://a.example.org/");
    import_package_release(&import->package);
}

static void questions_without_an_organization_are_the_items(void **state)
{
    struct kit_import *import = *state;
    struct kit_file files[] = {
        {"imsmanifest.xml",
         "<manifest xmlns='http://www.imsglobal.org/xsd/imscp_v1p1'><organizations/><resources>"
         "<resource identifier='t' type='imsqti_test_xmlv2p1' href='test.xml'/><resource identifier='q' type='imsqti_item_xmlv2p1' href='q.xml'/>"
         "</resources></manifest>"},
        {"test.xml", "<assessmentTest title='What you know'/>"},
        {"q.xml", "<assessmentItem title='One'/>"},
        {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->item_count, 1);
    kit_text_is(manifest->items[0].title, "What you know");
    kit_text_is(manifest->items[0].kind, "assessment");
    import_package_release(&import->package);
    files[0].content = "<manifest xmlns='http://www.imsglobal.org/xsd/imscp_v1p1'><resources><resource identifier='q' type='imsqti_xmlv1p2'>"
                       "<file href='q.xml'/></resource></resources></manifest>";
    files[2].content = "<questestinterop><assessment title='Quiz'/></questestinterop>";
    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->item_count, 1);
    kit_text_is(manifest->items[0].title, "Quiz");
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(links_and_tools_lead_where_their_xml_says),
        KIT_IMPORT_TEST(questions_without_an_organization_are_the_items),
    };
    return KIT_RUN(tests);
}
