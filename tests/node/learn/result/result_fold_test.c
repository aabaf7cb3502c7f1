#include "node/learn/result/result_fold.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

struct fixture {
    struct kit_store kit;
    struct result_keys keys;
    struct result_batch batch;
    struct result_fold *fold;
};

static int setup(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);

    kit_store_open(&f->kit);
    kit_people_make(&f->kit, 3);
    result_keys_init(&f->keys, &f->kit.federation);
    result_batch_init(&f->batch, &f->keys);
    f->fold = result_fold_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    result_fold_free(f->fold);
    result_batch_release(&f->batch);
    kit_store_close(&f->kit);
    test_free(f);
    return 0;
}

static const struct result_row *add(struct fixture *f, const char *id, const char *person, const char *at)
{
    const struct bytes field[FIELD_COUNT] = {bytes_text(id), bytes_text(person), bytes_text("dmu"),
                                             bytes_text("enrolled"), bytes_text(at)};
    struct bytes all[FIELD_COUNT];

    for (int i = 0; i < FIELD_COUNT; i++) {
        all[i] = field[i].data ? field[i] : bytes_of("", 0);
    }
    assert_true(result_row_add(&f->batch, f->batch.count + 2, all, NULL));
    return &f->batch.rows[f->batch.count - 1];
}

static enum status run(struct fixture *f)
{
    struct result_fold_job job = {.fold = f->fold, .batch = &f->batch};
    return store_write_wait(f->kit.store, result_fold_run, &job);
}

static void the_first_row_of_an_id_wins_within_a_batch(void **state)
{
    struct fixture *f = *state;
    const struct result_row *first = add(f, "e", "p0", "2026-10-01"),
                            *other = add(f, "e", "p0", "2026-10-02");
    const struct result_row *same = add(f, "e", "p0", "2026-10-01"),
                            *unknown = add(f, "x", "p9", "2026-10-01");

    assert_int_equal(run(f), S_OK);
    assert_int_equal(first->fate, FATE_DURABLE);
    assert_int_equal(other->fate, FATE_REFUSED);
    assert_int_equal(other->refusal, REFUSAL_CONTENT);
    assert_int_equal(same->fate, FATE_DUPLICATE);
    assert_int_equal(unknown->refusal, REFUSAL_PERSON);
    assert_int_equal(kit_total(&f->kit, METRIC_ENROLLED), 1);
}

static void ids_whose_hashes_meet_are_both_counted(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "p0", "2026-10-01");
    add(f, "b", "p1", "2026-10-01");
    f->batch.rows[1].hash = f->batch.rows[0].hash;
    assert_int_equal(run(f), S_OK);
    assert_int_equal(f->batch.rows[1].fate, FATE_DURABLE);
    assert_int_equal(kit_total(&f->kit, METRIC_ENROLLED), 2);
}

static void a_person_who_changed_is_counted_as_changed(void **state)
{
    struct fixture *f = *state;
    struct person_outcome outcome;
    struct stats_result result;

    add(f, "a", "p0", "2026-10-01");
    assert_int_equal(run(f), S_OK);
    assert_int_equal(kit_people(&f->kit, "id,name,gender\np0,Person 0,other\n", false, &outcome), S_OK);
    person_outcome_release(&outcome);
    result_batch_clear(&f->batch);
    add(f, "b", "p0", "2026-10-01");
    assert_int_equal(run(f), S_OK);
    kit_stats(&f->kit, "gender", &result);
    for (size_t i = 0; i < result.count; i++) {
        int64_t expected =
            strcmp(result.rows[i].by[0], "male") == 0 ? 0 : 1; /* one as female, one as other */
        assert_int_equal(result.rows[i].number[METRIC_ENROLLED], expected);
    }
    stats_release(&result);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_row_of_an_id_wins_within_a_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_whose_hashes_meet_are_both_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_person_who_changed_is_counted_as_changed, setup, teardown),
    };
    return KIT_RUN(tests);
}
