#include <string.h>

#include "node/store/people/xapi_document.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static void count(void *ctx, int64_t row, struct bytes name)
{
    (void)row, (void)name;
    (*(size_t *)ctx)++;
}

static size_t listed(struct db *db, struct xapi_document_key key, int64_t since)
{
    size_t number = 0;

    xapi_document_list(db, &key, since, count, &number);
    return number;
}

static enum status run(struct db *db, void *arg)
{
    static const uint8_t registration[16] = {1};
    struct xapi_document_key key = {
        .kind = XAPI_STATE, .agent = bytes_text("a"), .activity = bytes_text("b"), .name = bytes_text("n")};
    struct xapi_document document = {.etag = "0123",
                                     .updated_ms = 5,
                                     .media_type = bytes_text("t"),
                                     .body = bytes_text("one")},
                         found;
    struct buffer texts;

    (void)arg;
    buffer_init(&texts);
    assert_false(xapi_document_find(db, &key, &texts, &found));
    assert_int_equal(xapi_document_put(db, &key, &document), S_OK);
    document.body = bytes_text("two");
    document.updated_ms = 6;
    assert_int_equal(xapi_document_put(db, &key, &document), S_OK);
    assert_true(xapi_document_find(db, &key, &texts, &found));
    assert_true(bytes_equal(found.body, bytes_text("two")) &&
                bytes_equal(found.media_type, bytes_text("t")) && found.updated_ms == 6);
    assert_string_equal(found.etag, "0123");
    struct xapi_document_key other = key;
    other.registration = bytes_of(registration, sizeof registration);
    assert_int_equal(xapi_document_put(db, &other, &document), S_OK);
    assert_int_equal(listed(db, key, -1), 2);
    assert_int_equal(listed(db, other, -1), 1);
    assert_int_equal(listed(db, key, 6), 0);
    assert_int_equal(xapi_document_delete(db, found.row), S_OK);
    assert_int_equal(listed(db, key, -1), 1);
    assert_int_equal(xapi_document_delete_agent(db, bytes_text("a")), S_OK);
    assert_int_equal(listed(db, key, -1), 0);
    buffer_release(&texts);
    return S_OK;
}

static void a_document_lives_under_its_key(void **state)
{
    struct kit_store kit;

    (void)state;
    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_document_lives_under_its_key)};
    return KIT_RUN(tests);
}
