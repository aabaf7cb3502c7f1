#include "node/web/web.h"

#include <string.h>

#include "tests/kit/kit.h"

static void every_file_is_found_by_its_name(void **state)
{
    size_t count = 0;
    (void)state;

    for (const struct web_file *file; (file = web_file_at(count)); count++) {
        assert_ptr_equal(web_file_find(file->name), file);
        assert_true(file->size > 0);
        assert_int_equal(file->is_gzip, file->data[0] == 0x1f && file->data[1] == 0x8b);
        assert_string_not_equal(web_media_type(file->name), "application/octet-stream");
    }
    assert_true(count > 10);
    assert_null(web_file_find("nothing.js"));
    assert_null(web_file_find(""));
}

/* What an entry loads is there, and nothing comes from elsewhere or stands inline. */
static void every_entry_loads_what_is_there(void **state)
{
    static const char *const entries[] = {"learner", "teach", "hub", "admin", "player", "plain"};
    char name[128];
    (void)state;

    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        const char *markup = web_entry(entries[i]);
        assert_non_null(markup);
        assert_null(strstr(markup, "://"));
        assert_null(strstr(markup, "<style"));
        for (const char *at = markup; (at = strstr(at, "\"/app/")); at++) {
            size_t length = strcspn(at + 6, "\"");
            assert_true(length < sizeof name);
            memcpy(name, at + 6, length);
            name[length] = '\0';
            assert_non_null(web_file_find(name));
        }
    }
    assert_null(web_entry("nothing"));
}

static void a_language_is_found_by_the_first_part_of_its_tag(void **state)
{
    size_t count = 0;
    (void)state;

    assert_string_equal(web_language_find("ar-EG", 5), "ar");
    assert_string_equal(web_language_find("ZH_hans", 7), "zh");
    assert_string_equal(web_language_find("ru,en", 2), "ru");
    assert_null(web_language_find("de", 2));
    assert_null(web_language_find("", 0));
    assert_null(web_language_find("english", 7));
    while (web_language_at(count)) {
        count++;
    }
    assert_int_equal(count, 9);
}

static void texts_of_pages_without_a_program_come_from_the_catalogues(void **state)
{
    const char *lang;
    (void)state;

    assert_string_equal(web_text("en", "verify.valid"), "This certificate is valid");
    assert_string_equal(web_text("ar", "lang.dir"), "rtl");
    assert_string_equal(web_text("zh", "lang.name"), "中文");
    for (size_t i = 0; (lang = web_language_at(i)) != NULL; i++) {
        assert_true(*web_text(lang, "verify.offline") && *web_text(lang, "app.motto"));
        assert_non_null(strstr(web_text(lang, "verify.revoked_why"), "{issuer}"));
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_found_by_its_name),
        cmocka_unit_test(every_entry_loads_what_is_there),
        cmocka_unit_test(a_language_is_found_by_the_first_part_of_its_tag),
        cmocka_unit_test(texts_of_pages_without_a_program_come_from_the_catalogues),
    };
    return KIT_RUN(tests);
}
