#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

#ifdef WITH_SANITIZER
enum { MANY = 2000, NEW = 500 }; /* they are written in the square of their number, six times slower */
#else
enum { MANY = 10000, NEW = 1500 };
#endif

/* `count` catalogue streams of earlier incarnations of the hub, from number `first` on. */
static void streams_write(struct duet *duet, struct memory_store *store, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        struct stream_id stream = duet_stream(duet, 0, TOPIC_CATALOGUE);
        memset(&stream.incarnation, 0, sizeof stream.incarnation);
        stream.incarnation.b[0] = (uint8_t)(i >> 8);
        stream.incarnation.b[1] = (uint8_t)i;
        duet_write_stream(duet, store, &stream, duet->players[0].identity, "c", i);
    }
}

/* The other player gets the same streams. */
static void stores_level(struct duet *duet)
{
    memory_store_free(duet->players[1].store);
    duet->players[1].store = memory_store_copy(duet->players[0].store);
}

static size_t bytes_said(const struct duet *duet)
{
    return duet->players[0].bytes + duet->players[1].bytes;
}

static void ten_thousand_equal_streams_cost_one_greeting_each(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    streams_write(duet, duet->players[0].store, 0, MANY);
    stores_level(duet);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    assert_true(bytes_said(duet) <= 250);
    duet_free(duet);
}

static void few_differences_among_many_streams_cost_buckets_not_vectors(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    streams_write(duet, duet->players[0].store, 0, 2000);
    stores_level(duet);
    streams_write(duet, duet->players[0].store, 2000, 2);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 9);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[1].kinds[EFFECT_APPLY], 2);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 9);
    assert_true(bytes_said(duet) < 16 * 1024); /* the whole vector would be 2 x 114 kB */
    duet_free(duet);
}

static void streams_at_the_edge_of_a_whole_vector_all_come(void **state)
{
    for (unsigned count = VECTOR_WHOLE_MAX - 1; count <= VECTOR_WHOLE_MAX + 1; count++) {
        struct duet *duet = duet_new();
        (void)state;

        streams_write(duet, duet->players[0].store, 0, count);
        duet_open(duet);
        duet_run(duet, duet->now_ms + 600000);
        assert_true(duet_is_in_step(duet));
        assert_int_equal(duet->players[1].kinds[EFFECT_APPLY], count);
        duet_free(duet);
    }
}

/* More than one message takes, more than one WANT asks for. */
static void a_newcomer_gets_everything(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    streams_write(duet, duet->players[0].store, 0, NEW);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[1].kinds[EFFECT_APPLY], NEW);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_equal_streams_cost_one_greeting_each),
        cmocka_unit_test(few_differences_among_many_streams_cost_buckets_not_vectors),
        cmocka_unit_test(streams_at_the_edge_of_a_whole_vector_all_come),
        cmocka_unit_test(a_newcomer_gets_everything),
    };
    return KIT_RUN(tests);
}
