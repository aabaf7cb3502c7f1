#include "node/http/upload.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static void what_a_command_said_is_cut_between_characters(void **state)
{
    static const char letter[] = "\xd9\x85"; /* of two bytes */
    char *text = malloc(UPLOAD_TEXT_MAX + 4);
    (void)state;

    assert_null(upload_text_cut(NULL, 0));
    memset(text, 'a', UPLOAD_TEXT_MAX);
    text[UPLOAD_TEXT_MAX] = '\0';
    assert_int_equal(strlen(upload_text_cut(text, UPLOAD_TEXT_MAX)), UPLOAD_TEXT_MAX);
    memcpy(text + UPLOAD_TEXT_MAX, "b", 2);
    assert_int_equal(strlen(upload_text_cut(text, UPLOAD_TEXT_MAX + 1)), UPLOAD_TEXT_MAX);
    memcpy(text + UPLOAD_TEXT_MAX - 1, letter, 3);
    assert_int_equal(strlen(upload_text_cut(text, UPLOAD_TEXT_MAX + 1)), UPLOAD_TEXT_MAX - 1);
    free(text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_command_said_is_cut_between_characters)};
    return KIT_RUN(tests);
}
