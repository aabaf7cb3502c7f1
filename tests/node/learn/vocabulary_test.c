#include "node/learn/vocabulary.h"
#include "tests/kit/kit.h"

#include <string.h>

static void every_word_is_parsed_to_its_number(void **state)
{
    enum gender gender;
    enum role role;
    enum event_kind kind;
    (void)state;

    for (int i = 0; i < GENDER_COUNT; i++) {
        assert_true(gender_parse(bytes_text(gender_text((enum gender)i)), &gender));
        assert_int_equal(gender, i);
        assert_non_null(strstr(GENDER_WORDS, gender_text((enum gender)i)));
    }
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_true(role_parse(bytes_text(role_text((enum role)i)), &role));
        assert_int_equal(role, i);
        assert_non_null(strstr(ROLE_WORDS, role_text((enum role)i)));
    }
    for (int i = 0; i < EVENT_KIND_COUNT; i++) {
        assert_true(event_kind_parse(bytes_text(event_kind_text((enum event_kind)i)), &kind));
        assert_int_equal(kind, i);
        assert_non_null(strstr(EVENT_KIND_WORDS, event_kind_text((enum event_kind)i)));
    }
}

static void empty_has_a_meaning_and_case_does_not_matter(void **state)
{
    enum gender gender;
    enum role role;
    enum event_kind kind;
    (void)state;

    assert_true(gender_parse(bytes_text(" "), &gender));
    assert_int_equal(gender, GENDER_NOT_ASKED);
    assert_true(gender_parse(bytes_text("F"), &gender));
    assert_int_equal(gender, GENDER_FEMALE);
    assert_true(gender_parse(bytes_text("m"), &gender));
    assert_int_equal(gender, GENDER_MALE);
    assert_true(role_parse(bytes_text(""), &role));
    assert_int_equal(role, ROLE_LEARNER);
    assert_true(role_parse(bytes_text(" Manager "), &role));
    assert_int_equal(role, ROLE_MANAGER);
    assert_false(gender_parse(bytes_text("woman"), &gender));
    assert_false(role_parse(bytes_text("king"), &role));
    assert_false(event_kind_parse(bytes_text(""), &kind));
}

static void a_name_has_no_control_characters_and_a_bound(void **state)
{
    (void)state;
    assert_true(text_is_name(bytes_text("Ōtsuka"), 7));
    assert_false(text_is_name(bytes_text("Ōtsuka"), 6));
    assert_false(text_is_name(bytes_text(""), 6));
    assert_false(text_is_name(bytes_text("a\x1f"), 6));
    assert_false(text_is_name(bytes_text("a\nb"), 6));
    assert_false(text_is_name(bytes_text("a\xff"), 6));
}

static void what_is_no_name_is_told_with_its_fault(void **state)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {{"", "the title is empty"},
                 {"Introduction", "the title 'Introduction' has 12 bytes, 6 at most"},
                 {"Ōtsuka", "the title 'Ōtsuka' has 7 bytes, 6 at most (a letter that is not of a to z takes 2 to 4)"},
                 {"a\tb", "the title 'a\tb' holds a control character, a tab or a line break"},
                 {"a\xff", "the title 'a\xff' holds a character that is not UTF-8"}};
    char fault[TEXT_FAULT_SIZE] = "";
    (void)state;

    assert_true(text_check_name("the title", bytes_text("Course"), 6, fault));
    assert_string_equal(fault, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(text_check_name("the title", bytes_text(cases[i].text), 6, fault));
        assert_string_equal(fault, cases[i].fault);
    }
}

static void decimals_round_half_up_to_hundredths(void **state)
{
    static const struct {
        const char *text;
        int64_t hundredths;
    } cases[] = {{"0", 0},      {"100", 10000},      {"100.00", 10000}, {"85.5", 8550},   {"85,5", 8550},
                 {".5", 50},    {"5.", 500},         {"33.333", 3333},  {"66.666", 6667}, {"0.005", 1},
                 {"0.0049", 0}, {"99.994999", 9999}, {"007.10", 710}, {"99.999", 10000}, {"100.000", 10000}};
    static const char *const refused[] = {"",
                                          ".",
                                          "-1",
                                          "+1",
                                          "1e2",
                                          "100.01",
                                          "100.001",
                                          "100.005",
                                          "101",
                                          "1.2.3",
                                          "1 ",
                                          "NaN",
                                          "٣",
                                          "99999999999999999999999"};
    int64_t value;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(decimal_parse(bytes_text(cases[i].text), 100, &value));
        assert_int_equal(value, cases[i].hundredths);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(decimal_parse(bytes_text(refused[i]), 100, &value));
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_parsed_to_its_number),
        cmocka_unit_test(empty_has_a_meaning_and_case_does_not_matter),
        cmocka_unit_test(a_name_has_no_control_characters_and_a_bound),
        cmocka_unit_test(what_is_no_name_is_told_with_its_fault),
        cmocka_unit_test(decimals_round_half_up_to_hundredths),
    };
    return KIT_RUN(tests);
}
