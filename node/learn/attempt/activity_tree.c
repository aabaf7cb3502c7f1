#include "node/learn/attempt/activity_tree.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

bool activity_tree_is_root(const struct launch_row *row)
{
    return *row->item == '\0' && row->runtime == RUNTIME_SCORM2004;
}

static json_t *details_of(const struct course_item *item)
{
    return item->details.size ? json_loadb((const char *)item->details.data, item->details.size, 0, NULL)
                              : NULL;
}

bool activity_tree_is_in(const struct item_sums *sums)
{
    json_t *details = sums->count > 0 ? details_of(&sums->items[0].item) : NULL;
    bool is_in = json_is_object(json_object_get(json_object_get(details, "sequencing"), "organization"));

    json_decref(details);
    return is_in;
}

static json_t *text_json(struct bytes text)
{
    return json_stringn(text.size ? (const char *)text.data : "", text.size);
}

static json_t *activity_json(const struct item_sum *sum)
{
    const struct course_item *item = &sum->item;
    json_t *details = details_of(item), *sequencing = json_object_get(details, "sequencing");
    json_t *activity =
        json_pack("{s:o, s:o, s:i, s:b, s:o}", "item", text_json(item->id), "title", text_json(item->title),
                  "depth", (int)item->depth, "opens", !sum->is_heading, "kind", text_json(item->kind));

    CHECK(activity);
    if (sequencing) {
        json_object_set(activity, "sequencing", sequencing);
    }
    json_decref(details);
    return activity;
}

/* --- the launch of the course
 * ------------------------------------------------------------------------------- */

static void root_take(void *ctx, const struct launch_row *row)
{
    int64_t *latest = ctx;

    *latest = *row->item == '\0' && row->id > *latest ? row->id : *latest;
}

/* The latest one of a registration. */
static bool root_find(struct db *db, int64_t registration, struct launch_row *row_out)
{
    int64_t latest = 0;

    return launch_row_sum(db, registration, root_take, &latest) == S_OK && latest > 0 &&
           launch_row_get(db, latest, row_out);
}

/* What stands before the engine's state: the launch that brought it, and the attempt at the course whose
 * rollup counts. Zeros without one. */
struct stamp {
    long long by, attempt;
};

static struct stamp stamp_of(struct db *db, const struct launch_row *root)
{
    struct stamp stamp = {0, 0};
    struct buffer state;

    buffer_init(&state);
    if (launch_row_state(db, root->registration, root->item, root->attempt, &state)) {
        buffer_append_u8(&state, '\0');
        if (sscanf((const char *)state.data, "{\"by\":%18lld,\"attempt\":%18lld,", &stamp.by,
                   &stamp.attempt) != 2) {
            stamp = (struct stamp){0, 0};
        }
    }
    buffer_release(&state);
    return stamp;
}

enum status activity_tree_load(struct db *db, struct launch_open *open, const struct item_sums *sums)
{
    json_t *list = json_array();
    struct launch_row root;
    struct buffer state;

    for (size_t i = 0; i < sums->count; i++) {
        json_array_append_new(list, activity_json(&sums->items[i]));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text || strlen(text) > ACTIVITY_TREE_MAX) {
        free(text);
        return report_set(&open->report, S_TOO_LARGE, "This course has too many rules to be opened.");
    }
    open->activities = arena_copy(open->arena, bytes_text(text));
    free(text);
    buffer_init(&state);
    if (root_find(db, open->registration.id, &root) &&
        launch_row_state(db, root.registration, root.item, root.attempt, &state)) {
        open->tree = arena_copy(open->arena, buffer_bytes(&state));
    }
    bool is_full = !open->activities.data || (state.size > 0 && !open->tree.data);
    buffer_release(&state);
    return is_full ? S_NO_MEMORY : S_OK;
}

void activity_tree_continue(struct db *db, struct launch_row *row)
{
    struct launch_row last;

    if (root_find(db, row->registration, &last) && last.attempt == row->attempt) {
        row->completion = last.completion;
        row->success = last.success;
        row->score = last.score;
        row->progress = last.progress;
        row->completed_ms = last.completed_ms;
    }
}

/* A launch of the course that nobody opened: content is never served under its token. */
static enum status root_make(struct db *db, const struct launch_commit *commit, struct launch_row *row_out)
{
    *row_out = (struct launch_row){.registration = commit->row.registration,
                                   .person = commit->row.person,
                                   .course = commit->row.course,
                                   .attempt = 1,
                                   .runtime = commit->row.runtime,
                                   .created_ms = commit->row.created_ms,
                                   .expires_ms = commit->row.created_ms,
                                   .ended_ms = commit->now_ms,
                                   .score = EVENT_NO_SCORE};
    randombytes_buf(row_out->token.b, sizeof row_out->token.b);
    return launch_row_insert(db, row_out);
}

