#include "node/stats/restatement.h"

#include <stdlib.h>

#include "tests/kit/kit.h"

static json_t *row_of(const char *centre, int enrolled, double minutes)
{
    return json_pack("{s:{s:s},s:i,s:f,s:{s:i},s:{s:i}}", "by", "centre", centre, "enrolled", enrolled,
                     "minutes", minutes, "score", "n", 0, "people", "estimate", enrolled);
}

static void changed_new_and_lost_rows_are_restatements(void **state)
{
    json_t *sealed =
        json_pack("{s:[o,o,o]}", "rows", row_of("a", 5, 1.5), row_of("b", 6, 0), row_of("c", 7, 0));
    json_t *now = json_pack("{s:[o,o,o]}", "rows", row_of("a", 5, 2), row_of("c", 7, 0), row_of("d", 1, 0));
    (void)state;

    json_t *list = restatements_find(sealed, now);
    char *text = json_dumps(list, JSON_COMPACT);
    assert_string_equal(text, "[{\"by\":{\"centre\":\"a\"},\"figure\":\"minutes\",\"sealed\":1.5,\"now\":2},"
                              "{\"by\":{\"centre\":\"b\"},\"figure\":\"enrolled\",\"sealed\":6,\"now\":0},"
                              "{\"by\":{\"centre\":\"b\"},\"figure\":\"people\",\"sealed\":6,\"now\":0},"
                              "{\"by\":{\"centre\":\"d\"},\"figure\":\"enrolled\",\"sealed\":0,\"now\":1},"
                              "{\"by\":{\"centre\":\"d\"},\"figure\":\"people\",\"sealed\":0,\"now\":1}]");
    free(text);
    json_decref(list);
    list = restatements_find(now, now);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    json_decref(sealed);
    json_decref(now);
}

static json_t *document_aside(json_t *row, const char *node, const char *centre)
{
    json_t *aside = json_array();

    if (node) {
        json_array_append_new(aside, centre ? json_pack("{s:s,s:s}", "node", node, "centre", centre) : json_pack("{s:s}", "node", node));
    }
    return json_pack("{s:{s:o},s:[o]}", "coverage", "quarantined", aside, "rows", row);
}

static const char *cause_of(json_t *list, size_t at)
{
    json_t *cause = json_object_get(json_array_get(list, at), "cause");

    assert_non_null(cause);
    return json_is_null(cause) ? "none" : json_string_value(cause);
}

static void a_quarantine_and_its_end_are_told_as_the_cause(void **state)
{
    static const struct {
        const char *before, *before_centre, *after, *after_centre, *cause;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "none"},
        {NULL, NULL, "campus", "a", "quarantine"},
        {NULL, NULL, "campus", "other", "none"},
        {"campus", "a", NULL, NULL, "release"},
        {"campus", "a", "campus", "a", "none"},   /* as it was */
        {"campus", "a", "another", "a", "quarantine"},
        {"a", NULL, NULL, NULL, "release"},       /* sealed by an earlier version */
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *sealed = document_aside(row_of("a", 5, 0), cases[i].before, cases[i].before_centre);
        json_t *now = document_aside(row_of("a", 6, 0), cases[i].after, cases[i].after_centre);
        json_t *list = restatements_find(sealed, now);

        restatements_explain(list, sealed, now);
        assert_int_equal(json_array_size(list), 2);
        assert_string_equal(cause_of(list, 0), cases[i].cause);
        assert_string_equal(cause_of(list, 1), cases[i].cause);
        json_decref(list);
        json_decref(sealed);
        json_decref(now);
    }
}

static json_t *document_scored(int n, json_t *mean, json_t *median)
{
    return json_pack("{s:[{s:{},s:{s:i,s:o,s:o}}]}", "rows", "by", "score", "n", n, "mean", mean, "median",
                     median);
}

/* What changed between two documents, which are released, is `text`. */
static void assert_restated(json_t *sealed, json_t *now, const char *text)
{
    json_t *list = restatements_find(sealed, now);
    char *found = json_dumps(list, JSON_COMPACT);

    assert_string_equal(found, text);
    free(found);
    json_decref(list);
    json_decref(sealed);
    json_decref(now);
}

static void a_corrected_score_is_a_restatement_though_there_are_as_many(void **state)
{
    (void)state;
    assert_restated(document_scored(2, json_real(50.5), json_real(50)),
                    document_scored(2, json_real(65.25), json_real(50)),
                    "[{\"by\":{},\"figure\":\"score.mean\",\"sealed\":50.5,\"now\":65.25}]");
    assert_restated(document_scored(3, json_real(50), json_real(50)),
                    document_scored(3, json_real(50), json_real(60)),
                    "[{\"by\":{},\"figure\":\"score.median\",\"sealed\":50,\"now\":60}]");
}

static void no_score_is_not_a_mean_of_nought(void **state)
{
    (void)state;
    assert_restated(document_scored(0, json_null(), json_null()),
                    document_scored(1, json_real(0), json_real(0)),
                    "[{\"by\":{},\"figure\":\"score\",\"sealed\":0,\"now\":1},"
                    "{\"by\":{},\"figure\":\"score.mean\",\"sealed\":null,\"now\":0},"
                    "{\"by\":{},\"figure\":\"score.median\",\"sealed\":null,\"now\":0}]");
    assert_restated(document_scored(0, json_null(), json_null()), json_pack("{s:[]}", "rows"), "[]");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_corrected_score_is_a_restatement_though_there_are_as_many),
        cmocka_unit_test(no_score_is_not_a_mean_of_nought),
        cmocka_unit_test(a_quarantine_and_its_end_are_told_as_the_cause),
        cmocka_unit_test(changed_new_and_lost_rows_are_restatements),
    };
    return KIT_RUN(tests);
}
