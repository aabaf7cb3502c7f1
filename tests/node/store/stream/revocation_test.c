#include "node/store/stream/revocation.h"

#include "node/store/stream/own.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static const struct revocation sample = {
    .credential = {{1, 2}}, .list = {{3}}, .list_index = 77, .at_ms = 1791203445000, .reason = "in error"};

static enum status put_run(struct db *db, void *arg)
{
    const struct revocation *revocation = arg;
    enum status status = revocation_list_put(db, &revocation->list, revocation->at_ms);

    return status == S_OK ? revocation_put(db, revocation) : status;
}

static enum status renew_run(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

static enum status count_visit(void *ctx, const struct revocation *revocation)
{
    int *count = ctx;

    assert_int_equal(revocation->list_index, 77);
    ++*count;
    return S_OK;
}

static void a_revocation_is_found_in_whatever_incarnation(void **state)
{
    struct revocation found, other = sample;
    struct revocation_standing standing;
    struct id nobody = {{9}};
    struct kit_store kit;
    int count = 0;
    (void)state;

    kit_store_open(&kit);
    const struct id *self = &kit.identity.node;
    struct db *db = store_read_begin(kit.store);
    revocation_standing(db, self, &standing);
    assert_false(standing.has_list);
    assert_false(revocation_find(db, self, &sample.credential, &found));
    store_read_end(kit.store, db);

    assert_int_equal(store_write_wait(kit.store, put_run, (void *)(uintptr_t)&sample), S_OK);
    assert_int_equal(store_write_wait(kit.store, renew_run, NULL), S_OK);
    other.credential.b[0] = 7;
    assert_int_equal(store_write_wait(kit.store, put_run, &other), S_OK);

    db = store_read_begin(kit.store);
    assert_true(revocation_find(db, self, &sample.credential, &found));
    assert_int_equal(found.list_index, 77);
    assert_int_equal(found.at_ms, sample.at_ms);
    assert_string_equal(found.reason, "in error");
    assert_true(id_equal(&found.list, &sample.list) && id_equal(&found.credential, &sample.credential));
    assert_true(revocation_find(db, self, &other.credential, &found));
    assert_false(revocation_find(db, &nobody, &sample.credential, &found)); /* nobody speaks for another */
    assert_int_equal(revocation_each(db, self, count_visit, &count), S_OK);
    assert_int_equal(count, 2);
    revocation_standing(db, self, &standing);
    assert_true(standing.has_list && standing.as_of_ms > 0 && standing.heard_ms >= standing.as_of_ms);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revocation_is_found_in_whatever_incarnation),
    };
    return KIT_RUN(tests);
}
