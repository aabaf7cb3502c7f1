#include "node/stats/restatement.h"

#include <stdlib.h>

#include "tests/kit/kit.h"

static json_t *row_of(const char *centre, int enrolled, double minutes)
{
    return json_pack("{s:{s:s},s:i,s:f,s:{s:i},s:{s:i}}", "by", "centre", centre, "enrolled", enrolled,
                     "minutes", minutes, "score", "n", 0, "people", "estimate", enrolled);
}

static void changed_new_and_lost_rows_are_restatements(void **state)
{
    json_t *sealed =
        json_pack("{s:[o,o,o]}", "rows", row_of("a", 5, 1.5), row_of("b", 6, 0), row_of("c", 7, 0));
    json_t *now = json_pack("{s:[o,o,o]}", "rows", row_of("a", 5, 2), row_of("c", 7, 0), row_of("d", 1, 0));
    (void)state;

    json_t *list = restatements_find(sealed, now);
    char *text = json_dumps(list, JSON_COMPACT);
    assert_string_equal(text, "[{\"by\":{\"centre\":\"a\"},\"figure\":\"minutes\",\"sealed\":1.5,\"now\":2},"
                              "{\"by\":{\"centre\":\"b\"},\"figure\":\"enrolled\",\"sealed\":6,\"now\":0},"
                              "{\"by\":{\"centre\":\"b\"},\"figure\":\"people\",\"sealed\":6,\"now\":0},"
                              "{\"by\":{\"centre\":\"d\"},\"figure\":\"enrolled\",\"sealed\":0,\"now\":1},"
                              "{\"by\":{\"centre\":\"d\"},\"figure\":\"people\",\"sealed\":0,\"now\":1}]");
    free(text);
    json_decref(list);
    list = restatements_find(now, now);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    json_decref(sealed);
    json_decref(now);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_new_and_lost_rows_are_restatements),
    };
    return KIT_RUN(tests);
}
