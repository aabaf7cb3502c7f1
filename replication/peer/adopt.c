#include "replication/peer/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/adoption.h"
#include "replication/trust/roster_keys.h"

/* Who may hold this node's results beside itself. */
struct holders {
    struct id nodes[ADOPT_HOLDERS_MAX];
    size_t count;
    bool is_whole;
};

bool adopt_is_holder(const struct roster *roster, const struct roster_node *node, const struct id *self)
{
    return !node->is_revoked && !id_equal(&node->node, self) && roster_may_hold(roster, &node->node, self, TOPIC_RESULTS);
}

static void holders_find(const struct roster *roster, const struct id *self, struct holders *holders)
{
    holders->count = 0;
    holders->is_whole = true;
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (!adopt_is_holder(roster, node, self)) {
            continue;
        }
        if (holders->count == ADOPT_HOLDERS_MAX) {
            holders->is_whole = false;
            return;
        }
        holders->nodes[holders->count++] = node->node;
    }
}

static bool is_acknowledged(const struct view *view, const struct holders *holders,
                            const struct stream_id *living, const struct adopt_choice *closed)
{
    if (closed->stream.topic == TOPIC_ROSTER) {
        return true;
    }
    for (size_t i = 0; i < holders->count; i++) {
        const struct id *holder = &holders->nodes[i];
        if (view->ops->held_seq(view->ctx, living, holder) == 0 ||
            view->ops->held_seq(view->ctx, &closed->stream, holder) != closed->seq) {
            return false;
        }
    }
    return holders->is_whole;
}

const struct roster_node *adopt_missing(const struct roster *roster, const struct id *self, const struct id *living, adopt_held_seq *held_seq, void *ctx)
{
    const struct stream_id results = {*self, *living, TOPIC_RESULTS}, given = {*self, *living, TOPIC_ROSTER};

    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        bool is_holder = adopt_is_holder(roster, node, self);
        bool is_former = !is_holder && !id_equal(&node->node, self) && roster_was_hub(roster, &node->node);
        if ((is_holder || is_former) && held_seq(ctx, &results, &node->node) == 0 && (is_holder || held_seq(ctx, &given, &node->node) == 0)) {
            return node;
        }
    }
    return NULL;
}

/* May another machine add to it? Where values are idempotent that does not matter. */
static bool is_over(const struct view *view, const struct stream_head *head)
{
    return !adoption_is_summed(head->stream.topic) || !view->ops->is_over || view->ops->is_over(view->ctx, head);
}

bool adopt_is_beginning_due(const struct view *view, const struct id *self, const struct id doubled[2])
{
    const struct stream_id living = {*self, view->living, TOPIC_RESULTS};
    struct certificate certificate;
    bool is_due = false;

    if (view->ops->adopted_seq(view->ctx, &living) == 0 && view->ops->stream_find(view->ctx, &living, &certificate) && certificate.head.seq > 0) {
        return false;
    }
    for (int i = 0; i < 2 && !is_due; i++) {
        const struct stream_id stream = {*self, doubled[i], TOPIC_RESULTS};
        is_due = view->ops->stream_find(view->ctx, &stream, &certificate) && is_over(view, &certificate.head);
    }
    return is_due;
}

static int choice_compare(const void *a, const void *b)
{
    const struct adopt_choice *left = a, *right = b;

    if (left->count != right->count) {
        return left->count < right->count ? -1 : 1;
    }
    return stream_id_compare(&left->stream, &right->stream);
}

/* Sorts one own stream in; the living one's cells are returned by *cells_out. */
static void own_take(const struct view *view, const struct holders *holders, const struct stream_head *head,
                     struct adopt_plan *plan, uint64_t *cells_out)
{
    struct adopt_choice choice = {head->stream, head->seq, head->count};
    uint64_t adopted = view->ops->adopted_seq(view->ctx, &head->stream);

