/* How this node stands in its federation: its row in the roster, and when it was last in step with the node above. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/care/doctor.h"
#include "node/software.h"
#include "node/store/operation/hours.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/doubled.h"
#include "node/store/stream/own.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/rotation.h"
#include "node/store/stream/stream.h"
#include "node/store/stream/unheard.h"
#include "node/timestamp.h"
#include "replication/trust/authority.h"
#include "replication/trust/roster_keys.h"

void doctor_roster(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;

    if (!inspection->roster || !inspection->has_identity) {
        return;
    }
    const struct roster_node *self = roster_find(inspection->roster, &inspection->identity.node);
    if (!self) {
        findings_add(inspection->findings, FINDING_ROSTER_ABSENT, "roster", "none of its %zu members has this node's key",
                     roster_count(inspection->roster));
    } else if (self->is_revoked) {
        findings_add(inspection->findings, FINDING_REVOKED, self->name, "the roster says that this node was revoked");
    }
    findings_note(inspection->findings, "roster");
}

/* A node that was never in step with the one above, or not since a bundle of it came: it may live by stick. */
static void stick_look(const struct doctor *doctor, const char *above, uint64_t bundle_ms)
{
    uint64_t age_ms = doctor->now_ms > bundle_ms ? doctor->now_ms - bundle_ms : 0;
    struct inspection *inspection = doctor->inspection;

    if (bundle_ms == 0) {
        findings_add(inspection->findings, FINDING_SYNC_NEVER, above, "this node was never in step with it");
    } else if (age_ms > (uint64_t)inspection->config.late_after_h * 3600 * 1000) {
        findings_add(inspection->findings, FINDING_STICK_LATE, above, "its last bundle that came here was made %llu hours ago, by its clock",
                     (unsigned long long)(age_ms / 3600 / 1000));
    }
}

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static enum finding_code failure_finding(const char *error)
{
    enum finding_code refused = begins_with(error, PEER_ERROR_REFUSED) ? FINDING_HANDSHAKE_REFUSED : FINDING_SYNC_FAILED;

    return begins_with(error, PEER_ERROR_KEY) ? FINDING_UPLINK_KEY : refused;
}

/* Refused, while the key that this node asked for lies here: its backup was made before it took that, and others know it by that one now. */
static bool has_next_key(const struct inspection *inspection)
{
    struct report ignored = {.status = S_OK};
    struct identity next;

    if (dir_load_next_identity(inspection->dir, &next, &ignored) != S_OK) {
        return false;
    }
    bool is_own = id_equal(&next.node, &inspection->identity.node); /* else it is becoming another node */
    identity_clear(&next);
    return is_own;
}

void doctor_sync(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct findings *findings = inspection->findings;
    const struct roster_node *above =
        inspection->roster && inspection->has_identity ? roster_uplink(inspection->roster, &inspection->identity.node) : NULL;
    struct peer_status peer;

    if (!doctor->is_running) {
        findings_add(findings, FINDING_NODE_STOPPED, inspection->dir, "no node runs on it");
    }
    if (!above) {
        return; /* a first hub answers to nobody */
    }
    if (above->is_revoked) {
        findings_add(findings, FINDING_UPLINK_REVOKED, above->name, "it stands above this node, and was revoked");
        return;
    }
    struct db *db = store_read_begin(inspection->store);
    bool is_known = peer_status_find(db, &above->node, &peer);
    uint64_t bundle_ms = peer_bundle_made(db, &above->node);
    store_read_end(inspection->store, db);
    findings_note(findings, "sync");
    bool is_failing = is_known && peer_status_is_failing(&peer, doctor->now_ms);
    if (!is_known || (!is_failing && peer.last_success_ms <= bundle_ms)) {
        stick_look(doctor, above->name, bundle_ms);
        return;
    }
    uint64_t age_ms = doctor->now_ms > peer.last_success_ms ? doctor->now_ms - peer.last_success_ms : 0;
    if (is_failing) {
        findings_add(findings, failure_finding(peer.error), above->name, "the last attempt failed: %s", peer.error);
        if (begins_with(peer.error, PEER_ERROR_REFUSED) && has_next_key(inspection)) {
            findings_add(findings, FINDING_KEY_BEFORE, "node.key", "'%s' may know this node by the key in node.key.next, which it asked for", above->name);
        }
    } else if (age_ms > (uint64_t)inspection->config.late_after_h * 3600 * 1000) {
        findings_add(findings, FINDING_SYNC_LATE, above->name, "last in step %llu hours ago", (unsigned long long)(age_ms / 3600 / 1000));
    }
}

