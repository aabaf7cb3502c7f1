#include "node/store/people/credential.h"

#include <stdio.h>
#include <string.h>

#include "node/store/people/event.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static const struct id list = {{1}};

static enum status insert_run(struct db *db, void *arg)
{
    const struct credential_row *row = arg;

    return credential_insert(db, row);
}

static enum status insert(struct kit_store *kit, const char *uuid, int64_t person, int64_t index)
{
    struct credential_row row = {.credential = bytes_text(uuid),
                                 .person = person,
                                 .course = bytes_text("tdc"),
                                 .lang = bytes_text("en"),
                                 .version = bytes_text("1"),
                                 .cohort = bytes_of("", 0),
                                 .issued_ms = 1000,
                                 .list = list,
                                 .list_index = index,
                                 .document = bytes_text("{}")};

    return store_write_wait(kit->store, insert_run, &row);
}

struct seen {
    char uuids[64], person[16], document[16];
    int64_t id, revoked_ms;
};

static void look(void *ctx, const struct credential_row *row)
{
    struct seen *seen = ctx;

    strncat(seen->uuids, (const char *)row->credential.data, row->credential.size);
    snprintf(seen->person, sizeof seen->person, "%.*s", (int)row->person_id.size,
             (const char *)row->person_id.data);
    snprintf(seen->document, sizeof seen->document, "%.*s", (int)row->document.size,
             (const char *)row->document.data);
    seen->id = row->id;
    seen->revoked_ms = row->revoked_ms;
    assert_true(id_equal(&row->list, &list));
}

static enum status change_run(struct db *db, void *arg)
{
    struct seen *seen = arg;
    enum status status = credential_revoke_row(db, seen->id, 5000, bytes_text("why"));

    return status == S_OK ? credential_forget(db, 2) : status;
}

static void rows_are_found_paged_revoked_and_forgotten(void **state)
{
    struct seen seen = {0};
    struct kit_store kit;
    struct buffer uuid;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2); /* rows 1 and 2 */
    assert_int_equal(insert(&kit, "a", 1, 0), S_OK);
    assert_int_equal(insert(&kit, "b", 1, 1), S_OK);
    assert_int_equal(insert(&kit, "c", 2, 2), S_OK);
    assert_int_not_equal(insert(&kit, "d", 2, 2), S_OK); /* a place in a list is given once */
    assert_int_not_equal(insert(&kit, "a", 2, 3), S_OK);
    buffer_init(&uuid);
    struct db *db = store_read_begin(kit.store);
    assert_int_equal(credential_list_next(db, &list), 3);
    assert_true(credential_standing(db, 1, bytes_text("tdc"), bytes_of("", 0), &uuid));
    assert_true(bytes_equal(buffer_bytes(&uuid), bytes_text("b")));
    assert_false(credential_standing(db, 1, bytes_text("tdc"), bytes_text("autumn"), &uuid));
    assert_int_equal(credential_count_of(db, 1, bytes_text("tdc")), 2);
    assert_int_equal(credential_page(db, INT64_MAX, 0, 10, look, &seen), 3);
    assert_string_equal(seen.uuids, "cba");
    memset(&seen, 0, sizeof seen);
    assert_int_equal(credential_page(db, INT64_MAX, 1, 1, look, &seen), 1);
    assert_string_equal(seen.uuids, "b");
    assert_string_equal(seen.person, "p0");
    assert_false(credential_find(db, bytes_text("x"), look, &seen));
    store_read_end(kit.store, db);
    assert_int_equal(store_write_wait(kit.store, change_run, &seen), S_OK);
    db = store_read_begin(kit.store);
    assert_true(credential_find(db, bytes_text("b"), look, &seen));
    assert_int_equal(seen.revoked_ms, 5000);
    assert_true(credential_standing(db, 1, bytes_text("tdc"), bytes_of("", 0), &uuid));
    assert_true(bytes_equal(buffer_bytes(&uuid), bytes_text("a")));
    assert_true(credential_find(db, bytes_text("c"), look, &seen));
    assert_string_equal(seen.person, "");
    assert_string_equal(seen.document, "");
    store_read_end(kit.store, db);
    buffer_release(&uuid);
    kit_store_close(&kit);
}

static void the_last_completion_is_found(void **state)
{
    struct result_outcome outcome;
    struct kit_store kit;
    int64_t at_ms, score;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2);
    kit_results(&kit,
                "event_id,person,course,kind,at,score\n1,p0,tdc,completed,2026-09-01,50\n2,p0,tdc,completed,"
                "2026-09-02,\n"
                "3,p0,other,completed,2026-09-03,70\n4,p1,tdc,started,2026-09-03,\n",
                &outcome);
    result_outcome_release(&outcome);
    struct db *db = store_read_begin(kit.store);
    assert_true(credential_completion(db, 1, bytes_text("tdc"), &at_ms, &score));
    assert_int_equal(at_ms, 1788307200000);
    assert_int_equal(score, EVENT_NO_SCORE);
    assert_false(credential_completion(db, 2, bytes_text("tdc"), &at_ms, &score));
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_paged_revoked_and_forgotten),
        cmocka_unit_test(the_last_completion_is_found),
    };
    return KIT_RUN(tests);
}
