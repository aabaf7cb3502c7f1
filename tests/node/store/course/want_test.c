/* Wants: the order in which they are asked for. */
#include "node/store/course/want.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static struct hash hash_number(uint8_t number)
{
    struct hash hash = {{number}};
    return hash;
}

static enum status fill(struct db *db, void *arg)
{
    struct hash a = hash_number(1), b = hash_number(2), c = hash_number(3), d = hash_number(4);

    (void)arg;
    want_put(db, &a, 900, WANT_CHUNK, 0);
    want_put(db, &b, 50, WANT_SMALL, 0);
    want_put(db, &c, 10, WANT_SMALL, 0);
    want_put(db, &d, 0, WANT_ASKED, 0);
    return want_put(db, &d, 70, WANT_MANIFEST, 0); /* now wanted as a manifest: first */
}

static enum status drop(struct db *db, void *arg)
{
    (void)arg;
    struct hash c = hash_number(3);
    return want_drop(db, &c);
}

static enum status drop_all(struct db *db, void *arg)
{
    (void)arg;
    return want_drop_all(db);
}

static void manifests_come_first_then_small_members_by_size_then_chunks(void **state)
{
    struct desk *desk = desk_open();
    static const uint8_t order[] = {4, 3, 2, 1};
    struct wanted wanted[8];
    uint64_t count, size;

    (void)state;
    assert_int_equal(store_write_wait(desk->store, fill, NULL), S_OK);
    struct db *db = store_read_begin(desk->store);
    assert_int_equal(want_scan(db, 0, 8, wanted), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(wanted[i].object.b[0], order[i]);
    }
    assert_int_equal(want_scan(db, 1, 2, wanted), 2);
    assert_int_equal(wanted[0].object.b[0], 3);
    assert_int_equal(want_scan(db, 4, 2, wanted), 0);
    want_totals(db, &count, &size);
    assert_int_equal(count, 4);
    assert_int_equal(size, 900 + 50 + 10 + 70);
    store_read_end(desk->store, db);
    assert_int_equal(store_write_wait(desk->store, drop, NULL), S_OK);
    db = store_read_begin(desk->store);
    assert_int_equal(want_scan(db, 0, 8, wanted), 3);
    store_read_end(desk->store, db);
    assert_int_equal(store_write_wait(desk->store, drop_all, NULL), S_OK);
    db = store_read_begin(desk->store);
    assert_int_equal(want_scan(db, 0, 8, wanted), 0);
    store_read_end(desk->store, db);
    desk_close(desk);
}

static enum status base(struct db *db, void *arg)
{
    struct hash wanted = hash_number(1), other = hash_number(9), bases[] = {hash_number(7), hash_number(8)};

    (void)arg;
    want_put(db, &wanted, 900, WANT_SMALL, 0);
    assert_int_equal(want_set_bases(db, &other, bases, 2), S_OK); /* not wanted: nothing is noted */
    return want_set_bases(db, &wanted, bases, 2);
}

static enum status drop_first(struct db *db, void *arg)
{
    (void)arg;
    struct hash wanted = hash_number(1);
    return want_drop(db, &wanted);
}

static size_t bases_of(struct desk *desk, uint8_t number, size_t max, struct hash *out)
{
    struct hash object = hash_number(number);
    struct db *db = store_read_begin(desk->store);
    size_t count = want_bases(db, &object, max, out);

    store_read_end(desk->store, db);
    return count;
}

static void bases_stand_with_a_want_and_go_with_it(void **state)
{
    struct desk *desk = desk_open();
    struct hash bases[4];

    (void)state;
    assert_int_equal(store_write_wait(desk->store, base, NULL), S_OK);
    assert_int_equal(bases_of(desk, 9, 4, bases), 0);
    assert_int_equal(bases_of(desk, 1, 4, bases), 2);
    assert_int_equal(bases[0].b[0], 7);
    assert_int_equal(bases[1].b[0], 8);
    assert_int_equal(bases_of(desk, 1, 1, bases), 1);
    assert_int_equal(store_write_wait(desk->store, drop_first, NULL), S_OK);
    assert_int_equal(bases_of(desk, 1, 4, bases), 0);
    desk_close(desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_come_first_then_small_members_by_size_then_chunks),
        cmocka_unit_test(bases_stand_with_a_want_and_go_with_it),
    };
    return KIT_RUN(tests);
}
