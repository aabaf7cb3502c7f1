#include "node/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "node/software.h"
#include "node/stats/plausible.h"
#include "node/status_incidents.h"
#include "node/status_sentence.h"
#include "node/store/course/course.h"
#include "node/store/course/mirror.h"
#include "node/store/course/want.h"
#include "node/store/disk/ballast.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/doubled.h"
#include "node/store/stream/held.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/trust/authority.h"
#include "replication/trust/roster_keys.h"

enum { TIME_TEXT_MAX = 32 };

static const char *time_text(uint64_t ms, char out[TIME_TEXT_MAX])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(out, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return out;
}

static json_t *time_json(uint64_t ms)
{
    char text[TIME_TEXT_MAX];
    return ms ? json_string(time_text(ms, text)) : json_null();
}

void status_ago(uint64_t then_ms, uint64_t now_ms, char *out, size_t size)
{
    uint64_t seconds = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;

    if (then_ms == 0) {
        snprintf(out, size, "never");
    } else if (then_ms > now_ms && then_ms - now_ms > 3600 * 1000) {
        snprintf(out, size, "at a time to come (a clock was wrong)");
    } else if (seconds < 60) {
        snprintf(out, size, "%llu s ago", (unsigned long long)seconds);
    } else if (seconds < 3600) {
        snprintf(out, size, "%llu min ago", (unsigned long long)(seconds / 60));
    } else if (seconds < 48 * 3600) {
        snprintf(out, size, "%llu h ago", (unsigned long long)(seconds / 3600));
    } else {
        snprintf(out, size, "%llu days ago", (unsigned long long)(seconds / 86400));
    }
}

uint64_t status_cells_bytes(uint64_t cells)
{
    return cells ? STATUS_SESSION_BYTES + cells * STATUS_CELL_BYTES : 0;
}

/* --- what a peer lacks --------------------------------------------------------------------------- */

/* The seq up to which `holder` is known to hold `stream`; *at_out is when it said so. */
static uint64_t held_seq(struct db *db, const struct stream_id *stream, const struct id *holder, uint64_t *at_out)
{
    struct held held;
    struct id after;
    bool more = held_next(db, stream, NULL, &held);

    *at_out = 0;
    while (more && stream_id_compare(&held.stream, stream) == 0) {
        if (id_equal(&held.holder, holder)) {
            *at_out = held.at_ms;
            return held.seq;
        }
        after = held.holder;
        more = held_next(db, stream, &after, &held);
    }
    return 0;
}

/* Cells of this node and those below it which the node above has not said to hold: an upper bound. */
static uint64_t unsent_cells(struct survey *survey, const struct id *above)
{
    const struct id *self = &survey->request->identity->node;
    struct stream_head head;
    struct stream_id after;
    uint64_t cells = 0;

    for (bool more = stream_next(survey->db, NULL, &head); more;
         more = stream_next(survey->db, &after, &head)) {
        after = head.stream;
        if (head.stream.topic != TOPIC_ROSTER &&
            (id_equal(&head.stream.node, self) || roster_is_above(survey->roster, self, &head.stream.node))) {
            cells += held_lacking(survey->db, &head, above);
        }
    }
    return cells;
}

/* --- peers --------------------------------------------------------------------------------------- */

static const char *peer_state_of(const struct peer_status *peer, uint64_t they_lack,
                                 const struct hours_answer *answer, uint64_t now_ms)
{
    bool is_equal = peer->last_success_ms > 0 && !peer->we_lack_cells && !peer->we_lack_bytes && !they_lack;

    if (!hours_is_open(answer)) {
        return is_equal ? "in_step" : "waiting"; /* on purpose: neither offline nor behind */
    }
    if (peer_status_is_failing(peer, now_ms)) {
        return "offline";
    }
    if (peer->last_success_ms == 0) {
        return "waiting";
    }
    return is_equal ? "in_step" : "behind";
}

/* How bad a state is: the node's own is the worst of its peers' (of the uplink alone, when there is one). */
static int state_rank(const char *state)
{
    static const char *const order[] = {"in_step", "waiting", "behind", "offline", "degraded"};
    int rank = 0;

    while (rank < 4 && strcmp(order[rank], state) != 0) {
        rank++;
    }
    return rank;
}

