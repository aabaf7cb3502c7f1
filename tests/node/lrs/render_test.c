#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

typedef void render_run(const struct render *render, struct buffer *out);

static void activity_run(const struct render *render, struct buffer *out)
{
    render_activity(render, bytes_text("http://a.example.com/1"), out);
}

static void person_run(const struct render *render, struct buffer *out)
{
    render_person(render, kit_tree("{\"name\":\"Asked\",\"mbox\":\"mailto:a@example.com\"}"), out);
}

static void expect(struct kit_lrs *kit, render_run *run, const char *wanted)
{
    struct render render = {.lrs = &kit->lrs, .db = store_read_begin(kit->kit.store)};
    struct buffer out;

    buffer_init(&out);
    run(&render, &out);
    buffer_append_u8(&out, 0);
    assert_string_equal((char *)out.data, wanted);
    buffer_release(&out);
    store_read_end(kit->kit.store, render.db);
}

#define DEFINED(definition)                                                                                  \
    KIT_STATEMENT(KIT_ACTOR, "http://v/",                                                                    \
                  "{\"id\":\"http://a.example.com/1\",\"definition\":" definition "}", "")

static void an_activity_gathers_its_definitions(void **state)
{
    struct kit_lrs *kit = *state;

    expect(kit, activity_run, "{\"objectType\":\"Activity\",\"id\":\"http://a.example.com/1\"}");
    assert_int_equal(kit_lrs_post(kit, DEFINED("{\"name\":{\"en\":\"N\"}}")), S_OK);
    assert_int_equal(kit_lrs_post(kit, DEFINED("{\"type\":\"http://t/\"}")), S_OK);
    assert_int_equal(kit_lrs_post(kit, DEFINED("{\"name\":{\"en\":\"M\"}}")), S_OK);
    assert_int_equal(kit_lrs_post(kit, DEFINED("{}")), S_OK);
    expect(kit, activity_run,
           "{\"objectType\":\"Activity\",\"id\":\"http://a.example.com/"
           "1\",\"definition\":{\"name\":{\"en\":\"M\"},\"type\":\"http://t/\"}}");
}

static void a_person_has_all_names(void **state)
{
    struct kit_lrs *kit = *state;

    expect(kit, person_run,
           "{\"objectType\":\"Person\",\"name\":[\"Asked\"],\"mbox\":[\"mailto:a@example.com\"]}");
    assert_int_equal(kit_lrs_post(kit, KIT_STATEMENT("{\"mbox\":\"mailto:a@example.com\",\"name\":\"B\"}",
                                                     "http://v/", "{\"id\":\"http://a/\"}", "")),
                     S_OK);
    assert_int_equal(kit_lrs_post(kit, KIT_STATEMENT("{\"mbox\":\"mailto:a@example.com\",\"name\":\"Asked\"}",
                                                     "http://v/", "{\"id\":\"http://a/\"}", "")),
                     S_OK);
    expect(kit, person_run,
           "{\"objectType\":\"Person\",\"name\":[\"Asked\",\"B\"],\"mbox\":[\"mailto:a@example.com\"]}");
}

static void exact_is_what_is_stored(void **state)
{
    struct kit_lrs *kit = *state;

    assert_int_equal(
        kit_lrs_post(kit, KIT_PLAIN(",\"id\":\"" KIT_ID(1) "\",\"result\":{\"score\":{\"raw\":0.10}}")),
        S_OK);
    assert_non_null(strstr(kit_lrs_get(kit, KIT_ID(1), RENDER_EXACT), "{\"raw\":0.10}"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_activity_gathers_its_definitions, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_person_has_all_names, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(exact_is_what_is_stored, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
