/* What a page calls itself. */
#include "node/learn/import/import_page.h"

#include "tests/kit/kit.h"

static void titled(const char *path, const char *text, const char *title, const char *lang)
{
    const struct import_file file = {.path = bytes_text(path), .content = bytes_text(text)};
    struct import_source source;
    struct bytes said;

    import_source_init(&source);
    assert_true(bytes_equal(import_page_title(&source, &file, &said), bytes_text(title)));
    assert_true(bytes_equal(said, bytes_text(lang)));
    import_source_release(&source);
}

static void a_page_is_known_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(import_page_kind(bytes_text("a/b.XHTML")), PAGE_HTML);
    assert_int_equal(import_page_kind(bytes_text("b.htm")), PAGE_HTML);
    assert_int_equal(import_page_kind(bytes_text("b.Markdown")), PAGE_MARKDOWN);
    assert_int_equal(import_page_kind(bytes_text("b.html.txt")), PAGE_NONE);
    assert_int_equal(import_page_kind(bytes_text("")), PAGE_NONE);
}

static void it_says_its_title_in_its_own_way(void **state)
{
    (void)state;
    titled("a.html", "<html lang='fr'><head><title> Les\n abeilles </title>", "Les abeilles", "fr");
    titled("a.html", "<p>none", "", "");
    titled("a.md", "```\n# code\n```\n## [Bees](b.md) *and* `us`\n", "Bees and us", "");
    titled("a.md", "---\ntitle: Bees\n---\n# Other", "Bees", "");
    titled("a.md", "text\n\nBees\n====\n", "Bees", "");
    titled("a.md", "", "", "");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_known_by_its_name),
        cmocka_unit_test(it_says_its_title_in_its_own_way),
    };
    return KIT_RUN(tests);
}
