#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

#include <jansson.h>
#include <string.h>

/* The digest over all, which the caller releases together with the document. */
static const char *digest_of(struct kit_command *kit, json_t **document_out)
{
    assert_int_equal(kit_command(kit, "digest --json"), 0);
    *document_out = json_loads(kit->out, 0, NULL);
    assert_non_null(*document_out);
    return json_string_value(json_object_get(*document_out, "digest"));
}

static void the_digest_changes_with_the_facts_and_only_with_them(void **state)
{
    struct kit_command kit;
    json_t *before, *same, *after;
    (void)state;

    kit_command_open(&kit);
    assert_int_equal(kit_command(&kit, "person add --id p1 --name Amina --gender female"), 0);
    const char *first = digest_of(&kit, &before);
    assert_string_equal(first, digest_of(&kit, &same));
    assert_int_equal(kit_command(&kit, "person add --id p1 --name Amina --gender female"), 0);
    json_decref(same);
    assert_string_equal(first, digest_of(&kit, &same));
    assert_int_equal(kit_command(&kit, "person add --id p2 --name Wei --gender male"), 0);
    assert_string_not_equal(first, digest_of(&kit, &after));
    assert_int_equal(json_array_size(json_object_get(after, "streams")), 2);
    json_decref(before);
    json_decref(same);
    json_decref(after);
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_digest_changes_with_the_facts_and_only_with_them)};
    return KIT_RUN(tests);
}
