/* XML from strangers: entities, depth, numbers, names. */
#include "node/learn/import/import_xml.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

static xmlDoc *parse(const char *text, struct report *report)
{
    const struct import_file file = {.path = bytes_text("m.xml"), .content = bytes_text(text)};

    report_clear(report);
    return import_xml_parse(&file, report);
}

static void entities_and_endless_depth_are_refused(void **state)
{
    struct report report;
    static char deep[4 * 1000 + 1];

    (void)state;
    assert_null(parse("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", &report));
    assert_non_null(strstr(report.text, "entities"));
    for (int i = 0; i < 1000; i++) {
        memcpy(deep + 4 * i, "<aa>", 4);
    }
    assert_null(parse(deep, &report));
    assert_int_equal(report.status, S_INVALID);
    assert_null(parse("", &report));
    assert_non_null(strstr(report.text, "\"m.xml\" is not well-formed XML"));
}

static void elements_and_attributes_are_found_by_local_name(void **state)
{
    struct report report;
    struct import_source source;
    xmlDoc *doc =
        parse("<a xmlns:p='urn:p'><p:b p:HREF='1'/><c/><p:b href=' 2 '>t<![CDATA[&]]></p:b></a>", &report);
    xmlNode *b;

    (void)state;
    assert_non_null(doc);
    import_source_init(&source);
    b = import_xml_child(xmlDocGetRootElement(doc), "b");
    assert_true(bytes_equal(import_xml_attribute(&source, b, "href"), bytes_text("1")));
    b = import_xml_next(b, "b");
    assert_true(bytes_equal(import_xml_attribute(&source, b, "href"), bytes_text("2")));
    assert_true(bytes_equal(import_xml_text(&source, b), bytes_text("t&")));
    assert_null(import_xml_next(b, "b"));
    assert_int_equal(import_xml_attribute(&source, NULL, "href").size, 0);
    import_source_release(&source);
    xmlFreeDoc(doc);
}

static void numbers_are_decimal_and_nothing_else(void **state)
{
    double number;

    (void)state;
    assert_true(import_xml_number(bytes_text("0.75"), &number) && number > 0.749 && number < 0.751);
    assert_true(import_xml_number(bytes_text("-1"), &number) && number < -0.99);
    assert_true(import_xml_number(bytes_text("0.6666666666666666"), &number) && number == 2.0 / 3);
    assert_true(import_xml_number(bytes_text("+.5000000000000000000000000"), &number) && number == 0.5);
    assert_false(import_xml_number(bytes_text("."), &number));
    assert_false(import_xml_number(bytes_text("-+1"), &number));
    assert_false(import_xml_number(bytes_text("0,8"), &number));
    assert_false(import_xml_number(bytes_text("0.0000000000000000000000000000000000000000000000000000000000000001"), &number));
    assert_false(import_xml_number(bytes_text(""), &number));
    assert_false(import_xml_number(bytes_text("1e9"), &number));
    assert_false(import_xml_number(bytes_text("1.2.3"), &number));
    assert_false(import_xml_number(bytes_text("9999999999999999999"), &number));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_and_endless_depth_are_refused),
        cmocka_unit_test(elements_and_attributes_are_found_by_local_name),
        cmocka_unit_test(numbers_are_decimal_and_nothing_else),
    };
    return KIT_RUN(tests);
}
