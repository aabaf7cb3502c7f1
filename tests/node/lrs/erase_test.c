#include <stdio.h>
#include <string.h>

#include "node/lrs/document.h"
#include "node/lrs/index.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs_session.h"

struct erasing {
    struct kit_lrs *kit;
    int64_t count;
};

static enum status erase_run(struct db *db, void *arg)
{
    struct erasing *erasing = arg;

    return lrs_person_erase(&erasing->kit->lrs, db, bytes_text("p1"), &erasing->count);
}

/* True when the bytes stand anywhere in the database or its log. */
static bool stands_in_files(struct kit_lrs *kit, const char *word)
{
    static const char *const names[] = {"qanat.db", "qanat.db-wal"};
    bool is_there = false;
    char path[512];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buffer text;
        uint8_t part[65536];
        size_t got;
        snprintf(path, sizeof path, "%s/%s", kit->kit.dir, names[i]);
        FILE *file = fopen(path, "rb");
        buffer_init(&text);
        while (file && (got = fread(part, 1, sizeof part, file)) > 0) {
            buffer_append(&text, part, got);
        }
        if (file) {
            fclose(file);
        }
        is_there = is_there || (text.size && memmem(text.data, text.size, word, strlen(word)));
        buffer_release(&text);
    }
    return is_there;
}

static void post(struct kit_lrs *kit, const char *format, const char *more)
{
    char json[2048];

    snprintf(json, sizeof json, format, kit->lrs.home, more);
    assert_int_equal(kit_lrs_post(kit, json), S_OK);
}

#define OF                                                                                                   \
    "{\"actor\":{\"account\":{\"homePage\":\"%s\",\"name\":\"p1\"},\"name\":\"Zeynep "                       \
    "Zibelin\"},\"verb\":{\"id\":\"http://v/\"},\"object\":{\"id\":\"http://a/\"}%s}"
#define WITH                                                                                                 \
    "{\"actor\":{\"mbox\":\"mailto:x@y.org\"},\"verb\":{\"id\":\"http://v/\"},\"object\":{\"id\":\"http://"  \
    "a/\"},\"context\":{\"instructor\":{\"account\":{\"homePage\":\"%s\",\"name\":\"p1\"}}}%s}"

static void nothing_of_a_person_is_left(void **state)
{
    struct kit_lrs *kit = *state;
    struct erasing erasing = {.kit = kit};
    struct kit_session session;

    kit_session_open(&session, kit, NULL);
    kit_session_close(&session);
    post(kit, OF, ",\"id\":\"" KIT_ID(1) "\",\"result\":{\"response\":\"a very private answer\"}");
    post(kit, WITH, "");
    assert_int_equal(kit_lrs_post(kit, KIT_PLAIN(",\"id\":\"" KIT_ID(3) "\"")), S_OK);
    assert_int_equal(
        kit_lrs_post(kit, KIT_STATEMENT(KIT_ACTOR, "http://v/",
                                        "{\"objectType\":\"StatementRef\",\"id\":\"" KIT_ID(1) "\"}",
                                        ",\"id\":\"" KIT_ID(4) "\"")),
        S_OK);
    assert_int_equal(kit_lrs_run(kit, erase_run, &erasing), S_OK);
    assert_int_equal(erasing.count, 3);
    assert_string_equal(kit_lrs_get(kit, KIT_ID(1), RENDER_EXACT), "");
    assert_true(*kit_lrs_get(kit, KIT_ID(3), RENDER_EXACT));
    assert_true(*kit_lrs_get(kit, KIT_ID(4), RENDER_EXACT));
    struct buffer account;
    buffer_init(&account);
    document_account(&kit->lrs, bytes_text("p1"), &account);
    assert_int_equal(kit_lrs_count(kit, index_term(&kit->lrs, INDEX_RELATED_AGENT, buffer_bytes(&account))),
                     0);
    assert_int_equal(kit_lrs_count(kit, index_term(&kit->lrs, INDEX_AGENT, buffer_bytes(&account))), 0);
    buffer_release(&account);
    assert_int_equal(kit_lrs_run(kit, erase_run, &erasing), S_OK);
    assert_int_equal(erasing.count, 0);
}

static void nor_in_the_files(void **state)
{
    struct kit_lrs *kit = *state;
    struct erasing erasing = {.kit = kit};

    post(kit, OF, ",\"result\":{\"response\":\"a very private answer\"}");
    assert_true(stands_in_files(kit, "a very private answer"));
    assert_true(stands_in_files(kit, "Zeynep Zibelin"));
    assert_int_equal(kit_lrs_run(kit, erase_run, &erasing), S_OK);
    kit_store_reopen(&kit->kit); /* the log goes into the database */
    kit->lrs.store = kit->kit.store;
    assert_false(stands_in_files(kit, "a very private answer"));
    assert_false(stands_in_files(kit, "Zeynep Zibelin"));
}

static void many_are_erased(void **state)
{
    struct kit_lrs *kit = *state;
    struct erasing erasing = {.kit = kit};

    for (int i = 0; i < 600; i++) {
        post(kit, OF, "");
    }
    assert_int_equal(kit_lrs_run(kit, erase_run, &erasing), S_OK);
    assert_int_equal(erasing.count, 600);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_a_person_is_left, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(nor_in_the_files, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(many_are_erased, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
