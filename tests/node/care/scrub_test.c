#include "node/care/scrub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/learn/import/import_child.h"
#include "node/store/stream/held.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"
#include "tests/kit/stream_writer.h"

static struct kit_hub hub;

static int setup(void **state)
{
    (void)state;
    kit_hub_open(&hub);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_hub_close(&hub);
    return 0;
}

/* Runs a job on the hub's store, as a running node would. */
static void job_run(store_job *job)
{
    const struct store_options options = {0};
    struct report report = {.status = S_OK};
    struct store *store;

    assert_int_equal(store_open(hub.dir, &options, &store, &report), S_OK);
    assert_int_equal(store_write_wait(store, job, NULL), S_OK);
    store_close(store);
}

static enum status foreign_run(struct db *db, void *arg)
{
    struct federation federation;
    struct stream_writer writer;
    struct buffer body;
    (void)arg;

    CHECK(dir_load_federation(hub.dir, &federation, NULL) == S_OK);
    stream_writer_init(&writer, &federation.id, 5, TOPIC_RESULTS);
    stream_writer_put_number(&writer, "a", 1);
    stream_writer_put_number(&writer, "b", 2);
    struct certificate certificate = stream_writer_certify(&writer);
    buffer_init(&body);
    stream_writer_body(&writer, 0, writer.head.seq, &certificate, &body);
    enum status status = stream_apply_body(db, &federation.id, &writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    stream_writer_release(&writer);
    return status;
}

/* A hub says that it holds all of every stream. */
static enum status receipts_run(struct db *db, void *arg)
{
    struct stream_head head;
    struct stream_id after;
    enum status status = S_OK;
    (void)arg;

    for (bool more = stream_next(db, NULL, &head); more && status == S_OK; more = stream_next(db, &after, &head)) {
        struct held held = {.stream = head.stream, .seq = head.seq, .at_ms = 1};
        memset(held.holder.b, 8, sizeof held.holder.b);
        status = held_put(db, &held);
        after = head.stream;
    }
    return status;
}

static size_t streams_held(void)
{
    assert_int_equal(kit_hub_run(&hub, "digest", "--dir", hub.dir, "--json", NULL), EXIT_DONE);
    json_t *document = kit_hub_json(&hub);
    size_t count = json_array_size(json_object_get(document, "streams"));
    json_decref(document);
    return count;
}

/* More than one bit, so that it cannot be put back. */
static const char own_damage[] = "UPDATE cell SET value = x'01b6b6b601' WHERE dot = (SELECT max(dot) FROM cell)";

static void a_foreign_stream_is_forgotten_and_the_node_is_sound_again(void **state)
{
    (void)state;
    job_run(foreign_run);
    assert_int_equal(streams_held(), 3);
    kit_hub_sql(hub.dir, own_damage); /* the last stream is the foreign one */
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--json", NULL), EXIT_PROBLEM);
    assert_true(kit_hub_has_finding(&hub, "cells_damaged"));
    assert_int_equal(streams_held(), 3); /* looking changes nothing */
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "pulled again from a peer"));
    assert_int_equal(streams_held(), 2);
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_DONE);
}

static void an_own_stream_nobody_acknowledged_is_kept_and_left(void **state)
{
    char path[220];
    (void)state;

    kit_hub_sql(hub.dir, own_damage);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", "--json", NULL), EXIT_PROBLEM);
    assert_true(kit_hub_has_finding(&hub, "own_cells_damaged"));
    json_t *document = kit_hub_json(&hub);
    assert_true(json_is_true(json_object_get(document, "fresh_incarnation")));
    json_decref(document);
    assert_int_equal(streams_held(), 2);
    snprintf(path, sizeof path, "%s/more.csv", hub.scratch);
    kit_hub_shell(&hub, "(head -1 results.csv; echo e9,p2,c1,completed,2026-04-03T10:00:00Z,70,10) > more.csv");
    assert_int_equal(kit_hub_run(&hub, "result", "import", "--dir", hub.dir, path, NULL), EXIT_DONE);
    assert_int_equal(streams_held(), 3); /* written on elsewhere */
}

