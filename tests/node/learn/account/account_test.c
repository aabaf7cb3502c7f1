#include <string.h>

#include "node/learn/account/account.h"
#include "node/store/people/person.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

#define NOW 1791203445000LL

struct desk {
    struct kit_store kit;
    struct account_context context;
};

static void desk_open(struct desk *desk)
{
    struct person_outcome outcome;

    kit_store_open(&desk->kit);
    person_outcome_init(&outcome);
    assert_int_equal(
        kit_people(&desk->kit, "id,name,password\np1,Amina,correct horse\np2,Babu,\n", false, &outcome),
        S_OK);
    person_outcome_release(&outcome);
    desk->context = (struct account_context){.store = desk->kit.store,
                                             .throttle = throttle_new(),
                                             .address = bytes_text("192.168.1.2"),
                                             .now_ms = NOW,
                                             .monotonic_ms = 5000};
}

static void desk_close(struct desk *desk)
{
    throttle_free(desk->context.throttle);
    kit_store_close(&desk->kit);
}

static enum status sign_in(struct desk *desk, const char *person, const char *password,
                           char token[SIGNIN_TOKEN_SIZE])
{
    unsigned wait_s;
    return account_sign_in(&desk->context, bytes_text(person), bytes_text(password), false, token, &wait_s);
}

static void only_the_right_password_opens(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct signin signin;
    struct desk desk;
    (void)state;

    desk_open(&desk);
    assert_int_equal(sign_in(&desk, "p1", "correct horse", token), S_OK);
    assert_true(signin_find(desk.kit.store, token, NOW, &signin));
    assert_string_equal(signin.name, "Amina");
    assert_int_equal(sign_in(&desk, "p1", "correct horsf", token), S_DENIED);
    assert_int_equal(sign_in(&desk, "p1", "", token), S_DENIED);
    assert_int_equal(sign_in(&desk, "p2", "", token), S_DENIED); /* has none */
    assert_int_equal(sign_in(&desk, "p9", "correct horse", token), S_DENIED);
    desk_close(&desk);
}

static void after_five_wrong_ones_one_waits(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct desk desk;
    unsigned wait_s = 0;
    (void)state;

    desk_open(&desk);
    for (int i = 0; i < THROTTLE_FREE; i++) {
        assert_int_equal(sign_in(&desk, "p1", "wrong again", token), S_DENIED);
    }
    assert_int_equal(
        account_sign_in(&desk.context, bytes_text("p1"), bytes_text("correct horse"), false, token, &wait_s),
        S_BUSY);
    assert_true(wait_s > 0);
    desk.context.monotonic_ms += wait_s * 1000;
    assert_int_equal(sign_in(&desk, "p1", "correct horse", token), S_OK);
    assert_int_equal(sign_in(&desk, "p1", "correct horse", token), S_OK);
    desk_close(&desk);
}

static void a_new_password_ends_all_other_sign_ins(void **state)
{
    char here[SIGNIN_TOKEN_SIZE], there[SIGNIN_TOKEN_SIZE];
    struct signin signin, other;
    struct desk desk;
    unsigned wait_s;
    (void)state;

    desk_open(&desk);
    assert_int_equal(sign_in(&desk, "p1", "correct horse", here), S_OK);
    assert_int_equal(sign_in(&desk, "p1", "correct horse", there), S_OK);
    assert_true(signin_find(desk.kit.store, here, NOW, &signin));
    assert_int_equal(account_change_password(&desk.context, &signin, bytes_text("wrong"),
                                             bytes_text("battery staple"), &wait_s),
                     S_DENIED);
    assert_int_equal(account_change_password(&desk.context, &signin, bytes_text("correct horse"),
                                             bytes_text("short"), &wait_s),
                     S_INVALID);
    assert_true(signin_find(desk.kit.store, there, NOW, &other));
    assert_int_equal(account_change_password(&desk.context, &signin, bytes_text("correct horse"),
                                             bytes_text("battery staple"), &wait_s),
                     S_OK);
    assert_true(signin_find(desk.kit.store, here, NOW, &signin));
    assert_false(signin_find(desk.kit.store, there, NOW, &other));
    assert_int_equal(sign_in(&desk, "p1", "correct horse", there), S_DENIED);
    assert_int_equal(sign_in(&desk, "p1", "battery staple", there), S_OK);
    desk_close(&desk);
}

static enum status register_with(struct desk *desk, const char *code, const char *id, const char *password,
                                 struct report *report)
{
    struct account_registration registration = {.code_wanted = "class of 26",
                                                .code = bytes_text(code),
                                                .id = bytes_text(id),
                                                .name = bytes_text("Chu, \"Ling\""),
                                                .gender = bytes_text("female"),
                                                .lang = bytes_text("zh-Hans"),
                                                .password = bytes_text(password)};
    unsigned wait_s;

    report_clear(report);
    return account_register(&desk->context, &registration, &wait_s, report);
}

static void who_knows_the_code_registers_once_and_is_counted(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct signin signin;
    struct report report;
    struct desk desk;
    (void)state;

    desk_open(&desk);
    assert_int_equal(register_with(&desk, "class of 25", "ling", "ling's own", &report), S_DENIED);
    assert_int_equal(register_with(&desk, "class of 26", "ling", "short", &report), S_INVALID);
    assert_int_equal(register_with(&desk, "class of 26", "ling", "", &report), S_INVALID);
    assert_int_equal(register_with(&desk, "class of 26", "p1", "stolen now", &report), S_EXISTS);
    assert_int_equal(sign_in(&desk, "p1", "stolen now", token), S_DENIED);
    assert_int_equal(register_with(&desk, "class of 26", "ling", "ling's own", &report), S_OK);
    assert_int_equal(sign_in(&desk, "ling", "ling's own", token), S_OK);
    assert_true(signin_find(desk.kit.store, token, NOW, &signin));
    assert_string_equal(signin.name, "Chu, \"Ling\"");
    assert_string_equal(signin.lang, "zh-Hans");
    assert_int_equal(kit_total(&desk.kit, METRIC_REGISTERED), 3);
    desk_close(&desk);
}

static void a_language_is_kept_and_checked(void **state)
{
    char token[SIGNIN_TOKEN_SIZE];
    struct signin signin;
    struct desk desk;
    (void)state;

    desk_open(&desk);
    assert_int_equal(sign_in(&desk, "p1", "correct horse", token), S_OK);
    assert_true(signin_find(desk.kit.store, token, NOW, &signin));
    assert_int_equal(account_set_lang(&desk.context, &signin, bytes_text("not a tag")), S_INVALID);
    assert_int_equal(account_set_lang(&desk.context, &signin, bytes_text("f")), S_INVALID); /* a language has two letters */
    assert_int_equal(account_set_lang(&desk.context, &signin, bytes_text("ar")), S_OK);
    assert_true(signin_find(desk.kit.store, token, NOW, &signin));
    assert_string_equal(signin.lang, "ar");
    assert_int_equal(account_set_lang(&desk.context, &signin, bytes_text("")), S_OK);
    desk_close(&desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_right_password_opens),
        cmocka_unit_test(after_five_wrong_ones_one_waits),
        cmocka_unit_test(a_new_password_ends_all_other_sign_ins),
        cmocka_unit_test(who_knows_the_code_registers_once_and_is_counted),
        cmocka_unit_test(a_language_is_kept_and_checked),
    };
    return KIT_RUN(tests);
}
