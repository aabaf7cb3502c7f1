#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdlib.h>
#include <string.h>

/* What the hub holds: an object of `size` drawn from `seed` with `changed` bytes of another seed put in at
 * `at`. */
static struct hash changed_object(struct duet *duet, uint32_t size, uint8_t seed, uint32_t at,
                                  uint32_t changed)
{
    struct kit_random random;
    uint8_t *data = malloc(size + changed + 1u);

    kit_random_seed(&random, seed);
    for (uint32_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_below(&random, 256);
    }
    memmove(data + at + changed, data + at, size - at);
    for (uint32_t i = 0; i < changed; i++) {
        data[at + i] = (uint8_t)kit_random_below(&random, 256);
    }
    struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(data, size + changed));
    memory_store_object_put(duet->players[0].store, &object, bytes_of(data, size + changed));
    memory_store_flush(duet->players[0].store);
    free(data);
    return object;
}

/* Both hold objects 0 to count - 1; the hub also holds each with `changed` bytes more, which the campus
 * wants. */
static void changed_pages(struct duet *duet, unsigned count, uint32_t size, uint32_t changed)
{
    for (unsigned i = 0; i < count; i++) {
        duet_object(duet, 0, size, (uint8_t)i);
        duet_object(duet, 1, size, (uint8_t)i);
        struct hash object = changed_object(duet, size, (uint8_t)i, size / 2, changed);
        memory_store_want(duet->players[1].store, &object, size + changed);
    }
    memory_store_name_bases(duet->players[1].store);
}

static void changed_pages_cost_what_changed(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    changed_pages(duet, 4, 20000, 100);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 4);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    assert_true(duet->players[0].bytes < 1400); /* greetings, 4 x 100 bytes that changed, 4 names */
    assert_non_null(strstr(duet_transcript(duet), "says patches"));
    duet_free(duet);
}

static void a_chunk_in_which_much_changed_takes_several_frames(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    changed_pages(duet, 1, MEMBER_WHOLE_MAX - 100000, 100000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_true(duet->players[0].bytes > 100000 && duet->players[0].bytes < 110000);
    duet_free(duet);
}

static void bases_that_do_not_help_cost_nothing(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 300000, 9);
    (void)state;

    duet_object(duet, 0, 200000, 1);
    duet_object(duet, 1, 200000, 1);
    memory_store_want(duet->players[1].store, &object, 300000);
    memory_store_name_bases(duet->players[1].store);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_true(duet->players[0].bytes < 302000);
    assert_null(strstr(duet_transcript(duet), "says patches"));
    duet_free(duet);
}

static void bases_that_are_not_held_here_are_left_out(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_object(duet, 1, 5000, 77); /* only the campus has it */
    changed_pages(duet, 1, 20000, 100);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_true(duet->players[0].bytes < 800);
    duet_free(duet);
}

static void what_is_asked_with_bases_and_lacking_is_absent(void **state)
{
    struct duet *duet = duet_new();
    struct hash nowhere = {{9}};
    (void)state;

    duet_object(duet, 1, 5000, 1);
    memory_store_want(duet->players[1].store, &nowhere, 5000);
    memory_store_name_bases(duet->players[1].store);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "hub says absent 0900"));
    assert_int_equal(duet->players[0].kinds[EFFECT_DEMAND], 1);
    duet_free(duet);
}

static void more_than_the_queue_holds_comes_too(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet->players[1].credit_bytes = CREDIT_MAX;
    changed_pages(duet, 250, 1200, 10);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 250);
    duet_free(duet);
}

/* The hub holds `count` pages of one template, each with its own words, and the campus wants them. */
static void pages_of_a_template(struct duet *duet, unsigned count)
{
    static const char alphabet[] = "etaoinshrdlu <>/=";
    char page[9000];

    for (unsigned i = 0; i < count; i++) {
        struct kit_random random;
        kit_random_seed(&random, 99);
        for (size_t k = 0; k < sizeof page; k++) {
            if (k == 6000) {
                kit_random_seed(&random, i + 100); /* its own words */
            }
            page[k] = alphabet[kit_random_below(&random, sizeof alphabet - 1)];
        }
        struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(page, sizeof page));
        memory_store_object_put(duet->players[0].store, &object, bytes_of(page, sizeof page));
        memory_store_want(duet->players[1].store, &object, sizeof page);
    }
    memory_store_flush(duet->players[0].store);
}

static void pages_of_a_first_version_are_told_behind_each_other(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    pages_of_a_template(duet, 40);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 40);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    /* half a byte for each of their own letters, a template once; alone each page takes half of 9000 */
    assert_in_range(duet->players[0].bytes, 40 * 1500, 40 * 1900);
    duet_free(duet);
}

static void pictures_that_differ_at_their_end_are_told_once(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    for (unsigned i = 0; i < 10; i++) {
        struct hash object = changed_object(duet, 100000, 1, 99000, 10 + i);
        memory_store_want(duet->players[1].store, &object, 100010 + i);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 10);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    assert_true(duet->players[0].bytes < 110000);
    duet_free(duet);
}

