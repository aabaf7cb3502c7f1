#include "node/lrs/event.h"

#include <string.h>

#include "node/lrs/cmi5.h"
#include "node/lrs/format.h"
#include "node/lrs/rule.h"

struct bytes event_person(const struct lrs *lrs, const struct tree *actor)
{
    const struct tree *account = tree_find(actor, "account");

    if (!account || tree_is_text(tree_find(actor, "objectType"), "Group") ||
        !tree_is_text(tree_find(account, "homePage"), lrs->home)) {
        return bytes_of(NULL, 0);
    }
    return tree_text(account, "name");
}

static bool number_read(const struct tree *object, const char *name, double *out)
{
    const struct tree *value = tree_find(object, name);

    if (!value || value->type != TREE_NUMBER) {
        return false;
    }
    *out = tree_number(value);
    return true;
}

static bool truth_read(const struct tree *object, const char *name, bool *out)
{
    const struct tree *value = tree_find(object, name);

    *out = value && value->type == TREE_TRUE;
    return value && (value->type == TREE_TRUE || value->type == TREE_FALSE);
}

static void result_read(const struct tree *result, struct lrs_event *event)
{
    const struct tree *score = tree_find(result, "score");

    event->has_scaled = number_read(score, "scaled", &event->scaled);
    event->has_raw = number_read(score, "raw", &event->raw);
    event->has_min = number_read(score, "min", &event->min);
    event->has_max = number_read(score, "max", &event->max);
    event->has_success = truth_read(result, "success", &event->success);
    event->has_completion = truth_read(result, "completion", &event->completion);
    if (!format_duration_parse(tree_text(result, "duration"), &event->duration_ms)) {
        event->duration_ms = -1;
    }
    if (!number_read(tree_find(result, "extensions"), CMI5_PROGRESS, &event->progress) ||
        event->progress < 0 || event->progress > 100) {
        event->progress = -1;
    }
}

void event_read(const struct lrs *lrs, const struct tree *statement,
                uint8_t registration_memory[LRS_UUID_SIZE], struct lrs_event *event)
{
    const struct tree *object = tree_find(statement, "object");

    event->person = event_person(lrs, tree_find(statement, "actor"));
    event->verb = tree_text(tree_find(statement, "verb"), "id");
    event->activity = rule_is_activity(object) ? tree_text(object, "id") : bytes_of(NULL, 0);
    event->registration = bytes_of(NULL, 0);
    if (lrs_uuid_parse(tree_text(tree_find(statement, "context"), "registration"), registration_memory)) {
        event->registration = bytes_of(registration_memory, LRS_UUID_SIZE);
    }
    if (!format_time_parse(tree_text(statement, "timestamp"), LRS_1_0_3, &event->timestamp_ms)) {
        event->timestamp_ms = event->stored_ms;
    }
    result_read(tree_find(statement, "result"), event);
}
