/* Books are read in the order of their spine. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

#define CONTAINER                                                                                                                      \
    "<?xml version='1.0'?><container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"                              \
    "<rootfile full-path='EPUB/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>"
#define BOOK(manifest, spine)                                                                                                          \
    "<?xml version='1.0'?><package xmlns='http://www.idpf.org/2007/opf' version='3.0'>"                                                \
    "<metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>The bees</dc:title><dc:language>fr</dc:language></metadata>"      \
    "<manifest>" manifest "</manifest>" spine "</package>"
#define PAGE(id, href) "<item id='" id "' href='" href "' media-type='application/xhtml+xml'/>"
#define PAGES                                                                                                                          \
    PAGE("z", "z.xhtml") PAGE("a", "a%20b.xhtml") PAGE("m", "m.xhtml") PAGE("n", "notes.xhtml") PAGE("c", "cover.xhtml")               \
    "<item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>"                                            \
    "<item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/>"
#define SPINE(refs) "<spine toc='ncx'>" refs "</spine>"
#define REF(id) "<itemref idref='" id "'/>"
#define NAV(list)                                                                                                                      \
    "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'><body><nav epub:type='toc'><ol>" list        \
    "</ol></nav></body></html>"
#define FILES                                                                                                                          \
    {"mimetype", "application/epub+zip"}, {"META-INF/container.xml", CONTAINER}, {"EPUB/z.xhtml", "<html><head><title>Zed</title></head></html>"}, \
        {"EPUB/a b.xhtml", "<html/>"}, {"EPUB/m.xhtml", "<html><head><title>Own</title></head></html>"}, {"EPUB/notes.xhtml", "<html/>"}, \
        {"EPUB/cover.xhtml", "<html/>"}, {"EPUB/style.css", "p {}"}

/* "depth title>entry" of each item, a line each. */
static void items_are(const struct kit_import *import, const char *wanted)
{
    const struct manifest *manifest = &import->package.manifest;
    struct buffer said;

    buffer_init(&said);
    for (size_t i = 0; i < manifest->item_count; i++) {
        const struct course_item *item = &manifest->items[i];
        char depth[16];

        snprintf(depth, sizeof depth, "%u ", (unsigned)item->depth);
        buffer_append(&said, depth, strlen(depth));
        buffer_append(&said, item->title.data, item->title.size);
        buffer_append(&said, ">", 1);
        buffer_append(&said, item->entry.data, item->entry.size);
        buffer_append(&said, "\n", 1);
        assert_true(item->id.size > 0);
        assert_true(bytes_equal(item->kind, bytes_text(item->entry.size > 0 ? "page" : "heading")));
    }
    buffer_append_u8(&said, 0);
    assert_string_equal((const char *)said.data, wanted);
    buffer_release(&said);
}

static void pages_follow_the_spine_under_the_titles_of_the_navigation(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        FILES,
        {"EPUB/book.opf", BOOK(PAGES, SPINE("<itemref idref='c' linear='no'/><itemref idref='n' linear='no'/>" REF("z") REF("a") REF("m")))},
        {"EPUB/nav.xhtml", NAV("<li><a href='z.xhtml'>Foreword</a></li><li><span>Part one</span><ol><li><a href='a%20b.xhtml#top'>Wings</a></li></ol></li>"
                               "<li><a href='notes.xhtml'>Notes</a></li>")},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.format, PACKAGE_PLAIN);
    kit_text_is(import->package.manifest.title, "The bees");
    kit_text_is(import->package.manifest.lang, "fr");
    kit_text_is(import->package.manifest.entry, "EPUB/z.xhtml");
    /* no entry names m.xhtml: it goes on where Wings were; the cover is opened by nobody, the notes by their entry */
    items_are(import, "0 Foreword>EPUB/z.xhtml\n0 Part one>\n1 Wings>EPUB/a b.xhtml\n1 Own>EPUB/m.xhtml\n0 Notes>EPUB/notes.xhtml\n");
    import_package_release(&import->package);
}

static void an_older_book_has_its_titles_in_the_ncx(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        FILES,
        {"EPUB/book.opf", BOOK(PAGES, SPINE(REF("m") REF("nav") REF("a") REF("m") REF("gone") REF("z")))},
        {"EPUB/nav.xhtml", "<html><head><title>In the spine</title></head></html>"},
        {"EPUB/toc.ncx", "<ncx><navMap><navPoint><navLabel><text>Middle</text></navLabel><content src='m.xhtml'/></navPoint></navMap></ncx>"},
        {NULL, NULL}};

    kit_folder_write(import->path, files);
    assert_int_equal(kit_import_read(import), S_OK);
    items_are(import, "0 Middle>EPUB/m.xhtml\n0 In the spine>EPUB/nav.xhtml\n0 a b.xhtml>EPUB/a b.xhtml\n0 Zed>EPUB/z.xhtml\n");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "names 1 page(s) that are not in it", 34));
    import_package_release(&import->package);
}

static void what_no_browser_shows_has_its_fallback_shown(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        FILES,
        {"EPUB/book.opf", BOOK(PAGES "<item id='p' href='p.tiff' media-type='image/tiff' fallback='q'/><item id='q' href='q' media-type='x/y' fallback='z'/>"
                                     "<item id='r' href='r' media-type='x/y' fallback='r'/>",
                               SPINE(REF("p") REF("r")))},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    items_are(import, "0 Zed>EPUB/z.xhtml\n");
    import_package_release(&import->package);
}

static void a_book_without_an_order_is_read_by_its_pages(void **state)
{
    static const char *const books[] = {BOOK(PAGES, ""), BOOK(PAGES, SPINE("")), BOOK("", SPINE(REF("z"))), "<package", "<other/>", ""};
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof books / sizeof books[0]; i++) {
        const struct kit_file files[] = {FILES, {"EPUB/book.opf", books[i]}, {NULL, NULL}};

        kit_archive_write(import->path, KIT_ZIP, files);
        assert_int_equal(kit_import_read(import), S_OK);
        assert_int_equal(import->package.manifest.item_count, 5);
        import_package_release(&import->package);
    }
}

#define ENCRYPTED(file) "<encryption><EncryptedData><CipherData><CipherReference URI='" file "'/></CipherData></EncryptedData></encryption>"

static void pages_for_a_shops_own_readers_are_refused_and_its_fonts_are_not(void **state)
{
    struct kit_import *import = *state;
    struct kit_file files[] = {FILES,
                               {"EPUB/book.opf", BOOK(PAGES, SPINE(REF("z")))},
                               {"META-INF/encryption.xml", ENCRYPTED("EPUB/style.css")},
                               {NULL, NULL}};
    struct kit_file *encryption = &files[sizeof files / sizeof files[0] - 2];

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    import_package_release(&import->package);
    encryption->content = ENCRYPTED("EPUB/z.xhtml");
    kit_archive_write(import->path, KIT_ZIP, files);
    kit_import_refused(import, "\"EPUB/z.xhtml\" is encrypted");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(pages_follow_the_spine_under_the_titles_of_the_navigation),
        KIT_IMPORT_TEST(an_older_book_has_its_titles_in_the_ncx),
        KIT_IMPORT_TEST(what_no_browser_shows_has_its_fallback_shown),
        KIT_IMPORT_TEST(a_book_without_an_order_is_read_by_its_pages),
        KIT_IMPORT_TEST(pages_for_a_shops_own_readers_are_refused_and_its_fonts_are_not),
    };
    return KIT_RUN(tests);
}
