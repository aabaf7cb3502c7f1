#include <stdio.h>
#include <sodium.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void basic(const char *user, const char *secret, char *out, size_t size)
{
    char text[512];

    snprintf(text, sizeof text, "%s:%s", user, secret);
    strcpy(out, "Basic ");
    sodium_bin2base64(out + 6, size - 6, (const uint8_t *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
}

static enum status try(struct kit_lrs *kit, const char *authorization, unsigned *rights_out)
{
    struct lrs_client client;
    struct db *db = store_read_begin(kit->kit.store);
    enum status status = client_open(&kit->lrs, db, authorization, kit->now_ms, &client);

    store_read_end(kit->kit.store, db);
    *rights_out = client.rights;
    client_release(&client);
    return status;
}

static void a_key_opens_until_it_is_removed(void **state)
{
    struct kit_lrs *kit = *state;
    struct client_key key, other;
    char header[512];
    unsigned rights;

    assert_int_equal(client_key_add(kit->kit.store, "Simulator", LRS_WRITE, 5, &key, &kit->report), S_OK);
    assert_int_equal(client_key_add(kit->kit.store, "Simulator", LRS_READ, 5, &other, &kit->report), S_OK);
    assert_string_not_equal(key.row.key, other.row.key);
    basic(key.row.key, key.secret, header, sizeof header);
    assert_int_equal(try(kit, header, &rights), S_OK);
    assert_int_equal(rights, LRS_WRITE);
    basic(key.row.key, other.secret, header, sizeof header);
    assert_int_equal(try(kit, header, &rights), S_DENIED);
    assert_int_equal(client_key_remove(kit->kit.store, key.row.key, &kit->report), S_OK);
    basic(key.row.key, key.secret, header, sizeof header);
    assert_int_equal(try(kit, header, &rights), S_DENIED);
    report_clear(&kit->report);
    assert_int_equal(client_key_remove(kit->kit.store, key.row.key, &kit->report), S_NOT_FOUND);
}

static void what_is_no_authorization_opens_nothing(void **state)
{
    static const char *const bad[] = {"",           "Basic",      "Basic ",
                                      "Basic !!",   "Basic YWJj", "Bearer YTpi",
                                      "Basic Og==", "Basic YTo=", "Basic YQA6Yg=="};
    unsigned rights;

    assert_int_equal(try(*state, NULL, &rights), S_DENIED);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(try(*state, bad[i], &rights), S_DENIED);
    }
}

static void names_of_keys_end_at_their_limit(void **state)
{
    struct kit_lrs *kit = *state;
    struct client_key key;
    char name[XAPI_NAME_MAX + 2];

    for (size_t size = 0; size <= XAPI_NAME_MAX + 1; size += size == 0 ? XAPI_NAME_MAX : 1) {
        memset(name, 'n', size);
        name[size] = '\0';
        report_clear(&kit->report);
        assert_int_equal(client_key_add(kit->kit.store, name, LRS_READ, 5, &key, &kit->report),
                         size > 0 && size <= XAPI_NAME_MAX ? S_OK : S_INVALID);
    }
}

static void there_are_so_many_keys_and_no_more(void **state)
{
    struct kit_lrs *kit = *state;
    struct client_key key;

    for (int i = 0; i < CLIENT_KEYS_MAX; i++) {
        assert_int_equal(client_key_add(kit->kit.store, "k", LRS_READ, 5, &key, &kit->report), S_OK);
    }
    struct client_key last = key;
    assert_int_equal(client_key_add(kit->kit.store, "k", LRS_READ, 5, &key, &kit->report), S_TOO_LARGE);
    assert_string_equal(kit->report.text, "there are 1000 keys already: remove some with qanat xapi key remove");
    report_clear(&kit->report);
    assert_int_equal(client_key_remove(kit->kit.store, last.row.key, &kit->report), S_OK);
    assert_int_equal(client_key_add(kit->kit.store, "k", LRS_READ, 5, &key, &kit->report), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_opens_until_it_is_removed, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_authorization_opens_nothing, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(names_of_keys_end_at_their_limit, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(there_are_so_many_keys_and_no_more, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
