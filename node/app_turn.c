#include "node/app_turn.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "node/local_time.h"
#include "node/log.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rotation.h"

static bool has_next(const char *dir)
{
    char path[DIR_PATH_MAX];

    return dir_path(dir, "node.key.next", path) == S_OK && access(path, F_OK) == 0;
}

/* The next keys, with the id that stays. */
static enum status next_load(const struct app_turn *turn, struct identity *next)
{
    struct report ignored = {.status = S_OK};
    enum status status = dir_load_next_identity(turn->dir, next, &ignored);

    if (status == S_OK) {
        next->node = turn->identity->node;
    }
    return status;
}

static enum rotation_state state_read(const struct app_turn *turn, const struct identity *next,
                                      bool *is_safe_out)
{
    enum rotation_state state = ROTATION_NONE;
    struct roster *roster;
    struct db *db = store_read_begin(turn->store);
    enum status status = roster_load(db, turn->federation, &roster, NULL);

    *is_safe_out = false;
    store_read_end(turn->store, db);
    if (status == S_OK) {
        state = rotation_state_of(roster, &turn->identity->node, next);
        *is_safe_out =
            state == ROTATION_GRANTED && rotation_is_safe(turn->store, roster, &turn->identity->node) &&
            !rotation_is_crowded(turn->store, roster, &turn->identity->node);
        roster_free(roster);
    }
    return state;
}

bool app_turn_is_due(const struct app_turn *turn)
{
    struct identity next;
    bool is_due = false;

    if (has_next(turn->dir) && next_load(turn, &next) == S_OK) {
        (void)state_read(turn, &next, &is_due);
        identity_clear(&next);
    }
    return is_due;
}

/* The keys change places in the directory, and the new ones are loaded. */
static enum status keys_take(const struct app_turn *turn, struct report *report)
{
    enum status status = dir_take_next_identity(turn->dir, report);

    if (status == S_OK) {
        status = dir_load_identity(turn->dir, turn->identity, report);
    }
    if (status == S_OK) {
        store_set_identity(turn->store, turn->identity, &turn->federation->id);
    }
    return status;
}

/* Closes under the new keys; when that fails the old ones go on. */
static enum status close_write(const struct app_turn *turn, struct rotation *rotation, struct report *report)
{
    enum status status = dir_keep_former(turn->dir, turn->identity, report);

    if (status == S_OK) {
        store_set_identity(turn->store, rotation->next, &turn->federation->id);
        status = store_write_wait(turn->store, rotation_close, rotation);
        store_set_identity(turn->store, turn->identity, &turn->federation->id);
    }
    return status;
}

/* Writes what waits for an answer, and closes when everybody gave it. */
static enum status turn_look(const struct app_turn *turn, struct identity *next, bool *is_taken_out,
                             struct report *report)
{
    struct rotation rotation = {.federation = turn->federation,
                                .identity = turn->identity,
                                .next = next,
                                .now_ms = (uint64_t)local_time_now(),
                                .report = report};
    bool is_safe;
    enum rotation_state state = state_read(turn, next, &is_safe);

    if (state != ROTATION_ASKED && state != ROTATION_GRANTED) {
        return S_OK;
    }
    enum status status = store_write_wait(turn->store, rotation_wait, &rotation);
    if (status == S_OK) {
        state = state_read(turn, next, &is_safe);
    }
    if (status == S_OK && state == ROTATION_GRANTED && is_safe) {
        status = close_write(turn, &rotation, report);
        *is_taken_out = status == S_OK;
    }
    return status == S_STALE || status == S_TOO_LARGE || status == S_NO_SPACE ? S_OK : status; /* later */
}

enum status app_turn_take(const struct app_turn *turn, bool *is_taken_out, struct report *report)
{
    struct identity next;
    enum status status = S_OK;

    *is_taken_out = false;
    if (!has_next(turn->dir) || next_load(turn, &next) != S_OK) {
        return S_OK;
    }
    bool is_done = rotation_is_done(turn->store, &next);
    next.former_count = 0;
    if (is_done) {
        *is_taken_out = true;
    } else {
        status = turn_look(turn, &next, is_taken_out, report);
    }
    if (status == S_OK && *is_taken_out) {
        status = dir_save_next_identity(turn->dir, &next, report); /* with the id, which it may lack */
        status = status == S_OK ? keys_take(turn, report) : status;
    }
    identity_clear(&next);
    return status;
}

void app_turn_tried(struct app_turn_rest *rest, bool is_taken, uint64_t now_ms)
{
    if (is_taken) {
        *rest = (struct app_turn_rest){0};
        return;
    }
    rest->pause_ms = rest->pause_ms ? 2 * rest->pause_ms : TURN_REST_FIRST_MS;
    rest->pause_ms = rest->pause_ms < TURN_REST_MOST_MS ? rest->pause_ms : TURN_REST_MOST_MS;
    rest->until_ms = now_ms + rest->pause_ms;
    log_event(LOG_WARNING, "key_change_waits", "minutes=%llu reason=\"it is admitted, and could not be written\"",
              (unsigned long long)(rest->pause_ms / 60000));
}
