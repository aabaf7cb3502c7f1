/* Blocks and courses of cmi5: said to be satisfied as soon as they are, once, and before anything is opened where nothing has to be done. */
#include "node/learn/attempt/satisfied.h"

#include <stdio.h>
#include <string.h>

#include "node/learn/attempt/xapi.h"
#include "node/lrs/client.h"
#include "node/store/course/course_item.h"
#include "node/store/people/person.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"
#include "tests/kit/kit_results.h"

#define HERE "https://qanat.invalid/course/wells"

struct frame {
    struct kit_lrs kit;
    struct attempts attempts;
    struct arena arena;
    struct launch_open open;
    const char *const *items; /* "b urn:b", "a urn:a Completed", deeper ones behind a '>' each; ends in NULL */
    char told[1024];          /* the verbs and objects of what was stored, in order */
    char last[2048];          /* the latest "satisfied" */
    unsigned number;          /* of the next statement */
};

static enum status told_keep(void *ctx, struct db *db, const struct lrs_event *event)
{
    struct frame *frame = ctx;
    const uint8_t *slash = memrchr(event->verb.data, '/', event->verb.size);
    size_t used = strlen(frame->told);
    int verb_size = (int)(event->verb.data + event->verb.size - slash - 1);
    bool is_satisfied = verb_size == 9 && memcmp(slash + 1, "satisfied", 9) == 0;

    snprintf(frame->told + used, sizeof frame->told - used, "%.*s%s%.*s ", verb_size, (const char *)slash + 1, is_satisfied ? ":" : "",
             is_satisfied ? (int)(event->activity.size - strlen(HERE)) : 0, (const char *)event->activity.data + (is_satisfied ? strlen(HERE) : 0));
    if (is_satisfied) {
        snprintf(frame->last, sizeof frame->last, "%.*s", (int)event->statement.size, (const char *)event->statement.data);
    }
    return xapi_observe(&frame->attempts, db, event);
}

static enum status course_make(struct db *db, void *arg)
{
    struct frame *frame = arg;
    struct course_row row = {.course = "wells", .lang = "en", .version = "1", .title = "Wells", .format = PACKAGE_CMI5};
    enum status status;

    row.state = COURSE_IMPORTED;
    row.is_current = row.is_listed = true;
    status = course_row_insert(db, &row);
    for (uint32_t i = 0; frame->items[i] && status == S_OK; i++) {
        char kind[8] = "", id[64] = "", rule[32] = "", details[128];
        const size_t depth = strspn(frame->items[i], ">");
        sscanf(frame->items[i] + depth, "%7s %63s %31s", kind, id, rule);
        const bool is_unit = *kind == 'a';
        snprintf(details, sizeof details, "{\"course\":\"urn:course\",\"moveOn\":\"%s\"}", rule);
        struct course_item item = {.id = bytes_text(id),
                                   .title = bytes_text(id),
                                   .entry = bytes_text(is_unit ? "unit.html" : ""),
                                   .kind = bytes_text(is_unit ? "au" : "heading"),
                                   .depth = (uint32_t)depth,
                                   .mastery_percent = -1,
                                   .details = bytes_text(is_unit ? details : "")};
        status = course_item_insert(db, row.id, i, &item);
    }
    return status;
}

static int setup(void **state)
{
    struct frame *frame = test_calloc(1, sizeof *frame);

    kit_lrs_open(&frame->kit);
    kit_people_make(&frame->kit.kit, 2);
    frame->kit.lrs.observe = told_keep;
    frame->kit.lrs.observe_ctx = frame;
    frame->attempts = (struct attempts){.store = frame->kit.kit.store, .federation = &frame->kit.kit.federation, .lrs = &frame->kit.lrs};
    arena_init(&frame->arena, 1 << 20);
    *state = frame;
    return 0;
}

static int teardown(void **state)
{
    struct frame *frame = *state;

    arena_release(&frame->arena);
    kit_lrs_close(&frame->kit);
    test_free(frame);
    return 0;
}

static void launch(struct frame *frame, const char *item)
{
    struct person person;

    struct db *db = store_read_begin(frame->kit.kit.store);
    assert_true(person_find_dims(db, bytes_text("p0"), &person));
    store_read_end(frame->kit.kit.store, db);
    frame->open = (struct launch_open){.attempts = &frame->attempts,
                                       .arena = &frame->arena,
                                       .person = person.row,
                                       .course = bytes_text("wells"),
                                       .item = bytes_text(item),
                                       .now_ms = frame->kit.now_ms++};
    assert_int_equal(store_write_wait(frame->kit.kit.store, launch_open_run, &frame->open), S_OK);
}

static enum status fetch(struct db *db, void *arg)
{
    struct frame *frame = arg;
    return lrs_session_fetch(db, frame->open.fetch, frame->kit.now_ms, frame->open.authorization);
}

