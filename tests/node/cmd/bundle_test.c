/* Two nodes that never had a link: the second joins from a file. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

struct pair {
    struct kit_command hub, campus;
};

static int setup(void **state)
{
    struct pair *pair = test_calloc(1, sizeof *pair);
    char words[1024];

    kit_command_open(&pair->hub);
    snprintf(pair->campus.dir, sizeof pair->campus.dir, "%s/campus", pair->hub.scratch);
    snprintf(words, sizeof words, "invite --name campus --kind national --country EG --file %s/invitation",
             pair->hub.scratch);
    assert_int_equal(kit_command(&pair->hub, words), EXIT_DONE);
    snprintf(words, sizeof words, "join --file %s/invitation", pair->hub.scratch);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_DONE);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    free(pair->campus.out);
    free(pair->campus.err);
    kit_command_close(&pair->hub);
    test_free(pair);
    return 0;
}

/* `words` with a %s for the file SCRATCH/name. */
static int run(struct pair *pair, struct kit_command *kit, const char *words, const char *name)
{
    char path[400], line[1024];

    snprintf(path, sizeof path, "%s/%s", pair->hub.scratch, name);
    snprintf(line, sizeof line, "%s %s", words, path);
    return kit_command(kit, line);
}

static void results_travel_once_and_a_receipt_makes_the_next_file_small(void **state)
{
    struct pair *pair = *state;

    pair->campus.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&pair->campus, "person import -"), EXIT_DONE);
    pair->campus.in = "event_id,person,course,kind,at\n1,p1,dmu,enrolled,2020-10-01\n";
    assert_int_equal(kit_command(&pair->campus, "result import -"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->campus, "bundle export --for hub", "up"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->hub, "bundle import --json", "up"), EXIT_DONE);
    assert_non_null(strstr(pair->hub.out, "\"refused\": 0"));
    assert_int_equal(kit_command(&pair->hub, "stats --format csv"), EXIT_DONE);
    char *figures = strdup(pair->hub.out);
    assert_int_equal(run(pair, &pair->hub, "bundle import --json", "up"), EXIT_DONE);
    assert_non_null(strstr(pair->hub.out, "\"cells\": 0"));
    assert_int_equal(kit_command(&pair->hub, "stats --format csv"), EXIT_DONE);
    assert_string_equal(pair->hub.out, figures);
    free(figures);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "down"), EXIT_DONE);
    assert_int_equal(kit_command(&pair->campus, "status --json"), EXIT_DONE);
    assert_non_null(strstr(pair->campus.out, "\"bundle_made\": null"));
    assert_null(strstr(pair->campus.out, "by stick"));
    assert_int_equal(run(pair, &pair->campus, "bundle import", "down"), EXIT_DONE);
    assert_int_equal(kit_command(&pair->campus, "status --json"), EXIT_DONE);
    assert_non_null(strstr(pair->campus.out, "\"bundle_made\": \"20"));
    assert_non_null(strstr(pair->campus.out, " over a link; by stick: its bundle, made "));
    assert_non_null(strstr(pair->campus.out, " by its clock, was taken in, up to 0 cells to go"));
    assert_int_equal(run(pair, &pair->campus, "bundle export --json --for hub", "next"), EXIT_DONE);
    assert_null(strstr(pair->campus.out, "\"streams\": 0"));
    assert_int_equal(run(pair, &pair->hub, "bundle import --json", "next"), EXIT_DONE);
    assert_non_null(strstr(pair->hub.out, "\"cells\": 0"));
    assert_non_null(strstr(pair->hub.out, "\"gaps\": 0"));
}

static void what_volumes_before_a_bad_one_held_is_taken_and_told(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "down"), EXIT_DONE);
    kit_command_file(&pair->hub, "down.2", "not a bundle at all, but long enough to be looked at in the end, and more");
    assert_int_equal(run(pair, &pair->campus, "bundle import --json", "down"), EXIT_PROBLEM);
    assert_non_null(strstr(pair->campus.out, "\"streams\": 1"));
    assert_non_null(strstr(pair->campus.err, "down.2\" is not a bundle"));
    assert_int_equal(run(pair, &pair->campus, "bundle import --json", "down.2"), EXIT_PROBLEM);
    assert_string_equal(pair->campus.out, "");
}

