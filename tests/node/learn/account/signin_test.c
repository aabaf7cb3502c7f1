#include <string.h>

#include "node/learn/account/signin.h"
#include "node/store/people/person.h"
#include "node/store/people/signin.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

#define NOW 1791203445000LL

static int64_t person_row_of(struct kit_store *kit, const char *id)
{
    struct person person;
    struct db *db = store_read_begin(kit->store);

    assert_true(person_find_dims(db, bytes_text(id), &person));
    store_read_end(kit->store, db);
    return person.row;
}

static void a_token_leads_to_its_person_until_it_is_closed(void **state)
{
    char token[SIGNIN_TOKEN_SIZE], other[SIGNIN_TOKEN_SIZE];
    struct signin signin, second;
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2);
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p1"), false, NOW, token), S_OK);
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p1"), false, NOW, other), S_OK);
    assert_true(signin_find(kit.store, token, NOW + 1, &signin));
    assert_string_equal(signin.id, "p1");
    assert_int_equal(signin.role, ROLE_LEARNER);
    assert_true(signin_find(kit.store, other, NOW + 1, &second));
    assert_string_not_equal(signin.csrf, second.csrf);
    assert_int_equal(signin_close(kit.store, &signin), S_OK);
    assert_false(signin_find(kit.store, token, NOW + 2, &signin));
    assert_int_equal(signin.person, 0);
    assert_true(signin_find(kit.store, other, NOW + 2, &second));
    assert_false(signin_find(kit.store, "", NOW, &signin));
    other[3] = other[3] == 'A' ? 'B' : 'A';
    assert_false(signin_find(kit.store, other, NOW, &signin));
    kit_store_close(&kit);
}

static void use_prolongs_a_life_that_ends_at_last(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct signin signin;
    struct kit_store kit;
    int64_t now_ms = NOW;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p0"), false, NOW, token), S_OK);
    while (signin_find(kit.store, token, now_ms, &signin)) {
        kit_store_reopen(&kit); /* the longer life is stored without waiting */
        now_ms += SIGNIN_IDLE_MS - 1;
    }
    assert_true(now_ms >= NOW + SIGNIN_LIFE_MS && now_ms < NOW + SIGNIN_LIFE_MS + SIGNIN_IDLE_MS);
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p0"), true, NOW, token), S_OK);
    assert_true(signin_find(kit.store, token, NOW + SIGNIN_KEPT_MS - 1, &signin));
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p0"), false, NOW, token), S_OK);
    assert_false(signin_find(kit.store, token, NOW + SIGNIN_IDLE_MS, &signin));
    kit_store_close(&kit);
}

static void who_is_erased_is_signed_out(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct signin signin;
    struct kit_store kit;
    int64_t events;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    assert_int_equal(signin_open(kit.store, person_row_of(&kit, "p0"), true, NOW, token), S_OK);
    assert_int_equal(person_erase(kit.store, &kit.federation, bytes_text("p0"), &events, NULL), S_OK);
    kit_people_make(&kit, 1); /* a new person may get the same row */
    assert_false(signin_find(kit.store, token, NOW + 1, &signin));
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_leads_to_its_person_until_it_is_closed),
        cmocka_unit_test(use_prolongs_a_life_that_ends_at_last),
        cmocka_unit_test(who_is_erased_is_signed_out),
    };
    return KIT_RUN(tests);
}