static void peer_add(struct survey *survey, const struct peer_status *peer)
{
    const struct roster_node *known = roster_find(survey->roster, &peer->node);
    bool is_uplink = survey->self && id_equal(&survey->self->parent, &peer->node);
    char hex[ID_HEX_SIZE], software[SOFTWARE_TEXT_SIZE];

    if (!known || known->is_revoked) {
        return;
    }
    id_hex(&peer->node, hex);
    software_text((uint32_t)peer->software, software);
    /* Towards the node above the receipts also know what was written since the last session. */
    uint64_t they_lack = is_uplink ? unsent_cells(survey, &peer->node) : peer->they_lack_cells;
    struct hours_answer answer;
    hours_ask(&survey->hours, &peer->node, survey->request->now_ms, &answer);
    const char *state = peer_state_of(peer, they_lack, &answer, survey->request->now_ms);
    unsigned missed =
        hours_missed(&survey->hours, &peer->node, peer->last_success_ms, survey->request->now_ms);
    uint64_t bundle_ms = peer_bundle_made(survey->db, &peer->node);
    survey->rate_bits += peer->rate_bits;
    json_array_append_new(survey->peers,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:{s:I, s:I}, s:{s:I, s:I}, s:o, s:i, s:s, s:I, s:I, s:I, s:I, s:o}",
                  "node", known->name, "id", hex, "kind", node_kind_name(known->kind), "state", state, "software", software, "last_success",
                  time_json(peer->last_success_ms), "we_lack", "cells", (json_int_t)peer->we_lack_cells, "bytes", (json_int_t)peer->we_lack_bytes,
                  "they_lack", "cells", (json_int_t)they_lack, "bytes", (json_int_t)status_cells_bytes(they_lack), "next_window",
                  time_json(answer.next_ms == WINDOW_NEVER ? 0 : answer.next_ms), "missed_windows", (int)missed, "error", peer->error, "rate",
                  (json_int_t)(survey->request->is_running ? peer->rate_bits : 0), "bytes_in", (json_int_t)peer->bytes_in, "bytes_out",
                  (json_int_t)peer->bytes_out, "refused", (json_int_t)peer->refused, "bundle_made", time_json(bundle_ms)));
    if (is_uplink || (!survey->has_uplink && state_rank(state) >= state_rank(survey->worst))) {
        survey->worst = state;
        snprintf(survey->main_peer, sizeof survey->main_peer, "%s", known->name);
        survey->main_success_ms = peer->last_success_ms;
        survey->main_we_lack = peer->we_lack_cells;
        survey->main_hours = answer;
        survey->main_they_lack = they_lack;
        survey->main_bundle_ms = bundle_ms;
        survey->main_missed = missed;
        survey->is_refused = strcmp(peer->error, PEER_ERROR_REFUSED) == 0;
    }
}

static void peers_survey(struct survey *survey)
{
    struct peer_status peer;
    struct id after;
    bool has_seen_uplink = false;

    survey->has_uplink = survey->self && !id_is_none(&survey->self->parent);
    for (bool more = peer_status_next(survey->db, NULL, &peer); more; more = peer_status_next(survey->db, &after, &peer)) {
        after = peer.node;
        has_seen_uplink |= survey->has_uplink && id_equal(&peer.node, &survey->self->parent);
        peer_add(survey, &peer);
    }
    if (survey->has_uplink && !has_seen_uplink) {
        memset(&peer, 0, sizeof peer);
        peer.node = survey->self->parent;
        peer_add(survey, &peer);
    }
}

/* --- the other parts ----------------------------------------------------------------------------- */

/* When a hub last said to hold all of this node's own results, and how many cells it lacks of them. A hub asks another one: itself it lacks nothing. */
static json_t *receipts_json(struct survey *survey)
{
    json_t *receipts = json_object();
    struct stream_head head;
    struct stream_id after;
    uint64_t at_ms, newest_ms = 0, lacking = 0;
    const struct roster_node *hub = NULL;

    for (size_t i = 0; i < roster_count(survey->roster) && !hub; i++) {
        const struct roster_node *node = roster_at(survey->roster, i);
        hub = node->kind == NODE_HUB && !node->is_revoked && !id_equal(&node->node, &survey->request->identity->node) ? node : NULL;
    }
    for (bool more = hub && stream_next(survey->db, NULL, &head); more; more = stream_next(survey->db, &after, &head)) {
        after = head.stream;
        if (head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, &survey->request->identity->node)) {
            uint64_t seq = held_seq(survey->db, &head.stream, &hub->node, &at_ms);
            lacking += head.seq > seq ? head.seq - seq : 0;
            newest_ms = at_ms > newest_ms ? at_ms : newest_ms;
        }
    }
    json_object_set_new(receipts, "hub", time_json(newest_ms));
    json_object_set_new(receipts, "hub_lacks", json_integer((json_int_t)lacking));
    return receipts;
}