static void of_several_files_each_is_taken_and_told(void **state)
{
    struct pair *pair = *state;
    char words[2000];
    const char *at = pair->hub.scratch;

    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "down"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "later"), EXIT_DONE);
    kit_command_file(&pair->hub, "bad", "not a bundle at all, but long enough to be looked at in the end, and more");
    snprintf(words, sizeof words, "bundle import --json %s/bad %s/down %s/down.minisig %s/later", at, at, at, at);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_PROBLEM);
    json_t *document = json_loads(pair->campus.out, 0, NULL), *rows = json_object_get(document, "bundles");
    assert_int_equal(json_array_size(rows), 3);
    assert_non_null(strstr(json_string_value(json_object_get(json_array_get(rows, 0), "error")), "is not a bundle"));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 0), "exit")), EXIT_PROBLEM);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "from")), "hub");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 1), "streams")), 1);
    assert_true(json_is_null(json_object_get(json_array_get(rows, 2), "error")));
    json_decref(document);
    assert_non_null(strstr(pair->campus.err, "1 of 3 bundles could not be taken whole"));
    snprintf(words, sizeof words, "bundle import %s/down %s/later", at, at);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_DONE);
    assert_non_null(strstr(pair->campus.out, "/later: from hub: 0 cells"));
}

/* The hub as it was before the first bundle, which gets both, the later one first. */
static void what_goes_on_from_another_is_taken_behind_it(void **state)
{
    struct pair *pair = *state;
    struct kit_command before = {.in = NULL};
    char words[2000];
    const char *at = pair->hub.scratch;

    pair->campus.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&pair->campus, "person import -"), EXIT_DONE);
    snprintf(before.dir, sizeof before.dir, "%s/before", at);
    snprintf(words, sizeof words, "cp -a '%s' '%s'", pair->hub.dir, before.dir);
    assert_int_equal(system(words), 0);
    assert_int_equal(run(pair, &pair->campus, "bundle export --for hub", "up"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->hub, "bundle import", "up"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "down"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->campus, "bundle import", "down"), EXIT_DONE);
    pair->campus.in = "event_id,person,course,kind,at\n1,p1,dmu,enrolled,2020-10-01\n";
    assert_int_equal(kit_command(&pair->campus, "result import -"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->campus, "bundle export --for hub", "more"), EXIT_DONE);
    assert_int_equal(run(pair, &before, "bundle import", "more"), EXIT_PROBLEM);
    assert_non_null(strstr(before.err, "go on from a state that is not here"));
    snprintf(words, sizeof words, "bundle import %s/more %s/up", at, at);
    assert_int_equal(kit_command(&before, words), EXIT_DONE);
    assert_true(strstr(before.out, "/up: from campus") < strstr(before.out, "/more: from campus"));
    assert_string_equal(before.err, "");
    kit_command_says(&before, "stats --json", EXIT_DONE, "\"enrolled\": 1");
    free(before.out);
    free(before.err);
}

/* A course of five files that nothing makes smaller, of 100, 40, 40, 40 and 40 kB. */
static void course_publish_large(struct pair *pair)
{
    struct kit_random random;
    char path[400];

    kit_random_seed(&random, 7);
    snprintf(path, sizeof path, "%s/course", pair->hub.scratch);
    assert_int_equal(mkdir(path, 0700), 0);
    kit_command_file(&pair->hub, "course/index.html", "<title>Large</title>");
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/course/%d.bin", pair->hub.scratch, i);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        for (int at = 0; at < (i == 2 ? 100000 : 40000); at++) {
            putc((int)(kit_random_u64(&random) & 0xff), file);
        }
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(run(pair, &pair->hub, "course import --id large --lang en", "course"), EXIT_DONE);
    assert_int_equal(kit_command(&pair->hub, "course publish large"), EXIT_DONE);
}

static bool is_there(struct pair *pair, const char *name)
{
    char path[400];

    snprintf(path, sizeof path, "%s/%s", pair->hub.scratch, name);
    return access(path, F_OK) == 0;
}

static void volumes_that_a_glob_names_are_read_once(void **state)
{
    struct pair *pair = *state;
    char words[2000];
    const char *at = pair->hub.scratch;

    course_publish_large(pair);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --volume 130K", "down"), EXIT_DONE);
    snprintf(words, sizeof words, "bundle import %s/down %s/down.2 %s/down.2.minisig %s/down.minisig", at, at, at, at);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_DONE);
    assert_non_null(strstr(pair->campus.out, "/down: from hub"));
    assert_null(strstr(pair->campus.out, "/down.2"));
}

static void a_course_that_finds_no_room_is_73_and_the_rest_is_taken(void **state)
{
    struct pair *pair = *state;

    course_publish_large(pair);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus", "down"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->campus, "bundle import --set disk_floor_mib=1073741824", "down"), EXIT_DONE); /* not subscribed */
    assert_int_equal(kit_command(&pair->campus, "course subscribe large"), EXIT_DONE);
    assert_int_equal(run(pair, &pair->campus, "bundle import --json --set disk_floor_mib=1073741824", "down"), EXIT_NO_SPACE);
    assert_non_null(strstr(pair->campus.out, "\"waiting\""));
    assert_non_null(strstr(pair->campus.err, "not taken, the rest was: \"large\""));
    assert_non_null(strstr(pair->campus.err, "no room: it needs"));
    assert_int_equal(run(pair, &pair->campus, "bundle import --set disk_floor_mib=1073741824", "down"), EXIT_NO_SPACE); /* still */
    assert_int_equal(run(pair, &pair->campus, "bundle import --set disk_floor_mib=0", "down"), EXIT_DONE); /* as it is told: say it again */
    assert_int_equal(kit_command(&pair->campus, "course list"), EXIT_DONE);
    assert_non_null(strstr(pair->campus.out, "installed"));
}

