/* What was made for Tin Can: launched with an authorization, heard by the name that its package gives it. And what is said when a unit of cmi5 ends. */
#include "node/learn/attempt/xapi.h"

#include <stdio.h>
#include <string.h>

#include "node/lrs/client.h"
#include "node/store/course/course_item.h"
#include "node/store/people/person.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"
#include "tests/kit/kit_results.h"

#define ACTIVITY "http://example.org/bees"
#define STATEMENT(verb, object, result)                                                                                                     \
    "{\"actor\":%s,\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/" verb "\"},\"object\":{\"id\":\"" object "\"},\"result\":" result "}"

struct frame {
    struct kit_lrs kit;
    struct attempts attempts;
    struct arena arena;
    struct launch_open open;
    struct lrs_client client;
    bool has_client;
    const char *details; /* of the item */
    bool is_cmi5;
    char satisfied[2048]; /* the statement that says so */
};

static enum status course_make(struct db *db, void *arg)
{
    struct frame *frame = arg;
    struct course_row row = {.course = "bees", .lang = "en", .version = "1", .title = "Bees", .format = PACKAGE_PLAIN};
    struct course_item item = {.id = bytes_text(frame->is_cmi5 ? "urn:au" : "story.html"),
                               .title = bytes_text("Bees"),
                               .entry = bytes_text("story.html"),
                               .kind = bytes_text("page"),
                               .mastery_percent = -1,
                               .details = bytes_text(frame->details)};

    if (frame->is_cmi5) {
        row.format = PACKAGE_CMI5;
        item.kind = bytes_text("au");
    }
    row.state = COURSE_IMPORTED;
    row.is_current = row.is_listed = true;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    return course_item_insert(db, row.id, 0, &item);
}

static int setup(void **state)
{
    struct frame *frame = test_calloc(1, sizeof *frame);

    kit_lrs_open(&frame->kit);
    kit_people_make(&frame->kit.kit, 2);
    frame->kit.lrs.observe = xapi_observe;
    frame->kit.lrs.observe_ctx = &frame->attempts;
    frame->attempts = (struct attempts){.store = frame->kit.kit.store, .federation = &frame->kit.kit.federation, .lrs = &frame->kit.lrs};
    arena_init(&frame->arena, 1 << 20);
    *state = frame;
    return 0;
}

static int teardown(void **state)
{
    struct frame *frame = *state;

    if (frame->has_client) {
        client_release(&frame->client);
    }
    arena_release(&frame->arena);
    kit_lrs_close(&frame->kit);
    test_free(frame);
    return 0;
}

static void launch(struct frame *frame, const char *details)
{
    struct person person;

    frame->details = details;
    assert_int_equal(store_write_wait(frame->kit.kit.store, course_make, frame), S_OK);
    struct db *db = store_read_begin(frame->kit.kit.store);
    assert_true(person_find_dims(db, bytes_text("p0"), &person));
    store_read_end(frame->kit.kit.store, db);
    frame->open = (struct launch_open){.attempts = &frame->attempts,
                                       .arena = &frame->arena,
                                       .person = person.row,
                                       .course = bytes_text("bees"),
                                       .now_ms = frame->kit.now_ms};
    assert_int_equal(store_write_wait(frame->kit.kit.store, launch_open_run, &frame->open), S_OK);
}

/* Signs in as the page does: with what stood in its address. */
static enum status sign_in(struct frame *frame)
{
    char header[LRS_AUTHORIZATION_SIZE + 8];

    snprintf(header, sizeof header, "Basic %s", frame->open.authorization);
    if (frame->has_client) {
        client_release(&frame->client);
    }
    frame->has_client = true;
    struct db *db = store_read_begin(frame->kit.kit.store);
    enum status status = client_open(&frame->kit.lrs, db, header, frame->kit.now_ms, &frame->client);
    store_read_end(frame->kit.kit.store, db);
    return status;
}

static enum status say(struct frame *frame, const char *format)
{
    char actor[512], json[2048];

    snprintf(actor, sizeof actor, "%.*s", (int)frame->open.actor.size, (const char *)frame->open.actor.data);
    snprintf(json, sizeof json, format, actor);
    return kit_lrs_post_as(&frame->kit, &frame->client, LRS_1_0_3, json);
}

static struct launch_row row_of(struct frame *frame)
{
    struct launch_row row;
    struct db *db = store_read_begin(frame->kit.kit.store);

    assert_true(launch_row_get(db, frame->open.row.id, &row));
    store_read_end(frame->kit.kit.store, db);
    return row;
}

