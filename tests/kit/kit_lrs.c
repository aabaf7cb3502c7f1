#include "tests/kit/kit_lrs.h"

#include <stdlib.h>
#include <string.h>

#include "node/lrs/rule.h"
#include "replication/base/check.h"
#include "tests/kit/kit.h"

void kit_lrs_open(struct kit_lrs *kit)
{
    memset(kit, 0, sizeof *kit);
    kit_store_open(&kit->kit);
    lrs_init(&kit->lrs, kit->kit.store, &kit->kit.identity);
    client_own(&kit->lrs, NULL, &kit->client);
    kit->now_ms = 1790000000000;
}

void kit_lrs_close(struct kit_lrs *kit)
{
    free(kit->text);
    client_release(&kit->client);
    kit_store_close(&kit->kit);
}

int kit_lrs_setup(void **state)
{
    struct kit_lrs *kit = calloc(1, sizeof *kit);

    CHECK(kit);
    kit_lrs_open(kit);
    *state = kit;
    return 0;
}

int kit_lrs_teardown(void **state)
{
    kit_lrs_close(*state);
    free(*state);
    return 0;
}

struct posting {
    struct kit_lrs *kit;
    struct batch batch;
};

static enum status posting_run(struct db *db, void *arg)
{
    struct posting *posting = arg;

    return lrs_batch_store(&posting->batch, db, posting->kit->now_ms++, &posting->kit->report);
}

enum status kit_lrs_post_as(struct kit_lrs *kit, const struct lrs_client *client, enum lrs_version version,
                            const char *json)
{
    struct posting posting = {.kit = kit};

    report_clear(&kit->report);
    lrs_batch_open(&posting.batch, &kit->lrs, client, version);
    enum status status = lrs_batch_decode(&posting.batch, bytes_text(json), NULL, NULL, &kit->report);
    if (status == S_OK) {
        status = store_write_wait(kit->kit.store, posting_run, &posting);
    }
    lrs_batch_close(&posting.batch);
    return status;
}

enum status kit_lrs_post(struct kit_lrs *kit, const char *json)
{
    return kit_lrs_post_as(kit, &kit->client, LRS_2_0, json);
}

const char *kit_lrs_get(struct kit_lrs *kit, const char *id, enum render_format format)
{
    struct query_result result;
    struct query query;

    query_init(&query, &kit->lrs, &kit->client);
    query.render.format = format;
    query.is_single = true;
    CHECK(lrs_uuid_parse(bytes_text(id), query.id));
    struct db *db = store_read_begin(kit->kit.store);
    enum status status = query_run(&query, db, &result);
    store_read_end(kit->kit.store, db);
    free(kit->text);
    kit->text = status == S_OK ? strndup((const char *)result.body.data, result.body.size) : strdup("");
    buffer_release(&result.body);
    return kit->text;
}

size_t kit_lrs_count(struct kit_lrs *kit, uint64_t term)
{
    struct query_result result;
    struct query query;

    query_init(&query, &kit->lrs, &kit->client);
    query_filter(&query, term);
    struct db *db = store_read_begin(kit->kit.store);
    CHECK(query_run(&query, db, &result) == S_OK);
    store_read_end(kit->kit.store, db);
    buffer_release(&result.body);
    return result.count;
}

enum status kit_lrs_run(struct kit_lrs *kit, store_job *job, void *arg)
{
    report_clear(&kit->report);
    return store_write_wait(kit->kit.store, job, arg);
}

struct tree *kit_tree(const char *json)
{
    static struct arena arena;
    struct tree *tree;

    if (arena.size_max == 0) {
        arena_init(&arena, 64 * 1024 * 1024);
    }
    CHECK(tree_parse(bytes_text(json), &arena, &tree, NULL) == S_OK);
    return tree;
}

enum status kit_rules(const char *json, enum lrs_version version, struct report *report)
{
    struct rules rules;

    report_clear(report);
    rules_init(&rules, version, report);
    return rule_statement(&rules, kit_tree(json)) ? S_OK : report->status;
}
