#include <string.h>

#include "node/store/people/record.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void the_language_that_fits_best_is_chosen(void **state)
{
    static const char *const cases[][2] = {
        {"fr", "fr"},
        {"FR", "fr"},
        {"fr-CA", "fr"},
        {"ar", "ar-EG"},
        {"en-US", "en-US"},
        {"en", "en-US"},
        {"de, ar;q=0.8, fr;q=0.9", "fr"},
        {"", "en-US"},
        {"xx", "en-US"},
        {"*", "en-US"},
        {"de;q=1, *;q=0.1", "en-US"},
        {"fr;q=0", "en-US"},
        {" ,,;q=,fr", "fr"},
        {"e", "en-US"},
        {"fra", "en-US"},
    };
    const struct tree *map = kit_tree("{\"en-US\":\"a\",\"fr\":\"b\",\"ar-EG\":\"c\"}");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct tree *entry = render_language(map, cases[i][0]);
        if (!bytes_equal(entry->key, bytes_text(cases[i][1]))) {
            fail_msg("'%s' gives %.*s", cases[i][0], (int)entry->key.size, entry->key.data);
        }
    }
    assert_true(render_language(map, NULL) == map->first);
    assert_null(render_language(kit_tree("{}"), "en"));
}

static void activities_show_what_is_known_in_one_language(void **state)
{
    static const char first[] =
        "{\"actor\":" KIT_ACTOR
        ",\"verb\":{\"id\":\"http://v/\",\"display\":{\"en\":\"did\",\"fr\":\"fit\"}},\"id\":\"" KIT_ID(
            1) "\","
               "\"object\":{\"id\":\"http://a/\",\"definition\":{\"name\":{\"en\":\"N\",\"fr\":\"M\"}}}}";
    static const char second[] =
        "{\"actor\":" KIT_ACTOR ",\"verb\":{\"id\":\"http://v/\"},\"object\":{\"id\":\"http://a/"
                                "\",\"definition\":{\"interactionType\":\"choice\","
        "\"choices\":[{\"id\":\"x\",\"description\":{\"de\":\"X\",\"fr\":\"Y\"}}]}}}";
    struct kit_lrs *kit = *state;
    struct render render = {.lrs = &kit->lrs, .format = RENDER_CANONICAL, .accept_language = "fr"};
    struct record record;
    struct buffer body, out;
    uint8_t id[LRS_UUID_SIZE];

    assert_int_equal(kit_lrs_post(kit, first), S_OK);
    assert_int_equal(kit_lrs_post(kit, second), S_OK);
    buffer_init(&body);
    buffer_init(&out);
    assert_true(lrs_uuid_parse(bytes_text(KIT_ID(1)), id));
    render.db = store_read_begin(kit->kit.store);
    assert_true(record_find(render.db, id, &body, &record));
    assert_int_equal(render_statement(&render, record.body, &out), S_OK);
    store_read_end(kit->kit.store, render.db);
    buffer_append_u8(&out, 0);
    assert_non_null(strstr((char *)out.data, "\"display\":{\"fr\":\"fit\"}"));
    assert_non_null(
        strstr((char *)out.data, "\"definition\":{\"name\":{\"fr\":\"M\"},\"interactionType\":\"choice\","
                                 "\"choices\":[{\"id\":\"x\",\"description\":{\"fr\":\"Y\"}}]}"));
    buffer_release(&body);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_language_that_fits_best_is_chosen, kit_lrs_setup,
                                        kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(activities_show_what_is_known_in_one_language, kit_lrs_setup,
                                        kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