static void its_statements_count_for_the_launch(void **state)
{
    struct frame *frame = *state;

    launch(frame, "{\"activityId\":\"" ACTIVITY "\"}");
    assert_string_equal(launch_runtime_text(frame->open.row.runtime), "tincan");
    assert_true(bytes_equal(frame->open.activity, bytes_text(ACTIVITY)));
    assert_int_equal(sign_in(frame), S_OK);
    assert_int_equal(say(frame, STATEMENT("answered", ACTIVITY "/question", "{\"completion\":true,\"success\":true}")), S_OK);
    assert_int_equal(row_of(frame).completion, CMI_UNKNOWN); /* a part of it */
    assert_int_equal(say(frame, STATEMENT("passed", ACTIVITY, "{\"score\":{\"scaled\":0.9}}")), S_OK);
    struct launch_row row = row_of(frame);
    assert_int_equal(row.success, CMI_YES); /* as the verb says */
    assert_int_equal(row.completion, CMI_YES);
    assert_int_equal(row.score, 9000);
}

static void what_it_may_not_say_is_refused_and_its_end_is_one(void **state)
{
    struct frame *frame = *state;

    launch(frame, "{\"activityId\":\"" ACTIVITY "\"}");
    assert_int_equal(sign_in(frame), S_OK);
    assert_int_equal(kit_lrs_post_as(&frame->kit, &frame->client, LRS_1_0_3, KIT_PLAIN("")), S_DENIED); /* of somebody else */
    struct launch_commit end = {.launch = frame->open.row.id,
                                .seq = 1,
                                .result = {.score = CMI_NONE, .progress = CMI_NONE, .seconds = 60},
                                .now_ms = frame->kit.now_ms,
                                .is_end = true,
                                .lrs = &frame->kit.lrs};
    assert_int_equal(store_write_wait(frame->kit.kit.store, launch_commit_run, &end), S_OK);
    assert_int_equal(sign_in(frame), S_DENIED);
    assert_int_equal(row_of(frame).completion, CMI_UNKNOWN);
}

static void a_page_without_an_activity_has_no_session(void **state)
{
    struct frame *frame = *state;

    launch(frame, "{\"launchData\":\"x\"}");
    assert_string_equal(launch_runtime_text(frame->open.row.runtime), "plain");
    assert_string_equal(frame->open.authorization, "");
    assert_int_equal(frame->open.row.session, 0);
}

static enum status satisfied_keep(void *ctx, struct db *db, const struct lrs_event *event)
{
    struct frame *frame = ctx;
    (void)db;

    if (bytes_equal(event->verb, bytes_text("https://w3id.org/xapi/adl/verbs/satisfied"))) {
        snprintf(frame->satisfied, sizeof frame->satisfied, "%.*s", (int)event->statement.size, (const char *)event->statement.data);
    }
    return S_OK;
}

static void a_course_is_satisfied_under_a_name_of_this_node(void **state)
{
    struct frame *frame = *state;

    frame->is_cmi5 = true;
    frame->kit.lrs.observe = satisfied_keep;
    frame->kit.lrs.observe_ctx = frame;
    launch(frame, "{\"course\":\"http://example.org/published\",\"moveOn\":\"Completed\"}");
    struct launch_commit end = {.launch = frame->open.row.id,
                                .seq = 1,
                                .result = {.completion = CMI_YES, .score = CMI_NONE, .progress = CMI_NONE, .seconds = 60},
                                .now_ms = frame->kit.now_ms,
                                .is_end = true,
                                .lrs = &frame->kit.lrs};
    assert_int_equal(store_write_wait(frame->kit.kit.store, launch_commit_run, &end), S_OK);
    assert_non_null(strstr(frame->satisfied, "\"id\":\"https://qanat.invalid/course/bees\""));
    assert_non_null(strstr(frame->satisfied, "\"grouping\":[{\"objectType\":\"Activity\",\"id\":\"urn:au\"},"
                                             "{\"objectType\":\"Activity\",\"id\":\"http://example.org/published\"}]"));
}

KIT_TESTS()
{
#define XAPI_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        XAPI_TEST(its_statements_count_for_the_launch),
        XAPI_TEST(what_it_may_not_say_is_refused_and_its_end_is_one),
        XAPI_TEST(a_course_is_satisfied_under_a_name_of_this_node),
        XAPI_TEST(a_page_without_an_activity_has_no_session),
    };
    return KIT_RUN(tests);
}
