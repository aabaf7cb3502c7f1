#include "node/store/people/person.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

#include <string.h>

static struct person person_make(const char *id, const char *name)
{
    struct person person = {.id = bytes_text(id),
                            .name = bytes_text(name),
                            .gender = 1,
                            .role = 2,
                            .institution = bytes_text("جامعة عين شمس"),
                            .registered_ms = 1791158400000};
    return person;
}

static enum status three_insert(struct db *db, void *arg)
{
    static const char *const ids[] = {"b", "a", "c"};
    (void)arg;

    for (int i = 0; i < 3; i++) {
        struct person person = person_make(ids[i], "Сауле");
        person.password = bytes_text(i == 0 ? "$argon2id$x" : "");
        enum status status = person_insert(db, &person);
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

static enum status b_update(struct db *db, void *arg)
{
    struct buffer texts = {0};
    struct person person;

    assert_true(person_find(db, bytes_text("b"), &texts, &person));
    person.name = bytes_text(arg);
    person.password = bytes_text("");
    enum status status = person_update(db, &person);
    buffer_release(&texts);
    return status;
}

static enum status b_delete(struct db *db, void *arg)
{
    struct person person;
    (void)arg;

    assert_true(person_find_dims(db, bytes_text("b"), &person));
    return person_delete(db, person.row);
}

static void a_person_is_found_as_stored_changed_and_deleted(void **state)
{
    struct kit_store kit;
    struct person person;
    struct buffer texts = {0};
    uint64_t generation = person_generation();
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, three_insert, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(person_count(db), 3);
    assert_false(person_find(db, bytes_text("zz"), &texts, &person));
    assert_true(person_find(db, bytes_text("b"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("Сауле")));
    assert_true(bytes_equal(person.institution, bytes_text("جامعة عين شمس")));
    assert_true(bytes_equal(person.password, bytes_text("$argon2id$x")));
    assert_int_equal(person.role, 2);
    assert_int_equal(person.registered_ms, 1791158400000);
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, b_update, "张伟"), S_OK);
    db = store_read_begin(kit.store);
    assert_true(person_find(db, bytes_text("b"), &texts, &person));
    assert_true(bytes_equal(person.name, bytes_text("张伟")));
    assert_int_equal(person.password.size, 0);
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, b_delete, NULL), S_OK);
    db = store_read_begin(kit.store);
    assert_false(person_find_dims(db, bytes_text("b"), &person));
    store_read_end(kit.store, db);
    assert_true(person_generation() > generation);
    buffer_release(&texts);
    kit_store_close(&kit);
}

static enum status id_note(void *ctx, const struct person *person)
{
    strncat(ctx, (const char *)person->id.data, person->id.size);
    return S_OK;
}

static void pages_follow_the_order_of_ids(void **state)
{
    struct kit_store kit;
    char ids[16] = "";
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, three_insert, NULL), S_OK);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(person_page(db, bytes_of("", 0), 2, id_note, ids), 2);
    assert_int_equal(person_page(db, bytes_text("b"), 2, id_note, ids), 1);
    assert_string_equal(ids, "abc");
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

static void the_same_id_twice_is_a_fault_of_the_caller(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, three_insert, NULL), S_OK);
    assert_int_not_equal(store_write_wait(kit.store, three_insert, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_found_as_stored_changed_and_deleted),
        cmocka_unit_test(pages_follow_the_order_of_ids),
        cmocka_unit_test(the_same_id_twice_is_a_fault_of_the_caller),
    };
    return KIT_RUN(tests);
}