static void an_own_stream_that_a_hub_holds_is_forgotten(void **state)
{
    (void)state;
    job_run(receipts_run);
    kit_hub_sql(hub.dir, own_damage);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "peers return what they hold"));
    assert_int_equal(streams_held(), 1);
}

static void an_own_stream_is_forgotten_when_the_operator_says_so(void **state)
{
    (void)state;
    kit_hub_sql(hub.dir, own_damage);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", "--drop-own", NULL), EXIT_DONE);
    assert_int_equal(streams_held(), 1);
}

/* Nobody above a hub holds its roster, and without it nothing runs: what of it holds goes on, whatever the rest was. */
static void what_holds_of_a_rotten_own_roster_goes_on(void **state)
{
    static const char *const damages[] = {"value = x'00010203'", "key = CAST(x'7f00' || randomblob(40) AS BLOB)"};
    char sql[256];
    (void)state;

    assert_int_equal(kit_hub_run(&hub, "mirror", "add", "--dir", hub.dir, "http://one.example/", NULL), EXIT_DONE);
    for (size_t i = 0; i < 2; i++) {
        if (kit_hub_run(&hub, "mirror", "add", "--dir", hub.dir, "http://two.example/", NULL) != EXIT_DONE) {
            fail_msg("%s", hub.err);
        }
        snprintf(sql, sizeof sql,
                 "UPDATE cell SET %s WHERE dot = (SELECT max(dot) FROM cell WHERE dot >> 36 = "
                 "(SELECT max(number) FROM stream WHERE hex(substr(id, 1, 1)) = '%02X'))",
                 damages[i], (unsigned)TOPIC_ROSTER);
        kit_hub_sql(hub.dir, sql);
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, "--json", NULL), EXIT_PROBLEM);
        assert_true(kit_hub_has_finding(&hub, "own_cells_damaged"));
        assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
        assert_non_null(strstr(hub.out, "what of it holds was written anew"));
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_DONE);
        assert_int_equal(kit_hub_run(&hub, "mirror", "list", "--dir", hub.dir, NULL), EXIT_DONE);
        assert_non_null(strstr(hub.out, "http://one.example/"));
        assert_null(strstr(hub.out, "http://two.example/"));
    }
}

static void a_single_flipped_bit_is_put_back_without_any_peer(void **state)
{
    (void)state;
    assert_int_equal(kit_hub_run(&hub, "digest", "--dir", hub.dir, NULL), EXIT_DONE);
    char *before = strdup(hub.out);
    kit_hub_sql(hub.dir, "UPDATE cell SET value = x'010a' WHERE dot = (SELECT dot FROM cell WHERE value = x'0102' ORDER BY dot LIMIT 1)");
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "one rotten byte was put back"));
    assert_int_equal(kit_hub_run(&hub, "digest", "--dir", hub.dir, NULL), EXIT_DONE);
    assert_string_equal(before, hub.out); /* no fresh incarnation, nothing lost */
    free(before);
}

static void sums_and_strays_are_put_right(void **state)
{
    (void)state;
    kit_hub_sql(hub.dir, "UPDATE stream_state SET state = zeroblob(2048)");
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    kit_hub_sql(hub.dir, "DELETE FROM stream WHERE number = 2");
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "cells of no stream"));
}

/* A row whose dot rotted is found under no stream's cells, and its key would be in the way when its stream comes again. */
static void a_row_that_rot_moved_elsewhere_is_in_nobodys_way(void **state)
{
    static const char *const dots[] = {"477", "-7", "(1 << 36) | 900000", "(1 << 36)"}; /* below all streams, and among those of the first */
    char sql[256];
    (void)state;

    for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
        job_run(foreign_run);
        snprintf(sql, sizeof sql, "UPDATE cell SET dot = %s WHERE dot = (SELECT max(dot) FROM cell)", dots[i]);
        kit_hub_sql(hub.dir, sql);
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, "--json", NULL), EXIT_PROBLEM);
        assert_true(kit_hub_has_finding(&hub, "cells_damaged"));
        assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
        assert_null(strstr(hub.out, "fresh incarnation"));
        assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_DONE);
        assert_int_equal(streams_held(), 2);
    }
    job_run(foreign_run);
    assert_int_equal(streams_held(), 3);
}

