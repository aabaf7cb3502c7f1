/* quarantine.c: `qanat peer quarantine` and `peer release`: a node's figures are set aside, and count again. */
#include "node/store/stream/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/local_time.h"
#include "node/store/stream/roster.h"

struct word_work {
    struct id node;
    bool is_on;
    const char *reason;
};

static enum status word_put(struct db *db, void *arg)
{
    const struct word_work *work = arg;

    return quarantine_put(db, &work->node, work->is_on, work->reason, local_time_now());
}

/* One word too many would be left unread everywhere. */
static enum status room_report(struct command_context *context, const struct roster_node *node, bool is_on)
{
    return report_set(&context->report, S_TOO_LARGE,
                      "'%s' would be one too many: at most %d nodes are in quarantine, and at most %d words about nodes are kept; %s", node->name,
                      QUARANTINES_MAX, QUARANTINE_WORDS_MAX,
                      is_on ? "release others first, or revoke those that are gone (qanat peer revoke)" : "who set it aside can still release it");
}

/* May `self` take back what stands? Not of itself, hub or not. */
static bool is_releaser(const struct roster *roster, const struct id *self, const struct quarantine *standing)
{
    return quarantine_may(roster, self, &standing->node) && (id_equal(&standing->by, self) || roster_find(roster, self)->kind == NODE_HUB ||
                                                             roster_is_above(roster, self, &standing->by));
}

/* Why the word about `node` may not be said, or is not needed; S_OK else. */
static enum status word_judge(struct command_context *context, const struct roster *roster, struct db *db, const struct roster_node *node, bool is_on)
{
    struct quarantine_list list;
    const struct quarantine_wish wish = {.by = context->identity->node, .node = node->node, .is_on = is_on};
    const struct id *self = &wish.by;

    enum status status = quarantine_room(db, roster, &wish, &list);
    const struct quarantine *standing = quarantine_find(&list, &node->node);
    const struct roster_node *by = standing ? roster_find(roster, &standing->by) : NULL;
    if (status != S_OK && status != S_TOO_LARGE) {
        report_set(&context->report, status, "the roster could not be read: %s", status_text(status));
    } else if (!is_on && !standing && quarantine_is_said(db, self, &node->node)) {
        status = S_OK; /* it counts no more, and would again if this node stood above once more */
    } else if (!is_on && !standing) {
        status = report_set(&context->report, S_NOT_FOUND, "'%s' is not in quarantine", node->name);
    } else if (!is_on && !is_releaser(roster, self, standing)) {
        status = report_set(&context->report, S_DENIED, "'%s' was set aside by '%s': only that node, one above it or a hub can release it",
                            node->name, by ? by->name : "?");
    } else if (!quarantine_may(roster, self, &node->node)) {
        status = report_set(&context->report, S_DENIED, "'%s' is not below this node: ask the node above it, or the hub", node->name);
    } else if (is_on && standing && id_equal(&standing->by, self)) {
        status = report_set(&context->report, S_EXISTS, "'%s' is in quarantine already", node->name);
    } else if (status == S_TOO_LARGE) {
        status = room_report(context, node, is_on);
    }
    quarantine_free(&list);
    return status;
}

static enum status word_check(struct command_context *context, const char *name, struct word_work *work)
{
    struct roster *roster;
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &context->report);

    if (status == S_OK) {
        const struct roster_node *node = roster_member(roster, name, &context->report);
        if (!node) {
            status = S_NOT_FOUND;
        } else {
            work->node = node->node;
            status = word_judge(context, roster, db, node, work->is_on);
        }
        roster_free(roster);
    }
    store_read_end(context->store, db);
    return status;
}

static enum status word_run(struct command_context *context, bool is_on)
{
    const char *reason = command_option(context, "reason");
    struct word_work work = {.is_on = is_on, .reason = reason ? reason : ""};
    enum status status = command_words(context, 1, 1);

    if (status == S_OK && (strlen(work.reason) > STATEMENT_REASON_MAX || !utf8_is_valid(bytes_text(work.reason)))) {
        status = report_set(&context->report, S_USAGE, "--reason: at most %d bytes of UTF-8", STATEMENT_REASON_MAX);
    }
    if (status == S_OK) {
        status = word_check(context, context->argv[0], &work);
    }
    if (status == S_OK) {
        status = store_write_wait(context->store, word_put, &work);
        report_set(&context->report, status, "it could not be written: %s", status_text(status));
    }
    return status;
}

static enum status quarantine_run(struct command_context *context)
{
    enum status status = word_run(context, true);

    if (status == S_OK) {
        fprintf(context->err, "The figures of '%s' are set aside, here and wherever this node's roster comes. Nothing is lost: qanat peer release ends it.\n",
                context->argv[0]);
    }
    return status;
}

static enum status release_run(struct command_context *context)
{
    enum status status = word_run(context, false);

    if (status == S_OK) {
        fprintf(context->err, "The figures of '%s' count again, here and wherever this node's roster comes.\n", context->argv[0]);
    }
    return status;
}

const struct command quarantine_commands[] = {
    {"peer quarantine", NEEDS_WRITE, "NAME [--reason TEXT]", "set the figures of a node below this one aside, everywhere",
     "For figures that cannot be right. They are left out of all statistics at every node of the federation, exactly, and what they\n"
     "are goes on being taken and kept: `qanat peer release` counts them again, with what came meanwhile. stats, status and doctor\n"
     "say who is in quarantine. A node can only ever have changed its own figures; nobody else's are touched. All of a node is set\n"
     "aside, not a part: published values are totals, so what they were at an earlier moment is not known.\n\n"
     "  qanat peer quarantine --dir /var/lib/qanat \"Aswan Campus\" --reason \"four times as many completions as people\"",
     quarantine_run},
    {"peer release", NEEDS_WRITE, "NAME [--reason TEXT]", "end the quarantine of a node",
     "By the node that set it aside, one above that one, or a hub.\n\n"
     "  qanat peer release --dir /var/lib/qanat \"Aswan Campus\"",
     release_run},
    {0},
};
