#include "replication/stream/adoption.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct adoption entry(uint8_t incarnation, uint64_t from, uint64_t to)
{
    return (struct adoption){{{incarnation}}, from, to};
}

static void pages_have_one_key_each(void **state)
{
    static const char *const others[] = {"adopted", "adopted\x1f", "adopted\x1fx", "adopted\x1f" "00", "adopted\x1f" "4096",
                                         "adopted\x1f" "12345", "adopteD\x1f" "1", "adopted\x1f" "1\x1f" "1"};
    struct buffer key;
    unsigned page = 0;
    (void)state;

    buffer_init(&key);
    for (unsigned i = 0; i < ADOPTION_PAGES_MAX; i += 455) {
        adoption_key(i, &key);
        assert_true(adoption_key_parse(buffer_bytes(&key), &page) && page == i);
    }
    buffer_release(&key);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(adoption_key_parse(bytes_text(others[i]), &page));
    }
}

static void a_full_page_is_read_as_it_was_written(void **state)
{
    struct adoption entries[ADOPTION_PAGE_MAX], read[ADOPTION_PAGE_MAX];
    struct id unknown = {{99}};
    struct buffer value;
    size_t count;
    (void)state;

    for (uint8_t i = 0; i < ADOPTION_PAGE_MAX; i++) {
        entries[i] = entry((uint8_t)(i + 1), i, SEQ_MAX - i);
    }
    buffer_init(&value);
    adoption_encode(entries, ADOPTION_PAGE_MAX, &value);
    struct cell cell = {1, bytes_text("adopted\x1f" "0"), buffer_bytes(&value)};
    assert_int_equal(cell_check(&cell), S_OK);
    assert_int_equal(adoption_decode(buffer_bytes(&value), read, &count), S_OK);
    assert_int_equal(count, ADOPTION_PAGE_MAX);
    assert_memory_equal(read, entries, sizeof read);
    assert_true(adoption_page_seq(buffer_bytes(&value), &entries[3].incarnation) == SEQ_MAX - 3);
    assert_true(adoption_page_seq(buffer_bytes(&value), &unknown) == 0);
    buffer_append(&value, entries[0].incarnation.b, 16); /* one more than a page holds */
    buffer_append_varint(&value, 0);
    buffer_append_varint(&value, 1);
    assert_int_equal(adoption_decode(buffer_bytes(&value), read, &count), S_INVALID);
    buffer_release(&value);
}

static void a_page_that_is_none_says_nothing(void **state)
{
    struct adoption first = entry(1, 0, 7), read[ADOPTION_PAGE_MAX];
    struct buffer value;
    size_t count;
    (void)state;

    buffer_init(&value);
    adoption_encode(&first, 1, &value);
    for (size_t size = 0; size < value.size; size++) {
        assert_int_equal(adoption_decode(bytes_of(value.data, size), read, &count), S_INVALID);
        assert_true(adoption_page_seq(bytes_of(value.data, size), &first.incarnation) == 0);
    }
    value.data[0] = CELL_COUNT;
    assert_int_equal(adoption_decode(buffer_bytes(&value), read, &count), S_INVALID);
    value.data[0] = CELL_ADOPTED;
    value.data[value.size - 1] = 0; /* up to where it begins */
    assert_int_equal(adoption_decode(buffer_bytes(&value), read, &count), S_INVALID);
    buffer_release(&value);
}

static void sentences_of_one_stream_are_joined_where_they_meet(void **state)
{
    struct adoption_list list = {0};
    size_t at;
    (void)state;

    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{1}}, 0, 80}, &at), S_OK);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{2}}, 0, 5}, &at), S_OK);
    assert_int_equal(at, 1);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{1}}, 80, 100}, &at), S_OK);
    assert_true(at == 0 && list.count == 2 && list.entries[0].to == 100);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{3}}, 9, 12}, &at), S_OK);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{3}}, 4, 9}, &at), S_OK);
    assert_true(list.count == 3 && list.entries[2].from == 4 && list.entries[2].to == 12);
    adoption_list_release(&list);
}

