/* What stands in a bundle before its content, and in which order. */
#include <stdlib.h>
#include <string.h>

#include "node/bundle/file.h"
#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

struct pair {
    struct kit_command hub, campus;
    char path[400];
};

static int setup(void **state)
{
    struct pair *pair = test_calloc(1, sizeof *pair);
    char words[1024];

    kit_command_open(&pair->hub);
    snprintf(pair->campus.dir, sizeof pair->campus.dir, "%s/campus", pair->hub.scratch);
    snprintf(pair->path, sizeof pair->path, "%s/up", pair->hub.scratch);
    snprintf(words, sizeof words, "invite --name campus --kind campus --file %s/invitation", pair->hub.scratch);
    assert_int_equal(kit_command(&pair->hub, words), EXIT_DONE);
    snprintf(words, sizeof words, "join --file %s/invitation", pair->hub.scratch);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_DONE);
    pair->campus.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&pair->campus, "person import -"), EXIT_DONE);
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

/* The kinds of the parts, a letter each: a frame, keys, a sealed frame, the inventory. */
static void parts_of(const struct pair *pair, char *out, size_t size)
{
    static struct bundle_in in; /* a hash state inside asks for 64-byte alignment */
    struct report report = {.status = S_OK};
    struct bytes part;
    uint64_t at;
    size_t used = 0;

    memset(&in, 0, sizeof in);
    assert_int_equal(bundle_in_open(&in, pair->path, &report), S_OK);
    assert_int_equal(bundle_in_verify(&in, &report), S_OK);
    assert_int_equal(bundle_in_seek(&in, BUNDLE_HEAD_SIZE, &report), S_OK);
    while (bundle_in_next(&in, &part, &at, &report) == S_OK) {
        assert_true(used + 1 < size);
        out[used++] = in.kind == BUNDLE_FRAME ? 'f' : in.kind == BUNDLE_KEYS ? 'k' : in.kind == BUNDLE_SEALED ? 's' : in.kind == BUNDLE_INVENTORY ? 'i' : '?';
    }
    out[used] = '\0';
    bundle_in_close(&in);
}

static void the_roster_comes_first_then_keys_and_what_they_open(void **state)
{
    struct pair *pair = *state;
    char words[500], parts[64];

    snprintf(words, sizeof words, "bundle export --for hub %s", pair->path);
    assert_int_equal(kit_command(&pair->campus, words), EXIT_DONE);
    parts_of(pair, parts, sizeof parts);
    size_t roster = strspn(parts, "f");
    assert_true(roster > 0); /* by it a newcomer learns who made the file */
    assert_true(strncmp(parts + roster, "ks", 2) == 0);
    assert_null(strchr(strchr(parts, 'k') + 1, 'k'));
    assert_null(strchr(parts, '?'));
}

static void without_results_there_are_no_keys(void **state)
{
    struct pair *pair = *state;
    char words[500], parts[64];

    snprintf(words, sizeof words, "bundle export --for campus %s", pair->path);
    assert_int_equal(kit_command(&pair->hub, words), EXIT_DONE);
    parts_of(pair, parts, sizeof parts);
    assert_int_equal(parts[0], 'f');
    assert_null(strchr(parts, 'k'));
    assert_null(strchr(parts, 's'));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_roster_comes_first_then_keys_and_what_they_open, setup, teardown),
        cmocka_unit_test_setup_teardown(without_results_there_are_no_keys, setup, teardown),
    };
    return KIT_RUN(tests);
}
