#include "node/learn/result/result_row.h"
#include "tests/kit/kit.h"

#include <string.h>

struct fixture {
    struct federation federation;
    struct result_keys keys;
    struct result_batch batch;
    struct refusals refusals;
};

static int setup(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);

    memset(f->federation.secret, 1, sizeof f->federation.secret);
    result_keys_init(&f->keys, &f->federation);
    result_batch_init(&f->batch, &f->keys);
    refusals_init(&f->refusals, 4);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    result_batch_release(&f->batch);
    refusals_release(&f->refusals);
    test_free(f);
    return 0;
}

static const struct result_row *row_add(struct fixture *f, const char *const text[FIELD_COUNT])
{
    struct bytes field[FIELD_COUNT];

    for (int i = 0; i < FIELD_COUNT; i++) {
        field[i] = bytes_text(text[i]);
    }
    return result_row_add(&f->batch, 2, field, &f->refusals) ? &f->batch.rows[f->batch.count - 1] : NULL;
}

static void the_same_event_written_otherwise_has_the_same_content(void **state)
{
    static const char *const a[] = {"e1",   "p1", "dmu", "completed", "2026-10-05T12:30:00Z",
                                    "85.5", "12", "",    "ar",        ""};
    static const char *const b[] = {" e1",   "p1 ",   "dmu", "Completed", "2026-10-05T20:30+08:00",
                                    "85,50", "12.00", "",    "ar",        ""};
    struct fixture *f = *state;

    const struct result_row *first = row_add(f, a), *second = row_add(f, b);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(first->score, 8550);
    assert_int_equal(first->minutes, 1200);
    assert_int_equal(first->hash, second->hash);
    assert_int_equal(first->content, second->content);
    assert_int_equal(first->person_hash, second->person_hash);
}

static void every_field_is_part_of_the_content(void **state)
{
    static const char *const base[] = {"e1",   "p1", "dmu", "completed", "2026-10-05",
                                       "85.5", "12", "c",   "ar",        "1"};
    static const char *const other[] = {"e2",    "p2",    "dmo", "started", "2026-10-06",
                                        "85.51", "12.01", "d",   "fr",      "2"};
    struct fixture *f = *state;
    const struct result_row *first = row_add(f, base);

    for (int i = 0; i < FIELD_COUNT; i++) {
        const char *text[FIELD_COUNT];
        memcpy(text, base, sizeof base);
        text[i] = other[i];
        const struct result_row *row = row_add(f, text);
        assert_non_null(row);
        assert_int_not_equal(row->content, first->content);
    }
    static const char *const moved[] = {"e1",   "p1", "dmu", "completed", "2026-10-05",
                                        "85.5", "12", "car", "",          "1"};
    assert_int_not_equal(row_add(f, moved)->content, first->content);
}

static void no_score_is_not_zero(void **state)
{
    static const char *const none[] = {"e1", "p1", "dmu", "completed", "2026-10-05", "", "", "", "", ""};
    static const char *const zero[] = {"e1", "p1", "dmu", "completed", "2026-10-05", "0", "", "", "", ""};
    struct fixture *f = *state;

    const struct result_row *first = row_add(f, none), *second = row_add(f, zero);
    assert_int_equal(first->score, EVENT_NO_SCORE);
    assert_int_equal(second->score, 0);
    assert_int_not_equal(first->content, second->content);
}

static void each_refusal_has_its_reason(void **state)
{
    static const struct {
        const char *text[FIELD_COUNT];
        enum refusal reason;
    } cases[] = {
        {{"", "p", "c", "started", "2026-10-05", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"e", "", "c", "started", "2026-10-05", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"e", "p", " ", "started", "2026-10-05", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"e", "p", "c", "", "2026-10-05", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"e", "p", "c", "started", "", "", "", "", "", ""}, REFUSAL_MISSING},
        {{"e", "p", "c\x1f", "started", "2026-10-05", "", "", "", "", ""}, REFUSAL_NAME},
        {{"e", "p", "c", "started", "2026-10-05", "", "", "", "123456789012345678901234567890123456", ""},
         REFUSAL_NAME},
        {{"e", "p", "c", "begun", "2026-10-05", "", "", "", "", ""}, REFUSAL_KIND},
        {{"e", "p", "c", "started", "yesterday", "", "", "", "", ""}, REFUSAL_TIME},
        {{"e", "p", "c", "started", "2026-10-05", "100.01", "", "", "", ""}, REFUSAL_SCORE},
        {{"e", "p", "c", "started", "2026-10-05", "-1", "", "", "", ""}, REFUSAL_SCORE},
        {{"e", "p", "c", "started", "2026-10-05", "", "1000000.01", "", "", ""}, REFUSAL_MINUTES},
        {{"e", "p", "c", "started", "2026-10-05", "", "-5", "", "", ""}, REFUSAL_MINUTES},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t before = f->refusals.reason[cases[i].reason].count;
        assert_null(row_add(f, cases[i].text));
        assert_int_equal(f->refusals.reason[cases[i].reason].count, before + 1);
    }
    assert_int_equal(f->batch.count, 0);
}

static void other_federations_have_other_hashes(void **state)
{
    static const char *const text[] = {"e1", "p1", "dmu", "completed", "2026-10-05", "", "", "", "", ""};
    struct fixture *f = *state;
    struct result_row first = *row_add(f, text);

    f->federation.secret[0]++;
    result_keys_init(&f->keys, &f->federation);
    const struct result_row *second = row_add(f, text);
    assert_int_not_equal(first.hash, second->hash);
    assert_int_not_equal(first.content, second->content);
    assert_int_not_equal(first.person_hash, second->person_hash);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_event_written_otherwise_has_the_same_content, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_field_is_part_of_the_content, setup, teardown),
        cmocka_unit_test_setup_teardown(no_score_is_not_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(each_refusal_has_its_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(other_federations_have_other_hashes, setup, teardown),
    };
    return KIT_RUN(tests);
}
