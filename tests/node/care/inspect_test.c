#include "node/care/inspect.h"

#include <string.h>
#include <sys/resource.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

struct heard {
    int streams, blobs, missing;
    unsigned faults;
};

static void stream_heard(void *ctx, const struct audit_stream *stream)
{
    struct heard *heard = ctx;
    heard->streams++;
    heard->faults |= stream->faults;
}

static void blob_heard(void *ctx, int64_t id, bool is_missing)
{
    struct heard *heard = ctx;
    assert_true(id > 0);
    heard->blobs++;
    heard->missing += is_missing;
}

static void what_is_found_is_also_told_to_who_asked(void **state)
{
    struct kit_hub hub;
    struct findings findings;
    struct inspection inspection;
    struct heard heard = {0};
    const struct inspect_ops ops = {&heard, stream_heard, blob_heard};
    (void)state;

    kit_hub_open(&hub);
    kit_hub_sql(hub.dir, "UPDATE cell SET value = x'0104' WHERE dot = (SELECT max(dot) FROM cell)");
    assert_int_equal(kit_hub_shell(&hub, "rm hub/blobs/*/*"), 0);
    findings_init(&findings);
    inspect_begin(&inspection, hub.dir, NULL, &findings);
    assert_int_equal(findings.total, 0);
    inspect_pages(&inspection);
    inspect_streams_with(&inspection, &ops);
    inspect_blobs_with(&inspection, &ops);
    assert_int_equal(heard.streams, 1);
    assert_int_equal(heard.faults, AUDIT_CELLS);
    assert_int_equal(heard.blobs, 1);
    assert_int_equal(heard.missing, 1);
    assert_int_equal(findings.faults, 2);
    assert_int_equal(findings_count(&findings, FINDING_OWN_CELLS_DAMAGED), 1);
    assert_int_equal(inspection.streams, 2);
    inspect_end(&inspection);
    findings_release(&findings);
    kit_hub_close(&hub);
}

/* As where the file is another user's: it may well be whole. */
static void contents_that_cannot_be_opened_are_no_contents_lost(void **state)
{
    struct kit_hub hub;
    struct findings findings;
    struct inspection inspection;
    struct heard heard = {0};
    struct rlimit before, none;
    const struct inspect_ops ops = {&heard, stream_heard, blob_heard};
    (void)state;

    kit_hub_open(&hub);
    findings_init(&findings);
    inspect_begin(&inspection, hub.dir, NULL, &findings);
    inspect_blobs_with(&inspection, &ops);
    assert_int_equal(findings.total, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    inspect_blobs_with(&inspection, &ops);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(heard.blobs, 0); /* scrub would have the course fetched again, from nobody */
    assert_int_equal(findings_count(&findings, FINDING_BLOB_CLOSED), 1);
    assert_int_equal(findings.faults, 1);
    inspect_end(&inspection);
    findings_release(&findings);
    kit_hub_close(&hub);
}

static void a_node_that_has_not_joined_lacks_only_its_federation(void **state)
{
    struct kit_hub hub;
    struct findings findings;
    struct inspection inspection;
    char dir[200];
    (void)state;

    kit_hub_open(&hub);
    snprintf(dir, sizeof dir, "%s/campus", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "init", "--dir", dir, "--name", "campus", "--kind", "campus", NULL), 0);
    findings_init(&findings);
    inspect_begin(&inspection, dir, NULL, &findings);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    inspect_blobs(&inspection);
    assert_int_equal(findings.total, 1);
    assert_int_equal(findings_count(&findings, FINDING_FEDERATION_MISSING), 1);
    inspect_end(&inspection);
    findings_release(&findings);
    kit_hub_close(&hub);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_is_also_told_to_who_asked),
        cmocka_unit_test(contents_that_cannot_be_opened_are_no_contents_lost),
        cmocka_unit_test(a_node_that_has_not_joined_lacks_only_its_federation),
    };
    return KIT_RUN(tests);
}
