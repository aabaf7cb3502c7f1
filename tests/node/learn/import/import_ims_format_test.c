/* Which format an imsmanifest.xml has, where what it says of itself and its name spaces differ. */
#include "node/learn/import/import_ims_format.h"

#include <stdio.h>

#include "tests/kit/import.h"

/* Beginnings as MIT OpenCourseWare, Articulate Storyline and old tools write them. */
static void what_a_package_calls_itself_counts_more_than_a_name_space(void **state)
{
    struct kit_import *import = *state;
    const struct {
        const char *metadata, *type;
        enum package_format format;
        const char *lang;
    } cases[] = {
        {"<schema>IMS Content</schema><lom:general xmlns:lom='l'><lom:title><lom:string language='en'>T</lom:string></lom:title></lom:general>", "",
         PACKAGE_PLAIN, "en"},
        {"<schema>IMS Content</schema>", "adlcp:scormtype='sco'", PACKAGE_SCORM12, ""},
        {"<schema>ADL SCORM</schema><schemaversion>1.2</schemaversion>",
         "xmlns:a='http://www.adlnet.org/xsd/adlcp_v1p3' a:scormType='sco'", PACKAGE_SCORM12, ""},
        {"<lom><general><title><langstring xml:lang='x-none'>T</langstring></title></general></lom>", "", PACKAGE_SCORM12, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char manifest[1024];
        const struct kit_file files[] = {{"imsmanifest.xml", manifest}, {"i.html", "x"}, {NULL, NULL}};

        snprintf(manifest, sizeof manifest,
                 "<manifest xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_rootv1p2'><metadata>%s</metadata><organizations><organization identifier='o'>"
                 "<item identifier='i' identifierref='r'><title>I</title></item></organization></organizations><resources>"
                 "<resource identifier='r' type='webcontent' %s href='i.html'/></resources></manifest>",
                 cases[i].metadata, cases[i].type);
        kit_archive_write(import->path, KIT_ZIP, files);
        assert_int_equal(kit_import_read(import), S_OK);
        assert_int_equal(import->package.manifest.format, cases[i].format);
        kit_text_is(import->package.manifest.lang, cases[i].lang);
        import_package_release(&import->package);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(what_a_package_calls_itself_counts_more_than_a_name_space),
    };
    return KIT_RUN(tests);
}
