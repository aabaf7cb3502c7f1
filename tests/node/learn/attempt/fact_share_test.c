/* Shares of several lives add up to one: what was counted before the data was lost and again since is counted once, as the best of both.
 * With real nodes: tests/system/facts.sh. */
#include "node/learn/attempt/fact_share.h"

#include <string.h>

#include "node/learn/vocabulary.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/share.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

enum { FINGERPRINT = 77, LIVES_MAX = 16 };

struct fixture {
    struct kit_store kit;
    struct share said;
    bool is_recovering, is_settling;
    size_t corrected;
    struct { /* the share of each life, as peers hold it */
        uint8_t key[64], value[1024];
        size_t key_size, value_size;
    } lives[LIVES_MAX];
    size_t life_count;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_store_open(&fixture->kit);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_store_close(&fixture->kit);
    test_free(fixture);
    return 0;
}

static enum status say_run(struct db *db, void *arg)
{
    const struct event_group group = {.course = bytes_text("soil"), .lang = bytes_text("en"), .version = bytes_text("1"), .cohort = bytes_text(""),
                                      .role = ROLE_LEARNER, .gender = GENDER_FEMALE};
    struct fixture *fixture = arg;
    struct fact_figures figures = {tally_new(), dims_new()};
    struct fact_standing standing;
    struct share wanted = fixture->said, recovered;
    int64_t row;

    assert_int_equal(event_group_get(db, &group, &row), S_OK);
    wanted.dims = dims_hash(db, &group);
    assert_int_equal(fact_standing_load(db, &figures, FINGERPRINT, &standing), S_OK);
    if (standing.is_recovered && share_sum_counted(&standing.others, &recovered)) {
        share_merge(&wanted, &recovered);
    }
    assert_int_equal(fact_standing_become(db, &figures, &standing, &wanted, NULL), S_OK);
    enum status status = tally_flush(figures.tally, db);
    tally_free(figures.tally);
    dims_free(figures.dims);
    return status;
}

static void say(struct fixture *fixture, int64_t score, uint32_t launch, int64_t seconds)
{
    fixture->said = (struct share){.kind = EVENT_COMPLETED, .month = share_month(KIT_NOW_S * 1000LL), .score = score};
    share_add_time(&fixture->said, launch, seconds);
    assert_int_equal(store_write_wait(fixture->kit.store, say_run, fixture), S_OK);
}

static enum status cell_keep(void *ctx, const struct cell *cell)
{
    struct fixture *fixture = ctx;

    if (cell->key.size < 4 || memcmp(cell->key.data, "ids\x1f", 4) != 0) {
        return S_OK;
    }
    size_t i = 0;
    while (i < fixture->life_count && (fixture->lives[i].key_size != cell->key.size ||
                                       memcmp(fixture->lives[i].key, cell->key.data, cell->key.size) != 0)) {
        i++;
    }
    assert_true(i < LIVES_MAX && cell->value.size <= sizeof fixture->lives[i].value);
    fixture->life_count = i == fixture->life_count ? i + 1 : fixture->life_count;
    memcpy(fixture->lives[i].key, cell->key.data, fixture->lives[i].key_size = cell->key.size);
    memcpy(fixture->lives[i].value, cell->value.data, fixture->lives[i].value_size = cell->value.size);
    return S_OK;
}

/* The database forgets its shares (the figures stay: they come back with the streams), and another life begins. */
static enum status lose_run(struct db *db, void *arg)
{
    assert_int_equal(share_cells_each(db, cell_keep, arg), S_OK);
    assert_int_equal(share_forget(db, FINGERPRINT), S_OK);
    return own_renew(db);
}

static void lose(struct fixture *fixture)
{
    assert_int_equal(store_write_wait(fixture->kit.store, lose_run, fixture), S_OK);
}

static enum status recover_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct tally *tally = tally_new();
    bool is_new;

    for (size_t i = 0; i < fixture->life_count; i++) {
        struct cell cell = {.key = bytes_of(fixture->lives[i].key, fixture->lives[i].key_size),
                            .value = bytes_of(fixture->lives[i].value, fixture->lives[i].value_size)};
        assert_int_equal(share_recover(db, &cell, &is_new), S_OK);
    }
    assert_int_equal(fact_settle_all(db, tally, &fixture->corrected), S_OK);
    assert_false(fact_is_due(db));
    enum status status = tally_flush(tally, db);
    tally_free(tally);
    return status;
}

static void recover(struct fixture *fixture)
{
    assert_int_equal(store_write_wait(fixture->kit.store, recover_run, fixture), S_OK);
}

static void expect(struct fixture *fixture, int64_t completed, int64_t minutes, int64_t scores, int64_t score_sum)
{
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), completed);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), minutes);
    assert_int_equal(kit_total(&fixture->kit, METRIC_SCORE), scores);
    assert_int_equal(kit_total(&fixture->kit, METRIC_SCORE_SUM), score_sum);
}