    if (id_equal(&head->stream.incarnation, &plan->living.incarnation)) {
        *cells_out = head->count;
        return;
    }
    if (head->stream.topic == TOPIC_ROSTER && roster_is_of_former_key(view->roster, &head->stream)) {
        return; /* signed with the key of before it tells of the next: the only way for who knows no other (trust/rekey.h) */
    }
    if (adopted > 0 && adoption_is_summed(head->stream.topic)) {
        plan->short_ones++;
        return;
    }
    plan->closed++;
    if (head->stamp > view->living_drawn || !is_over(view, head)) {
        plan->foreign++;
    } else if (roster_is_before_end(view->roster, &head->stream, head->seq)) {
        plan->cut_off++; /* what else is adopted was heard by all since this life began: who had the end gave it back before */
    } else if (!is_acknowledged(view, holders, &plan->living, &choice)) {
        plan->unheard++;
    } else if (plan->count < ADOPT_STREAMS_MAX) {
        plan->items[plan->count++] = choice;
    }
}

void adopt_plan_make(const struct view *view, const struct id *self, enum topic topic, uint64_t spare,
                     struct adopt_plan *plan)
{
    struct holders holders;
    struct stream_head head;
    struct stream_id after = {.node = *self, .topic = topic};
    uint64_t cells = 0;

    memset(plan, 0, sizeof *plan);
    plan->living = (struct stream_id){*self, view->living, topic};
    plan->is_displaced = view->ops->adopted_seq(view->ctx, &plan->living) > 0;
    holders_find(view->roster, self, &holders);
    while (view->ops->stream_next(view->ctx, &after, &head) && head.stream.topic == topic &&
           id_equal(&head.stream.node, self)) {
        own_take(view, &holders, &head, plan, &cells);
        after = head.stream;
    }
    if (cells == 0 || plan->unheard > 0 || plan->is_displaced || id_is_none(&view->living)) {
        plan->count = 0; /* nothing to adopt into, or a later state may come to light */
    }
    qsort(plan->items, plan->count, sizeof *plan->items, choice_compare);
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].count > 2 * cells + spare) {
            plan->count = i;
        } else {
            cells += plan->items[i].count;
        }
    }
}

/* Sorts one own stream into the plan of beginning anew, the living one too. */
static void anew_take(const struct view *view, const struct holders *holders, const struct stream_head *head, struct adopt_plan *plan)
{
    const struct adopt_choice choice = {head->stream, head->seq, head->count};
    bool is_living = id_equal(&head->stream.incarnation, &plan->living.incarnation);

    if (!is_living && view->ops->adopted_seq(view->ctx, &head->stream) > 0) {
        plan->short_ones++;
        return;
    }
    plan->closed += !is_living;
    if (!is_living && !is_over(view, head)) {
        plan->foreign++;
    } else if (!is_acknowledged(view, holders, &plan->living, &choice)) {
        plan->unheard++;
    } else if (plan->count < ADOPT_STREAMS_MAX) {
        plan->items[plan->count++] = choice;
    }
}

void adopt_plan_anew(const struct view *view, const struct id *self, struct adopt_plan *plan)
{
    struct stream_id after = {.node = *self, .topic = TOPIC_RESULTS};
    struct holders holders;
    struct stream_head head;

    memset(plan, 0, sizeof *plan);
    plan->living = (struct stream_id){*self, view->living, TOPIC_RESULTS};
    plan->is_displaced = view->ops->adopted_seq(view->ctx, &plan->living) > 0;
    plan->is_anew = true;
    holders_find(view->roster, self, &holders);
    while (view->ops->stream_next(view->ctx, &after, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, self)) {
        anew_take(view, &holders, &head, plan);
        after = head.stream;
    }
    if (plan->unheard > 0 || plan->is_displaced || plan->count == ADOPT_STREAMS_MAX || plan->closed + 1 != plan->count + plan->foreign) {
        plan->count = 0; /* a later state may come to light, or there is no living one */
    }
    qsort(plan->items, plan->count, sizeof *plan->items, choice_compare);
}
