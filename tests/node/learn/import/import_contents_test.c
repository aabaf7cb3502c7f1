/* The two forms of an EPUB's table of contents. */
#include "node/learn/import/import_contents.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

#define NAV(list)                                                                                                                    \
    "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'><body>"               \
    "<nav epub:type='landmarks'><ol><li><a href='c.xhtml'>Not this</a></li></ol></nav><nav epub:type='x toc'><h1>Contents</h1><ol>"  \
    list "</ol></nav></body></html>"
#define NCX(points)                                                                                                                  \
    "<!DOCTYPE ncx PUBLIC '-//NISO//DTD ncx 2005-1//EN' 'http://www.daisy.org/z3986/2005/ncx-2005-1.dtd'><ncx><head/><navMap>" points \
    "</navMap></ncx>"
#define POINT(title, page, more) "<navPoint><navLabel><text>" title "</text></navLabel><content src='" page "'/>" more "</navPoint>"

enum { FILES = 4 };

static void read_is(const char *navigation, const char *ncx, const char *wanted)
{
    struct import_file files[FILES] = {{.path = bytes_text("b/a.xhtml")},
                                       {.path = bytes_text("b/c.xhtml")},
                                       {.path = bytes_text("b/nav.xhtml"), .content = bytes_text(navigation)},
                                       {.path = bytes_text("b/toc.ncx"), .content = bytes_text(ncx)}};
    struct import_source source;
    struct import_contents contents;
    struct buffer said;

    import_source_init(&source);
    source.files = files;
    source.file_count = FILES;
    import_contents_init(&contents);
    buffer_init(&said);
    import_contents_read(&contents, &source, *navigation ? &files[2] : NULL, *ncx ? &files[3] : NULL);
    for (size_t i = 0; i < import_contents_count(&contents); i++) {
        const struct import_contents_entry *entry = import_contents_at(&contents, i);
        char line[200];

        snprintf(line, sizeof line, "%u %.*s>%.*s\n", (unsigned)entry->depth, (int)entry->title.size, (const char *)entry->title.data,
                 entry->file ? (int)entry->file->path.size : 0, entry->file ? (const char *)entry->file->path.data : "");
        buffer_append(&said, line, strlen(line));
        assert_true(!entry->file || import_contents_find(&contents, entry->file) <= i);
    }
    buffer_append_u8(&said, 0);
    assert_string_equal((const char *)said.data, wanted);
    buffer_release(&said);
    import_contents_release(&contents);
    import_source_release(&source);
}

static void lists_in_lists_are_read_with_their_depths(void **state)
{
    (void)state;
    read_is(NAV("<li><span>Part</span><ol><li><a href='a.xhtml#x'><span>1</span> Bees</a><ol><li><a href='a.xhtml#y'>Wings</a></li></ol></li></ol></li>"
                "<li><a href='none.xhtml'>Gone</a></li><li><a href='../b/c.xhtml'>End</a></li>"),
            "", "0 Part>\n1 1 Bees>b/a.xhtml\n2 Wings>b/a.xhtml\n0 Gone>\n0 End>b/c.xhtml\n");
    read_is("", NCX(POINT("Bees", "a.xhtml", POINT("Wings", "a.xhtml#y", "")) POINT("End", "c.xhtml", "")),
            "0 Bees>b/a.xhtml\n1 Wings>b/a.xhtml\n0 End>b/c.xhtml\n");
}

static void the_old_form_is_read_where_the_new_one_says_nothing(void **state)
{
    (void)state;
    read_is("<html><body>cut", NCX(POINT("Bees", "a.xhtml", "")), "0 Bees>b/a.xhtml\n");
    read_is(NAV(""), NCX(POINT("Bees", "a.xhtml", "")), "0 Bees>b/a.xhtml\n");
    read_is(NAV("<li><a href='c.xhtml'>New</a></li>"), NCX(POINT("Old", "a.xhtml", "")), "0 New>b/c.xhtml\n");
    read_is("", "<ncx/>", "");
    read_is("", "", "");
    read_is("<nav epub:type='toc'/>", "<!DOCTYPE x [<!ENTITY e 'e'>]><ncx/>", "");
}

static void of_several_entries_the_first_stands_for_a_page(void **state)
{
    struct import_contents none;
    (void)state;

    import_contents_init(&none);
    assert_int_equal(import_contents_find(&none, NULL), 0);
    import_contents_release(&none);
    assert_true(import_contents_has_word(bytes_text("cover nav"), "nav"));
    assert_true(import_contents_has_word(bytes_text("nav cover"), "nav"));
    assert_false(import_contents_has_word(bytes_text("navigation na v"), "nav"));
    assert_false(import_contents_has_word(bytes_text(""), "nav"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_in_lists_are_read_with_their_depths),
        cmocka_unit_test(the_old_form_is_read_where_the_new_one_says_nothing),
        cmocka_unit_test(of_several_entries_the_first_stands_for_a_page),
    };
    return KIT_RUN(tests);
}