static bool is_done(int completion, int success)
{
    return completion == CMI_YES || success == CMI_YES;
}

static bool is_finished(int completion, int success)
{
    return success == CMI_YES || (completion == CMI_YES && success != CMI_NO);
}

/* The rollup is absolute: what it does not know any more is not known. But whoever has done the course and
 * begins it anew has done it. False when the old one stays. */
static bool rollup_apply(const struct launch_commit *commit, const struct stamp *stamp, int64_t at_ms,
                         struct launch_row *root)
{
    const struct cmi_result *rollup = &commit->rollup;

    if (commit->course_attempt != stamp->attempt && is_done(root->completion, root->success) &&
        !is_done((int)rollup->completion, (int)rollup->success)) {
        return false;
    }
    root->completion = (int)rollup->completion;
    root->success = (int)rollup->success;
    root->score = rollup->score == CMI_NONE ? EVENT_NO_SCORE : rollup->score;
    root->progress = rollup->progress == CMI_NONE ? 0 : rollup->progress;
    if (!is_done(root->completion, root->success)) {
        root->completed_ms = 0;
    } else if (root->completed_ms == 0) {
        root->completed_ms = at_ms;
    }
    return true;
}

#define ENGINE "\"engine\":"

static enum status state_put(struct db *db, struct bytes tree, const struct stamp *stamp, const struct launch_row *root)
{
    struct buffer state;
    char head[96];

    buffer_init(&state);
    snprintf(head, sizeof head, "{\"by\":%lld,\"attempt\":%lld," ENGINE, stamp->by, stamp->attempt);
    buffer_append(&state, head, strlen(head));
    buffer_append(&state, tree.data, tree.size);
    buffer_append_u8(&state, '}');
    enum status status = launch_row_put_state(db, root, buffer_bytes(&state));
    buffer_release(&state);
    return status;
}

/* The attempt in the stamp becomes that of nobody: so what the later launch says of its own is
 * another one, which takes back nothing. */
static enum status stamp_put(struct db *db, const struct stamp *stamp, const struct launch_row *root)
{
    enum status status = S_OK;
    struct buffer state;

    buffer_init(&state);
    if (launch_row_state(db, root->registration, root->item, root->attempt, &state)) {
        const uint8_t *engine = memmem(state.data, state.size, ENGINE, strlen(ENGINE));
        size_t before = engine ? (size_t)(engine - state.data) + strlen(ENGINE) : state.size;
        if (before < state.size) {
            status = state_put(db, bytes_of(state.data + before, state.size - before - 1), stamp, root);
        }
    }
    buffer_release(&state);
    return status;
}

/* What an earlier launch kept on its device comes after a later one has spoken: where that goes on stays, but who had finished the course has finished it. */
static enum status late_apply(struct db *db, struct launch_commit *commit, struct stamp stamp, struct launch_row *root)
{
    const struct cmi_result *rollup = &commit->rollup;

    if (!is_finished((int)rollup->completion, (int)rollup->success) || is_finished(root->completion, root->success)) {
        return S_OK;
    }
    rollup_apply(commit, &stamp, commit->now_ms, root);
    stamp.attempt = 0;
    enum status status = launch_row_update(db, root);
    return status == S_OK ? stamp_put(db, &stamp, root) : status;
}

enum status activity_tree_commit(struct db *db, struct launch_commit *commit)
{
    struct stamp stamp = {0, 0};
    struct launch_row root;
    enum status status = S_OK;

    if (commit->tree.size == 0 || commit->row.runtime != RUNTIME_SCORM2004) {
        return S_OK;
    }
    if (!root_find(db, commit->row.registration, &root)) {
        status = root_make(db, commit, &root);
    } else {
        stamp = stamp_of(db, &root);
    }
    if (status != S_OK || stamp.by > commit->launch) { /* of an earlier device or day */
        return status == S_OK ? late_apply(db, commit, stamp, &root) : status;
    }
    if (rollup_apply(commit, &stamp, commit->now_ms, &root)) {
        stamp.attempt = commit->course_attempt;
        status = launch_row_update(db, &root);
    }
    if (status == S_OK && root.id == commit->row.id) {
        commit->row = root;
    }
    stamp.by = commit->launch;
    return status == S_OK ? state_put(db, commit->tree, &stamp, &root) : status;
}