static void told_before_it_comes_back(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, 8000, 1, 600);
    say(fixture, 8000, 1, 1200);
    expect(fixture, 1, 2000, 1, 8000);
    lose(fixture);
    say(fixture, 9000, 2, 60);
    expect(fixture, 2, 2100, 2, 17000); /* nobody can know yet */
    recover(fixture);
    expect(fixture, 1, 2100, 1, 9000);
    recover(fixture);
    expect(fixture, 1, 2100, 1, 9000);
    say(fixture, 7000, 2, 120); /* here it is regraded; 80 came back */
    expect(fixture, 1, 2200, 1, 8000);
}

static void told_after_it_came_back(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, 8000, 1, 1200);
    lose(fixture);
    recover(fixture);
    assert_int_equal(fixture->corrected, 0);
    say(fixture, 8000, 1, 1200); /* the same again */
    expect(fixture, 1, 2000, 1, 8000);
    say(fixture, 8500, 1, 1260);
    expect(fixture, 1, 2100, 1, 8500);
}

static void what_cannot_be_read_stands_as_it_is(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, 8000, 1, 600);
    lose(fixture);
    fixture->lives[0].value[fixture->lives[0].value_size - 1] ^= 1;
    say(fixture, 9000, 2, 60);
    recover(fixture);
    expect(fixture, 1, 1000, 1, 8000);
    say(fixture, 9900, 3, 60);
    expect(fixture, 1, 1000, 1, 8000);
}

/* Any order of saying, losing and coming back: in the end counted once, the best score, of each launch the longest time. */
static void any_order_ends_counted_once(void **state)
{
    struct fixture *fixture = *state;
    struct kit_random random;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 12; round++) {
        struct share share = {.kind = EVENT_COMPLETED, .month = share_month(KIT_NOW_S * 1000LL)};
        kit_store_close(&fixture->kit);
        kit_store_open(&fixture->kit);
        fixture->life_count = 0;
        for (int step = 0; step < 30; step++) {
            uint64_t draw = kit_random_below(&random, 8);
            if (draw == 0 && fixture->life_count < LIVES_MAX - 2) {
                lose(fixture);
            } else if (draw == 1) {
                recover(fixture);
            } else { /* absolute, as registrations are: later words are never less */
                share_add_time(&share, (uint32_t)kit_random_below(&random, 4), (int64_t)kit_random_below(&random, 100));
                share.score = share.score + (int64_t)kit_random_below(&random, 300);
                fixture->said = share;
                assert_int_equal(store_write_wait(fixture->kit.store, say_run, fixture), S_OK);
            }
        }
        lose(fixture);
        recover(fixture);
        fixture->said = share;
        assert_int_equal(store_write_wait(fixture->kit.store, say_run, fixture), S_OK);
        expect(fixture, 1, share_minutes(&share), 1, share.score);
    }
}

static enum status anew_run(struct db *db, void *arg)
{
    struct tally *tally = tally_new();

    assert_int_equal(share_cells_each(db, cell_keep, arg), S_OK);
    assert_int_equal(own_renew(db), S_OK);
    assert_int_equal(fact_count_anew(db, tally), S_OK);
    enum status status = tally_flush(tally, db);
    tally_free(tally);
    return status;
}

static void anew_it_counts_as_it_stood(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, 5000, 1, 600);
    say(fixture, 8000, 2, 300);
    assert_int_equal(store_write_wait(fixture->kit.store, anew_run, fixture), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 2); /* the former node's streams are still here */
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 1000); /* hundredths; what was said last */
    assert_int_equal(store_write_wait(fixture->kit.store, recover_run, fixture), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 500);
    say(fixture, 9000, 3, 60);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 600);
}

static enum status leave_run(struct db *db, void *arg)
{
    (void)arg;
    assert_int_equal(own_renew(db), S_OK);
    return known_leave(db);
}

/* What a copy revised after it had left the other is its own part of the fact. */
static void anew_the_others_part_stays_the_others(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, 5000, 1, 600);
    assert_int_equal(store_write_wait(fixture->kit.store, leave_run, NULL), S_OK);
    say(fixture, 5000, 1, 900);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 1500);
    assert_int_equal(store_write_wait(fixture->kit.store, anew_run, fixture), S_OK);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    assert_int_equal(kit_total(&fixture->kit, METRIC_MINUTES), 2000); /* the copy's five minutes: its former stream is still here */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_before_it_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(told_after_it_came_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_stands_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(any_order_ends_counted_once, setup, teardown),
        cmocka_unit_test_setup_teardown(anew_it_counts_as_it_stood, setup, teardown),
        cmocka_unit_test_setup_teardown(anew_the_others_part_stays_the_others, setup, teardown),
    };
    return KIT_RUN(tests);
}