static void a_size_of_volumes_that_cannot_do_is_refused_before_anything_is_written(void **state)
{
    struct pair *pair = *state;
    char words[100];

    course_publish_large(pair);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --volume 60K", "small"), EXIT_PROBLEM);
    const char *said = strstr(pair->hub.err, "say --volume ");
    assert_non_null(said);
    unsigned long needed = strtoul(said + strlen("say --volume "), NULL, 10);
    assert_true(needed > 100000 && needed < 120000);
    assert_false(is_there(pair, "small"));
    snprintf(words, sizeof words, "bundle export --for campus --volume %lu", needed - 1);
    assert_int_equal(run(pair, &pair->hub, words, "small"), EXIT_PROBLEM);
    assert_false(is_there(pair, "small") || is_there(pair, "small.2") || is_there(pair, "small.minisig"));
    snprintf(words, sizeof words, "bundle export --for campus --volume %lu", needed);
    assert_int_equal(run(pair, &pair->hub, words, "right"), EXIT_DONE);
    assert_true(is_there(pair, "right") && is_there(pair, "right.2"));
    /* what --max leaves out asks for no room */
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --volume 60K --max 50K", "cut"), EXIT_DONE);
    assert_non_null(strstr(pair->hub.out, "left out for want of room"));
}

static void what_is_asked_wrongly_is_said(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(run(pair, &pair->hub, "bundle export", "x"), EXIT_WRONG_USAGE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --max 4Q", "x"), EXIT_WRONG_USAGE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --max -1", "x"), EXIT_WRONG_USAGE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for hub", "x"), EXIT_WRONG_USAGE);
    assert_int_equal(run(pair, &pair->hub, "bundle export --for nobody", "x"), EXIT_PROBLEM);
    assert_non_null(strstr(pair->hub.err, "nobody"));
    assert_int_equal(run(pair, &pair->hub, "bundle export --for campus --max 10", "x"), EXIT_PROBLEM);
    assert_non_null(strstr(pair->hub.err, "--max"));
    assert_int_equal(run(pair, &pair->hub, "bundle import", "x"), EXIT_PROBLEM);
    kit_command_file(&pair->hub, "x",
                     "not a bundle at all, but long enough to be looked at in the end, and more");
    assert_int_equal(run(pair, &pair->hub, "bundle import", "x"), EXIT_PROBLEM);
    assert_non_null(strstr(pair->hub.err, "not a bundle"));
}

/* From its admission on others seal to the new key; the node itself changes to it later, with what this very stick brings, or when others were heard. */
static void what_is_sealed_to_a_key_that_waits_is_opened(void **state)
{
    struct pair *pair = *state;
    struct kit_command *hub = &pair->hub, *campus = &pair->campus;

    assert_int_equal(kit_command(campus, "person add --id p --name P"), EXIT_DONE);
    assert_int_equal(kit_command(campus, "enrol --person p --course c"), EXIT_DONE);
    assert_int_equal(run(pair, campus, "bundle export --for hub", "results"), EXIT_DONE);
    assert_int_equal(run(pair, hub, "bundle import", "results"), EXIT_DONE);
    assert_int_equal(kit_command(campus, "key rotate"), EXIT_DONE);
    assert_int_equal(run(pair, campus, "bundle export --for hub", "asked"), EXIT_DONE);
    assert_int_equal(run(pair, hub, "bundle import", "asked"), EXIT_DONE);
    assert_int_equal(kit_command(hub, "key admit campus"), EXIT_DONE);
    assert_int_equal(run(pair, hub, "bundle export --whole --for campus", "admitted"), EXIT_DONE);
    assert_int_equal(run(pair, campus, "bundle import", "admitted"), EXIT_DONE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_travel_once_and_a_receipt_makes_the_next_file_small, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_volumes_before_a_bad_one_held_is_taken_and_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_size_of_volumes_that_cannot_do_is_refused_before_anything_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(a_course_that_finds_no_room_is_73_and_the_rest_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(of_several_files_each_is_taken_and_told, setup, teardown),
        cmocka_unit_test_setup_teardown(what_goes_on_from_another_is_taken_behind_it, setup, teardown),
        cmocka_unit_test_setup_teardown(volumes_that_a_glob_names_are_read_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sealed_to_a_key_that_waits_is_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_asked_wrongly_is_said, setup, teardown),
    };
    return KIT_RUN(tests);
}