/* No room, and none to let go: results are refused. */
static bool is_full(const char *dir)
{
    struct statvfs disk;

    return statvfs(dir, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize >> 20 < DIR_FULL_MIB && ballast_kept(dir) == 0;
}

static json_t *storage_json(const struct status_request *request)
{
    char path[DIR_PATH_MAX];
    struct stat database = {0};
    struct statvfs disk = {0};

    if (dir_path(request->dir, "qanat.db", path) == S_OK) {
        stat(path, &database);
    }
    statvfs(request->dir, &disk);
    return json_pack("{s:I, s:I, s:I, s:I, s:b, s:b}", "database_bytes", (json_int_t)database.st_size, "free_bytes",
                     (json_int_t)(disk.f_bavail * disk.f_frsize), "floor_bytes",
                     (json_int_t)request->config->disk_floor_mib * 1024 * 1024, "ballast_bytes",
                     (json_int_t)ballast_kept(request->dir), "read_only", dir_is_read_only(request->dir), "full",
                     is_full(request->dir));
}

enum { RATE_MIN_BITS = 1000 }; /* less is no course that comes, but what keeps a session */

/* What comes from mirrors, beside the peers. */
static void mirrors_add(struct survey *survey)
{
    struct mirror mirrors[MIRRORS_MAX];
    size_t count = mirror_list(survey->db, survey->roster, &survey->request->identity->node, mirrors);

    for (size_t i = 0; i < count; i++) {
        struct mirror_record record;
        mirror_record_get(survey->db, mirrors[i].url, &record);
        survey->rate_bits += record.rate_bits;
    }
}

/* Course files on their way here: what is left, of how much, and how long that takes as it goes now. */
static json_t *content_json(struct survey *survey)
{
    uint64_t objects, left, total = course_size_in_state(survey->db, COURSE_FETCHING);
    json_t *seconds = json_null();

    mirrors_add(survey);
    survey->rate_bits = survey->rate_bits < RATE_MIN_BITS ? 0 : survey->rate_bits;
    want_totals(survey->db, &objects, &left);
    left = course_size_left(survey->db);
    total = total > left ? total : left;
    survey->content_left = left;
    survey->content_total = total;
    if (left > 0 && survey->rate_bits > 0 && survey->request->is_running) {
        json_decref(seconds);
        seconds = json_integer((json_int_t)(left * 8 / survey->rate_bits + 1));
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "left_objects", (json_int_t)objects, "left_bytes", (json_int_t)left, "total_bytes", (json_int_t)total, "rate",
                     (json_int_t)(survey->request->is_running ? survey->rate_bits : 0), "seconds_left", seconds);
}

/* Figures that can hardly be right, as of the last look. */
static void doubts_append(struct survey *survey, json_t *rows)
{
    struct doubt doubts[DOUBTS_MAX];
    size_t count = doubt_list(survey->db, doubts);
    char text[IMPLAUSIBLE_TEXT_MAX];

    for (size_t i = 0; i < count; i++) {
        const struct implausible item = plausible_of(&doubts[i]);
        if (plausible_is_over(&item, (int64_t)survey->request->now_ms)) {
            continue;
        }
        plausible_text(&item, text);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o, s:s}", "node", item.node, "what", "implausible", "reported_by",
                                              survey->self ? survey->self->name : "", "at", time_json((uint64_t)doubts[i].since_ms),
                                              "text", text));
    }
}

/* Nodes of which something counts twice. */
static void doubled_append(struct survey *survey, json_t *rows)
{
    struct doubled *doubled = calloc(DOUBLED_MAX, sizeof *doubled);

    CHECK(doubled);
    size_t count = doubled_list(survey->db, doubled);
    for (size_t i = 0; i < count; i++) {
        const struct roster_node *node = roster_find(survey->roster, &doubled[i].node);
        survey->is_accused = survey->is_accused || id_equal(&doubled[i].node, &survey->request->identity->node);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o}", "node", node ? node->name : "", "what", "figures_doubled", "reported_by",
                                              survey->self ? survey->self->name : "", "at", time_json(hlc_wall_ms(doubled[i].stamp))));
    }
    free(doubled);
}

/* Nodes that are written by two machines, and figures to doubt. */
static json_t *alarms_json(struct survey *survey)
{
    struct alarm *alarms = malloc(ALARMS_MAX * sizeof *alarms);
    json_t *rows = json_array();

    CHECK(alarms);
    size_t count = alarm_list(survey->db, &survey->request->federation->id, survey->roster, alarms);
    for (size_t i = 0; i < count; i++) {
        const struct roster_node *node = roster_find(survey->roster, &alarms[i].node);
        const struct roster_node *reporter = roster_find(survey->roster, &alarms[i].reporter);
        survey->is_accused = survey->is_accused || id_equal(&alarms[i].node, &survey->request->identity->node);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o}", "node", node ? node->name : "", "what", "two_writers",
                                              "reported_by", reporter ? reporter->name : "", "at",
                                              time_json(alarms[i].at_ms)));
    }
    free(alarms);
    doubled_append(survey, rows);
    doubts_append(survey, rows);
    return rows;
}