/* Prose of 400 words: four megabytes that the campus wants. */
static void much_prose(struct duet *duet)
{
    enum { PAGES = 280, PAGE = 15000, WORDS = 400, WORD_MAX = 9 };
    static char words[WORDS][WORD_MAX + 1];
    static char page[PAGE];
    struct kit_random random;

    kit_random_seed(&random, 5);
    for (size_t i = 0; i < WORDS; i++) {
        size_t size = 2 + kit_random_below(&random, WORD_MAX - 1);
        for (size_t k = 0; k < size; k++) {
            words[i][k] = (char)('a' + kit_random_below(&random, 26));
        }
    }
    for (unsigned i = 0; i < PAGES; i++) {
        for (size_t k = 0; k < PAGE;) {
            for (const char *word = words[kit_random_below(&random, WORDS)]; *word != '\0' && k < PAGE; word++) {
                page[k++] = *word;
            }
            if (k < PAGE) {
                page[k++] = ' ';
            }
        }
        struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(page, PAGE));
        memory_store_object_put(duet->players[0].store, &object, bytes_of(page, PAGE));
        memory_store_want(duet->players[1].store, &object, PAGE);
    }
    memory_store_flush(duet->players[0].store);
}

static bool asks_take_their_time(struct duet *duet, struct duet_frame *frame)
{
    duet->now_ms += frame->data[1] == MESSAGE_ASK ? 50 : 0;
    return true;
}

static void a_line_that_waits_for_us_gets_more_bytes_for_less_work(void **state)
{
    struct duet *fast = duet_new(), *slow = duet_new();
    (void)state;

    slow->filter = asks_take_their_time;
    much_prose(fast);
    much_prose(slow);
    duet_open(fast);
    duet_open(slow);
    duet_run(fast, fast->now_ms + 600000);
    duet_run(slow, slow->now_ms + 600000);
    assert_true(duet_is_in_step(fast) && duet_is_in_step(slow));
    assert_int_equal(fast->players[1].kinds[EFFECT_OBJECT], slow->players[1].kinds[EFFECT_OBJECT]);
    assert_true(slow->players[0].bytes < fast->players[0].bytes);
    assert_true(fast->players[0].bytes < slow->players[0].bytes + slow->players[0].bytes / 10);
    duet_free(fast);
    duet_free(slow);
}

/* Letters without sense, the first so many of the alphabet: of all it takes more than half of its size, of one nothing. */
static void text_want(struct duet *duet, struct kit_random *random, uint32_t size, unsigned letters)
{
    uint8_t *text = malloc(size);

    for (uint32_t i = 0; i < size; i++) {
        text[i] = (uint8_t)('a' + kit_random_below(random, letters));
    }
    struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(text, size));
    memory_store_object_put(duet->players[0].store, &object, bytes_of(text, size));
    memory_store_want(duet->players[1].store, &object, size);
    free(text);
}

/* A frame ends with a part of the long one: what is short would fit behind that part, and the rest would be forgotten until it is asked for again. */
static void short_texts_behind_a_long_one_forget_nothing_of_it(void **state)
{
    enum { ROUNDS = 30, SHORT = 6, BEFORE_IT_IS_ASKED_AGAIN_MS = 400 };
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 11);
    for (int i = 0; i < ROUNDS; i++) {
        struct duet *duet = duet_new();
        text_want(duet, &random, 20000, 1); /* told in next to nothing: so more is gathered for the next frame */
        text_want(duet, &random, 60000 + (uint32_t)kit_random_below(&random, 40000), 26);
        for (int k = 0; k < SHORT; k++) {
            text_want(duet, &random, 50 + (uint32_t)kit_random_below(&random, 500), 26);
        }
        memory_store_flush(duet->players[0].store);
        duet_open(duet);
        duet_run(duet, duet->now_ms + BEFORE_IT_IS_ASKED_AGAIN_MS);
        assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 2 + SHORT);
        duet_free(duet);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_pages_cost_what_changed),
        cmocka_unit_test(a_chunk_in_which_much_changed_takes_several_frames),
        cmocka_unit_test(bases_that_do_not_help_cost_nothing),
        cmocka_unit_test(bases_that_are_not_held_here_are_left_out),
        cmocka_unit_test(what_is_asked_with_bases_and_lacking_is_absent),
        cmocka_unit_test(more_than_the_queue_holds_comes_too),
        cmocka_unit_test(pages_of_a_first_version_are_told_behind_each_other),
        cmocka_unit_test(pictures_that_differ_at_their_end_are_told_once),
        cmocka_unit_test(a_line_that_waits_for_us_gets_more_bytes_for_less_work),
        cmocka_unit_test(short_texts_behind_a_long_one_forget_nothing_of_it),
    };
    return KIT_RUN(tests);
}