static void the_same_writes_are_not_taken_twice_where_they_are_summed(void **state)
{
    const struct adoption again[] = {entry(1, 0, 80), entry(1, 0, 10), entry(1, 70, 90), entry(1, 0, 100)};
    struct adoption_list list = {0};
    size_t at;
    (void)state;

    adoption_list_add(&list, TOPIC_RESULTS, &(struct adoption){{{1}}, 0, 80}, &at);
    for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
        assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &again[i], &at), S_EXISTS);
    }
    assert_int_equal(adoption_list_add(&list, TOPIC_CATALOGUE, &again[2], &at), S_OK); /* idempotent */
    assert_true(list.count == 1 && list.entries[0].from == 0 && list.entries[0].to == 90);
    adoption_list_release(&list);
}

static void a_hole_keeps_its_place_and_says_nothing(void **state)
{
    const struct adoption hole = adoption_hole(), first = entry(1, 0, 80), inner = entry(1, 20, 40), longer = entry(1, 0, 90);
    struct adoption read[ADOPTION_PAGE_MAX];
    struct adoption_list list = {0};
    struct buffer value;
    size_t at, count;
    (void)state;

    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &hole, &at), S_OK);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &first, &at), S_OK);
    assert_int_equal(adoption_list_add(&list, TOPIC_RESULTS, &hole, &at), S_OK);
    assert_true(at == 2 && list.count == 3 && adoption_is_hole(&list.entries[0]) && adoption_is_hole(&list.entries[2]));
    assert_null(adoption_list_overlap(&list, &hole));
    assert_ptr_equal(adoption_list_overlap(&list, &inner), &list.entries[1]);
    assert_null(adoption_list_overlap(&list, &(struct adoption){{{1}}, 80, 90}));
    assert_true(adoption_contains(&first, &inner) && adoption_contains(&first, &first) && !adoption_contains(&first, &longer));
    buffer_init(&value);
    adoption_encode(list.entries, list.count, &value);
    assert_int_equal(adoption_decode(buffer_bytes(&value), read, &count), S_OK);
    assert_true(count == 3 && adoption_is_hole(&read[2]) && !adoption_is_hole(&read[1]));
    assert_true(adoption_page_seq(buffer_bytes(&value), &first.incarnation) == 80);
    assert_true(adoption_page_seq(buffer_bytes(&value), &hole.incarnation) == 0);
    buffer_release(&value);
    adoption_list_release(&list);
}

static void what_counts_follows_from_how_far_it_was_adopted(void **state)
{
    (void)state;
    assert_true(adoption_covers(7, 7) && adoption_covers(6, 7) && !adoption_covers(8, 7) && !adoption_covers(1, 0));
    assert_true(adoption_counts(TOPIC_RESULTS, 7, 0));
    assert_false(adoption_counts(TOPIC_RESULTS, 7, 7));
    assert_false(adoption_counts(TOPIC_RESULTS, 8, 7)); /* its larger part is elsewhere */
    assert_true(adoption_counts(TOPIC_CATALOGUE, 8, 7));
    assert_false(adoption_counts(TOPIC_ROSTER, 7, 7));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_have_one_key_each),
        cmocka_unit_test(a_full_page_is_read_as_it_was_written),
        cmocka_unit_test(a_page_that_is_none_says_nothing),
        cmocka_unit_test(sentences_of_one_stream_are_joined_where_they_meet),
        cmocka_unit_test(the_same_writes_are_not_taken_twice_where_they_are_summed),
        cmocka_unit_test(a_hole_keeps_its_place_and_says_nothing),
        cmocka_unit_test(what_counts_follows_from_how_far_it_was_adopted),
    };
    return KIT_RUN(tests);
}
