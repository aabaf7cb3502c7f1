#include "replication/peer/dictionary.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static struct view view_of(struct duet *duet)
{
    return memory_store_view(duet->players[0].store, duet->roster, &duet->players[0].living);
}

static void bases_lie_end_to_end_each_once(void **state)
{
    struct duet *duet = duet_new();
    struct hash a = duet_object(duet, 0, 1000, 1), b = duet_object(duet, 0, 300, 2), nowhere = {{1}};
    struct view view = view_of(duet);
    struct dictionary dictionary;
    (void)state;

    dictionary_init(&dictionary);
    assert_int_equal(dictionary_cost(&dictionary, &view, &a), 1000);
    assert_int_equal(dictionary_add(&dictionary, &view, &a), S_OK);
    assert_int_equal(dictionary_cost(&dictionary, &view, &a), 0);
    assert_int_equal(dictionary_add(&dictionary, &view, &b), S_OK);
    assert_int_equal(dictionary_add(&dictionary, &view, &a), S_OK);
    assert_int_equal(dictionary.data.size, 1300);
    assert_int_equal(dictionary_cost(&dictionary, &view, &nowhere), SIZE_MAX);
    assert_int_equal(dictionary_add(&dictionary, &view, &nowhere), S_NOT_FOUND);
    dictionary_release(&dictionary);
    duet_free(duet);
}

static void two_megabytes_fit_and_no_more(void **state)
{
    struct duet *duet = duet_new();
    struct hash a = duet_object(duet, 0, MEMBER_WHOLE_MAX, 1), b = duet_object(duet, 0, MEMBER_WHOLE_MAX, 2),
                c = duet_object(duet, 0, 1, 3);
    struct view view = view_of(duet);
    struct dictionary dictionary;
    (void)state;

    dictionary_init(&dictionary);
    assert_int_equal(dictionary_add(&dictionary, &view, &a), S_OK);
    assert_int_equal(dictionary_add(&dictionary, &view, &b), S_OK);
    assert_int_equal(dictionary_cost(&dictionary, &view, &c), SIZE_MAX);
    assert_int_equal(dictionary_add(&dictionary, &view, &c), S_TOO_LARGE);
    dictionary_release(&dictionary);
    duet_free(duet);
}

static void a_damaged_base_is_noticed(void **state)
{
    struct duet *duet = duet_new();
    struct hash name = hash_of(bytes_of(NULL, 0), bytes_text("what it should be"));
    struct dictionary dictionary;
    (void)state;

    memory_store_object_put(duet->players[0].store, &name, bytes_text("what it is now"));
    struct view view = view_of(duet);
    dictionary_init(&dictionary);
    assert_int_equal(dictionary_add(&dictionary, &view, &name), S_CORRUPT);
    assert_int_equal(dictionary.data.size, 0);
    dictionary_release(&dictionary);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bases_lie_end_to_end_each_once),
        cmocka_unit_test(two_megabytes_fit_and_no_more),
        cmocka_unit_test(a_damaged_base_is_noticed),
    };
    return KIT_RUN(tests);
}