static void a_damaged_content_of_a_course_is_put_back(bool is_published, const char *damage)
{
    char folder[220];

    kit_hub_shell(&hub, "mkdir course && echo '<h1>hello</h1>' > course/index.html");
    snprintf(folder, sizeof folder, "%s/course", hub.scratch);
    if (kit_hub_run(&hub, "course", "import", "--dir", hub.dir, folder, "--id", "hello", "--lang", "en", NULL) != EXIT_DONE) {
        fail_msg("%s", hub.err);
    }
    if (is_published) {
        assert_int_equal(kit_hub_run(&hub, "course", "publish", "--dir", hub.dir, "hello", NULL), EXIT_DONE);
    }
    assert_int_equal(kit_hub_shell(&hub, "%s", damage), 0);
    assert_int_equal(kit_hub_run(&hub, "scrub", "--dir", hub.dir, "--repair", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "fetched again"));
    assert_int_equal(kit_hub_shell(&hub, "test -z \"$(ls hub/blobs/*)\" || ! ls hub/blobs/*/*"), 0);
    assert_int_equal(kit_hub_run(&hub, "course", "list", "--dir", hub.dir, NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, is_published ? "fetching" : "incomplete"));
    if (kit_hub_run(&hub, "course", "import", "--dir", hub.dir, folder, "--id", "hello", "--lang", "en", NULL) != EXIT_DONE) {
        fail_msg("%s", hub.err);
    }
    assert_non_null(strstr(hub.out, "version 1; 2 contents that it had lost are here again"));
    assert_int_equal(kit_hub_run(&hub, "verify", "--dir", hub.dir, NULL), EXIT_DONE);
    assert_int_equal(kit_hub_run(&hub, "course", "verify", "--dir", hub.dir, "hello", NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, "intact"));
    assert_int_equal(kit_hub_run(&hub, "course", "list", "--dir", hub.dir, NULL), EXIT_DONE);
    assert_non_null(strstr(hub.out, is_published ? "published" : "imported"));
    assert_null(strstr(hub.out, "incomplete"));
    assert_null(strstr(hub.out, " 2  ")); /* no second version */
}

static const char rot[] = "for f in hub/blobs/*/*; do printf x | dd of=$f bs=1 conv=notrunc 2>/dev/null; done", loss[] = "rm hub/blobs/*/*";

static void what_a_published_course_lost_comes_with_its_package(void **state)
{
    (void)state;
    a_damaged_content_of_a_course_is_put_back(true, rot);
}

static void what_an_imported_course_lost_comes_with_its_package(void **state)
{
    (void)state;
    a_damaged_content_of_a_course_is_put_back(false, rot);
}

static void a_published_course_whose_files_are_gone_comes_with_its_package(void **state)
{
    (void)state;
    a_damaged_content_of_a_course_is_put_back(true, loss);
}

static void an_imported_course_whose_files_are_gone_comes_with_its_package(void **state)
{
    (void)state;
    a_damaged_content_of_a_course_is_put_back(false, loss);
}

KIT_TESTS()
{
#define SCRUB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SCRUB_TEST(a_foreign_stream_is_forgotten_and_the_node_is_sound_again),
        SCRUB_TEST(an_own_stream_nobody_acknowledged_is_kept_and_left),
        SCRUB_TEST(an_own_stream_that_a_hub_holds_is_forgotten),
        SCRUB_TEST(an_own_stream_is_forgotten_when_the_operator_says_so),
        SCRUB_TEST(what_holds_of_a_rotten_own_roster_goes_on),
        SCRUB_TEST(a_single_flipped_bit_is_put_back_without_any_peer),
        SCRUB_TEST(sums_and_strays_are_put_right),
        SCRUB_TEST(a_row_that_rot_moved_elsewhere_is_in_nobodys_way),
        SCRUB_TEST(what_a_published_course_lost_comes_with_its_package), SCRUB_TEST(what_an_imported_course_lost_comes_with_its_package),
        SCRUB_TEST(a_published_course_whose_files_are_gone_comes_with_its_package), SCRUB_TEST(an_imported_course_whose_files_are_gone_comes_with_its_package),
    };
    return KIT_RUN(tests);
}
