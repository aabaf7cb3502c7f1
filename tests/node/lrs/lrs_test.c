#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void uuids_come_back(void **state)
{
    uint8_t uuid[LRS_UUID_SIZE], again[LRS_UUID_SIZE];
    char text[LRS_UUID_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < 100; i++) {
        lrs_uuid_make(uuid);
        lrs_uuid_text(uuid, text);
        assert_int_equal(text[14], '4');
        assert_non_null(strchr("89ab", text[19]));
        assert_true(lrs_uuid_parse(bytes_text(text), again));
        assert_memory_equal(uuid, again, sizeof uuid);
    }
    assert_true(lrs_uuid_parse(bytes_text("FA97B177-9383-4934-8543-0F91A7A02836"), uuid));
    assert_false(lrs_uuid_parse(bytes_text("MA97B177-9383-4934-8543-0F91A7A02836"), uuid));
    assert_false(lrs_uuid_parse(bytes_text("FA97B177-9383-4934-8543-0F91A7A028368"), uuid));
    assert_false(lrs_uuid_parse(bytes_text("FA97B17799383-4934-8543-0F91A7A02836"), uuid));
    assert_false(lrs_uuid_parse(bytes_text(""), uuid));
}

static void an_actor_is_an_account_of_this_node(void **state)
{
    struct kit_lrs *kit = *state;
    struct report report;
    struct buffer text;
    char json[1024];

    buffer_init(&text);
    lrs_actor_write(&kit->lrs, bytes_text("p\"1"), bytes_text("فاطمة"), &text);
    snprintf(json, sizeof json,
             "{\"actor\":%.*s,\"verb\":{\"id\":\"http://v.example.com/\"},\"object\":{\"id\":\"http://"
             "a.example.com/\"}}",
             (int)text.size, text.data);
    assert_int_equal(kit_rules(json, LRS_1_0_3, &report), S_OK);
    assert_non_null(strstr(json, kit->lrs.home));
    buffer_release(&text);
}

static void an_activity_is_the_same_everywhere(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text);
    lrs_activity_write(bytes_text("course 1/ü"), bytes_text("item#2"), &text);
    buffer_append_u8(&text, 0);
    assert_string_equal((char *)text.data, "https://qanat.invalid/course/course%201%2F%C3%BC/item/item%232");
    buffer_release(&text);
}

static void the_key_of_the_terms_stays(void **state)
{
    struct kit_lrs *kit = *state;
    struct lrs again;

    kit_store_reopen(&kit->kit);
    lrs_init(&again, kit->kit.store, &kit->kit.identity);
    assert_memory_equal(again.key, kit->lrs.key, sizeof again.key);
    assert_string_equal(again.home, kit->lrs.home);
    static const uint8_t none[sizeof again.key];
    assert_memory_not_equal(again.key, none, sizeof none);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_come_back),
        cmocka_unit_test_setup_teardown(an_actor_is_an_account_of_this_node, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test(an_activity_is_the_same_everywhere),
        cmocka_unit_test_setup_teardown(the_key_of_the_terms_stays, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
