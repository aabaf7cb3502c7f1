#include "node/store/stream/intake.h"

#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

struct arrival {
    struct intake intake;
    struct stream_id stream;
    struct buffer body;
    int told;
    enum status answer;
};

static enum status told(void *ctx, struct db *db, const struct stream_id *stream)
{
    struct arrival *arrival = ctx;

    (void)db;
    assert_int_equal(stream->topic, arrival->stream.topic);
    arrival->told++;
    return arrival->answer;
}

static enum status run(struct db *db, void *arg)
{
    struct arrival *arrival = arg;

    return intake_apply(&arrival->intake, db, &arrival->stream, buffer_bytes(&arrival->body));
}

/* One stream of `topic` with one cell arrives; returns what the job said. */
static enum status arrive(struct desk *desk, enum topic topic, enum status answer, int *told_out)
{
    const struct federation federation = {.id = desk->federation};
    struct arrival arrival = {.intake = {&federation, told, &arrival}, .answer = answer};
    struct stream_writer writer;

    stream_writer_init(&writer, &desk->federation, 9, topic);
    stream_writer_put_number(&writer, "key", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    stream_writer_body(&writer, 0, 1, &certificate, &arrival.body);
    arrival.stream = writer.head.stream;
    enum status status = store_write_wait(desk->store, run, &arrival);
    *told_out = arrival.told;
    stream_writer_release(&writer);
    buffer_release(&arrival.body);
    return status;
}

static void those_who_act_upon_a_stream_are_told_in_the_same_job(void **state)
{
    struct desk *desk = desk_open();
    int count;
    (void)state;

    assert_int_equal(arrive(desk, TOPIC_CATALOGUE, S_NO_SPACE, &count), S_NO_SPACE);
    assert_int_equal(count, 1);
    assert_int_equal(arrive(desk, TOPIC_CATALOGUE, S_OK, &count), S_OK); /* nothing had stayed */
    assert_int_equal(count, 1);
    assert_int_equal(arrive(desk, TOPIC_RESULTS, S_OK, &count), S_OK);
    assert_int_equal(count, 0);
    desk_close(desk);
}

static void only_wrong_content_makes_what_was_staged_void(void **state)
{
    (void)state;
    assert_true(intake_is_void(S_BAD_DIGEST) && intake_is_void(S_INVALID));
    assert_false(intake_is_void(S_OK) || intake_is_void(S_STALE) || intake_is_void(S_NO_SPACE));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_who_act_upon_a_stream_are_told_in_the_same_job),
        cmocka_unit_test(only_wrong_content_makes_what_was_staged_void),
    };
    return KIT_RUN(tests);
}
