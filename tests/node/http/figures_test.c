/* Figures that are kept while they are the same. */
#include "node/http/figures.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

static const struct vector_digest before = {{1}}, after = {{2}};

/* What is kept for the question at `now_ms`, or "". */
static const char *found(struct figures *figures, const char *key, const struct vector_digest *digest, uint64_t now_ms)
{
    static char text[64];
    struct buffer out;

    buffer_init(&out);
    bool is_found = figures_find(figures, bytes_text(key), digest, now_ms, &out);
    assert_true(out.size < sizeof text);
    snprintf(text, sizeof text, "%.*s", is_found ? (int)out.size : 0, out.size ? (const char *)out.data : "");
    buffer_release(&out);
    return text;
}

static void an_answer_is_kept_while_no_stream_moves_and_for_some_times_what_it_took(void **state)
{
    struct figures *figures = figures_new();
    (void)state;

    assert_string_equal(found(figures, "by course", &before, 1000), "");
    figures_keep(figures, bytes_text("by course"), &before, 1000, 1100, bytes_text("many"));
    assert_string_equal(found(figures, "by course", &before, 1100), "many");
    assert_string_equal(found(figures, "by course", &before, 1100 + FIGURES_TIMES_KEPT * 100 - 1), "many");
    assert_string_equal(found(figures, "by course", &before, 1100 + FIGURES_TIMES_KEPT * 100), "");
    assert_string_equal(found(figures, "by course", &after, 1100), ""); /* a result came */
    assert_string_equal(found(figures, "by cours", &before, 1100), "");
    figures_keep(figures, bytes_text("by course"), &after, 2000, 2100, bytes_text("more"));
    assert_string_equal(found(figures, "by course", &after, 2100), "more");
    assert_string_equal(found(figures, "by course", &before, 2100), "");
    figures_free(figures);
}

static void what_took_no_time_is_not_kept_and_nothing_for_long(void **state)
{
    struct figures *figures = figures_new();
    (void)state;

    figures_keep(figures, bytes_text("quick"), &before, 1000, 1000, bytes_text("x"));
    assert_string_equal(found(figures, "quick", &before, 1000), "");
    figures_keep(figures, bytes_text("slow"), &before, 0, 60000, bytes_text("x"));
    assert_string_equal(found(figures, "slow", &before, 60000 + FIGURES_KEPT_MS - 1), "x");
    assert_string_equal(found(figures, "slow", &before, 60000 + FIGURES_KEPT_MS), "");
    figures_free(figures);
}

static void the_one_that_ends_first_makes_room(void **state)
{
    struct figures *figures = figures_new();
    char key[2] = "a";
    (void)state;

    for (unsigned i = 0; i <= FIGURES_MAX; i++, key[0]++) {
        figures_keep(figures, bytes_text(key), &before, 1000, 1100 + i, bytes_text(key));
    }
    assert_string_equal(found(figures, "a", &before, 1200), "");
    assert_string_equal(found(figures, "b", &before, 1200), "b");
    figures_free(figures);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_kept_while_no_stream_moves_and_for_some_times_what_it_took),
        cmocka_unit_test(what_took_no_time_is_not_kept_and_nothing_for_long),
        cmocka_unit_test(the_one_that_ends_first_makes_room),
    };
    return KIT_RUN(tests);
}
