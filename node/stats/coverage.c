#include "node/stats/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "node/stats/place.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

/* What is held of one expected node. */
struct heard {
    const struct roster_node *node;
    int64_t last_ms;
    bool has_results;
};

static int heard_compare(const void *a, const void *b)
{
    const struct heard *left = a, *right = b;
    return id_compare(&left->node->node, &right->node->node);
}

/* The expected nodes, sorted by id; the caller frees them. */
static struct heard *expected_list(const struct roster *roster, const struct id *self, size_t *count_out)
{
    struct heard *list = calloc(roster_count(roster) + 1, sizeof *list);
    size_t count = 0;

    CHECK(list);
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (!node->is_revoked && node->kind != NODE_HUB &&
            roster_may_hold(roster, self, &node->node, TOPIC_RESULTS)) {
            list[count++].node = node;
        }
    }
    qsort(list, count, sizeof *list, heard_compare);
    *count_out = count;
    return list;
}

static struct heard *heard_find(struct heard *list, size_t count, const struct id *node)
{
    struct roster_node wanted = {.node = *node};
    struct heard key = {.node = &wanted};

    return bsearch(&key, list, count, sizeof *list, heard_compare);
}

static int late_compare(const void *a, const void *b)
{
    const struct coverage_late *left = a, *right = b;
    return strcmp(left->node, right->node);
}

static struct coverage_late late_of(const struct heard *heard)
{
    struct coverage_late late = {.last_heard_ms = heard->last_ms};

    memcpy(late.node, heard->node->name, sizeof late.node);
    return late;
}

/* Notes the stamps of all streams held. */
static void heard_read(struct db *db, struct heard *list, size_t count)
{
    struct stream_head head;
    bool has_more = stream_next(db, NULL, &head);

    while (has_more) {
        struct stream_id at = head.stream;
        struct heard *heard = heard_find(list, count, &at.node);
        int64_t stamp_ms = (int64_t)hlc_wall_ms(head.stamp);
        if (heard) {
            heard->last_ms = stamp_ms > heard->last_ms ? stamp_ms : heard->last_ms;
            heard->has_results = heard->has_results || at.topic == TOPIC_RESULTS;
        }
        has_more = stream_next(db, &at, &head);
    }
}

/* A node that was met with nothing new to say was heard all the same. */
static void met_read(struct db *db, struct heard *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct peer_status status;
        if (!peer_status_find(db, &list[i].node->node, &status)) {
            continue;
        }
        int64_t met_ms = (int64_t)status.last_success_ms;
        list[i].last_ms = met_ms > list[i].last_ms ? met_ms : list[i].last_ms;
    }
}

static int aside_compare(const void *a, const void *b)
{
    const struct coverage_aside *left = a, *right = b;
    return strcmp(left->node, right->node);
}

static void aside_note(struct coverage *coverage, const struct coverage_request *request)
{
    const struct quarantine_list *list = request->aside;

    coverage->aside = calloc(list->count + 1, sizeof *coverage->aside);
    CHECK(coverage->aside);
    for (size_t i = 0; i < list->count; i++) {
        const struct roster_node *node = roster_find(request->roster, &list->items[i].node);
        const struct roster_node *by = roster_find(request->roster, &list->items[i].by);
        if (!node || !by || !roster_may_hold(request->roster, request->self, &node->node, TOPIC_RESULTS)) {
            continue;
        }
        struct coverage_aside *aside = &coverage->aside[coverage->aside_count++];
        memcpy(aside->node, node->name, sizeof aside->node);
        struct place place;
        place_find(request->roster, &node->node, &place);
        memcpy(aside->centre, place.centre, sizeof aside->centre);
        memcpy(aside->by, by->name, sizeof aside->by);
        aside->since_ms = (int64_t)list->items[i].since_ms;
        memcpy(aside->reason, list->items[i].reason, sizeof aside->reason);
    }
    qsort(coverage->aside, coverage->aside_count, sizeof *coverage->aside, aside_compare);
}

static bool is_late(const struct coverage_request *request, const struct heard *heard)
{
    int64_t silent_ms = request->now_ms - heard->last_ms;

    return !id_equal(&heard->node->node, request->self) &&
           (heard->last_ms == 0 || silent_ms > (int64_t)request->late_after_h * 3600 * 1000);
}

static bool is_unheard(const struct coverage_request *request, const struct heard *heard)
{
    return request->heard_since_ms > 0 && !id_equal(&heard->node->node, request->self) && heard->last_ms < request->heard_since_ms;
}

void coverage_read(struct db *db, const struct coverage_request *request, struct coverage *coverage_out)
{
    size_t count;
    struct heard *list = expected_list(request->roster, request->self, &count);

    heard_read(db, list, count);
    met_read(db, list, count);
    memset(coverage_out, 0, sizeof *coverage_out);
    aside_note(coverage_out, request);
    coverage_out->expected = count;
    coverage_out->late = calloc(count + 1, sizeof *coverage_out->late);
    coverage_out->unheard = calloc(count + 1, sizeof *coverage_out->unheard);
    CHECK(coverage_out->late && coverage_out->unheard);
    for (size_t i = 0; i < count; i++) {
        coverage_out->reporting += list[i].has_results && !quarantine_find(request->aside, &list[i].node->node);
        if (is_late(request, &list[i])) {
            coverage_out->late[coverage_out->late_count++] = late_of(&list[i]);
        }
        if (is_unheard(request, &list[i])) {
            coverage_out->unheard[coverage_out->unheard_count++] = late_of(&list[i]);
        }
    }
    qsort(coverage_out->unheard, coverage_out->unheard_count, sizeof *coverage_out->unheard, late_compare);
    qsort(coverage_out->late, coverage_out->late_count, sizeof *coverage_out->late, late_compare);
    free(list);
}

void coverage_release(struct coverage *coverage)
{
    free(coverage->late);
    free(coverage->unheard);
    free(coverage->aside);
    memset(coverage, 0, sizeof *coverage);
}
