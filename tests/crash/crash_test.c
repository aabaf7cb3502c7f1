/* A node's life, cut off at random operations of its disk: what was acknowledged is there once, whatever else
 * of the disk is lost.
 *
 * QANAT_CRASH_IMAGES: how many images (2,000, 100 with sanitizers); QANAT_SEED repeats a run.
 * QANAT_CRASH_AT="kind at seed", as printed for a failure: this image only, with the operations before it. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "tests/crash/image.h"
#include "tests/crash/story.h"
#include "tests/kit/kit.h"

#ifdef WITH_SANITIZER
enum { IMAGES = 100 }; /* each costs five times as much */
#else
enum { IMAGES = 2000 };
#endif
enum { LONG_ONE_IN = 16, THOROUGH_ONE_IN = 8 };

static int images_wanted(enum story_kind kind)
{
    const char *text = getenv("QANAT_CRASH_IMAGES");
    int all = text ? atoi(text) : IMAGES, of_long = all / LONG_ONE_IN;
    return kind == STORY_LONG ? of_long : all - of_long;
}

/* NULL, or what is wrong with the image. */
static const char *image_try(struct story *story, const struct disk_op *ops, const struct image_plan *plan)
{
    char anchors[] = "anchors"; /* memory: a power cut takes it */
    uint32_t acknowledged = image_make(ops, plan, story->root, plan->kind == IMAGE_KILLED ? NULL : anchors);

    return story_check(story, acknowledged, plan->seed % THOROUGH_ONE_IN == 0);
}

static void ops_print(const struct disk_op *ops, size_t first, size_t last)
{
    static const char *const names[] = {"create",   "folder", "rename",     "unlink",   "write",
                                        "truncate", "sync",   "sync names", "sync all", "mark"};

    for (size_t i = first; i < last; i++) {
        const struct disk_op *op = &ops[i];
        printf("# %zu %s file %u, %zu at %llu %s %s\n", i, names[op->kind], (unsigned)op->file, op->size,
               (unsigned long long)op->offset, op->path ? op->path : "", op->target ? op->target : "");
    }
}

/* The image that is asked for by name; false when none is. */
static bool plan_asked(struct image_plan *plan)
{
    const char *text = getenv("QANAT_CRASH_AT");
    unsigned long long at, seed;
    char kind[16];

    if (!text || sscanf(text, "%15s %llu %llu", kind, &at, &seed) != 3) {
        return false;
    }
    *plan = (struct image_plan){.at = (size_t)at, .seed = seed};
    while (plan->kind < IMAGE_KINDS && strcmp(image_kind_name(plan->kind), kind) != 0) {
        plan->kind++;
    }
    return plan->kind < IMAGE_KINDS;
}

static void images_try(enum story_kind kind)
{
    static struct story story;
    struct kit_random random;
    size_t count;
    int failures = 0;

    story_tell(&story, kind);
    const struct disk_op *ops = recorder_ops(&count);
    kit_random_seed(&random, kit_fresh_seed());
    struct image_plan asked;
    bool is_asked = plan_asked(&asked);
    if (is_asked) {
        ops_print(ops, asked.at > 60 ? asked.at - 60 : 0, asked.at);
    }
    for (int i = 0; i < (is_asked ? 1 : images_wanted(kind)) && failures < 10; i++) {
        struct image_plan plan = {.kind = (enum image_kind)(i % IMAGE_KINDS),
                                  .at = (size_t)kit_random_below(&random, count + 1)};
        plan.seed = kit_random_u64(&random);
        plan = is_asked ? asked : plan;
        const char *problem = image_try(&story, ops, &plan);
        if (problem) {
            failures++;
            printf("# %s %zu %llu: %s (of %zu)\n", image_kind_name(plan.kind), plan.at,
                   (unsigned long long)plan.seed, problem, count);
        }
    }
    printf("# %zu operations, %d images\n", count, images_wanted(kind));
    recorder_clear();
    story_free(&story);
    assert_int_equal(failures, 0);
}

static void a_life_cut_off_anywhere_loses_and_doubles_nothing(void **state)
{
    (void)state;
    images_try(STORY_SHORT);
}

static void a_checkpoint_cut_off_anywhere_loses_and_doubles_nothing(void **state)
{
    (void)state;
    images_try(STORY_LONG);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_cut_off_anywhere_loses_and_doubles_nothing),
        cmocka_unit_test(a_checkpoint_cut_off_anywhere_loses_and_doubles_nothing),
    };

    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* memory that is given back would cost a third of the time */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    log_set_level((enum log_level) - 1); /* interrupted lives have a lot to say */
    return KIT_RUN(tests);
}
