#include "node/store/stream/intake.h"

#include <stdlib.h>

#include "node/local_time.h"
#include "node/store/stream/expel.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"
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
    struct arrival arrival = {.intake = {.federation = &federation, .moved = told, .ctx = &arrival}, .answer = answer};
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

/* A hub that has a stream of its campus, and puts that out. */
struct parting {
    struct intake intake;
    struct identity hub;
    struct stream_writer writer;
    uint64_t after_seq;
};

static enum status next_run(struct db *db, void *arg)
{
    struct parting *parting = arg;
    struct certificate certificate = stream_writer_certify(&parting->writer);
    struct buffer body;

    buffer_init(&body);
    stream_writer_body(&parting->writer, parting->after_seq, certificate.head.seq, &certificate, &body);
    enum status status = intake_apply(&parting->intake, db, &parting->writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    return status;
}

static enum status expel_run(struct db *db, void *arg)
{
    struct parting *parting = arg;
    struct expulsion expulsion = {.federation = &parting->intake.federation->id,
                                  .by = &parting->hub,
                                  .node = parting->writer.head.stream.node,
                                  .reason = "test",
                                  .now_ms = local_time_now()};

    return expel_put(db, &expulsion);
}

static void what_waited_until_its_writer_was_put_out_is_left(void **state)
{
    const struct store_options options = {0};
    struct kit_command *hub = *state, campus = {.dir = ""};
    struct parting parting = {.after_seq = 0};
    struct federation federation;
    struct report report = {.status = S_OK};
    struct store *store;

    kit_command_campus(hub, &campus, "campus");
    assert_int_equal(dir_load_federation(hub->dir, &federation, &report), S_OK);
    assert_int_equal(dir_load_identity(hub->dir, &parting.hub, &report), S_OK);
    stream_writer_init(&parting.writer, &federation.id, 9, TOPIC_RESULTS);
    assert_int_equal(dir_load_identity(campus.dir, &parting.writer.identity, &report), S_OK);
    parting.writer.head.stream.node = parting.writer.identity.node;
    parting.writer.key = lthash_key(&federation.id, &parting.writer.head.stream);
    parting.intake = (struct intake){.federation = &federation, .is_late = true};
    assert_int_equal(store_open(hub->dir, &options, &store, &report), S_OK);
    store_set_identity(store, &parting.hub, &federation.id);
    stream_writer_put_number(&parting.writer, "key", 1);
    assert_int_equal(store_write_wait(store, next_run, &parting), S_OK); /* a member's */
    assert_int_equal(store_write_wait(store, expel_run, &parting), S_OK);
    parting.after_seq = 1;
    stream_writer_put_number(&parting.writer, "key", 2);
    assert_int_equal(store_write_wait(store, next_run, &parting), S_STALE);
    store_close(store);
    stream_writer_release(&parting.writer);
    free(campus.out);
    free(campus.err);
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
        cmocka_unit_test_setup_teardown(what_waited_until_its_writer_was_put_out_is_left, kit_command_setup, kit_command_teardown),
        cmocka_unit_test(only_wrong_content_makes_what_was_staged_void),
    };
    return KIT_RUN(tests);
}
