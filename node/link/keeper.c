#include "node/link/keeper.h"

#include <stdlib.h>
#include <uv.h>

#include "node/incident.h"
#include "node/learn/result/recall.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/doubled.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/past.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "node/store/view.h"
#include "replication/base/check.h"

enum { TRIM_LOOKS = 8 };

struct keeper {
    struct store *store;
    struct members *members;
    struct id self;
    uint64_t generation;                    /* of the store at the last look */
    uint64_t looked_ms;                     /* monotonic */
    uint64_t trimmed;                       /* the reading of the roster after which nothing was left to drop, */
    unsigned trim_looks;                    /* at so many looks: a batch that was judged before may be on its way */
    uint64_t rest_until_ms[TOPIC_LAST + 1]; /* after a failure */
    uint64_t anew_rest_until_ms;            /* likewise, of beginning anew */
    hlc settled;                            /* what people settled was dealt with up to there */
    size_t jobs;
    unsigned tended; /* looks of keeper_tend() that found something to do */
    bool is_unheard; /* the last look found closed streams that not all have acknowledged who may hold them */
};

struct keeper_job {
    struct keeper *keeper;
    struct adopt_plan plan;
    hlc settled;
};

struct keeper *keeper_new(struct store *store, struct members *members, const struct id *self)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);

    CHECK(keeper != NULL);
    keeper->store = store;
    keeper->members = members;
    keeper->self = *self;
    return keeper;
}

static enum status job_run(struct db *db, void *arg)
{
    const struct keeper_job *job = arg;
    struct id living;

    if (!job->plan.is_displaced) {
        return adopt_run(db, &job->plan);
    }
    enum status status = own_incarnation(db, &living);
    if (status != S_OK || !id_equal(&living, &job->plan.living.incarnation)) {
        return status; /* left already */
    }
    incident_add(INCIDENT_INCARNATIONS, 1);
    log_event(LOG_WARNING, "incarnation_displaced",
              "topic=%s reason=\"another writer with this node's key adopted it\"",
              topic_name(job->plan.living.topic));
    return own_renew(db);
}

static void job_done(void *arg, enum status status)
{
    struct keeper_job *job = arg;

    if (status != S_OK && status != S_STALE) {
        bool is_doubled = job->plan.is_anew || job->settled > 0;
        uint64_t *rest_until_ms = is_doubled ? &job->keeper->anew_rest_until_ms : &job->keeper->rest_until_ms[job->plan.living.topic];
        *rest_until_ms = local_time_monotonic() + (is_doubled ? KEEPER_ANEW_REST_MS : KEEPER_REST_MS);
        log_event(LOG_WARNING, "adoption_put_off", "topic=%s status=\"%s\"",
                  topic_name(job->plan.living.topic), status_text(status));
    }
    CHECK(job->keeper->jobs > 0);
    job->keeper->jobs--;
    free(job);
}

/* The roster is read anew: the one of the loop may change while this waits. */
static enum status trim_run(struct db *db, void *arg)
{
    const struct keeper_job *job = arg;
    struct roster *roster;
    size_t count;
    enum status status = roster_load(db, members_federation(job->keeper->members), &roster, NULL);

    if (status == S_OK) {
        status = expel_trim(db, roster, &count);
        roster_free(roster);
    }
    return status;
}

static void trim_look(struct keeper *keeper)
{
    if (keeper->trimmed != members_readings(keeper->members)) {
        keeper->trimmed = members_readings(keeper->members);
        keeper->trim_looks = 0;
    }
    if (keeper->trim_looks >= TRIM_LOOKS) {
        return; /* what came since was checked at the door */
    }
    struct db *db = store_read_begin(keeper->store);
    bool is_due = expel_is_due(db, members_roster(keeper->members));

    store_read_end(keeper->store, db);
    keeper->trim_looks = is_due ? 0 : keeper->trim_looks + 1;
    if (is_due) {
        struct keeper_job *job = calloc(1, sizeof *job);
        CHECK(job != NULL);
        job->keeper = keeper;
        job->plan.living.topic = TOPIC_RESULTS;
        keeper->jobs++;
        store_write(keeper->store, trim_run, job, job_done);
    }
}

/* A node that this one follows, and does not know so yet. */
static const struct roster_node *followed_find(const struct keeper *keeper, struct db *db)
{
    const struct roster *roster = members_roster(keeper->members);

    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (node->is_revoked && id_equal(&roster_standing(roster, &node->node)->node, &keeper->self) &&
            !known_follows(db, &node->node)) {
            return node;
        }
    }
    return NULL;
}

static enum status follow_run(struct db *db, void *arg)
{
    const struct keeper_job *job = arg;
    enum status status = known_follow(db, &job->plan.living.node);

    return status == S_OK ? recall_settle(db) : status;
}

static void follow_look(struct keeper *keeper)
{
    struct db *db = store_read_begin(keeper->store);
    const struct roster_node *node = followed_find(keeper, db);

    store_read_end(keeper->store, db);
    if (node) {
        struct keeper_job *job = calloc(1, sizeof *job);
        CHECK(job != NULL);
        job->keeper = keeper;
        job->plan.living = (struct stream_id){.node = node->node, .topic = TOPIC_RESULTS};
        keeper->jobs++;
        store_write(keeper->store, follow_run, job, job_done);
    }
}

