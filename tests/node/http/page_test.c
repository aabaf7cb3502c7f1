#include "node/http/page.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void what_others_named_is_escaped(void **state)
{
    static const struct page_column columns[] = {{"name", "Name"}, {"score.mean", "Mean"}, {"gone", "Gone"}, {0}};
    json_t *rows = json_pack("[{s:s, s:{s:i}}]", "name", "<script>\"a\" & 'b'</script>", "score", "mean", 7);
    struct page page;
    size_t size;
    (void)state;

    page_begin(&page, "en", "a < b", "node");
    page_line(&page, "p", "<img src=x>");
    page_table(&page, columns, rows);
    char *html = page_take(&page, &size);
    html = realloc(html, size + 1);
    html[size] = '\0';
    assert_null(strstr(html, "<script>"));
    assert_null(strstr(html, "<img"));
    assert_non_null(strstr(html, "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;"));
    assert_non_null(strstr(html, "<title>a &lt; b</title>"));
    assert_non_null(strstr(html, "<td class=\"number\">7</td>"));
    free(html);
    json_decref(rows);
}

static void a_text_with_gaps_is_filled(void **state)
{
    const struct page_gap gaps[] = {{"issuer", "<A>"}, {"date", "today"}, {NULL, NULL}};
    struct page page = {.end = ""};
    size_t size;
    (void)state;

    page_filled(&page, "{date}: {issuer} & {other} {issuer", gaps);
    char *html = page_take(&page, &size);
    static const char wanted[] = "<bdi>today</bdi>: <bdi>&lt;A&gt;</bdi> &amp; {other} {issuer";
    assert_int_equal(size, sizeof wanted - 1);
    assert_memory_equal(html, wanted, size);
    free(html);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_others_named_is_escaped), cmocka_unit_test(a_text_with_gaps_is_filled)};
    return KIT_RUN(tests);
}
