#include "node/badge/card.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct identity issuer;

static void card_of(const char *person, struct buffer *out)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    const struct credential credential = {.uuid = {{1, 2, 3}},
                                          .person = person,
                                          .course = "tdc",
                                          .lang = "ar",
                                          .version = "",
                                          .title = "الكفايات",
                                          .issued_ms = 1791203445000,
                                          .score = 0};

    identity_derive(&issuer, seed);
    buffer_clear(out);
    card_write(&credential, &issuer, out);
}

static void a_card_is_read_and_checked(void **state)
{
    struct credential back;
    struct arena arena;
    struct buffer card;
    struct id node;
    (void)state;

    buffer_init(&card);
    arena_init(&arena, 4096);
    card_of("فاطمة", &card);
    assert_true(card.size < 300);
    assert_int_equal(card_read(buffer_bytes(&card), &arena, &back, &node), S_OK);
    assert_true(id_equal(&node, &issuer.node));
    assert_string_equal(back.person, "فاطمة");
    assert_string_equal(back.title, "الكفايات");
    assert_int_equal(back.issued_ms, 1791203445000);
    assert_int_equal(back.expires_ms, 0);
    assert_int_equal(back.score, 0);
    assert_true(card_check(buffer_bytes(&card), issuer.sign_public));
    for (size_t i = 7; i < card.size; i++) { /* any one character changed */
        uint8_t was = card.data[i];
        card.data[i] = was == 'x' ? 'y' : 'x';
        assert_false(card_check(buffer_bytes(&card), issuer.sign_public));
        card.data[i] = was;
    }
    for (size_t size = 0; size < card.size; size++) { /* and any cut one */
        assert_false(card_check(bytes_of(card.data, size), issuer.sign_public));
    }
    arena_release(&arena);
    buffer_release(&card);
}

static void a_card_is_found_in_a_url_and_in_a_file(void **state)
{
    struct buffer card, text;
    (void)state;

    buffer_init(&card);
    buffer_init(&text);
    card_of("Amina", &card);
    buffer_append(&text, "%PDF\0 /Keywords (", 17);
    buffer_append(&text, card.data, card.size);
    buffer_append(&text, ")&d=1", 5);
    assert_true(bytes_equal(card_find(buffer_bytes(&text)), buffer_bytes(&card)));
    assert_null(card_find(bytes_text("nothing here")).data);
    assert_null(card_find(bytes_of(NULL, 0)).data);
    buffer_release(&card);
    buffer_release(&text);
}

static void long_texts_are_cut_between_characters(void **state)
{
    char person[CARD_NAME_MAX + 8];
    struct credential back;
    struct arena arena;
    struct buffer card;
    struct id node;
    (void)state;

    memset(person, 'a', sizeof person);
    memcpy(person + CARD_NAME_MAX - 1, "ф", 3);
    buffer_init(&card);
    arena_init(&arena, 4096);
    card_of(person, &card);
    assert_int_equal(card_read(buffer_bytes(&card), &arena, &back, &node), S_OK);
    assert_int_equal(strlen(back.person), CARD_NAME_MAX - 1);
    arena_release(&arena);
    buffer_release(&card);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_read_and_checked),
        cmocka_unit_test(a_card_is_found_in_a_url_and_in_a_file),
        cmocka_unit_test(long_texts_are_cut_between_characters),
    };
    return KIT_RUN(tests);
}