static void topic_look(struct keeper *keeper, const struct view *view, enum topic topic)
{
    struct keeper_job *job = calloc(1, sizeof *job);
    struct certificate living;

    CHECK(job != NULL);
    job->keeper = keeper;
    adopt_plan_make(view, &keeper->self, topic, ADOPT_SPARE_CELLS, &job->plan);
    keeper->is_unheard = keeper->is_unheard || (job->plan.unheard > 0 && view->ops->stream_find(view->ctx, &job->plan.living, &living));
    if (job->plan.count == 0 && !job->plan.is_displaced) {
        free(job);
        return;
    }
    keeper->jobs++;
    store_write(keeper->store, job_run, job, job_done);
}

static bool plan_has(const struct adopt_plan *plan, const struct id *incarnation)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (id_equal(&plan->items[i].stream.incarnation, incarnation)) {
            return true;
        }
    }
    return false;
}

static enum status settle_run(struct db *db, void *arg)
{
    const struct keeper_job *job = arg;

    return adopt_settle(db, &job->keeper->self, job->settled);
}

/* Up to where people settled something that counts twice, or said so by a restore, when that was not dealt with yet; else 0. */
static hlc settled_find(const struct keeper *keeper, struct db *db, const struct view *view, const struct doubled *doubled)
{
    hlc said = alarm_settled(db, members_roster(keeper->members), &keeper->self), moved = past_moved(db), settled = said > moved ? said : moved;
    bool is_due = false;

    for (int i = 0; i < 2; i++) {
        const struct stream_id stream = {keeper->self, doubled->streams[i], TOPIC_RESULTS};
        struct certificate certificate;
        is_due = is_due || (!id_equal(&stream.incarnation, &view->living) && stream_find(db, &stream, &certificate) && certificate.head.stamp <= settled);
    }
    return is_due && settled > keeper->settled ? settled : 0;
}

static enum status begin_run(struct db *db, void *arg)
{
    (void)arg;
    return adopt_begin(db, TOPIC_RESULTS);
}

/* Something of this node counts twice. When people say that the machine is gone which was to give it up, this one does; else, when what that wrote is
 * over, a fresh incarnation takes everything over once. */
static store_job *doubled_job(struct keeper *keeper, const struct view *view, const struct doubled *doubled, struct keeper_job *job)
{
    job->plan.living.topic = TOPIC_RESULTS;
    if (adopt_is_beginning_due(view, &keeper->self, doubled->streams)) {
        return begin_run;
    }
    if (job->settled > 0) {
        keeper->settled = job->settled;
        return settle_run;
    }
    adopt_plan_make(view, &keeper->self, TOPIC_RESULTS, ADOPT_SPARE_ALL, &job->plan);
    if (plan_has(&job->plan, &doubled->streams[0]) || plan_has(&job->plan, &doubled->streams[1])) {
        return job_run; /* a closed one of this machine, that was large beside the living one */
    }
    adopt_plan_anew(view, &keeper->self, &job->plan);
    bool is_whole = plan_has(&job->plan, &doubled->streams[0]) && plan_has(&job->plan, &doubled->streams[1]);
    return is_whole ? job_run : NULL; /* the other machine may live: it is to give it up */
}

static void doubled_look(struct keeper *keeper, const struct view *view)
{
    struct db *db = store_read_begin(keeper->store);
    struct doubled doubled;
    bool is_doubled = doubled_find(db, &keeper->self, &doubled);
    hlc settled = is_doubled ? settled_find(keeper, db, view, &doubled) : 0;
    bool is_sure = db_status(db) == S_OK; /* what people settled and cannot be read is not for this node to decide anew */

    store_read_end(keeper->store, db);
    if (!is_doubled || !is_sure) {
        return;
    }
    struct keeper_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->keeper = keeper;
    job->settled = settled;
    store_job *run = doubled_job(keeper, view, &doubled, job);
    if (!run) {
        free(job);
        return;
    }
    keeper->jobs++;
    store_write(keeper->store, run, job, job_done);
}

static void look_at_all(struct keeper *keeper)
{
    uint64_t now_ms = local_time_monotonic();
    struct store_view view;

    keeper->generation = store_generation(keeper->store);
    keeper->looked_ms = now_ms;
    keeper->is_unheard = false;
    store_view_begin(&view, keeper->store, members_roster(keeper->members), NULL);
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        if (now_ms < keeper->rest_until_ms[topic]) {
            continue;
        }
        topic_look(keeper, &view.view, (enum topic)topic);
    }
    if (keeper->jobs == 0 && now_ms >= keeper->anew_rest_until_ms) {
        doubled_look(keeper, &view.view);
    }
    store_view_end(&view);
    trim_look(keeper);
    follow_look(keeper);
}

/* Something was stored since the last look, and nothing of that is on its way. */
static bool has_news(const struct keeper *keeper)
{
    return keeper->jobs == 0 && store_generation(keeper->store) != keeper->generation;
}

void keeper_look(struct keeper *keeper)
{
    if (has_news(keeper) && local_time_monotonic() - keeper->looked_ms >= KEEPER_PAUSE_MS) {
        look_at_all(keeper);
    }
}

bool keeper_tend(struct keeper *keeper)
{
    if (keeper->tended < KEEPER_TENDED_MAX && has_news(keeper)) {
        look_at_all(keeper);
        keeper->tended += keeper->jobs > 0;
    }
    return keeper->jobs == 0;
}

bool keeper_is_unheard(const struct keeper *keeper)
{
    return keeper->is_unheard;
}

bool keeper_is_idle(const struct keeper *keeper)
{
    return keeper->jobs == 0;
}

void keeper_free(struct keeper *keeper)
{
    CHECK(keeper == NULL || keeper->jobs == 0);
    free(keeper);
}
