#include "tests/kit/kit_attempt.h"

#include <string.h>

#include "node/learn/attempt/due.h"
#include "node/store/course/course_item.h"
#include "node/store/people/person.h"
#include "tests/kit/kit.h"

static enum status course_make(struct db *db, void *arg)
{
    static const struct {
        const char *id, *kind;
        int mastery;
    } items[] = {
        {"part", "heading", -1}, {"lesson", "sco", -1}, {"quiz", "sco", 80}, {"link", "weblink", -1}};
    struct course_row row = {
        .course = "soil", .lang = "en", .version = "1", .title = "Soil", .format = PACKAGE_SCORM12};
    int64_t *course = arg;

    row.state = COURSE_IMPORTED;
    row.is_current = row.is_listed = true;
    assert_int_equal(course_row_insert(db, &row), S_OK);
    for (uint32_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct course_item item = {.id = bytes_text(items[i].id),
                                   .title = bytes_text(items[i].id),
                                   .entry =
                                       bytes_text(strcmp(items[i].kind, "heading") == 0 ? "" : "page.html"),
                                   .kind = bytes_text(items[i].kind),
                                   .mastery_percent = items[i].mastery};
        assert_int_equal(course_item_insert(db, row.id, i, &item), S_OK);
    }
    *course = row.id;
    return S_OK;
}

void kit_attempt_open(struct kit_attempt *kit)
{
    struct person person;

    kit_store_open(&kit->kit);
    kit_people_make(&kit->kit, 2);
    kit->attempts = (struct attempts){.store = kit->kit.store, .federation = &kit->kit.federation};
    assert_int_equal(store_write_wait(kit->kit.store, course_make, &kit->course), S_OK);
    struct db *db = store_read_begin(kit->kit.store);
    assert_true(person_find_dims(db, bytes_text("p0"), &person));
    store_read_end(kit->kit.store, db);
    kit->person = person.row;
}

void kit_attempt_close(struct kit_attempt *kit)
{
    kit_store_close(&kit->kit);
}

int64_t kit_launch(struct kit_attempt *kit, const char *item, int64_t now_ms, char state_out[KIT_STATE_SIZE])
{
    struct arena arena;
    struct launch_open open = {.attempts = &kit->attempts,
                               .arena = &arena,
                               .person = kit->person,
                               .course = bytes_text("soil"),
                               .item = bytes_text(item),
                               .now_ms = now_ms};

    arena_init(&arena, 1 << 20);
    assert_int_equal(store_write_wait(kit->kit.store, launch_open_run, &open), S_OK);
    if (state_out) {
        assert_true(open.state.size < KIT_STATE_SIZE);
        memcpy(state_out, open.state.size ? open.state.data : (const uint8_t *)"", open.state.size);
        state_out[open.state.size] = '\0';
    }
    arena_release(&arena);
    return open.row.id;
}

enum status kit_commit(struct kit_attempt *kit, int64_t launch, int64_t seq, const char *json,
                       struct launch_commit *out)
{
    struct launch_commit commit = {.launch = launch,
                                   .person = kit->person,
                                   .seq = seq,
                                   .state = bytes_text(json),
                                   .now_ms = KIT_MS + seq * 1000};
    json_t *cmi = json_loads(json, 0, NULL), *body = json_pack("{s:o}", "cmi", cmi);

    assert_non_null(cmi);
    cmi_read(body, &commit.result);
    json_decref(body);
    enum status status = store_write_wait(kit->kit.store, launch_commit_run, &commit);
    if (out) {
        *out = commit;
    }
    return status;
}

void kit_tell(struct kit_attempt *kit)
{
    struct due_run run = {.attempts = &kit->attempts};

    while (due_is_any(kit->kit.store)) {
        assert_int_equal(store_write_wait(kit->kit.store, due_run, &run), S_OK);
    }
}

struct registration_row kit_registration(struct kit_attempt *kit)
{
    struct registration_row row;
    struct db *db = store_read_begin(kit->kit.store);

    assert_true(registration_row_find(db, kit->person, bytes_text("soil"), bytes_text(""), &row));
    store_read_end(kit->kit.store, db);
    return row;
}