/* Appends a statement of the unit that is open; one that cmi5 defines has a category. */
static void statement_add(struct frame *frame, char *out, size_t size, const char *verb, const char *result, bool is_defined)
{
    char session[LRS_UUID_TEXT_SIZE], registration[LRS_UUID_TEXT_SIZE], category[200] = "";
    struct lrs_session found;
    struct buffer texts;
    bool moves = *result && strcmp(verb, "terminated") != 0;

    buffer_init(&texts);
    struct db *db = store_read_begin(frame->kit.kit.store);
    assert_true(lrs_session_find(db, frame->open.row.session, &texts, &found));
    store_read_end(frame->kit.kit.store, db);
    lrs_uuid_text(found.session, session);
    lrs_uuid_text(found.registration, registration);
    if (is_defined) {
        snprintf(category, sizeof category, ",\"category\":[{\"id\":\"" CMI5_CATEGORY "\"}%s]", moves ? ",{\"id\":\"" CMI5_CATEGORY_MOVEON "\"}" : "");
    }
    snprintf(out + strlen(out), size - strlen(out),
             "%s{\"id\":\"00000000-0000-4000-8000-%012u\",\"timestamp\":\"2026-11-30T10:00:00Z\",\"actor\":%.*s,"
             "\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/%s\"},\"object\":{\"id\":\"%.*s\"},\"result\":{%s},\"context\":{\"registration\":\"%s\","
             "\"contextActivities\":{\"grouping\":[{\"id\":\"%.*s\"}]%s},\"extensions\":{\"" CMI5_SESSION "\":\"%s\"}}}",
             *out ? "," : "[", ++frame->number, (int)frame->open.actor.size, (const char *)frame->open.actor.data, verb,
             (int)frame->open.activity.size, (const char *)frame->open.activity.data, result, registration, (int)found.publisher.size,
             (const char *)found.publisher.data, category, session);
    buffer_release(&texts);
}

/* Opens a unit and does it, or says so in words that are none of cmi5's. */
static void unit(struct frame *frame, const char *item, bool is_defined)
{
    static char json[8192];
    struct lrs_client client;
    char header[LRS_AUTHORIZATION_SIZE + 8];

    launch(frame, item);
    assert_int_equal(store_write_wait(frame->kit.kit.store, fetch, frame), S_OK);
    snprintf(header, sizeof header, "Basic %s", frame->open.authorization);
    struct db *db = store_read_begin(frame->kit.kit.store);
    assert_int_equal(client_open(&frame->kit.lrs, db, header, frame->kit.now_ms, &client), S_OK);
    store_read_end(frame->kit.kit.store, db);
    *json = '\0';
    statement_add(frame, json, sizeof json, "initialized", "", true);
    statement_add(frame, json, sizeof json, "completed", "\"completion\":true,\"duration\":\"PT1S\"", is_defined);
    statement_add(frame, json, sizeof json, "terminated", "\"duration\":\"PT1S\"", true);
    strcat(json, "]");
    assert_int_equal(kit_lrs_post_as(&frame->kit, &client, LRS_1_0_3, json), S_OK);
    client_release(&client);
}

static void begin(struct frame *frame, const char *const *items)
{
    frame->items = items;
    assert_int_equal(store_write_wait(frame->kit.kit.store, course_make, frame), S_OK);
}

static void each_part_is_satisfied_by_its_last_unit(void **state)
{
    static const char *const items[] = {"b urn:b1",           ">b urn:b2",             ">>a urn:a1 Completed", ">a urn:a2 Completed",
                                        "a urn:a3 Completed", "a urn:a4 NotApplicable", NULL};
    struct frame *frame = *state;

    begin(frame, items);
    unit(frame, "urn:a1", true);
    assert_string_equal(frame->told, "launched initialized completed satisfied:/item/urn%3Ab2 terminated ");
    assert_non_null(strstr(frame->last, "{\"objectType\":\"Activity\",\"id\":\"urn:b2\"}"));
    assert_non_null(strstr(frame->last, "activitytype/block"));
    assert_non_null(strstr(frame->last, "categories/cmi5"));
    *frame->told = '\0';
    unit(frame, "urn:a3", true);
    assert_string_equal(frame->told, "launched initialized completed terminated ");
    *frame->told = '\0';
    unit(frame, "urn:a2", true);
    assert_string_equal(frame->told, "launched initialized completed satisfied:/item/urn%3Ab1 satisfied: terminated ");
    assert_non_null(strstr(frame->last, "{\"objectType\":\"Activity\",\"id\":\"urn:course\"}"));
    assert_non_null(strstr(frame->last, "activitytype/course"));
    *frame->told = '\0';
    launch(frame, "urn:a2"); /* nothing is said twice */
    struct launch_commit end = {.launch = frame->open.row.id, .seq = 1, .result = {.completion = CMI_YES}, .now_ms = frame->kit.now_ms, .is_end = true};
    end.lrs = &frame->kit.lrs;
    assert_int_equal(store_write_wait(frame->kit.kit.store, launch_commit_run, &end), S_OK);
    assert_string_equal(frame->told, "launched ");
}

static void where_nothing_is_to_be_done_it_is_before_the_launch(void **state)
{
    static const char *const items[] = {"b urn:b1", ">b urn:b2", ">>a urn:a1 NotApplicable", "b urn:b3", ">a urn:a2 NotApplicable", NULL};
    struct frame *frame = *state;

    begin(frame, items);
    launch(frame, "urn:a1");
    assert_string_equal(frame->told, "satisfied:/item/urn%3Ab3 satisfied:/item/urn%3Ab2 satisfied:/item/urn%3Ab1 satisfied: launched ");
    *frame->told = '\0';
    launch(frame, "urn:a2");
    assert_string_equal(frame->told, "launched ");
}

static void what_a_unit_says_in_words_of_its_own_counts_for_nothing(void **state)
{
    static const char *const items[] = {"a urn:a1 Completed", NULL};
    struct frame *frame = *state;

    begin(frame, items);
    unit(frame, "urn:a1", false);
    assert_string_equal(frame->told, "launched initialized completed terminated ");
    unit(frame, "urn:a1", true);
    assert_non_null(strstr(frame->told, "satisfied: terminated "));
}

KIT_TESTS()
{
#define SATISFIED_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SATISFIED_TEST(each_part_is_satisfied_by_its_last_unit),
        SATISFIED_TEST(where_nothing_is_to_be_done_it_is_before_the_launch),
        SATISFIED_TEST(what_a_unit_says_in_words_of_its_own_counts_for_nothing),
    };
    return KIT_RUN(tests);
}
