/* Statements of strangers: the input is JSON. What our parser takes, jansson takes too; printed and read
 * again it is the same value; the rules of both versions, the normal form, the index and every rendering hold
 * on whatever was taken. */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "node/lrs/compare.h"
#include "node/lrs/index.h"
#include "node/lrs/normal.h"
#include "node/lrs/render.h"
#include "node/lrs/rule.h"
#include "replication/base/check.h"

const char fuzz_name[] = "xapi";

enum { INPUT_MAX = 64 * 1024, MEMORY_MAX = 16 * 1024 * 1024 };

/* Printed and read again. */
static void come_back(const struct tree *tree)
{
    struct buffer text;
    struct arena arena;
    struct tree *again;

    buffer_init(&text);
    arena_init(&arena, 4 * MEMORY_MAX);
    tree_print(tree, &text);
    CHECK(tree_parse(buffer_bytes(&text), &arena, &again, NULL) == S_OK);
    CHECK(tree_equal(tree, again) && tree_equal(again, tree));
    arena_release(&arena);
    buffer_release(&text);
}

static void statement_use(struct tree *tree, struct arena *arena, bool is_good)
{
    static const struct lrs lrs = {.key = {1}};
    uint8_t target[LRS_UUID_SIZE];
    struct buffer terms;
    bool is_voiding;

    if (tree->type != TREE_OBJECT || normal_apply(tree, arena) != S_OK) {
        return;
    }
    buffer_init(&terms);
    index_collect(&lrs, tree, &terms);
    index_target(tree, target, &is_voiding);
    CHECK(!is_good || terms.size > 0);
    CHECK(!is_good || statements_are_same(tree, tree));
    if (is_good && render_ids(tree, arena)) {
        come_back(tree);
    }
    buffer_release(&terms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report;
    struct rules rules;
    struct arena arena;
    struct tree *tree;

    if (size > INPUT_MAX) {
        return 0;
    }
    arena_init(&arena, MEMORY_MAX);
    if (tree_parse(bytes_of(data, size), &arena, &tree, NULL) == S_OK) {
        json_t *other = json_loadb((const char *)data, size,
                                   JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, NULL);
        CHECK(other); /* jansson agrees */
        json_decref(other);
        come_back(tree);
        report_clear(&report);
        rules_init(&rules, LRS_1_0_3, &report);
        bool is_old = rule_statement(&rules, tree);
        CHECK(is_old || report.status == S_INVALID);
        report_clear(&report);
        rules_init(&rules, LRS_2_0, &report);
        bool is_new = rule_statement(&rules, tree);
        statement_use(tree, &arena, is_old || is_new);
    }
    arena_release(&arena);
    return 0;
}
