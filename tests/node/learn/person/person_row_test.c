#include "node/learn/person/password.h"
#include "node/learn/person/person_row.h"
#include "node/learn/vocabulary.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

enum { NOW = 1000 };

static bool row_read(const char *const text[PERSON_FIELD_COUNT], struct arena *arena, struct person_row *row,
                     struct refusals *refusals)
{
    struct bytes field[PERSON_FIELD_COUNT];

    for (int i = 0; i < PERSON_FIELD_COUNT; i++) {
        field[i] = bytes_text(text[i] ? text[i] : "");
    }
    return person_row_read(field, 2, NOW, arena, row, refusals);
}

static void a_row_in_any_script_is_taken(void **state)
{
    static const char *const text[PERSON_FIELD_COUNT] = {" p1 ", "فاطمة", "F", "", "جامعة", "", "2026-10-05", "ar-EG"};
    struct refusals refusals;
    struct arena arena;
    struct person_row row;
    (void)state;

    refusals_init(&refusals, 1);
    arena_init(&arena, 1 << 20);
    assert_true(row_read(text, &arena, &row, &refusals));
    assert_true(bytes_equal(row.person.id, bytes_text("p1")));
    assert_true(bytes_equal(row.person.name, bytes_text("فاطمة")));
    assert_int_equal(row.person.gender, GENDER_FEMALE);
    assert_int_equal(row.person.role, ROLE_LEARNER);
    assert_true(row.has_registered);
    assert_true(bytes_equal(row.person.lang, bytes_text("ar-EG")));
    assert_int_equal(row.person.registered_ms, 1791158400000);
    arena_release(&arena);
    refusals_release(&refusals);
}

static void each_refusal_has_its_reason(void **state)
{
    static const struct {
        const char *text[PERSON_FIELD_COUNT];
        enum refusal reason;
    } cases[] = {
        {{"", "A", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"1", " ", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"1\x01", "A", "", "", "", "", ""}, REFUSAL_NAME},
        {{"1", "A\nB", "", "", "", "", ""}, REFUSAL_NAME},
        {{"1", "A", "", "", "x\x1fy", "", ""}, REFUSAL_NAME},
        {{"2.98011E+13", "A", "", "", "", "", ""}, REFUSAL_SHORTENED},
        {{"3e+05", "A", "", "", "", "", ""}, REFUSAL_SHORTENED},
        {{"2,98E+13", "A", "", "", "", "", ""}, REFUSAL_SHORTENED},
        {{"1", "A", "frau", "", "", "", ""}, REFUSAL_GENDER},
        {{"1", "A", "", "king", "", "", ""}, REFUSAL_ROLE},
        {{"1", "A", "", "", "", "short", ""}, REFUSAL_PASSWORD},
        {{"1", "A", "", "", "", "", "05/10/2026"}, REFUSAL_TIME},
        {{"1", "A", "", "", "", "", "", "English language"}, REFUSAL_LANG},
        {{"1", "A", "", "", "", "", "", "f"}, REFUSAL_LANG},
    };
    struct refusals refusals;
    struct arena arena;
    struct person_row row;
    (void)state;

    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refusals_init(&refusals, 1);
        assert_false(row_read(cases[i].text, &arena, &row, &refusals));
        assert_int_equal(refusals.reason[cases[i].reason].count, 1);
        refusals_release(&refusals);
    }
    arena_release(&arena);
}

static void limits_hold_at_their_edge(void **state)
{
    static char name[PERSON_TEXT_MAX + 2];
    char password[PASSWORD_MAX + 2];
    const char *text[PERSON_FIELD_COUNT] = {"1", name, "", "", "", "", ""};
    struct refusals refusals;
    struct arena arena;
    struct person_row row;
    (void)state;

    refusals_init(&refusals, 1);
    arena_init(&arena, 1 << 20);
    memset(name, 'n', PERSON_TEXT_MAX);
    assert_true(row_read(text, &arena, &row, &refusals));
    assert_int_equal(row.person.registered_ms, NOW);
    name[PERSON_TEXT_MAX] = 'n';
    assert_false(row_read(text, &arena, &row, &refusals));
    char said[64];
    snprintf(said, sizeof said, "n...' has %d bytes, %d at most", PERSON_TEXT_MAX + 1, PERSON_TEXT_MAX);
    assert_non_null(strstr(refusals.reason[REFUSAL_NAME].examples[0].text, "name 'nnn"));
    assert_non_null(strstr(refusals.reason[REFUSAL_NAME].examples[0].text, said));
    text[1] = "N";
    for (size_t size = PASSWORD_MIN - 1; size <= PASSWORD_MAX + 1; size++) {
        memset(password, 'p', size);
        password[size] = 0;
        text[PERSON_PASSWORD] = password;
        assert_int_equal(row_read(text, &arena, &row, &refusals), size >= PASSWORD_MIN && size <= PASSWORD_MAX);
    }
    arena_release(&arena);
    refusals_release(&refusals);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_in_any_script_is_taken),
        cmocka_unit_test(each_refusal_has_its_reason),
        cmocka_unit_test(limits_hold_at_their_edge),
    };
    return KIT_RUN(tests);
}
