#include "node/badge/print.h"

#include <stdlib.h>
#include <string.h>

#include "node/badge/card.h"
#include "tests/kit/kit.h"

static struct identity identity;
static struct federation federation;
static struct config config;

/* Prints a certificate in `lang`; the status, and what was said. */
static enum status print(const char *lang, const char *person, const char *title, struct buffer *out,
                         struct report *report)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    const struct credential credential = {.uuid = {{1, 2, 3}},
                                          .person = person,
                                          .course = "tdc",
                                          .lang = lang,
                                          .version = "",
                                          .title = title,
                                          .issuer_name = "Centre",
                                          .issued_ms = 1791203445000,
                                          .score = 9150,
                                          .is_attested = strcmp(lang, "ru") == 0,
                                          .list = "urn:uuid:x"};
    const struct issuer issuer = {.federation = &federation, .identity = &identity, .config = &config};
    json_t *document;

    identity_derive(&identity, seed);
    strcpy(federation.name, "Test");
    config_init(&config);
    assert_int_equal(credential_document(&credential, &identity, &federation, &document), S_OK);
    char *text = json_dumps(document, 0);
    report_clear(report);
    enum status status = print_pdf(&issuer, bytes_text(text), "https://x.example.org", out, report);
    free(text);
    json_decref(document);
    return status;
}

static void a_page_is_drawn_and_holds_the_card(void **state)
{
    struct buffer out;
    struct report report;
    (void)state;

    buffer_init(&out);
    assert_int_equal(print("en", "Amina Sow", "Teaching", &out, &report), S_OK);
    assert_true(out.size > 5000);
    assert_memory_equal(out.data, "%PDF-", 5);
    struct bytes card = card_find(buffer_bytes(&out));
    assert_true(card.size > 100 && card_check(card, identity.sign_public));
    buffer_release(&out);
}

static void long_texts_are_made_to_fit(void **state)
{
    char title[CREDENTIAL_TEXT_MAX + 1];
    struct buffer out;
    struct report report;
    (void)state;

    memset(title, 'W', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    buffer_init(&out);
    assert_int_equal(print("ru", title, title, &out, &report), S_OK);
    buffer_release(&out);
}

static void letters_without_a_font_are_named_not_drawn_as_boxes(void **state)
{
    struct buffer out;
    struct report report;
    (void)state;

    buffer_init(&out);
    assert_int_equal(print("en", "\xf3\xb0\x80\x81", "Teaching", &out, &report),
                     S_NOT_FOUND); /* private use */
    assert_non_null(strstr(report.text, "fonts-noto-core"));
    assert_int_equal(out.size, 0);
    buffer_release(&out);
}

static void what_is_no_credential_is_not_printed(void **state)
{
    const struct issuer issuer = {.federation = &federation, .identity = &identity, .config = &config};
    struct buffer out;
    struct report report = {.status = S_OK};
    (void)state;

    buffer_init(&out);
    assert_int_equal(print_pdf(&issuer, bytes_text("{}"), NULL, &out, &report), S_INVALID);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_drawn_and_holds_the_card),
        cmocka_unit_test(long_texts_are_made_to_fit),
        cmocka_unit_test(letters_without_a_font_are_named_not_drawn_as_boxes),
        cmocka_unit_test(what_is_no_credential_is_not_printed),
    };
    return KIT_RUN(tests);
}
