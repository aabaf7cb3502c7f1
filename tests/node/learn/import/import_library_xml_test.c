/* libxml2 through the functions that load it. What it allocates is given back by xmlFree, which is ours. */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <string.h>

#include "tests/kit/kit.h"

static void a_tree_is_read_and_changed(void **state)
{
    static const char text[] = "<a b='&#65;1'><c>first</c><d>second</d></a>";
    xmlParserCtxtPtr context = xmlNewParserCtxt();
    (void)state;

    xmlDocPtr document = xmlCtxtReadMemory(context, text, (int)strlen(text), NULL, NULL, XML_PARSE_NOERROR);
    assert_non_null(document);
    xmlNodePtr a = xmlDocGetRootElement(document);
    xmlChar *value = xmlNodeListGetString(document, a->properties->children, 1);
    assert_string_equal((char *)value, "A1");
    xmlFree(value);
    assert_int_equal(xmlRemoveProp(a->properties), 0);
    assert_null(a->properties);

    xmlNodePtr c = a->children, d = c->next;
    xmlUnlinkNode(c);
    assert_ptr_equal(a->children, d);
    assert_ptr_equal(xmlAddChild(d, c), c);
    value = xmlNodeGetContent(d);
    assert_string_equal((char *)value, "secondfirst");
    xmlFree(value);
    xmlFreeDoc(document);

    assert_null(xmlCtxtReadMemory(context, "<a>", 3, NULL, NULL, XML_PARSE_NOERROR));
    assert_int_equal(xmlCtxtGetLastError(context)->code, XML_ERR_TAG_NOT_FINISHED);
    xmlFreeParserCtxt(context);
}

static void a_page_is_read(void **state)
{
    static const char text[] = "<title>Page";
    (void)state;

    htmlDocPtr page = htmlReadMemory(text, (int)strlen(text), NULL, "UTF-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    assert_non_null(page);
    assert_string_equal((const char *)xmlDocGetRootElement(page)->name, "html");
    xmlFreeDoc(page);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_read_and_changed),
        cmocka_unit_test(a_page_is_read),
    };
    return KIT_RUN(tests);
}
