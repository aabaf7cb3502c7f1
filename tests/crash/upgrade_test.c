/* A database of the oldest schema is opened by this version, and the disk is cut off at every operation: by a kill, by power cuts that drop, tear or
 * reorder what was not synced. The next opening ends the upgrade by itself, with all figures; and as soon as anything of the database was changed, the
 * copy of what it was is whole.
 *
 * QANAT_CRASH_IMAGES: how many images (150); QANAT_SEED repeats a run. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/log.h"
#include "node/store/disk/migrate.h"
#include "node/store/disk/reseal.h"
#include "node/store/engine.h"
#include "replication/base/check.h"
#include "tests/crash/image.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_golden.h"

enum { IMAGES = 150 };

static char scratch[256], root[300], hub[320], database[340], copy[360], anchors[320];

static const char *hub_open(struct store **store_out)
{
    const struct store_options options = {.anchor_dir = anchors};
    static struct report report;

    mkdir(anchors, 0700);
    report_clear(&report);
    return store_open(hub, &options, store_out, &report) == S_OK ? NULL : report.text;
}

/* The number that the file calls its schema, as a start would find it; -1 when it cannot be read. */
static int64_t schema_of(const char *path)
{
    struct db *db;
    int64_t version = -1;

    if (db_open(path, DB_READ, 0, &db, NULL) == S_OK) {
        version = db_query_int(db, "PRAGMA user_version");
        db_close(db);
    }
    return version;
}

static bool is_sealed(void)
{
    struct db *db;
    bool is_due = true;

    if (db_open(database, DB_READ, 0, &db, NULL) == S_OK) {
        is_due = reseal_is_due(db);
        db_close(db);
    }
    return !is_due;
}

static const char *copy_check(void)
{
    struct db *db;

    if (db_open(copy, DB_READ, 0, &db, NULL) != S_OK) {
        return "the schema is another and there is no copy";
    }
    bool is_whole = db_query_is_ok(db, "PRAGMA integrity_check") && db_query_int(db, "PRAGMA user_version") == 1 &&
                    db_query_int(db, "SELECT count(*) FROM person") == GOLDEN_PEOPLE;
    db_close(db);
    return is_whole ? NULL : "the copy is not what the database was";
}

static const char *image_check(void)
{
    struct store *store = NULL;
    int64_t version = schema_of(database);
    const char *problem = version > 1 ? copy_check() : NULL;

    problem = problem ? problem : hub_open(&store);
    if (problem) {
        return problem;
    }
    problem = kit_golden_check(hub, store);
    store_close(store);
    if (!problem && schema_of(database) != migrate_version()) {
        problem = "it is still the old schema";
    }
    if (!problem && !is_sealed()) {
        problem = "it has no seals";
    }
    return problem ? problem : copy_check();
}

static void an_upgrade_cut_off_anywhere_is_ended_by_the_next_start(void **state)
{
    const char *text = getenv("QANAT_CRASH_IMAGES");
    int images = text ? atoi(text) : IMAGES, failures = 0;
    struct kit_random random;
    struct store *store;
    size_t count, first = 0;
    (void)state;

    kit_scratch_make(scratch, sizeof scratch);
    snprintf(root, sizeof root, "%s/disk", scratch);
    snprintf(hub, sizeof hub, "%s/hub", root);
    snprintf(anchors, sizeof anchors, "%s/anchors", scratch);
    snprintf(database, sizeof database, "%s/qanat.db", hub);
    snprintf(copy, sizeof copy, "%s.schema-1", database);
    CHECK(mkdir(root, 0700) == 0);
    kit_golden_unpack(1, root);
    recorder_begin(root);
    recorder_mark(1); /* what was there before */
    assert_null(hub_open(&store));
    store_close(store);
    recorder_end();
    const struct disk_op *ops = recorder_ops(&count);
    while (ops[first].kind != DISK_MARK) {
        first++;
    }
    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < images && failures < 5; i++) {
        struct image_plan plan = {.kind = (enum image_kind)(i % IMAGE_KINDS), .at = first + 1 + (size_t)kit_random_below(&random, count - first)};
        plan.seed = kit_random_u64(&random);
        image_make(ops, &plan, root, NULL);
        const char *problem = image_check();
        if (problem) {
            failures++;
            printf("# %s %zu %llu: %s (of %zu)\n", image_kind_name(plan.kind), plan.at, (unsigned long long)plan.seed, problem, count);
        }
    }
    printf("# %zu operations, %d images\n", count - first - 1, images);
    recorder_clear();
    kit_scratch_remove(scratch);
    assert_int_equal(failures, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_cut_off_anywhere_is_ended_by_the_next_start),
    };

    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* memory that is given back would cost a third of the time */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    log_set_level((enum log_level) - 1);
    return KIT_RUN(tests);
}
