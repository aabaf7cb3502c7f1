#include "node/store/people/posting.h"

#include <stdio.h>

#include "node/store/connection.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { MANY = 3000, TERMS = 7 };

/* What a job of this test puts: records `first` up to `last`, each under the terms that its number is
 * divisible by. */
struct putting {
    int64_t first, last;
    bool must_settle;
};

static enum status range_run(struct db *db, void *arg)
{
    const struct putting *putting = arg;
    struct buffer entries;

    buffer_init(&entries);
    for (int64_t record = putting->first; record <= putting->last; record++) {
        uint64_t terms[TERMS];
        size_t count = 0;
        for (uint64_t term = 1; term <= TERMS; term++) {
            terms[count] = UINT64_MAX / 8 * term; /* half of them negative where the table orders them */
            count += (uint64_t)record % term == 0;
        }
        posting_entry(&entries, record, 0, bytes_of(terms, count * sizeof *terms));
    }
    enum status status = posting_put(db, buffer_bytes(&entries));
    buffer_release(&entries);
    return status == S_OK && putting->must_settle ? posting_settle(db) : status;
}

static void put(struct kit_store *kit, int64_t first, int64_t last, bool must_settle)
{
    struct putting putting = {first, last, must_settle};

    assert_int_equal(store_write_wait(kit->store, range_run, &putting), S_OK);
}

static uint64_t term_of(uint64_t number)
{
    return UINT64_MAX / 8 * number;
}

/* Counts what is found, and looks at the order: strict, unless ids may come twice. */
static size_t search(struct kit_store *kit, const struct posting_search *search)
{
    struct db *db = store_read_begin(kit->store);
    struct posting_cursor cursor;
    int64_t record, last = search->is_ascending ? search->above : search->below;
    size_t count = 0;

    posting_open(&cursor, db, search);
    while (posting_next(&cursor, &record)) {
        assert_true(search->is_ascending ? record > last : record < last);
        assert_true(record > search->above && record < search->below);
        last = record;
        count++;
    }
    posting_close(&cursor);
    store_read_end(kit->store, db);
    return count;
}

static void all_are_found_in_order_wherever_they_are(struct kit_store *kit, int64_t count)
{
    for (int round = 0; round < 2; round++) {
        struct posting_search two = {.above = 0,
                                     .below = INT64_MAX,
                                     .is_ascending = round,
                                     .term_count = 2,
                                     .terms = {term_of(4), term_of(6)}};
        struct posting_search one = {
            .above = 0, .below = INT64_MAX, .is_ascending = round, .term_count = 1, .terms = {term_of(7)}};
        assert_int_equal(search(kit, &two), count / 12);
        assert_int_equal(search(kit, &one), count / 7);
        one.above = 70;
        one.below = 91;
        assert_int_equal(search(kit, &one), 2);
        one.terms[0] = 5;
        assert_int_equal(search(kit, &one), 0);
    }
}

static void a_search_unites_segments_and_tail(void **state)
{
    struct kit_store *kit = *state;

    put(kit, 1, 100, false);
    all_are_found_in_order_wherever_they_are(kit, 100);
    put(kit, 101, 900, true);
    all_are_found_in_order_wherever_they_are(kit, 900);
    put(kit, 2001, MANY, true); /* then the clock is set back */
    put(kit, 901, 1500, true);
    put(kit, 1501, 2000, false);
    all_are_found_in_order_wherever_they_are(kit, MANY);
}

static void a_tail_that_grew_enough_becomes_a_segment(void **state)
{
    struct kit_store *kit = *state;
    int64_t last = 0;
    bool was_sorted = false;

    while (!was_sorted) {
        put(kit, last + 1, last + 1000, false);
        last += 1000;
        struct db *db = store_read_begin(kit->store);
        struct statement *statement = db_statement(db, STATEMENT_record_tail_last);
        was_sorted = !statement_step(statement);
        assert_true(was_sorted || statement_int(statement, 0) < POSTING_TAIL_MAX);
        statement_reset(statement);
        store_read_end(kit->store, db);
    }
    assert_in_range(last, POSTING_TAIL_MAX / (20 + 8 * TERMS), POSTING_TAIL_MAX / 20 + 1000);
    put(kit, last + 1, last + 10, false);
    all_are_found_in_order_wherever_they_are(kit, last + 10);
}

static void the_same_entry_again_is_one(void **state)
{
    struct kit_store *kit = *state;
    struct posting_search all = {.above = 0, .below = INT64_MAX, .term_count = 1, .terms = {term_of(1)}};

    put(kit, 1, 10, false);
    put(kit, 1, 10, true);
    assert_int_equal(search(kit, &all), 10);
}

static enum status drop_run(struct db *db, void *arg)
{
    uint64_t terms[] = {term_of(1), term_of(2), term_of(4)};
    int64_t record = *(int64_t *)arg;
    struct buffer entries;