/* Nodes whose figures are left out. */
static json_t *aside_json(struct survey *survey)
{
    struct quarantine_list list;
    json_t *rows = json_array();

    (void)quarantine_load(survey->db, survey->roster, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct roster_node *node = roster_find(survey->roster, &list.items[i].node);
        const struct roster_node *by = roster_find(survey->roster, &list.items[i].by);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:s}", "node", node ? node->name : "", "by", by ? by->name : "", "since",
                                              time_json(list.items[i].since_ms), "reason", list.items[i].reason));
    }
    quarantine_free(&list);
    return rows;
}

/* True when the keys in node.key are not the node's any more: nobody lets it in. */
static bool is_key_given_up(const struct survey *survey)
{
    const struct identity *identity = survey->request->identity;

    for (size_t i = 0; survey->self && i < survey->self->former_count; i++) {
        const struct roster_key *key = &survey->self->former[i];
        if (key->closing.size > 0 && memcmp(key->sign_public, identity->sign_public, SIGN_PUBLIC_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Who asks for a new key that this node may admit; and this node itself. */
static json_t *asking_json(const struct survey *survey)
{
    json_t *names = json_array();

    for (size_t i = 0; i < roster_count(survey->roster); i++) {
        const struct roster_node *node = roster_at(survey->roster, i);
        bool is_ours = id_equal(&node->node, &survey->request->identity->node) ||
                       roster_may_grant(survey->roster, &survey->request->identity->node, &node->node);
        if (is_ours && !node->is_revoked && roster_rekey_asked(survey->roster, &node->node).size > 0) {
            json_array_append_new(names, json_string(node->name));
        }
    }
    return names;
}

/* Who speaks for the federation here. */
static json_t *authority_json(const struct survey *survey)
{
    const struct authority *authority = roster_authority(survey->roster);

    return json_pack("{s:I, s:I, s:I, s:b, s:I, s:I}", "generation", (json_int_t)authority->generation, "threshold",
                     (json_int_t)authority->threshold, "keys", (json_int_t)authority->key_count, "disputed", authority->rival_count > 0,
                     "late", (json_int_t)authority->late_count, "unheard", (json_int_t)survey->unheard_count);
}

static json_t *survey_json(struct survey *survey)
{
    const struct config *config = survey->request->config;
    char sentence[STATUS_SENTENCE_MAX];

    survey->peers = json_array();
    survey->alarms = alarms_json(survey);
    survey->aside = aside_json(survey);
    survey->asking = asking_json(survey);
    survey->unheard_count = unheard_find(survey->db, survey->roster, &survey->request->identity->node, survey->request->now_ms, survey->unheard);
    survey->is_read_only = dir_is_read_only(survey->request->dir);
    survey->is_full = is_full(survey->request->dir);
    survey->is_key_given_up = is_key_given_up(survey);
    survey->worst = "in_step";
    hours_load(survey->db, survey->request->now_ms, &survey->hours);
    peers_survey(survey);
    if (survey->has_uplink && !*survey->main_peer) {
        survey->worst = "waiting";
    }
    json_t *content = content_json(survey);
    status_sentence(survey, sentence);
    const struct authority *authority = roster_authority(survey->roster);
    bool is_degraded = survey->is_accused || authority->rival_count > 0 || survey->is_read_only || survey->is_full || survey->is_key_given_up;
    survey->worst = is_degraded ? "degraded" : survey->worst;
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s}", "node",
                     survey->self ? survey->self->name : config->name, "kind",
                     survey->self ? node_kind_name(survey->self->kind) : config->kind, "state", survey->worst,
                     "federation", survey->request->federation->name, "peers", survey->peers, "storage",
                     storage_json(survey->request), "receipts", receipts_json(survey), "content", content,
                     "alarms", survey->alarms, "quarantined", survey->aside, "refused", status_incidents(survey->db, INCIDENT_REFUSED),
                     "refused_of", status_incidents_of(survey->db, survey->roster), "repaired", status_incidents(survey->db, INCIDENT_REPAIRED),
                     "authority", authority_json(survey), "asking", survey->asking, "running", survey->request->is_running, "sentence", sentence);
}

enum status status_document(const struct status_request *request, json_t **document_out,
                            struct report *report)
{
    struct survey survey = {.request = request};

    survey.db = store_read_begin(request->store);
    enum status status = roster_load(survey.db, request->federation, &survey.roster, report);
    if (status == S_OK) {
        survey.self = roster_find(survey.roster, &request->identity->node);
        *document_out = survey_json(&survey);
        roster_free(survey.roster);
    }
    store_read_end(request->store, survey.db);
    return status;
}