void doctor_schedule(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    const struct roster_node *above =
        inspection->roster && inspection->has_identity ? roster_uplink(inspection->roster, &inspection->identity.node) : NULL;
    struct peer_status peer = {.last_success_ms = 0};
    struct hours hours;
    struct hours_answer answer;

    if (!inspection->store) {
        return;
    }
    struct db *db = store_read_begin(inspection->store);
    hours_load(db, doctor->now_ms, &hours);
    if (above) {
        (void)peer_status_find(db, &above->node, &peer);
    }
    store_read_end(inspection->store, db);
    findings_note(inspection->findings, "schedule");
    if (hours.is_paused) {
        findings_add(inspection->findings, FINDING_SYNC_PAUSED, "sync", "somebody said qanat sync pause: nothing is sent or fetched until resume");
    }
    if (!above) {
        return;
    }
    hours_ask(&hours, &above->node, doctor->now_ms, &answer);
    if (!hours_is_open(&answer) && answer.state != HOURS_PAUSED && answer.next_ms == WINDOW_NEVER) {
        findings_add(inspection->findings, FINDING_WINDOW_NEVER, above->name, "no window for it opens within two months");
    }
    unsigned missed = hours_missed(&hours, &above->node, peer.last_success_ms, doctor->now_ms);
    if (missed > 0) {
        findings_add(inspection->findings, FINDING_WINDOW_MISSED, above->name, "%u windows opened and closed since it was last in step", missed);
    }
}

void doctor_versions(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    uint64_t ours = software_number();
    struct peer_status peer;
    char text[SOFTWARE_TEXT_SIZE];

    if (!inspection->store || !inspection->roster) {
        return;
    }
    struct db *db = store_read_begin(inspection->store);
    for (bool more = peer_status_next(db, NULL, &peer); more;) {
        const struct id after = peer.node;
        const struct roster_node *node = roster_find(inspection->roster, &peer.node);
        if (node && !node->is_revoked && peer.software > 0 && peer.software != ours) {
            software_text((uint32_t)peer.software, text);
            findings_add(inspection->findings, peer.software < ours ? FINDING_PEER_OLDER : FINDING_PEER_NEWER, node->name,
                         "it runs %s, this node %s", text, PACKAGE_VERSION);
        }
        more = peer_status_next(db, &after, &peer);
    }
    store_read_end(inspection->store, db);
    findings_note(inspection->findings, "versions");
}

/* Streams that go further than what was adopted of them: at the end nobody counts. */
static void short_look(const struct doctor *doctor, struct db *db)
{
    struct inspection *inspection = doctor->inspection;
    struct stream_head head;
    struct stream_id after;

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        after = head.stream;
        uint64_t adopted = adopted_seq(db, &head.stream);
        const struct roster_node *writer = roster_find(inspection->roster, &head.stream.node);
        if (adopted > 0 && writer && !adoption_counts(head.stream.topic, head.seq, adopted)) {
            findings_add(inspection->findings, FINDING_FIGURES_SHORT, writer->name,
                         "one of its %s streams is held up to %llu and counted up to %llu", topic_name(head.stream.topic),
                         (unsigned long long)head.seq, (unsigned long long)adopted);
        }
    }
}

/* What two machines of one node took over both: it counts twice until one of them gives it up. */
static void doubled_look(const struct doctor *doctor, struct db *db)
{
    struct inspection *inspection = doctor->inspection;
    struct doubled *doubled = calloc(DOUBLED_MAX, sizeof *doubled);
    size_t count = doubled ? doubled_list(db, doubled) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct roster_node *node = roster_find(inspection->roster, &doubled[i].node);
        findings_add(inspection->findings, FINDING_FIGURES_DOUBLED, node ? node->name : "?",
                     "what it recorded before its machine was copied counts twice: both machines took it over, and neither has given it up yet");
    }
    free(doubled);
}

/* Figures that came back from peers after an older database was put back: the ids of their events did not. */
static void ids_look(const struct doctor *doctor, struct db *db)
{
    uint64_t until_ms;
    char text[32];
    struct tm utc;

    if (own_recovered(db, &until_ms) && doctor->now_ms < until_ms + DOCTOR_RECOVERED_MS) {
        time_t until = (time_t)(until_ms / 1000);
        gmtime_r(&until, &utc);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
        findings_add(doctor->inspection->findings, FINDING_IDS_LOST, "results",
                     "what was recorded here until %s came back from peers as figures; the ids of those events did not", text);
    }
}