    buffer_init(&entries);
    posting_entry(&entries, record, 77, bytes_of(terms, sizeof terms));
    assert_int_equal(posting_put(db, buffer_bytes(&entries)), S_OK);
    buffer_release(&entries);
    assert_true(posting_has(db, terms[0], record));
    assert_int_equal(posting_drop(db, record, 0, bytes_of(terms, sizeof terms)), S_OK);
    assert_true(posting_has(db, terms[0], record)); /* under the other base */
    assert_int_equal(posting_drop(db, record, 77, bytes_of(terms, sizeof terms)), S_OK);
    assert_false(posting_has(db, terms[0], record));
    return S_OK;
}

static void what_is_dropped_is_found_no_more(void **state)
{
    struct kit_store *kit = *state;
    struct posting_search search_all = {
        .above = 0, .below = INT64_MAX, .term_count = 1, .terms = {term_of(1)}};

    put(kit, 1, 50, true);
    put(kit, 51, 100, false);
    for (int64_t record = 4; record <= 100; record += 92) {
        assert_int_equal(store_write_wait(kit->store, drop_run, &record), S_OK);
    }
    assert_int_equal(search(kit, &search_all), 98);
    search_all.terms[0] = term_of(3);
    assert_int_equal(search(kit, &search_all), 33); /* 4 and 96: 96 keeps what was not named */
}

static enum status bases_run(struct db *db, void *arg)
{
    uint64_t terms[] = {11, 12, 13};
    struct buffer entries;

    (void)arg;
    buffer_init(&entries);
    posting_entry(&entries, 5, 0, bytes_of(terms, sizeof *terms));
    posting_entry(&entries, 5, 9, bytes_of(terms + 1, 2 * sizeof *terms));
    enum status status = posting_put(db, buffer_bytes(&entries));
    buffer_release(&entries);
    return status;
}

static enum status settle_run(struct db *db, void *arg)
{
    (void)arg;
    return posting_settle(db);
}

static void terms_must_hold_under_one_base(void **state)
{
    struct kit_store *kit = *state;
    struct posting_search mixed = {.above = 0, .below = 9, .term_count = 2, .terms = {11, 12}},
                          same = {.above = 0, .below = 9, .term_count = 2, .terms = {13, 12}};

    assert_int_equal(store_write_wait(kit->store, bases_run, NULL), S_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(search(kit, &mixed), 0);
        assert_int_equal(search(kit, &same), 1);
        assert_int_equal(store_write_wait(kit->store, settle_run, NULL), S_OK);
    }
}

static enum status gather_run(struct db *db, void *arg)
{
    (void)arg;
    assert_int_equal(db_execute(db, "CREATE TABLE record_term (term INTEGER NOT NULL, record INTEGER NOT "
                                    "NULL, base INTEGER NOT NULL, "
                                    "PRIMARY KEY (term, record, base)) STRICT, WITHOUT ROWID"),
                     S_OK);
    assert_int_equal(posting_gather(db), S_OK); /* of nothing */
    assert_int_equal(db_execute(db, "CREATE TABLE record_term (term INTEGER NOT NULL, record INTEGER NOT "
                                    "NULL, base INTEGER NOT NULL, "
                                    "PRIMARY KEY (term, record, base)) STRICT, WITHOUT ROWID"),
                     S_OK);
    for (int64_t record = 1; record <= 100; record++) {
        for (uint64_t term = 1; term <= TERMS; term++) {
            char text[160];
            snprintf(text, sizeof text, "INSERT INTO record_term VALUES (%lld, %lld, 0)",
                     (long long)(int64_t)term_of(term), (long long)record);
            if ((uint64_t)record % term == 0) {
                assert_int_equal(db_execute(db, text), S_OK);
            }
        }
    }
    assert_int_equal(posting_gather(db), S_OK);
    assert_int_equal(db_query_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'record_term'"), 0);
    return S_OK;
}

static void the_terms_of_the_schema_before_become_a_segment(void **state)
{
    struct kit_store *kit = *state;

    assert_int_equal(store_write_wait(kit->store, gather_run, NULL), S_OK);
    put(kit, 101, 200, false);
    all_are_found_in_order_wherever_they_are(kit, 200);
}

static int setup(void **state)
{
    struct kit_store *kit = test_calloc(1, sizeof *kit);

    kit_store_open(kit);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_store_close(*state);
    test_free(*state);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_search_unites_segments_and_tail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tail_that_grew_enough_becomes_a_segment, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_entry_again_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_found_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(terms_must_hold_under_one_base, setup, teardown),
        cmocka_unit_test_setup_teardown(the_terms_of_the_schema_before_become_a_segment, setup, teardown),
    };
    return KIT_RUN(tests);
}
