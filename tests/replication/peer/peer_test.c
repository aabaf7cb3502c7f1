#include "replication/peer/peer.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdio.h>
#include <string.h>

static void equal_stores_are_in_step_after_one_hello_each(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    assert_true(duet->players[0].largest <= 100 && duet->players[1].largest <= 100);
    duet_free(duet);
}

static void results_go_up_and_a_course_comes_down(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 41);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 42);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    printf("%s", duet_transcript(duet));
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 42);
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 43);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    printf("%s", duet_transcript(duet));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 43);
    duet_free(duet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_stores_are_in_step_after_one_hello_each),
        cmocka_unit_test(results_go_up_and_a_course_comes_down),
    };
    return KIT_RUN(tests);
}