/* Nodes whose figures are set aside: somebody has to look into it. */
static void aside_look(const struct doctor *doctor, struct db *db)
{
    struct inspection *inspection = doctor->inspection;
    struct quarantine_list list;

    (void)quarantine_load(db, inspection->roster, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct roster_node *node = roster_find(inspection->roster, &list.items[i].node);
        const struct roster_node *by = roster_find(inspection->roster, &list.items[i].by);
        findings_add(inspection->findings, FINDING_QUARANTINED, node ? node->name : "?", "its figures count nowhere: set aside by %s%s%s",
                     by ? by->name : "?", *list.items[i].reason ? ": " : "", list.items[i].reason);
    }
    quarantine_free(&list);
}

/* What was signed for the federation, and came too late to be kept when the authority was handed on. */
static void unheard_look(const struct doctor *doctor, struct db *db)
{
    struct inspection *inspection = doctor->inspection;
    struct unheard unheard[UNHEARD_MAX];
    char text[UNHEARD_TEXT_MAX], holds[UNHEARD_TEXT_MAX], at[TIMESTAMP_TEXT_SIZE];
    size_t count = unheard_find(db, inspection->roster, &inspection->identity.node, doctor->now_ms, unheard);

    for (size_t i = 0; i < count; i++) {
        unheard_text(inspection->roster, &unheard[i], text);
        unheard_holds_text(inspection->roster, &unheard[i], holds);
        timestamp_format((int64_t)unheard[i].at_ms, at);
        findings_add(inspection->findings, FINDING_WORD_UNHEARD, unheard[i].name,
                     "it was signed %s (%s), and whoever handed the authority on had not heard of that: it does not hold, %s", text, at, holds);
    }
}

/* Who speaks for the federation, and who would like to. */
static void authority_look(const struct doctor *doctor, struct db *db)
{
    struct inspection *inspection = doctor->inspection;
    const struct authority *authority = roster_authority(inspection->roster);
    char at[TIMESTAMP_TEXT_SIZE];

    if (authority->rival_count > 0) {
        findings_add(inspection->findings, FINDING_AUTHORITY_DISPUTED, "authority",
                     "%zu other successors of generation %llu were signed with the same keys as the one that is followed",
                     authority->rival_count, (unsigned long long)(authority->rivals[0].generation - 1));
    }
    struct unheard_late late = unheard_late(db, inspection->roster, doctor->now_ms);
    if (late.count > 0) {
        timestamp_format((int64_t)late.last_ms, at);
        findings_add(inspection->findings, FINDING_AUTHORITY_LATE, "authority",
                     "%zu statements are signed with keys of former generations and stamped after the handover, the latest %s; told for %d days",
                     late.count, at, UNHEARD_TOLD_DAYS);
    }
}

void doctor_writers(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct alarm *alarms = calloc(ALARMS_MAX, sizeof *alarms);

    if (!inspection->roster || !alarms) {
        free(alarms);
        return;
    }
    struct db *db = store_read_begin(inspection->store);
    size_t count = alarm_list(db, &inspection->federation.id, inspection->roster, alarms);
    for (size_t i = 0; i < count; i++) {
        const struct roster_node *node = roster_find(inspection->roster, &alarms[i].node);
        const struct roster_node *reporter = roster_find(inspection->roster, &alarms[i].reporter);
        findings_add(inspection->findings, FINDING_TWO_WRITERS, node ? node->name : "?",
                     "two machines write with its key: %s, seen by %s",
                     alarms[i].fork.kind == FORK_SAME_SEQ ? "two states under one sequence number"
                                                          : "two of its incarnations grow in turns",
                     reporter ? reporter->name : "?");
    }
    authority_look(doctor, db);
    unheard_look(doctor, db);
    short_look(doctor, db);
    doubled_look(doctor, db);
    aside_look(doctor, db);
    ids_look(doctor, db);
    store_read_end(inspection->store, db);
    free(alarms);
    findings_note(inspection->findings, "writers");
}

