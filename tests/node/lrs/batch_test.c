#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static enum status decode(struct kit_lrs *kit, const char *json, const uint8_t *id)
{
    struct batch batch;

    report_clear(&kit->report);
    lrs_batch_open(&batch, &kit->lrs, &kit->client, LRS_1_0_3);
    enum status status = lrs_batch_decode(&batch, bytes_text(json), NULL, id, &kit->report);
    lrs_batch_close(&batch);
    return status;
}

static void statements_come_alone_or_in_arrays(void **state)
{
    assert_int_equal(decode(*state, KIT_PLAIN(""), NULL), S_OK);
    assert_int_equal(decode(*state, "[" KIT_PLAIN("") "," KIT_PLAIN("") "]", NULL), S_OK);
    assert_int_equal(decode(*state, "[]", NULL), S_OK);
    assert_int_equal(decode(*state, "5", NULL), S_INVALID);
    assert_int_equal(decode(*state, "[5]", NULL), S_INVALID);
    assert_int_equal(decode(*state, "{", NULL), S_INVALID);
}

static void a_fault_names_the_statement(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(decode(kit, "[" KIT_PLAIN("") "," KIT_PLAIN(",\"more\":1") "]", NULL), S_INVALID);
    assert_string_equal(kit->report.text, "statement 2: more: is no property that may stand here");
}

static void put_gives_the_id(void **state)
{
    uint8_t id[LRS_UUID_SIZE];

    assert_true(lrs_uuid_parse(bytes_text(KIT_ID(1)), id));
    assert_int_equal(decode(*state, KIT_PLAIN(""), id), S_OK);
    assert_int_equal(decode(*state, KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\""), id), S_OK);
    assert_int_equal(decode(*state, KIT_PLAIN(",\"id\":\"" KIT_ID(2) "\""), id), S_INVALID);
    assert_int_equal(decode(*state, "[" KIT_PLAIN("") "]", id), S_INVALID);
}

static void one_id_twice_is_refused(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(
        decode(kit, "[" KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\"") "," KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\"") "]",
               NULL),
        S_INVALID);
    assert_non_null(strstr(kit->report.text, KIT_ID(1)));
}

static void the_number_of_statements_ends_at_its_limit(void **state)
{
    size_t size = sizeof KIT_PLAIN("") + 1;
    char *json = test_malloc((BATCH_STATEMENTS_MAX + 1) * size + 3);

    for (size_t count = BATCH_STATEMENTS_MAX; count <= BATCH_STATEMENTS_MAX + 1; count++) {
        char *at = json;
        for (size_t i = 0; i < count; i++) {
            at += sprintf(at, "%c%s", i ? ',' : '[', KIT_PLAIN(""));
        }
        strcpy(at, "]");
        assert_int_equal(decode(*state, json, NULL), count <= BATCH_STATEMENTS_MAX ? S_OK : S_TOO_LARGE);
    }
    test_free(json);
}

static void attachments_need_their_data(void **state)
{
    static const char head[] = "\"attachments\":[{\"usageType\":\"http://u/"
                               "\",\"display\":{},\"contentType\":\"a/b\",\"length\":3,\"sha2\":"
                               "\"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\"";
    struct kit_lrs *kit = *state;
    struct multipart parts = {.count = 2};
    struct batch batch;
    char json[1024];

    snprintf(json, sizeof json, "%.*s,%s}]}", (int)sizeof KIT_PLAIN("") - 2, KIT_PLAIN(""), head);
    assert_int_equal(decode(kit, json, NULL), S_INVALID);
    static const struct {
        const char *body, *encoding;
        enum status status;
    } cases[] = {{"abc", "binary", S_OK}, {"abd", "binary", S_INVALID}, {"abc", "base64", S_INVALID}, {"abc", "", S_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parts.parts[1] = (struct multipart_part){.hash = bytes_text("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                                                 .encoding = bytes_text(cases[i].encoding),
                                                 .body = bytes_text(cases[i].body)};
        report_clear(&kit->report);
        lrs_batch_open(&batch, &kit->lrs, &kit->client, LRS_2_0);
        assert_int_equal(lrs_batch_decode(&batch, bytes_text(json), &parts, NULL, &kit->report),
                         cases[i].status);
        lrs_batch_close(&batch);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(statements_come_alone_or_in_arrays, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_fault_names_the_statement, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(put_gives_the_id, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(one_id_twice_is_refused, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(the_number_of_statements_ends_at_its_limit, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(attachments_need_their_data, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
