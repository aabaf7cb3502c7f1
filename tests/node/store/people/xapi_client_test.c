#include <string.h>

#include "node/store/people/xapi_client.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static enum status keys_run(struct db *db, void *arg)
{
    struct xapi_key key = {.key = "k1", .name = "N", .secret = {1}, .rights = 3, .made_ms = 7}, found, all[2];
    bool is_new;
    int64_t count;

    (void)arg;
    assert_int_equal(xapi_key_insert(db, &key, &is_new), S_OK);
    assert_true(is_new);
    assert_int_equal(xapi_key_insert(db, &key, &is_new), S_OK);
    assert_false(is_new);
    assert_true(xapi_key_find(db, bytes_text("k1"), &found));
    assert_memory_equal(found.secret, key.secret, sizeof key.secret);
    assert_string_equal(found.name, "N");
    assert_int_equal(xapi_key_list(db, all, 2), 1);
    assert_int_equal(xapi_key_delete(db, bytes_text("k1"), &count), S_OK);
    assert_int_equal(count, 1);
    assert_false(xapi_key_find(db, bytes_text("k1"), &found));
    return S_OK;
}

static enum status sessions_run(struct db *db, void *arg)
{
    struct xapi_session session = {.uuid = {1},
                                   .registration = {2},
                                   .token = {3},
                                   .launch = 9,
                                   .person = bytes_text("p"),
                                   .activity = bytes_text("a"),
                                   .details = bytes_text("d"),
                                   .said = 5,
                                   .expires_ms = 100};
    struct xapi_session found, second = session;
    struct buffer texts;

    (void)arg;
    buffer_init(&texts);
    assert_int_equal(xapi_session_insert(db, &session, &session.row), S_OK);
    second.uuid[0] = second.token[0] = 8;
    second.said = 2;
    assert_int_equal(xapi_session_insert(db, &second, &second.row), S_OK);
    assert_int_equal(xapi_session_by_uuid(db, session.uuid), session.row);
    assert_int_equal(xapi_session_by_token(db, second.token), second.row);
    assert_int_equal(xapi_session_newest(db, session.registration, bytes_text("a")), second.row);
    assert_int_equal(xapi_session_said(db, &session), 2);
    session.said = 7;
    session.volume = 50;
    session.secret[0] = 4;
    assert_int_equal(xapi_session_update(db, &session), S_OK);
    assert_true(xapi_session_get(db, session.row, &texts, &found));
    assert_true(found.said == 7 && found.volume == 50 && found.secret[0] == 4 && found.launch == 9 &&
                found.expires_ms == 100);
    assert_true(bytes_equal(found.person, bytes_text("p")) && bytes_equal(found.details, bytes_text("d")));
    assert_int_equal(xapi_session_delete_person(db, bytes_text("p")), S_OK);
    assert_false(xapi_session_get(db, session.row, &texts, &found));
    buffer_release(&texts);
    return S_OK;
}

static void keys_and_sessions_live_until_they_are_deleted(void **state)
{
    struct kit_store kit;

    (void)state;
    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, keys_run, NULL), S_OK);
    assert_int_equal(store_write_wait(kit.store, sessions_run, NULL), S_OK);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_and_sessions_live_until_they_are_deleted)};
    return KIT_RUN(tests);
}
