#include <string.h>

#include "node/learn/course/course.h"
#include "node/store/course/blob.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static struct kit_store kit;

/* What the job makes and finds; `is_manifest`: the manifest is lost, else the member. */
struct loss {
    enum course_state before;
    bool is_manifest;
    struct course_row row;
    enum status status;
};

static enum status loss_run(struct db *db, void *arg)
{
    struct loss *loss = arg;
    struct course_row row = {.course = "c", .lang = "en", .version = "1", .title = "C", .state = loss->before, .is_listed = true,
                             .is_current = true, .member_count = 1};
    struct hash member;
    int64_t member_id, manifest_id;

    memset(member.b, 1, sizeof member.b);
    memset(row.manifest.b, 2, sizeof row.manifest.b);
    if (blob_row_insert(db, &member, 10, true, &member_id) != S_OK || blob_row_insert(db, &row.manifest, 10, true, &manifest_id) != S_OK ||
        course_row_insert(db, &row) != S_OK ||
        course_member_insert(db, row.id, bytes_text("index.html"), member_id, bytes_text("text/html")) != S_OK) {
        return S_INTERNAL;
    }
    int64_t lost = loss->is_manifest ? manifest_id : member_id;
    loss->status = blob_row_set_whole(db, lost, false);
    if (loss->status == S_OK) {
        loss->status = course_blob_lost(db, lost);
    }
    course_row_get(db, row.id, &loss->row);
    return S_STALE; /* undone: the next case begins anew */
}

static struct course_row lose(enum course_state before, bool is_manifest)
{
    struct loss loss = {.before = before, .is_manifest = is_manifest};

    assert_int_equal(store_write_wait(kit.store, loss_run, &loss), S_STALE);
    assert_int_equal(loss.status, S_OK);
    return loss.row;
}

static void a_held_version_is_fetched_again(void **state)
{
    (void)state;
    kit_store_open(&kit);
    struct course_row row = lose(COURSE_INSTALLED, false);
    assert_int_equal(row.state, COURSE_FETCHING);
    assert_int_equal(row.missing, 1);
    assert_true(row.is_listed);
    row = lose(COURSE_PUBLISHED, false);
    assert_int_equal(row.state, COURSE_FETCHING);
    row = lose(COURSE_INSTALLED, true);
    assert_int_equal(row.state, COURSE_FETCHING);
    assert_false(row.is_listed); /* the manifest comes first */
    kit_store_close(&kit);
}

static void what_was_never_published_stays_and_waits_for_an_import(void **state)
{
    (void)state;
    kit_store_open(&kit);
    struct course_row row = lose(COURSE_IMPORTED, false);
    assert_int_equal(row.state, COURSE_IMPORTED);
    assert_int_equal(row.missing, 1);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_version_is_fetched_again),
        cmocka_unit_test(what_was_never_published_stays_and_waits_for_an_import),
    };
    return KIT_RUN(tests);
}