/* Why a new key that is admitted is not used yet. */
static void key_waits_add(struct inspection *inspection, const struct id *self)
{
    const struct roster_node *awaited = rotation_awaited(inspection->store, inspection->roster, self);
    const char *subject = "node.key.next", *known = "this node's new key is admitted and not used yet:";

    if (rotation_is_crowded(inspection->store, inspection->roster, self)) {
        findings_add(inspection->findings, FINDING_KEY_WAITS, subject,
                     "this node's new key is admitted; more than %d of its streams are not taken into the living one yet", STATEMENT_ENDS_MAX);
    } else if (awaited && roster_was_hub(inspection->roster, &awaited->node)) {
        findings_add(inspection->findings, FINDING_KEY_WAITS, subject,
                     "%s '%s', a hub before, may hold results of this node and has not said yet that it gave them on; let it come in step with "
                     "the hub, or, when it is gone for good, qanat peer revoke it there",
                     known, awaited->name);
    } else if (awaited) {
        findings_add(inspection->findings, FINDING_KEY_WAITS, subject, "%s '%s' may hold results of this node and was not heard of since its data began anew",
                     known, awaited->name);
    } else {
        findings_add(inspection->findings, FINDING_KEY_WAITS, subject,
                     "%s nodes above it hold more, or less, of its streams than is held here, or it could not be written", known);
    }
}

/* A key that a hub before admitted, which had not heard of the handover: in use already, or one that waits. */
static void key_vain_add(struct inspection *inspection, const struct id *self, const struct identity *keys, bool is_used)
{
    const struct roster_node *member = roster_find(inspection->roster, self), *above = roster_uplink(inspection->roster, self);
    const char *where = above ? above->name : "the authority";
    struct bytes closing;

    if (member && roster_key_in_vain(inspection->roster, self, keys->sign_public, &closing)) {
        findings_add(inspection->findings, FINDING_KEY_WAITS, is_used ? "node.key" : "node.key.next",
                     is_used ? "this node's key was admitted by a node whose word counts no more, and nobody else takes what it signs: let it come in step "
                               "with '%s', and admit it there: qanat key admit '%s'"
                             : "this node's new key was admitted by a node whose word counts no more, and is not used: admit it at '%s': qanat key admit '%s' "
                               "--unused",
                     where, member->name);
    }
}

enum { KEY_SHOWN_SIZE = 8 }; /* as many bytes as qanat key show does */

/* Does the roster know the keys of today as those that end when the admitted ones are used? */
static bool is_ending(const struct roster_node *member, const struct identity *keys)
{
    const struct roster_key *last = member->former_count > 0 ? &member->former[member->former_count - 1] : NULL;

    return last && last->closing.size == 0 && memcmp(last->sign_public, keys->sign_public, SIGN_PUBLIC_SIZE) == 0;
}

/* New keys that were asked for, or are admitted, and that node.key.next does not hold: it was damaged, or another took its place. `next`: what it holds, or
 * NULL. The node works on with the keys of today, and nobody would see why it does so for ever. */
static void key_lost_add(struct inspection *inspection, const struct id *self, const struct identity *next)
{
    const struct roster_node *member = roster_find(inspection->roster, self);
    struct bytes asked = roster_rekey_asked(inspection->roster, self);
    const uint8_t *wanted = NULL;
    char begins[2 * KEY_SHOWN_SIZE + 1];
    struct statement statement;

    if (member && is_ending(member, &inspection->identity)) {
        wanted = member->sign_public;
    } else if (member && asked.size > 0) {
        statement_read(asked, &statement);
        wanted = statement.admitted.sign_public;
    }
    bool is_here = wanted && memcmp(inspection->identity.sign_public, wanted, SIGN_PUBLIC_SIZE) == 0; /* the database alone was put back */
    if (wanted && !is_here && (!next || memcmp(next->sign_public, wanted, SIGN_PUBLIC_SIZE) != 0)) {
        sodium_bin2hex(begins, sizeof begins, wanted, KEY_SHOWN_SIZE);
        findings_add(inspection->findings, FINDING_KEY_LOST, "node.key.next", "this node's new key %s %s, and this file %s", begins,
                     wanted == member->sign_public ? "is admitted" : "was asked for", next ? "holds another one" : "cannot be read, or is gone");
    }
}

void doctor_keys(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct report ignored = {.status = S_OK};
    struct identity next;

    if (!inspection->store || !inspection->roster || !inspection->has_identity) {
        return;
    }
    const struct id *self = &inspection->identity.node;
    key_vain_add(inspection, self, &inspection->identity, true);
    if (dir_load_next_identity(inspection->dir, &next, &ignored) != S_OK) {
        key_lost_add(inspection, self, NULL);
        return;
    }
    key_lost_add(inspection, self, &next);
    if (rotation_state_of(inspection->roster, self, &next) == ROTATION_GRANTED) {
        key_waits_add(inspection, self);
    }
    key_vain_add(inspection, self, &next, false);
    identity_clear(&next);
    findings_note(inspection->findings, "keys");
}
