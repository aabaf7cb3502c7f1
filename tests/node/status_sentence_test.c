/* One honest sentence. */
#include "node/status_sentence.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"

static const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "", ""}, {"centre", NODE_NATIONAL, 0, "KE", ""}};

enum { NOW_S = 1700000000 };

struct frame {
    struct id ids[2];
    struct roster *roster;
    struct identity identity;
    struct status_request request;
    struct survey survey;
};

/* A centre that runs and was in step with its hub a minute ago. */
static int setup(void **state)
{
    struct frame *frame = test_calloc(1, sizeof *frame);

    frame->roster = kit_roster_new(nodes, 2, frame->ids);
    frame->identity.node = frame->ids[1];
    frame->request = (struct status_request){.identity = &frame->identity, .now_ms = (uint64_t)NOW_S * 1000, .is_running = true};
    frame->survey = (struct survey){.request = &frame->request,
                                    .roster = frame->roster,
                                    .self = roster_find(frame->roster, &frame->ids[1]),
                                    .alarms = json_array(),
                                    .asking = json_array(),
                                    .aside = json_array(),
                                    .worst = "in_step",
                                    .main_peer = "hub",
                                    .main_success_ms = (uint64_t)(NOW_S - 60) * 1000,
                                    .has_uplink = true};
    *state = frame;
    return 0;
}

static int teardown(void **state)
{
    struct frame *frame = *state;

    json_decref(frame->survey.alarms);
    json_decref(frame->survey.asking);
    json_decref(frame->survey.aside);
    roster_free(frame->roster);
    test_free(frame);
    return 0;
}

static void sentence_is(const struct frame *frame, const char *wanted)
{
    char sentence[STATUS_SENTENCE_MAX];

    status_sentence(&frame->survey, sentence);
    assert_string_equal(sentence, wanted);
}

static void each_state_has_its_words(void **state)
{
    struct frame *frame = *state;
    struct survey *survey = &frame->survey;

    sentence_is(frame, "in step with hub, 1 min ago");
    survey->main_we_lack = 3;
    survey->main_they_lack = 5;
    survey->worst = "behind";
    sentence_is(frame, "behind: 3 cells to come from hub, up to 5 to go; last in step 1 min ago");
    survey->worst = "offline";
    survey->main_missed = 2;
    sentence_is(frame, "offline: hub is out of reach; last in step 1 min ago; 2 windows missed");
    survey->is_refused = true;
    sentence_is(frame, "offline: hub refuses this node (qanat doctor); last in step 1 min ago; 2 windows missed");
    survey->is_refused = false;
    survey->worst = "waiting";
    survey->main_hours.state = HOURS_PAUSED;
    survey->main_missed = 0;
    sentence_is(frame, "waiting for hub: sync is paused; qanat sync resume goes on; 3 cells to come, up to 5 to go; last in step 1 min ago");
    survey->main_hours.state = HOURS_FREE;
    frame->request.is_running = false;
    sentence_is(frame, "waiting: never in step with hub yet; the node is not running");
    survey->main_success_ms = 0;
    survey->main_bundle_ms = survey->request->now_ms - 60000;
    sentence_is(frame, "waiting: never in step with hub yet over a link; by stick: its bundle, made 1 min ago by its clock, was taken in, "
                       "up to 5 cells to go; the node is not running");
    survey->worst = "offline"; /* a link was tried once */
    sentence_is(frame, "offline: hub is out of reach; last in step never; by stick: its bundle, made 1 min ago by its clock, was taken in, "
                       "up to 5 cells to go; the node is not running");
    survey->main_success_ms = survey->request->now_ms - 7200000; /* there was a link, and none since: sticks come */
    sentence_is(frame, "offline: hub is out of reach; last in step 2 h ago; by stick: its bundle, made 1 min ago by its clock, was taken in, "
                       "up to 5 cells to go; the node is not running");
    survey->worst = "behind";
    sentence_is(frame, "behind: last in step with hub 2 h ago; by stick: its bundle, made 1 min ago by its clock, was taken in, "
                       "up to 5 cells to go; the node is not running");
    survey->worst = "offline";
    survey->main_bundle_ms = survey->main_success_ms - 1;
    sentence_is(frame, "offline: hub is out of reach; last in step 2 h ago; the node is not running");
    survey->main_peer[0] = '\0';
    sentence_is(frame, "waiting: the node above has not been reached yet");
}

static void content_is_told_with_what_is_left_of_it(void **state)
{
    struct frame *frame = *state;

    frame->survey.content_left = 1400000000;
    frame->survey.content_total = 3000000000;
    sentence_is(frame, "in step with hub, 1 min ago; 1.4 of 3.0 GB of courses to come");
    frame->survey.rate_bits = 2000000;
    sentence_is(frame, "in step with hub, 1 min ago; 1.4 of 3.0 GB of courses to come, 2.0 Mbit/s, 94 min left");
}

static void alarms_stand_at_its_end_and_it_has_one(void **state)
{
    struct frame *frame = *state;
    char sentence[STATUS_SENTENCE_MAX];

    frame->survey.is_read_only = frame->survey.is_full = frame->survey.is_key_given_up = true;
    json_array_append_new(frame->survey.asking, json_string("islet"));
    json_array_append_new(frame->survey.alarms, json_pack("{s:s,s:s}", "node", "a", "what", "two_writers"));
    json_array_append_new(frame->survey.alarms, json_pack("{s:s,s:s}", "node", "b", "what", "implausible"));
    json_array_append_new(frame->survey.alarms, json_pack("{s:s,s:s}", "node", "b", "what", "implausible"));
    json_array_append_new(frame->survey.aside, json_pack("{s:s}", "node", "c"));
    sentence_is(frame, "in step with hub, 1 min ago; ALARM: the disk is read-only, nothing can be recorded; ALARM: the disk is full, free some space now; "
                       "ALARM: this node changed its keys, and node.key holds those before; islet asks for a new key (qanat key admit); "
                       "ALARM: two machines write as a; ALARM: figures of b can hardly be right (qanat doctor); in quarantine: c");
    for (int i = 0; i < 50; i++) {
        json_array_append_new(frame->survey.aside, json_pack("{s:s}", "node", "a node with a long name"));
    }
    status_sentence(&frame->survey, sentence);
    assert_int_equal(strlen(sentence), STATUS_SENTENCE_MAX - 1);
}

KIT_TESTS()
{
#define SENTENCE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SENTENCE_TEST(each_state_has_its_words),
        SENTENCE_TEST(content_is_told_with_what_is_left_of_it),
        SENTENCE_TEST(alarms_stand_at_its_end_and_it_has_one),
    };
    return KIT_RUN(tests);
}
