#include "replication/stream/stream.h"
#include "tests/kit/kit.h"

static struct stream_id stream_of(enum topic topic, uint8_t node, uint8_t incarnation)
{
    struct stream_id stream = {.node = {{node}}, .incarnation = {{incarnation}}, .topic = topic};
    return stream;
}

static void streams_order_by_topic_then_node_then_incarnation(void **state)
{
    const struct stream_id ordered[] = {
        stream_of(TOPIC_ROSTER, 9, 9),  stream_of(TOPIC_RESULTS, 1, 9),   stream_of(TOPIC_RESULTS, 2, 0),
        stream_of(TOPIC_RESULTS, 2, 1), stream_of(TOPIC_RESULTS, 255, 0), stream_of(TOPIC_CATALOGUE, 0, 0),
    };
    const size_t count = sizeof ordered / sizeof *ordered;
    (void)state;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = stream_id_compare(&ordered[i], &ordered[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void the_canonical_bytes_come_back(void **state)
{
    uint8_t raw[STREAM_ID_SIZE];
    struct stream_id back, stream = stream_of(TOPIC_CREDENTIALS, 7, 8);
    (void)state;

    stream_id_encode(&stream, raw);
    assert_int_equal(raw[0], 3);
    assert_int_equal(raw[1], 7);
    assert_int_equal(raw[17], 8);
    assert_true(stream_id_decode(raw, &back));
    assert_int_equal(stream_id_compare(&stream, &back), 0);
}

static void bytes_of_an_unknown_topic_are_refused(void **state)
{
    uint8_t raw[STREAM_ID_SIZE] = {0};
    struct stream_id back;
    (void)state;

    assert_false(stream_id_decode(raw, &back));
    raw[0] = TOPIC_RELAYED_LAST + 1;
    assert_false(stream_id_decode(raw, &back));
    raw[0] = TOPIC_LAST;
    assert_true(stream_id_decode(raw, &back));
}

static void every_topic_has_a_name(void **state)
{
    (void)state;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_RELAYED_LAST; topic++) {
        assert_non_null(topic_name((enum topic)topic));
    }
    assert_string_equal(topic_name(TOPIC_RESULTS), "results");
    assert_null(topic_name((enum topic)(TOPIC_RELAYED_LAST + 1)));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_order_by_topic_then_node_then_incarnation),
        cmocka_unit_test(the_canonical_bytes_come_back),
        cmocka_unit_test(bytes_of_an_unknown_topic_are_refused),
        cmocka_unit_test(every_topic_has_a_name),
    };
    return KIT_RUN(tests);
}
